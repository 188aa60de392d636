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
    given = _explicit(components.target(schema))
    value = given if given is not NOTHING else _make(components, schema, 0)
    try:
        return value if value is not NOTHING and components.accepts(schema, value) else NOTHING
    except TypeError:  # an integer beyond 64 bits
        return NOTHING


def _explicit(schema: Schema) -> object:
    for key in ("examples", "enum"):
        values = schema.get(key)
        if key == "enum":
            for single in ("example", "default", "const"):
                if single in schema:
                    return schema[single]
        if isinstance(values, (list, tuple)) and values:
            return values[0]
    return NOTHING


def _make(components: Components, schema: Embedded, depth: int) -> object:
    if isinstance(schema, bool) or depth > DEEPEST:
        return NOTHING
    schema = components.target(schema)
    if (given := _explicit(schema)) is not NOTHING:
        return given
    for key in ("anyOf", "oneOf"):
        options = [_make(components, option, depth + 1) for option in _schemas(schema.get(key))]
        found = [option for option in options if option is not NOTHING]
        if found:
            chosen = next((option for option in found if option is not None), None)
            return _with_parts(components, schema, chosen, depth)
    return _with_parts(components, schema, _of_type(components, schema, depth), depth)


def _with_parts(components: Components, schema: Schema, value: object, depth: int) -> object:
    """A value with what `allOf` and the schema's own properties add to it."""
    parts = [_make(components, part, depth + 1) for part in _schemas(schema.get("allOf"))]
    if "anyOf" in schema or "oneOf" in schema:
        parts.append(_of_type(components, schema, depth) if "properties" in schema else NOTHING)
    for part in parts:
        if part is NOTHING:
            continue
        value = {**value, **part} if isinstance(value, dict) and isinstance(part, dict) else part
    return value


def _of_type(components: Components, schema: Schema, depth: int) -> object:
    kinds = schema.get("type")
    if kinds is None:
        kinds = next((kind for keyword, kind in _OF_KEYWORD.items() if keyword in schema), None)
    if isinstance(kinds, (list, tuple)):
        kinds = next((kind for kind in kinds if kind != "null"), "null")
    match kinds:
        case "object":
            return _object(components, schema, depth)
        case "array":
            return _array(components, schema, depth)
        case "string":
            return _text(schema)
        case "integer" | "number":
            return _number(schema, is_whole=kinds == "integer")
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return NOTHING


def _object(components: Components, schema: Schema, depth: int) -> object:
    required = {name for name in _values(schema.get("required")) if isinstance(name, str)}
    properties = schema.get("properties")
    result: dict[str, object] = {}
    for name, member in properties.items() if isinstance(properties, Mapping) else ():
        value = _make(components, member, depth + 1)
        if value is not NOTHING:
            result[name] = value
        elif name in required:
            return NOTHING
    return result


def _array(components: Components, schema: Schema, depth: int) -> object:
    first = [_make(components, part, depth + 1) for part in _schemas(schema.get("prefixItems"))]
    if NOTHING in first:
        return NOTHING
    least, most = _whole(schema.get("minItems"), 0), _whole(schema.get("maxItems"), LONGEST)
    wanted = min(max(least, 0 if first else 1), most, LONGEST)
    if len(first) < wanted and schema.get("items", True) is not False:
        item = _make(components, cast("Embedded", schema.get("items", True)), depth + 1)
        if item is not NOTHING:
            first += [item] * (wanted - len(first))
    return first


def _text(schema: Schema) -> object:
    made = OF_FORMAT.get(str(schema.get("format")))
    if made is not None:
        return made
    text = "text"
    least, most = _whole(schema.get("minLength"), 0), _whole(schema.get("maxLength"), LONGEST)
    while len(text) < min(least, LONGEST):
        text += " text"
    return text[: max(most, 0)] if most < len(text) else text


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
