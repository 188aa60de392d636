"""`@api`, `@event` and `@cron`: functions as steps, any number of them in a file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from motia.definition import StepDefinition, UserFunction, define
from motia.names import camel, camel_case
from motia.triggers import Trigger, make
from motia.types import ApiRouteConfig, CronConfig, EventConfig

F = TypeVar("F", bound=Callable[..., Any])


class StepDecorator(Trigger):
    """A decorator that leaves functions as they are; in `config["triggers"]` of Motia 1.0, a trigger."""

    __slots__ = ()

    def __call__(self, function: F) -> F:
        """Make a step of the function."""
        if self.get("condition") is not None:
            raise TypeError("condition is for triggers of Motia 1.0: ask in the function")
        plain = {key: value for key, value in self.items() if key not in ("type", "expression")}
        if self["type"] == "cron":
            return _decorate({"type": "cron", "cron": self["expression"], **plain}, function)
        return _decorate({"type": "api", **plain}, function)


def api(method: str, path: str, *, condition: UserFunction | None = None, **config: Any) -> StepDecorator:
    """A request starts the step: `@api("POST", "/orders", emits=["order.created"])`.

    The function gets the request and the context. When the hint of its first parameter is a Pydantic model, a dataclass
    or a TypedDict, it gets the body instead, as one of those; `ApiRequest[Order]` is the request with such a body.

    Args:
        config: Every field of an api step, in snake_case or camelCase.
        condition: For triggers of Motia 1.0.
    """
    fields = _checked("api", config, ApiRouteConfig.__annotations__, {"type", "method", "path"})
    return StepDecorator(make("http", {"method": method, "path": path, **fields, "condition": condition}))


def cron(expression: str, *, condition: UserFunction | None = None, **config: Any) -> StepDecorator:
    """Time starts the step: `@cron("0 9 * * *", timezone="Europe/Berlin")`. The function gets the context.

    Args:
        config: Every field of a cron step, in snake_case or camelCase.
        condition: For triggers of Motia 1.0.
    """
    fields = _checked("cron", config, CronConfig.__annotations__, {"type", "cron", "schedule"})
    return StepDecorator(make("cron", {"expression": expression, **fields, "condition": condition}))


def event(*topics: str, **config: Any) -> Callable[[F], F]:
    """An event starts the step: `@event("order.created", emits=["order.priced"])`.

    The function gets the data and the context. When the hint of its first parameter is a Pydantic model, a dataclass or
    a TypedDict, that is what the data must be, and is.

    Args:
        topics: At least one, unless the config has `watches`.
        config: Every field of an event step, in snake_case or camelCase.
    """
    fields = _checked("event", config, EventConfig.__annotations__, {"type", "subscribes"})
    wrong = next((topic for topic in topics if not isinstance(topic, str)), None)
    if wrong is not None:
        raise TypeError(f'event() takes topics, not a {type(wrong).__name__}: write @event("order.created")')
    if not topics and "watches" not in fields:
        raise TypeError('event() has no topic: write @event("order.created")')
    given = {"type": "event", **({"subscribes": list(topics)} if topics else {}), **fields}
    return lambda function: _decorate(given, function)


def _decorate(config: Mapping[str, Any], function: F) -> F:
    if not inspect.isroutine(function):
        raise TypeError(f"a decorator of steps is for functions, not for a {type(function).__name__}")
    code = getattr(inspect.unwrap(function), "__code__", None)
    line = code.co_firstlineno if code is not None else 0
    name = function.__name__
    define(function.__module__, StepDefinition(dict(config), function, name, line, is_decorated=True))
    return function


def _checked(
    decorator: str, config: Mapping[str, Any], known: Collection[str], positional: Collection[str]
) -> dict[str, Any]:
    """The fields in camelCase. Raises TypeError for one that there is not."""
    fields = camel_case(config)
    names = [name for name in known if name not in positional]
    for written in config:
        name = camel(written)
        if name in positional:
            raise TypeError(f"{decorator}() has {written} twice: it is what stands first in the parentheses")
        if name not in names:
            by_lower = {one.lower(): one for one in names}
            near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
            hint = f"did you mean {by_lower[near[0]]!r}?" if near else f"it takes {', '.join(sorted(names))}"
            raise TypeError(f"{decorator}() got an unknown keyword {written!r}: {hint}")
    return fields
