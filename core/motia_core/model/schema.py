"""JSON Schemas, compiled when a project is loaded: what is wrong with a value, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

import orjson
from jsonschema_rs import Draft7Validator, ValidationError, validator_for

from motia_core.model.coerce import Convert, coercion
from motia_core.model.json_pointer import escape

MOST_VIOLATIONS = 20  # that are told of one value
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
LONGEST_MESSAGE = 300  # characters; messages quote the value


class Violation(NamedTuple):
    """One thing that is wrong with a value."""

    path: str  # JSON pointer; "": the value itself
    message: str
    keyword: str  # of the schema, for example "required"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class SchemaError(ValueError):
    """It is no JSON Schema; says why."""


class Schema:
    """A compiled JSON Schema: draft 4 to 2020-12, as its `$schema` says; without one the newest that can read it.

    Formats ("email", "date-time") are checked. References lead into the schema itself: nothing is fetched.

    Args:
        source: An object, or a truth value.

    Raises:
        SchemaError: It cannot be compiled.
    """

    def __init__(self, source: Mapping[str, object] | bool) -> None:
        self._validator = _compile(source)
        self._source = source
        self._coerce: Convert | None = None  # made when it is first needed

    def violations(self, text: bytes) -> list[Violation]:
        """What is wrong with a JSON text; empty: nothing.

        Args:
            text: Valid JSON; empty counts as null.
        """
        return self.check(_read(text))

    def coerced(self, value: Any) -> Any:
        """A value whose parts are text, as the schema wants it; what cannot be made is left for `check` to refuse."""
        if self._coerce is None:
            self._coerce = coercion(self._source if isinstance(self._source, Mapping) else {})
        return self._coerce(value)

    def check(self, value: Any) -> list[Violation]:
        """The same of a value made of what JSON consists of."""
        try:
            if self._validator.is_valid(value):
                return []
            return [_violation(error) for error in islice(self._validator.iter_errors(value), MOST_VIOLATIONS)]
        except ValueError as error:  # the library's bound on depth
            return [Violation("", f"cannot be checked: {error}", "")]


class Parameters:
    """The schema of the parameters of a request, which arrive as strings.

    Args:
        source: JSON Schema of an object.
        any_case: Names count in any case, as those of headers do.

    Raises:
        SchemaError: It cannot be compiled.
    """

    def __init__(self, source: Mapping[str, object], *, any_case: bool = False) -> None:
        source = _lower_case(source) if any_case else source
        self._schema = Schema(source)

    def read(self, values: Mapping[str, object]) -> tuple[dict[str, Any], list[Violation]]:
        """The values as the schema wants them, and what is wrong with them all the same."""
        coerced = self._schema.coerced(dict(values))
        return coerced, self._schema.check(coerced)


def _lower_case(source: Mapping[str, object]) -> Mapping[str, object]:
    properties, required = source.get("properties"), source.get("required")
    changed = dict(source)
    if isinstance(properties, Mapping):
        changed["properties"] = {name.lower(): schema for name, schema in properties.items()}
    if isinstance(required, (list, tuple)):
        changed["required"] = [str(name).lower() for name in required]
    return changed


def _compile(source: Mapping[str, object] | bool) -> Any:
    schema = dict(source) if isinstance(source, Mapping) else source
    options: dict[str, Any] = {"validate_formats": True, "offline": True}
    try:
        return validator_for(schema, **options)
    except ValueError as error:  # ValidationError and ReferencingError among them
        if isinstance(schema, bool) or "$schema" in schema:
            raise SchemaError(_first_line(error)) from None
        try:
            return Draft7Validator(schema, **options)  # lists of `items`, as zod writes tuples
        except ValueError:
            raise SchemaError(_first_line(error)) from None


def _violation(error: ValidationError) -> Violation:
    path = "".join(f"/{_escaped(str(part))}" for part in error.instance_path)
    message = error.message
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[:LONGEST_MESSAGE]}…"
    return Violation(path, message, str(error.schema_path[-1]) if error.schema_path else "")


def _escaped(part: str) -> str:
    return escape(part)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _read(text: bytes) -> Any:
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # what JSON allows and UTF-8 does not: a surrogate by itself
        return json.loads(_SURROGATE.sub(rb"\\ufffd", text))
