"""Imports the files that the core lists and describes what they define. One broken file never stops the others."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from motia._gen.motia.v1 import manifest_pb2
from motia.errors import PayloadError
from motia.fault import ConfigError, file_error
from motia.middleware import compose
from motia.modules import Modules
from motia.parsing import input_model, parser_of
from motia.project_config import ProjectConfig, read_project_config
from motia.schema import plain_config
from motia.step import Step
from motia.threads import Threads


class Loader:
    """Loads one project, on the main thread."""

    def __init__(self, announce: Callable[[str], None], threads: Threads) -> None:
        self._announce = announce
        self._threads = threads  # for sync functions in async chains
        self._project = ProjectConfig()

    def load(self, load: manifest_pb2.Load) -> tuple[manifest_pb2.Manifest, dict[str, Step]]:
        """Import all files. Returns the manifest, and the steps that can be invoked."""
        manifest = manifest_pb2.Manifest(digest=load.digest)
        steps: dict[str, Step] = {}
        modules = Modules(Path(load.project_root).resolve())
        modules.prepare()
        if load.config_file:
            self._load_config(load.config_file, modules, manifest)
        for file in load.files:
            self._announce(file.path)
            line = 0
            try:
                module = modules.load(file.path)
                line = config_line(modules.root / file.path)
                if file.kind == manifest_pb2.FILE_KIND_STREAM:
                    manifest.streams.append(describe_stream(file.path, module))
                else:
                    steps[file.path] = self._step(file.path, module, line, manifest)
            except BaseException as error:  # boundary: whatever a file does is its own fault only
                manifest.errors.append(file_error(file.path, error, modules, line))
        return manifest, steps

    def _load_config(self, path: str, modules: Modules, manifest: manifest_pb2.Manifest) -> None:
        self._announce(path)
        line = 0
        try:
            module = modules.load(path)
            line = config_line(modules.root / path)
            self._project = read_project_config(module)
        except BaseException as error:  # boundary: whatever a file does is its own fault only
            manifest.errors.append(file_error(path, error, modules, line))
            return
        config = manifest.config
        config.path, config.has_middleware = path, bool(self._project.middleware)
        config.warnings.extend(self._project.warnings)

    def _step(self, path: str, module: ModuleType, line: int, manifest: manifest_pb2.Manifest) -> Step:
        config = config_of(module)
        middlewares = middlewares_of(config)
        handler = getattr(module, "handler", None)
        if (model := input_model(config, handler)) is not None:
            config = {**config, "input": model}
        text, warnings = to_json(config)
        if handler is not None and not callable(handler):
            raise ConfigError(f"handler must be a function, it is a {type(handler).__name__}")
        if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
            raise ConfigError("handler is a generator, which nothing would run to its end: use return instead of yield")
        run, in_thread = None, False
        if handler is not None:
            around = self._project.around(config, middlewares)
            run, in_thread = compose(handler, around, config.get("type") == "cron", self._threads)
        manifest.steps.append(
            manifest_pb2.StepDefinition(
                path=path,
                config=text,
                has_handler=handler is not None,
                middleware_count=len(middlewares),
                line=line,
                warnings=warnings,
            )
        )
        flows = config.get("flows")
        names = tuple(map(str, flows)) if isinstance(flows, (list, tuple)) else ()
        return Step(path, names, run, in_thread, config.get("atomic") is True, parser_of(config))


def describe_stream(path: str, module: ModuleType) -> manifest_pb2.StreamDefinition:
    """What a stream file defines."""
    config = config_of(module)
    text, warnings = to_json({key: value for key, value in config.items() if key != "canAccess"})
    can_access = callable(config.get("canAccess"))
    return manifest_pb2.StreamDefinition(path=path, config=text, has_can_access=can_access, warnings=warnings)


def config_of(module: ModuleType) -> dict[Any, Any]:
    """The module's config. Raises ConfigError."""
    if not hasattr(module, "config"):
        raise ConfigError("no config: define `config = {…}` at the top level of the file")
    config = module.config
    if not isinstance(config, dict):
        raise ConfigError(f"config must be a dict, it is a {type(config).__name__}")
    return config


def middlewares_of(config: dict[Any, Any]) -> list[Callable[..., Any]]:
    """The config's middlewares. Raises ConfigError."""
    middlewares = config.get("middleware")
    if middlewares is None:
        return []
    if callable(middlewares):
        return [middlewares]
    if not isinstance(middlewares, (list, tuple)):
        raise ConfigError(f"config.middleware must be a list of functions, it is a {type(middlewares).__name__}")
    for index, middleware in enumerate(middlewares):
        if not callable(middleware):
            raise ConfigError(f"config.middleware[{index}] must be a function, it is a {type(middleware).__name__}")
    return list(middlewares)


def to_json(config: dict[Any, Any]) -> tuple[bytes, list[str]]:
    """The config as JSON text, with warnings. Raises ConfigError."""
    try:
        return plain_config(config)
    except PayloadError as error:
        raise ConfigError(str(error)) from error


def config_line(file: Path) -> int:
    """The line on which the file assigns `config`; 0 when it does that in another way."""
    for node in ast.parse(file.read_bytes()).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "config" for target in targets):
            return node.lineno
    return 0
