"""The project's motia.config.py: middleware for all api steps in Python, and for those of a flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from motia.fault import ConfigError

KEYS = ("middleware", "flows", "streamAuth", "stream_auth")
UserFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """What the file says."""

    middleware: list[UserFunction] = field(default_factory=list)  # outermost first
    by_flow: dict[str, list[UserFunction]] = field(default_factory=dict)
    authenticate: UserFunction | None = None  # says who may connect to streams
    warnings: list[str] = field(default_factory=list)

    def around(self, config: Mapping[Any, Any], own: list[UserFunction]) -> list[UserFunction]:
        """The middleware of a step: the project's, that of its flows, its own."""
        if config.get("type") != "api":
            return own
        flows = config.get("flows")
        names = flows if isinstance(flows, (list, tuple)) else ()
        of_flows = [function for name in names for function in self.by_flow.get(str(name), [])]
        return [*self.middleware, *of_flows, *own]


def read_project_config(module: ModuleType) -> ProjectConfig:
    """What a module says. Raises ConfigError."""
    config = getattr(module, "config", None)
    if not isinstance(config, dict):
        raise ConfigError('no config: define `config = {"middleware": [check]}` at the top level of the file')
    flows = config.get("flows") or {}
    if not isinstance(flows, dict) or not all(isinstance(settings, dict) for settings in flows.values()):
        raise ConfigError('config["flows"] must be a dict: {"orders": {"middleware": [check]}}')
    by_flow = {
        str(flow): _functions(settings.get("middleware"), f'config["flows"]["{flow}"]["middleware"]')
        for flow, settings in flows.items()
    }
    unknown = [f"{key} is not a key that is known: it does nothing" for key in config if key not in KEYS]
    middleware = _functions(config.get("middleware"), 'config["middleware"]')
    return ProjectConfig(middleware, by_flow, _authenticate(config), unknown)


def _authenticate(config: dict[Any, Any]) -> UserFunction | None:
    auth = config.get("streamAuth", config.get("stream_auth"))
    function = auth.get("authenticate") if isinstance(auth, dict) else auth
    if auth is not None and not callable(function):
        raise ConfigError('config["stream_auth"] must be {"authenticate": function}, or the function')
    return function


def _functions(value: Any, where: str) -> list[UserFunction]:
    entries = [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
    if not all(map(callable, entries)):
        raise ConfigError(f"{where} must be a list of functions")
    return entries
