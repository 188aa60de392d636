"""Configs as JSON: schemas become JSON Schema, functions are left out."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any

from motia.payload import encode

SCHEMA_KEYS = ("input", "bodySchema", "querySchema", "pathSchema", "headersSchema", "messageSchema", "schema")
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class SchemaError(Exception):
    """A value cannot be expressed as JSON Schema."""


def plain_config(config: dict[Any, Any]) -> tuple[bytes, list[str]]:
    """A config as JSON text, and warnings about schemas that had to be dropped. Raises PayloadError."""
    warnings: list[str] = []
    plain = {key: value for key, value in config.items() if key != "middleware"}
    for key in SCHEMA_KEYS:
        if key in plain:
            _convert(plain, key, f"config.{key}", warnings)
    _responses(plain, "config", warnings)
    if isinstance(plain.get("messages"), dict) and "schema" in plain["messages"]:
        plain["messages"] = dict(plain["messages"])
        _convert(plain["messages"], "schema", "config.messages.schema", warnings)
    if isinstance(plain.get("triggers"), (list, tuple)):
        triggers = enumerate(plain["triggers"])
        plain["triggers"] = [_trigger(trigger, position, warnings) for position, trigger in triggers]
    if isinstance(plain.get("emits"), (list, tuple)):
        plain["emits"] = [_emit(entry, position, warnings) for position, entry in enumerate(plain["emits"])]
    return encode(without_functions(plain), "config"), warnings


def _responses(owner: dict[Any, Any], path: str, warnings: list[str]) -> None:
    responses = owner.get("responseSchema")
    if isinstance(responses, dict):
        owner["responseSchema"] = responses = dict(responses)
        for status in list(responses):
            _convert(responses, status, f"{path}.responseSchema.{status}", warnings)
    elif responses is not None:
        _convert(owner, "responseSchema", f"{path}.responseSchema", warnings)


def _trigger(trigger: Any, position: int, warnings: list[str]) -> Any:
    """An entry of the triggers of a step of Motia 1.0."""
    if not isinstance(trigger, dict):
        return trigger
    plain = {key: value for key, value in trigger.items() if key not in ("middleware", "condition")}
    path = f"config.triggers[{position}]"
    for key in SCHEMA_KEYS:
        if key in plain:
            _convert(plain, key, f"{path}.{key}", warnings)
    _responses(plain, path, warnings)
    return plain


def _emit(entry: Any, position: int, warnings: list[str]) -> Any:
    """An entry of emits; what it says of the data as JSON Schema."""
    if isinstance(entry, dict) and "schema" in entry:
        entry = dict(entry)
        _convert(entry, "schema", f"config.emits[{position}].schema", warnings)
    return entry


def _convert(owner: dict[Any, Any], key: Any, path: str, warnings: list[str]) -> None:
    try:
        owner[key] = to_json_schema(owner[key])
        encode(without_functions(owner[key]), path)
    except (SchemaError, ValueError) as error:
        del owner[key]
        warnings.append(f"{path} was dropped: {error}")


def to_json_schema(value: Any) -> Any:
    """JSON Schema of a Pydantic model (class or instance), a type hint or a dict. Raises SchemaError."""
    if value is None or isinstance(value, (dict, bool, str)):
        return value  # a JSON Schema, or something for the core to judge
    for name in ("model_json_schema", "json_schema"):  # Pydantic 2 models; TypeAdapters
        convert = getattr(value, name, None)
        if callable(convert):
            return _attempt(convert, value)
    if hasattr(value, "__fields__") and callable(getattr(value, "schema", None)):  # Pydantic 1
        return _attempt(value.schema, value)
    if isinstance(value, type) or typing.get_origin(value) is not None:
        return _schema_of_type(value)
    raise SchemaError(f"a {type(value).__name__} is no schema: use a Pydantic model or a JSON Schema as a dict")


def schema_to_json_schema(value: Any) -> Any:
    """JSON Schema of a Pydantic model, a type hint or a dict (Motia 1.0). Raises SchemaError."""
    return to_json_schema(value)


def _schema_of_type(hint: Any) -> Any:
    try:
        from pydantic import TypeAdapter
    except ImportError:
        raise SchemaError(f"{_name_of(hint)} needs Pydantic to become a JSON Schema: install pydantic") from None
    return _attempt(lambda: TypeAdapter(hint).json_schema(), hint)


def _attempt(convert: Callable[[], Any], value: Any) -> Any:
    try:
        schema = convert()
    except Exception as error:  # boundary: libraries and the user's own hooks raise anything
        reason = str(error).strip().split("\n")[0]
        raise SchemaError(f"{_name_of(value)} cannot be expressed as JSON Schema: {reason}") from None
    if not isinstance(schema, dict):
        raise SchemaError(f"{_name_of(value)} gives a {type(schema).__name__} instead of a JSON Schema")
    return schema


def _name_of(value: Any) -> str:
    return getattr(value, "__name__", None) or str(value)


def without_functions(value: Any) -> Any:
    """A copy without functions: JSON has none. In lists they become null, as in JavaScript."""
    if isinstance(value, dict):
        return {key: without_functions(item) for key, item in value.items() if not isinstance(item, FUNCTIONS)}
    if isinstance(value, (list, tuple)):
        return [None if isinstance(item, FUNCTIONS) else without_functions(item) for item in value]
    return value
