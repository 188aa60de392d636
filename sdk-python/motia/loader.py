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
from motia.middleware import around_connect, compose
from motia.modules import Modules
from motia.parsing import input_model, parser_of
from motia.project_config import ProjectConfig, read_project_config
from motia.schema import plain_config
from motia.step import Step
from motia.stream_hooks import (
    AUTHENTICATE,
    CAN_ACCESS,
    CAN_SEND,
    CONFIG_NAMES,
    JOIN,
    LEAVE,
    hooks_of,
    to_steps,
)
from motia.threads import Threads


class Loader:
    """Loads one project, on the main thread."""

    def __init__(self, announce: Callable[[str], None], threads: Threads) -> None:
        self._announce = announce
        self._threads = threads  # for sync functions in async chains
        self._project = ProjectConfig()
        self.hooks: dict[tuple[str, int], Step] = {}  # of streams, by path and kind

    def load(self, load: manifest_pb2.Load) -> tuple[manifest_pb2.Manifest, dict[str, Step]]:
        """Import all files. Returns the manifest, and the steps that can be invoked; then `hooks` can be asked."""
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
                    self._stream(file.path, module, manifest)
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
        if self._project.authenticate is not None:
            config.has_stream_auth = True
            self.hooks |= to_steps(path, {AUTHENTICATE: self._project.authenticate})
        config.warnings.extend(self._project.warnings)

    def _stream(self, path: str, module: ModuleType, manifest: manifest_pb2.Manifest) -> None:
        config = config_of(module)
        hooks = hooks_of(config, module)
        text, warnings = to_json({key: value for key, value in camel_case(config).items() if key not in CONFIG_NAMES})
        manifest.streams.append(
            manifest_pb2.StreamDefinition(
                path=path,
                config=text,
                has_can_access=CAN_ACCESS in hooks,
                has_can_send=CAN_SEND in hooks,
                has_on_join=JOIN in hooks,
                has_on_leave=LEAVE in hooks,
                warnings=warnings,
            )
        )
        self.hooks |= to_steps(path, hooks)

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
            if around and str(config.get("method", "")).upper() == "WEBSOCKET":
                alone = compose(handler, [], False, self._threads)
                run, in_thread = around_connect((run, in_thread), alone, self._threads)
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


def camel_case(config: dict[Any, Any]) -> dict[Any, Any]:
    """The config of a stream, whose keys may be written as Python does."""
    renamed = {"base_config": "baseConfig", "max_items": "maxItems"}
    return {renamed.get(key, key): value for key, value in config.items()}


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
