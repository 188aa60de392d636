"""Example values of schemas: the author's own where there are some, made up otherwise, and never one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, cast

from motia_core.model.description.components import Components, Embedded
from motia_core.model.description.dialect import Schema

DEEPEST = 8  # levels of members and items; what is deeper is left out where it may be
LONGEST = 200  # characters and items that are made up
OF_FORMAT = {
    "binary": "",
    "byte": "aGVsbG8=",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "PT30M",
    "email": "ada@example.com",
    "hostname": "example.com",
    "idn-email": "ada@example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "json-pointer": "/a",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/a",
    "url": "https://example.com/",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}
# tried where a pattern says what a text looks like
TRIED = (
    *OF_FORMAT.values(),
    *(
        char * length
        for char in ("a", "A", "1", "0")
        for length in (1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 16, 20, 24, 32)
    ),
    *("abc-123", "ABC-123", "abc_123", "a1", "A1", "1.0", "1.0.0", "#aabbcc", "+1 202 555 0100", "+12025550100"),
    *("12:00", "12345-6789", "/a", "a/b", "@ada", "en-GB", "EUR", "1.00", "v1", "v1.0.0"),
)
_OF_KEYWORD = {"properties": "object", "additionalProperties": "object", "items": "array", "prefixItems": "array"}


class _Nothing:
    pass


NOTHING: Final = _Nothing()  # there is no example


def sample(components: Components, schema: Embedded) -> object:
    """An example that the schema accepts, or NOTHING.

    Args:
        components: Where the schema was embedded.
        schema: What it returned.
    """
    if isinstance(schema, bool) or not schema:
        return NOTHING
    value = _Maker(components).make(schema, 0)
    try:
        return value if value is not NOTHING and components.accepts(schema, value) else NOTHING
    except TypeError:  # an integer beyond 64 bits
        return NOTHING


class _Maker:
    """Makes one example."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._inside: list[Schema] = []  # the named schemas that are being made: those end where they come again

    def make(self, schema: Embedded, depth: int) -> object:
        if isinstance(schema, bool) or depth > DEEPEST:
            return NOTHING
        target = self._components.target(schema)
        if any(target is other for other in self._inside):
            return NOTHING
        if target is schema:
            return self._make(schema, depth)
        self._inside.append(target)
        try:
            return self._make(target, depth)
        finally:
            self._inside.pop()

    def _make(self, schema: Schema, depth: int) -> object:
        if (given := self._given(schema)) is not NOTHING:
            return given
        for key in ("anyOf", "oneOf"):
            options = [self.make(option, depth + 1) for option in _schemas(schema.get(key))]
            found = [option for option in options if option is not NOTHING]
            if found:
                chosen = next((option for option in found if option is not None), None)
                own = self._of_type(schema, depth) if "properties" in schema else NOTHING
                return _merged([chosen, own, *self._parts(schema, depth)])
        return _merged([self._of_type(schema, depth), *self._parts(schema, depth)])

    def _given(self, schema: Schema) -> object:
        """What the author says: an example, else a default, else the first of the values there are."""
        examples, values = schema.get("examples"), schema.get("enum")
        if isinstance(examples, (list, tuple)) and examples:
            return examples[0]
        if "example" in schema:
            return schema["example"]
        if "default" in schema and self._components.is_default(schema):
            return schema["default"]
        if "const" in schema:
            return schema["const"]
        return values[0] if isinstance(values, (list, tuple)) and values else NOTHING

    def _parts(self, schema: Schema, depth: int) -> list[object]:
        return [self.make(part, depth + 1) for part in _schemas(schema.get("allOf"))]

    def _of_type(self, schema: Schema, depth: int) -> object:
        kinds = schema.get("type")
        if kinds is None:
            kinds = next((kind for keyword, kind in _OF_KEYWORD.items() if keyword in schema), None)
        if isinstance(kinds, (list, tuple)):
            kinds = next((kind for kind in kinds if kind != "null"), "null")
        match kinds:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return self._text(schema)
            case "integer" | "number":
                return _number(schema, is_whole=kinds == "integer")
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return NOTHING

    def _text(self, schema: Schema) -> object:
        made = OF_FORMAT.get(str(schema.get("format")))
        if "pattern" in schema:
            return next((text for text in TRIED if self._components.accepts(schema, text)), NOTHING)
        if made is not None:
            return made
        text = "text"
        least, most = _whole(schema.get("minLength"), 0), _whole(schema.get("maxLength"), LONGEST)
        while len(text) < min(least, LONGEST):
            text += " text"
        return text[: max(most, 0)] if most < len(text) else text

    def _object(self, schema: Schema, depth: int) -> object:
        required = {name for name in _values(schema.get("required")) if isinstance(name, str)}
        properties = schema.get("properties")
        result: dict[str, object] = {}
        for name, member in properties.items() if isinstance(properties, Mapping) else ():
            value = self.make(member, depth + 1)
            if value is not NOTHING:
                result[name] = value
            elif name in required:
                return NOTHING
        return result

    def _array(self, schema: Schema, depth: int) -> object:
        first = [self.make(part, depth + 1) for part in _schemas(schema.get("prefixItems"))]
        if NOTHING in first:
            return NOTHING
        least, most = _whole(schema.get("minItems"), 0), _whole(schema.get("maxItems"), LONGEST)
        wanted = min(max(least, 0 if first else 1), most, LONGEST)
        if len(first) < wanted and schema.get("items", True) is not False:
            item = self.make(cast("Embedded", schema.get("items", True)), depth + 1)
            if item is not NOTHING:
                first += [item] * (wanted - len(first))
        return first


def _merged(values: Sequence[object]) -> object:
    """Objects as one; of other values the last."""
    result: object = NOTHING
    for value in values:
        if isinstance(result, dict) and isinstance(value, dict):
            result = {**result, **value}
        elif value is not NOTHING:
            result = value
    return result


def _number(schema: Schema, *, is_whole: bool) -> object:
    least, most = _float(schema.get("minimum"), -math.inf), _float(schema.get("maximum"), math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = _float(schema.get("multipleOf"), 1)
    least = max(least, _float(above, -math.inf) + step)
    most = min(most, _float(below, math.inf) - step)
    value: float = 1 if least <= 1 <= most and step == 1 else step if least <= step <= most else least
    if not math.isfinite(value):
        value = most if math.isfinite(most) else 0
    if "multipleOf" in schema and step > 0:
        value = math.ceil(value / step) * step
    if is_whole:
        value = math.ceil(value)
    return int(value) if value == int(value) else value


def _schemas(value: object) -> Sequence[Embedded]:
    return cast("Sequence[Embedded]", _values(value))


def _values(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _whole(value: object, default: int) -> int:
    return int(value) if isinstance(value, (int, float)) else default


def _float(value: object, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) else default
