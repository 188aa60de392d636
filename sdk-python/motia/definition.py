"""What a step file defines: one step as `config` and `handler`, or any number of functions and values of the SDK."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from motia.fault import ConfigError

UserFunction = Callable[..., Any]

_defined: dict[str, list[StepDefinition]] = {}  # by module, until its file has been loaded


@dataclass(slots=True)
class StepDefinition:
    """One step: its config, and what runs.

    Attributes:
        key: Names it within its file; empty: the step that is the file itself.
        line: Of its definition, from 1; 0: unknown.
    """

    config: dict[Any, Any]
    handler: UserFunction | None = None
    key: str = ""
    line: int = 0
    trigger: int = 0  # which of the config's triggers, from 1; 0: it has none, or has not been taken apart
    by_kind: Mapping[str, UserFunction] = field(default_factory=dict)  # handlers for kinds of triggers
    is_decorated: bool = False  # its handler's hints say what it takes

    def handler_of(self, kind: Any) -> UserFunction | None:
        """What runs for triggers of a kind."""
        return self.by_kind.get(kind, self.handler)

    def handle(self, handler: UserFunction) -> StepDefinition:
        """The same with a handler."""
        return replace(self, handler=handler)


def define(module: str, definition: StepDefinition) -> None:
    """Have a definition found with the file that is this module."""
    _defined.setdefault(module, []).append(definition)


def strays(known: Collection[Path]) -> list[str]:
    """What is decorated in files that are no step files, as warnings; asked once, when all of those are loaded."""
    found = []
    for module, definitions in _defined.items():
        file = Path(getattr(sys.modules.get(module), "__file__", None) or module)
        if file not in known:  # else it was imported under another name as well
            names = ", ".join(definition.key for definition in definitions)
            found.append(f"{names} in {file} will not run: only files called …_step.py are searched for steps")
    _defined.clear()
    return found


def definitions_of(module: ModuleType, file: Path) -> list[StepDefinition]:
    """The steps of a file, in the order in which it defines them. Raises ConfigError."""
    lines = assigned_lines(file)
    found = _defined.pop(module.__name__, [])
    found += _values(module, lines)
    found.sort(key=lambda definition: definition.line)
    if not found or _is_step(module, found):
        found.insert(0, _whole_file(module, lines.get("config", 0)))
    taken: dict[str, StepDefinition] = {}
    for definition in found:
        first = taken.setdefault(definition.key, definition)
        if first is not definition:
            where = f"line {first.line} and line {definition.line}"
            raise ConfigError(f"{where} both define a step called {definition.key!r}: rename one", definition.line)
    return found


def _is_step(module: ModuleType, found: list[StepDefinition]) -> bool:
    """Whether a file with other steps is one itself: its `handler` may be a name of one of those, or imported."""
    handler = getattr(module, "handler", None)
    others = [one for definition in found for one in (definition.handler, *definition.by_kind.values())]
    return handler is not None and hasattr(module, "config") and not any(handler is other for other in others)


def _whole_file(module: ModuleType, line: int) -> StepDefinition:
    return StepDefinition(config_of(module), getattr(module, "handler", None), line=line)


def _values(module: ModuleType, lines: dict[str, int]) -> list[StepDefinition]:
    """Definitions that the file keeps under names of its own."""
    values = [(name, value) for name, value in vars(module).items() if isinstance(value, StepDefinition)]
    own = [(name, value) for name, value in values if name in lines]  # others are imported
    return [replace(value, key=name, line=lines[name]) for name, value in own]


def config_of(module: ModuleType) -> dict[Any, Any]:
    """The module's config. Raises ConfigError."""
    if not hasattr(module, "config"):
        raise ConfigError("no config: define `config = {…}` at the top level of the file")
    config = module.config
    if not isinstance(config, dict):
        raise ConfigError(f"config must be a dict, it is a {type(config).__name__}")
    return config


def assigned_lines(file: Path) -> dict[str, int]:
    """The lines on which the file assigns its names."""
    lines: dict[str, int] = {}
    for node in ast.parse(file.read_bytes()).body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines.setdefault(node.name, node.lineno)
        for target in targets:
            for name in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(name, ast.Name):
                    lines.setdefault(name.id, node.lineno)
    return lines
