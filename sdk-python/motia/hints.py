"""What the first parameter of a decorated function says of a step's input."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import wraps
from typing import Any

from motia.middleware import count_parameters, is_async
from motia.payload import Record

UserFunction = Callable[..., Any]
PLACES = ("bodySchema", "pathSchema", "querySchema", "headersSchema")  # of the arguments of Request[…]


def apply_hints(config: dict[Any, Any], function: UserFunction) -> tuple[dict[Any, Any], UserFunction, list[str]]:
    """The config with the schemas that the hints are, the handler that gets what they say, and warnings."""
    try:
        hint = _first_hint(function)
    except Exception as error:  # boundary: hints are user code, and may name what does not exist at run time
        name = getattr(function, "__name__", "the function")
        what = f"the hint of the first parameter of {name} cannot be read ({error}): import what it names at run time"
        return config, function, [what]
    if config.get("type") == "event":
        if config.get("input") is None and is_model(hint):
            config = {**config, "input": _readable(hint)}
    elif str(config.get("method", "")).upper() == "WEBSOCKET":
        return config, function, []  # what happens on a connection is no body
    elif config.get("type") == "api" and is_model(hint):
        config = {"bodySchema": _readable(hint), **config}
        function = _of_body(function)
    elif config.get("type") == "api" and _is_request(hint):
        models = zip(PLACES, typing.get_args(hint), strict=False)
        named = {key: _readable(model) for key, model in models if is_model(model)}
        config = {**named, **config}
    return config, function, []


def is_model(hint: Any) -> bool:
    """Whether a hint says which keys there are: a Pydantic model, a dataclass or a TypedDict."""
    return isinstance(hint, type) and (
        hasattr(hint, "model_validate") or is_dataclass(hint) or typing.is_typeddict(hint)
    )


def _readable(model: Any) -> Any:
    """As Pydantic reads it: before Python 3.12 not the TypedDict of typing, only that of typing_extensions."""
    if sys.version_info >= (3, 12) or not typing.is_typeddict(model):
        return model
    try:
        import typing_extensions
    except ImportError:  # then Pydantic is not there either
        return model
    optional: frozenset[str] = getattr(model, "__optional_keys__", frozenset())
    fields = {
        key: typing_extensions.NotRequired[hint] if key in optional else hint
        for key, hint in typing.get_type_hints(model).items()
    }
    return typing_extensions.TypedDict(model.__name__, fields)  # type: ignore[operator]  # the functional form


def _is_request(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Record)


def _first_hint(function: UserFunction) -> Any:
    first = next(iter(inspect.signature(function).parameters.values()), None)
    if first is None or first.annotation is first.empty:
        return None
    if not isinstance(first.annotation, str):
        return first.annotation
    return eval(first.annotation, getattr(inspect.unwrap(function), "__globals__", {}))  # the user's code


def _of_body(function: UserFunction) -> UserFunction:
    """A handler of requests that hands on the body. Its parameters are its own, not those of the function."""
    most = count_parameters(function)[1]

    if is_async(function):

        @wraps(function)
        async def run_async(request: Any, context: Any) -> Any:
            return await function(*(request["body"], context)[:most])

        del run_async.__wrapped__
        return run_async

    @wraps(function)
    def run(request: Any, context: Any) -> Any:
        return function(*(request["body"], context)[:most])

    del run.__wrapped__
    return run
