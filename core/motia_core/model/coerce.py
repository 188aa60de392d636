"""Text as the values that a schema wants: what arrives in a query or a path is strings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any

from motia_core.model.exact_json import FITS
from motia_core.model.schema_refs import References

MOST_DIGITS = 30  # with zeros before them; of longer texts none is looked at
Convert = Callable[[Any], Any]
Source = Mapping[str, Any]

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_NULLS = frozenset({"", "null"})
_TYPE_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", dict: "object"}


def coercion(schema: Source) -> Convert:
    """What makes values of a schema from strings, lists of strings and objects of these.

    A string becomes a number, truth value, null, or a list of one, when the schema takes that and takes no string.
    What cannot be made is left as it is, for validation to refuse. Absent properties get their `default`.

    Args:
        schema: A valid JSON Schema of an object.
    """
    return _Compiler(schema).compile(schema)


class _Compiler:
    """Goes through a schema once, so that requests need not; references may lead back to where they come from."""

    def __init__(self, root: Source) -> None:
        self._references = References(root)
        self._made: dict[int, list[Convert]] = {}  # by identity of the schema; empty while it is being made

    def compile(self, schema: object) -> Convert:
        if id(schema) in self._made:
            known = self._made[id(schema)]
            return lambda value: known[0](value)
        made: list[Convert] = []
        self._made[id(schema)] = made
        made.append(self._converter(list(self._alternatives(schema, set()))))
        return made[0]

    def _converter(self, alternatives: list[Source]) -> Convert:
        types = {name for alternative in alternatives for name in _types(alternative)}
        items = [alternative["items"] for alternative in alternatives if "items" in alternative]
        item = self.compile(items[0]) if items else _same
        properties: dict[str, Convert] = {}
        defaults: dict[str, Any] = {}
        for alternative in alternatives:
            for name, schema in _mapping(alternative.get("properties")).items():
                properties.setdefault(name, self.compile(schema))
                if isinstance(schema, Mapping) and "default" in schema:
                    defaults[name] = schema["default"]
        wants_list = "array" in types and "string" not in types

        def convert(value: Any) -> Any:
            if isinstance(value, str):
                return [item(value)] if wants_list else _scalar(value, types)
            if isinstance(value, list):
                return [item(one) for one in value]
            if isinstance(value, dict) and properties:
                read = {name: properties.get(name, _same)(one) for name, one in value.items()}
                return {**defaults, **read}
            return value

        return convert

    def _alternatives(self, schema: object, seen: set[str]) -> Iterator[Source]:
        """The schema and everything that it consists of or chooses from."""
        if not isinstance(schema, Mapping):
            return
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            yield from self._alternatives(self._references.target(reference), seen)
        for keyword in ("anyOf", "oneOf", "allOf"):
            choices = schema.get(keyword)
            for choice in choices if isinstance(choices, (list, tuple)) else ():
                yield from self._alternatives(choice, seen)


def _scalar(text: str, types: set[str]) -> Any:
    if "string" in types:
        return text
    if types & {"integer", "number"} and _NUMBER.fullmatch(text):
        return _number(text)
    if "boolean" in types and text in _BOOLEANS:
        return _BOOLEANS[text]
    return None if "null" in types and text in _NULLS else text


def _number(text: str) -> int | float | str:
    """The number; the text of one that JSON cannot carry, for validation to refuse."""
    if set(".eE") & set(text):
        decimal = float(text)
        return decimal if isfinite(decimal) else text
    if len(text) > MOST_DIGITS:
        return text
    whole = int(text)
    return whole if whole in FITS else text


def _types(schema: Source) -> Iterator[str]:
    types = schema.get("type")
    if isinstance(types, str):
        yield types
    elif isinstance(types, (list, tuple)):
        yield from types
    elif "const" in schema:
        yield _TYPE_NAMES.get(type(schema["const"]), "array")
    elif isinstance(schema.get("enum"), (list, tuple)):
        yield from (_TYPE_NAMES.get(type(value), "array") for value in schema["enum"])


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _same(value: Any) -> Any:
    return value
