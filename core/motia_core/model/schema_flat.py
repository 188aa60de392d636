"""JSON Schemas as alternatives without combinations: what `$ref`, `allOf`, `anyOf` and `oneOf` amount to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from motia_core.model.schema_refs import MISSING, References

MOST_ALTERNATIVES = 64
COMBINING = frozenset({"$ref", "allOf", "anyOf", "oneOf", "$defs", "definitions", "nullable"})
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")

Flat = Mapping[str, object]  # a schema without the keywords of COMBINING, of at most one type


def alternatives(schema: object, refs: References) -> Sequence[Flat] | None:
    """A value fits the schema when it fits one of these; none: no value fits. None: it is too involved to say."""
    return _alternatives(schema, refs, frozenset())


def merged(one: Flat, other: Flat) -> Flat | None:
    """What fits both; None when nothing can."""
    whole: dict[str, object] = {**one, **other}
    if "type" in one and "type" in other:
        kind = _common_type(one["type"], other["type"])
        if kind is None:
            return None
        whole["type"] = kind
    for key in (*LOWER, *UPPER):
        bounds = [bound for side in (one, other) if (bound := number(side.get(key))) is not None]
        if bounds:
            whole[key] = max(bounds) if key in LOWER else min(bounds)
    values = _common_values(one, other)
    if values is not None:
        whole.pop("const", None)
        whole["enum"] = values
        if not values:
            return None
    if "required" in one and "required" in other:
        whole["required"] = [
            *dict.fromkeys(
                name for name in (*sequence(one["required"]), *sequence(other["required"])) if isinstance(name, str)
            )
        ]
    for key in ("properties", "patternProperties"):
        if key in one and key in other:
            whole[key] = _both(mapping(one[key]), mapping(other[key]))
    for key in ("items", "additionalProperties"):
        if key in one and key in other:
            whole[key] = _all_of(one[key], other[key])
    return whole


def combined(schemas: Sequence[object]) -> object:
    """One schema of what fits all of them, each a document with references of its own."""
    if len(schemas) == 1:
        return schemas[0]
    names = {f"all{number}": schema for number, schema in enumerate(schemas)}
    try:
        definitions = {name: _moved(schema, f"#/$defs/{name}") for name, schema in names.items()}
    except RecursionError:  # nested deeper than anyone writes by hand
        return True
    return {"allOf": [{"$ref": f"#/$defs/{name}"} for name in names], "$defs": definitions}


def _moved(schema: object, place: str) -> object:
    """The schema with its references into itself as they are when it lies at another place."""
    if isinstance(schema, (list, tuple)):
        return [_moved(part, place) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    moved = {key: _moved(part, place) for key, part in schema.items()}
    ref = schema.get("$ref")
    return {**moved, "$ref": place + ref[1:]} if isinstance(ref, str) and ref.startswith("#") else moved


def accepted_values(schema: Mapping[str, object]) -> Sequence[object] | None:
    """The values of `enum` or `const`; None when the schema does not list them."""
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, (list, tuple)) else None


def type_of(value: object) -> str:
    """The JSON Schema type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"


def same(one: object, other: object) -> bool:
    """Equality as in JSON: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is an object; an empty one otherwise."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[object]:
    """The value if it is a list; an empty one otherwise."""
    return value if isinstance(value, (list, tuple)) else ()


def number(value: object) -> float | None:
    """The value if it is a number of JSON."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _alternatives(schema: object, refs: References, inside: frozenset[str]) -> Sequence[Flat] | None:
    if schema is False:
        return []
    if not isinstance(schema, Mapping):
        return [{}]
    groups: list[Sequence[Flat] | None] = [_by_type(schema)]
    if isinstance(ref := schema.get("$ref"), str):
        target = refs.target(ref)
        if ref in inside or target is MISSING:
            return None
        groups.append(_alternatives(target, refs, inside | {ref}))
    groups += (_alternatives(part, refs, inside) for part in sequence(schema.get("allOf")))
    for keyword in ("anyOf", "oneOf"):
        if options := sequence(schema.get(keyword)):
            groups.append(_any(_alternatives(option, refs, inside) for option in options))
    found = _product(groups)
    return [*found, {"type": "null"}] if found is not None and schema.get("nullable") is True else found


def _by_type(schema: Mapping[str, object]) -> Sequence[Flat]:
    own = {key: value for key, value in schema.items() if key not in COMBINING}
    kinds = own.get("type")
    if not isinstance(kinds, (list, tuple)):
        return [own]
    return [{**own, "type": kind} for kind in kinds]


def _any(groups: Iterable[Sequence[Flat] | None]) -> Sequence[Flat] | None:
    found: list[Flat] = []
    for group in groups:
        if group is None:
            return None
        found += group
    return found


def _product(groups: Sequence[Sequence[Flat] | None]) -> Sequence[Flat] | None:
    number = 1
    known: list[Sequence[Flat]] = []
    for group in groups:
        if group is None:
            return None
        known.append(group)
        number *= len(group)
    if number > MOST_ALTERNATIVES:
        return None
    found: list[Flat] = []
    for parts in product(*known):
        whole: Flat | None = {}
        for part in parts:
            whole = None if whole is None else merged(whole, part)
        if whole is not None:
            found.append(whole)
    return found


def _common_type(one: object, other: object) -> object | None:
    if (one, other) in (("integer", "number"), ("number", "integer")):  # anything may stand there: no set of them
        return "integer"
    return one if one == other else None


def _common_values(one: Flat, other: Flat) -> list[object] | None:
    mine, theirs = accepted_values(one), accepted_values(other)
    if mine is None or theirs is None:
        return None
    return [value for value in mine if any(same(value, found) for found in theirs)]


def _both(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    return {
        key: _all_of(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key))
        for key in (*one, *(key for key in other if key not in one))
    }


def _all_of(one: object, other: object) -> object:
    return one if one == other else {"allOf": [one, other]}
