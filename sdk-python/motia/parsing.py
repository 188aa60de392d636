"""What a step's own schema makes of its input: a Pydantic model gives an instance, checked by its own validators too.

The core has compared the input with the JSON Schema before.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any

from motia.errors import InputError
from motia.payload import Record

Parse = Callable[[Any], Any]
PLACES = {"bodySchema": "body", "querySchema": "queryParams", "pathSchema": "pathParams", "messageSchema": "data"}
SHOWN = {"body": "body", "queryParams": "query", "pathParams": "path", "data": "message", "event": "data"}


@dataclass(frozen=True, slots=True)
class InputParser:
    """Parses what a handler gets. Places without a parser stay as they are."""

    places: dict[str, Parse]  # "event", or keys of a request or of what happens on a WebSocket connection
    is_strict: bool = False  # the handler gets nothing else, whatever the settings say

    def parse(self, value: Any) -> Any:
        """The input as the schemas make it; of a request, the same object.

        Raises:
            InputError: A schema does not take it; says what is wrong, in every place.
        """
        if "event" in self.places:
            return _parsed(self.places["event"], value, "event")
        errors: list[dict[str, str]] = []
        for place, parse in self.places.items():
            if place not in value or _is_bytes(value, place):
                continue  # a handshake has no message, and bytes have no schema
            try:
                value[place] = _parsed(parse, value[place], place)
            except InputError as error:
                errors += error.errors
        if errors:
            raise InputError(errors)
        return value


def parser_of(config: dict[Any, Any], is_strict: bool = False) -> InputParser | None:
    """What parses the input of a step; None when its schemas are plain JSON Schema, or there are none."""
    places = {}
    if config.get("type") == "event":
        if parse := _parse_of(config.get("input")):
            places["event"] = parse
    else:
        places = {place: parse for key, place in PLACES.items() if (parse := _parse_of(config.get(key)))}
    return InputParser(places, is_strict) if places else None


def input_model(config: dict[Any, Any], handler: Callable[..., Any] | None) -> Any:
    """The model that the handler of an event step names for its first parameter, when the config has no input."""
    if config.get("type") != "event" or config.get("input") is not None or handler is None:
        return None
    try:
        first = next(iter(inspect.signature(handler).parameters.values()), None)
        hint = typing.get_type_hints(handler).get(first.name) if first is not None else None
    except Exception:  # boundary: hints are user code, and may name what does not exist at run time
        return None
    is_model = isinstance(hint, type) and (hasattr(hint, "model_validate") or is_dataclass(hint))
    return hint if is_model else None


def _is_bytes(value: Any, place: str) -> bool:
    return isinstance(value["rawBody"] if place == "body" else value[place], bytes)


def _parse_of(schema: Any) -> Parse | None:
    if schema is None or isinstance(schema, (dict, bool, str)):
        return None
    for name in ("model_validate", "validate_python"):  # models; TypeAdapters
        parse = getattr(schema, name, None)
        if callable(parse):
            return typing.cast(Parse, parse)
    if isinstance(schema, type) or typing.get_origin(schema) is not None:
        try:
            from pydantic import TypeAdapter

            return typing.cast(Parse, TypeAdapter(schema).validate_python)
        except Exception:  # boundary: without Pydantic, or no type for it: motia.schema says so
            return None
    return None


def _parsed(parse: Parse, value: Any, place: str) -> Any:
    try:
        return parse(_plain(value))
    except Exception as error:  # boundary: validators are user code
        raise InputError(_errors_of(error, SHOWN[place])) from None


def _errors_of(error: Exception, place: str) -> list[dict[str, str]]:
    listed = getattr(error, "errors", None)
    found = listed() if callable(listed) else None
    if not isinstance(found, list):
        return [{"in": place, "path": "", "message": str(error) or type(error).__name__, "keyword": "custom"}]
    return [
        {
            "in": place,
            "path": "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in item.get("loc", ())),
            "message": str(item.get("msg", "")),
            "keyword": str(item.get("type", "custom")),
        }
        for item in found
    ]


def _plain(value: Any) -> Any:
    """Without Record: some validators of dicts ask for attributes first, and a Record has them."""
    if isinstance(value, Record):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
