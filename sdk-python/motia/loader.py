"""Imports the files that the core lists and describes what they define. One broken file never stops the others."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from motia._gen.motia.v1 import manifest_pb2
from motia.definition import StepDefinition, assigned_lines, config_of, definitions_of, strays
from motia.errors import PayloadError
from motia.fault import ConfigError, file_error
from motia.hints import apply_hints
from motia.loaded_step import Step
from motia.middleware import Link, UserFunction, around_connect, compose
from motia.modules import Modules
from motia.parsing import input_model, parser_of
from motia.project_config import ProjectConfig, read_project_config
from motia.schema import plain_config
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
from motia.triggered import as_plain, per_trigger, trigger_of


class Loader:
    """Loads one project, on the main thread."""

    def __init__(self, announce: Callable[[str], None], threads: Threads, takes_several: bool = True) -> None:
        self._announce = announce
        self._threads = threads  # for sync functions in async chains
        self._takes_several = takes_several  # the core does: steps of one file
        self._project = ProjectConfig()
        self.hooks: dict[tuple[str, int], Step] = {}  # of streams, by path and kind

    def load(self, load: manifest_pb2.Load) -> tuple[manifest_pb2.Manifest, dict[str, Step]]:
        """Import all files. Returns the manifest, and the steps that can be invoked, by reference; then `hooks` can be
        asked."""
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
                line = assigned_lines(modules.root / file.path).get("config", 0)
                if file.kind == manifest_pb2.FILE_KIND_STREAM:
                    self._stream(file.path, module, manifest)
                else:
                    steps |= self._steps(file.path, definitions_of(module, modules.root / file.path), manifest)
            except BaseException as error:  # boundary: whatever a file does is its own fault only
                manifest.errors.append(file_error(file.path, error, modules, line))
        for warning in strays({modules.root / file.path for file in load.files}):
            print(f"motia: {warning}", file=sys.stderr)
        return manifest, steps

    def _load_config(self, path: str, modules: Modules, manifest: manifest_pb2.Manifest) -> None:
        self._announce(path)
        line = 0
        try:
            module = modules.load(path)
            line = assigned_lines(modules.root / path).get("config", 0)
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

    def _steps(self, path: str, definitions: list[StepDefinition], manifest: manifest_pb2.Manifest) -> dict[str, Step]:
        """The steps of a file: all of them, or none when one of them is wrong."""
        if not self._takes_several and any(definition.key or definition.by_kind for definition in definitions):
            raise ConfigError("this core takes files with `config` and `handler` only: upgrade motia-core")
        found = [self._step(path, one) for definition in definitions for one in per_trigger(definition)]
        manifest.steps.extend(described for described, _ in found)
        return {step.reference: step for _, step in found}

    def _step(self, path: str, definition: StepDefinition) -> tuple[manifest_pb2.StepDefinition, Step]:
        if definition.handler is not None:
            check_handler(definition.handler, definition.line)
        hinted: list[str] = []
        if definition.is_decorated and definition.handler is not None:
            config, function, hinted = apply_hints(definition.config, definition.handler)
            definition = replace(definition, config=config, handler=function)
        config, handler, trigger = definition.config, definition.handler, trigger_of(definition)
        middlewares = middlewares_of(trigger or config, definition.line)
        if (model := input_model(config, handler)) is not None:
            config = {**config, "input": model}
        text, warnings = to_json(config, definition.line)
        described = manifest_pb2.StepDefinition(
            path=path,
            config=text,
            has_handler=handler is not None,
            middleware_count=len(middlewares),
            line=definition.line,
            warnings=[*warnings, *hinted],
            key=definition.key,
            trigger=definition.trigger,
        )
        run, in_thread = (None, False) if handler is None else self._chain(definition, middlewares)
        flows = config.get("flows")
        names = tuple(map(str, flows)) if isinstance(flows, (list, tuple)) else ()
        reference = f"{path}#{definition.key}" if definition.key else path
        parser = parser_of(config, definition.is_decorated)
        return described, Step(reference, names, run, in_thread, config.get("atomic") is True, parser)

    def _chain(self, definition: StepDefinition, middlewares: list[UserFunction]) -> tuple[Link, bool]:
        """The handler in all its middleware, and whether it runs in a thread."""
        config, handler, trigger = definition.config, definition.handler, trigger_of(definition)
        assert handler is not None  # the caller saw to it
        if trigger:
            kind = "api" if trigger.get("type") == "http" else "event"
            around = self._project.around({"type": kind, "flows": config.get("flows")}, [])
            return compose(as_plain(definition, middlewares, self._threads), around, False, self._threads)
        around = self._project.around(config, middlewares)
        chain = compose(handler, around, config.get("type") == "cron", self._threads)
        if around and str(config.get("method", "")).upper() == "WEBSOCKET":
            return around_connect(chain, compose(handler, [], False, self._threads), self._threads)
        return chain


def check_handler(handler: Any, line: int) -> None:
    """Raises ConfigError for what cannot be called, or would give a generator that nothing runs."""
    if not callable(handler):
        raise ConfigError(f"handler must be a function, it is a {type(handler).__name__}", line)
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigError(
            "handler is a generator, which nothing would run to its end: use return instead of yield", line
        )


def camel_case(config: dict[Any, Any]) -> dict[Any, Any]:
    """The config of a stream, whose keys may be written as Python does."""
    renamed = {"base_config": "baseConfig", "max_items": "maxItems"}
    return {renamed.get(key, key): value for key, value in config.items()}


def middlewares_of(config: Mapping[Any, Any], line: int) -> list[Callable[..., Any]]:
    """The config's middlewares. Raises ConfigError."""
    middlewares = config.get("middleware")
    if middlewares is None:
        return []
    if callable(middlewares):
        return [middlewares]
    if not isinstance(middlewares, (list, tuple)):
        raise ConfigError(f"config.middleware must be a list of functions, it is a {type(middlewares).__name__}", line)
    for index, middleware in enumerate(middlewares):
        if not callable(middleware):
            raise ConfigError(
                f"config.middleware[{index}] must be a function, it is a {type(middleware).__name__}", line
            )
    return list(middlewares)


def to_json(config: dict[Any, Any], line: int = 0) -> tuple[bytes, list[str]]:
    """The config as JSON text, with warnings. Raises ConfigError."""
    try:
        return plain_config(config)
    except PayloadError as error:
        raise ConfigError(str(error), line) from error
