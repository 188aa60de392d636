"""Which environment variables a project's files read, and which of them nobody sets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from motia_core.project.sources import Source

# Set by us, by the system, or of no meaning when they are missing.
USUAL = frozenset({"NODE_ENV", "HOME", "PATH", "USER", "PWD", "TZ", "LANG", "CI", "DEBUG", "PORT", "HOST", "LOG_LEVEL"})
_NODE = re.compile(r"process\.env(?:\.([A-Za-z_]\w*)|\[\s*['\"]([A-Za-z_]\w*)['\"]\s*\])(\s*(?:\?\?|\|\|)(?!=))?")
_DECLARED = re.compile(r"^\s*(?:#\s*)?(?:export\s+)?([A-Za-z_]\w*)\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One place that reads a variable."""

    name: str
    file: str
    line: int
    at_import: bool  # while the file is loaded: its steps do not load when that throws
    has_default: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable that is read and not set."""

    name: str
    places: tuple[Reading, ...]
    is_declared: bool  # in .env.example

    @property
    def at_import(self) -> bool:
        return any(place.at_import for place in self.places)


def missing_variables(sources: Iterable[Source], environment: Mapping[str, str], example: str) -> list[Missing]:
    """What is read without a default and not set; what is needed while loading comes first.

    Args:
        environment: What steps will have.
        example: The text of .env.example.
    """
    found: dict[str, list[Reading]] = {}
    for source in sources:
        for reading in _python(source) if source.is_python else _node(source):
            if not reading.has_default and reading.name not in environment and reading.name not in USUAL:
                found.setdefault(reading.name, []).append(reading)
    declared = set(_DECLARED.findall(example))
    missing = [Missing(name, tuple(places), name in declared) for name, places in found.items()]
    return sorted(missing, key=lambda one: (not one.at_import, one.name))


def _node(source: Source) -> Iterator[Reading]:
    for match in _NODE.finditer(source.text):
        start = source.text.rfind("\n", 0, match.start()) + 1
        head = source.text[start : match.start()]
        is_top = not head[:1].isspace() and "=>" not in head and not head.startswith(("//", "*", "/*"))
        if head.lstrip().startswith(("//", "*")):
            continue  # in a comment
        name = match[1] or match[2]
        yield Reading(name, source.path, source.line(match.start()), is_top, match[3] is not None)


def _python(source: Source) -> Iterator[Reading]:
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError):
        return  # loading says so
    visitor = _Reads(source.path)
    visitor.visit(tree)
    yield from visitor.found


@dataclass(slots=True)
class _Reads(ast.NodeVisitor):
    """os.environ["X"], os.environ.get("X"), os.getenv("X"), inside functions and outside of them."""

    file: str
    found: list[Reading] = field(default_factory=list)
    depth: int = 0  # of functions

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and ast.unparse(node.value) in ("os.environ", "environ"):
            self._add(node.slice, node.lineno, has_default=False)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func)
        if node.args and called in ("os.environ.get", "environ.get", "os.getenv", "getenv"):
            self._add(node.args[0], node.lineno, has_default=len(node.args) > 1)
        self.generic_visit(node)

    def _add(self, name: ast.expr, line: int, *, has_default: bool) -> None:
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            self.found.append(Reading(name.value, self.file, line, self.depth == 0, has_default))
