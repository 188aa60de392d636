"""Comparing JSON Schemas: what is certain is said, with its path; what is not counts as agreement."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.compat import conflicts, refusals
from motia_core.model.schema import Schema

TEXT, WHOLE, NUMBER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "null"}


def record(required: str = "", /, *, closed: bool = False, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required.split()}
    return {**schema, "additionalProperties": False} if closed else schema


TREE = {"$ref": "#/$defs/T", "$defs": {"T": record("v", v=WHOLE, next={"anyOf": [{"$ref": "#/$defs/T"}, NULL]})}}
TEXT_TREE = {"$ref": "#/$defs/T", "$defs": {"T": record("v", v=TEXT, next={"anyOf": [{"$ref": "#/$defs/T"}, NULL]})}}

REFUSED: list[tuple[Any, Any, list[str]]] = [
    (TEXT, WHOLE, ["may be string, accepted is integer"]),
    (NUMBER, WHOLE, ["may be number, accepted is integer"]),
    ({"type": ["string", "null"]}, TEXT, ["may be null, accepted is string"]),
    ({"type": "string", "nullable": True}, TEXT, ["may be null, accepted is string"]),
    (TEXT, False, ["nothing is accepted here"]),
    (TEXT, {"enum": []}, ["may be any string, accepted is nothing"]),
    ({"type": "boolean"}, NULL, ["may be boolean, accepted is null"]),
    ({"type": "boolean"}, {"const": True}, ["may be false, accepted is true"]),
    (TEXT, {"enum": ["a", "b"]}, ['may be any string, accepted is "a" or "b"']),
    ({"enum": ["a", "c", 1]}, {"enum": ["a", "b"]}, ['may be "c" or 1, accepted is "a" or "b"']),
    ({"const": 1}, {"const": True}, ["may be 1, accepted is true"]),
    ({"enum": [1, "x"]}, WHOLE, ['may be "x", accepted is integer']),
    ({"anyOf": [TEXT, WHOLE]}, {"anyOf": [WHOLE, NULL]}, ["may be string, accepted is integer or null"]),
    (record(a=TEXT), record("a", a=TEXT), ["/a: may be missing, and is required"]),
    (record("a", a=TEXT), record("b", b=TEXT), ["/b: is missing, and is required"]),
    (record(a=TEXT), record(closed=True), ["/a: is not accepted (additionalProperties: false)"]),
    (record(a=record("b", b=TEXT)), record(a=record("b", b=WHOLE)), ["/a/b: may be string, accepted is integer"]),
    (record(**{"a/b": TEXT}), record(**{"a/b": WHOLE}), ["/a~1b: may be string, accepted is integer"]),
    ({"type": "object", "additionalProperties": TEXT}, {"type": "object", "additionalProperties": WHOLE},
     ["/*: may be string, accepted is integer"]),
    ({"type": "array", "items": TEXT}, {"type": "array", "items": WHOLE}, ["/*: may be string, accepted is integer"]),
    ({"prefixItems": [TEXT, TEXT]}, {"items": [TEXT, WHOLE]}, ["/1: may be string, accepted is integer"]),
    ({"prefixItems": [TEXT, TEXT]}, {"items": WHOLE},
     ["/0: may be string, accepted is integer", "/1: may be string, accepted is integer"]),
    (NUMBER, {**NUMBER, "minimum": 1}, ["may be below the minimum of 1"]),
    ({**WHOLE, "minimum": 0}, {**WHOLE, "minimum": 1}, ["may be below the minimum of 1"]),
    ({**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 8}, ["may be above the maxLength of 8"]),
    (TEXT, {**TEXT, "pattern": "^a"}, ["need not match the pattern ^a"]),
    ({"allOf": [record(a=TEXT), record(b=TEXT)]}, record(a=TEXT, b=WHOLE), ["/b: may be string, accepted is integer"]),
    (TREE, TEXT_TREE, ["/v: may be integer, accepted is string", "/next/v: may be integer, accepted is string"]),
    ({"oneOf": [record("k", k={"const": "a"}, v=TEXT), record("k", k={"const": "b"}, v=TEXT)]},
     {"oneOf": [record("k", k={"const": "a"}, v=TEXT), record("k v", k={"const": "b"}, v=TEXT)]},
     ["/v: may be missing, and is required"]),
]  # fmt: skip
ACCEPTED: list[tuple[Any, Any]] = [
    (WHOLE, NUMBER),
    ({"type": "string", "format": "email"}, {"type": "string", "format": "uuid"}),
    ({"type": "string", "format": "email"}, {"type": "string", "pattern": "@"}),
    ({}, TEXT),
    (True, TEXT),
    (TEXT, {}),
    (False, TEXT),
    ({"const": "a"}, {"enum": ["a", "b"]}),
    ({**TEXT, "enum": ["ab"]}, {**TEXT, "minLength": 1}),
    ({"enum": [1.0]}, WHOLE),
    (record("a b", a=TEXT, b=TEXT), record("a", a=TEXT)),
    (record("a", a={}), record("a", a=TEXT)),
    (record(a=TEXT), {"type": "object", "additionalProperties": TEXT}),
    (record(ax=TEXT), {"type": "object", "patternProperties": {"^a": TEXT}, "additionalProperties": False}),
    ({**WHOLE, "minimum": 1}, {**WHOLE, "exclusiveMinimum": 0}),
    (WHOLE, {**WHOLE, "minimum": -(2**53) + 1}),
    ({"type": "array"}, {"type": "array", "items": TEXT}),
    ({"anyOf": [record("a", a=TEXT), record("b", b=TEXT)]}, record(a=TEXT, b=TEXT)),
    ({"properties": {"a": TEXT}, "anyOf": [{"required": ["a"]}]}, record("a", a=TEXT)),
    (TREE, TREE),
    ({"$ref": "https://elsewhere"}, TEXT),
    ({"not": {}}, TEXT),
]
CONFLICTING: list[tuple[Any, Any, list[str]]] = [
    (TEXT, WHOLE, ["string here, integer there"]),
    (record("a", a=TEXT), record(a=WHOLE), ["/a: string here, integer there"]),
    (record("a", a=TEXT), record(closed=True, b=TEXT), ["/a: required here, not accepted there"]),
    (record(closed=True, b=TEXT), record("a", a=TEXT), ["/a: required there, not accepted here"]),
    (record(k={"const": "a"}), record(k={"const": "b"}), ['/k: "a" here, "b" there']),
    (record(k={"enum": ["a"]}), record(k=WHOLE), ['/k: "a" here, integer there']),
    ({"items": TEXT}, {"items": WHOLE}, ["/*: string here, integer there"]),
    ({**WHOLE, "maximum": 1}, {**WHOLE, "minimum": 2}, ["at least 2 for one, at most 1 for the other"]),
    (TREE, TEXT_TREE, ["/v: integer here, string there"]),
]
AGREEING: list[tuple[Any, Any]] = [
    (NUMBER, WHOLE),
    (record("a", a=TEXT), record("b", b=TEXT)),
    (record("a", a=TEXT), record(closed=True, a=TEXT)),
    ({"type": ["string", "null"]}, TEXT),
    ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}),
    (TREE, TREE),
    ({}, TEXT),
]


@pytest.mark.parametrize(("given", "taken", "found"), REFUSED, ids=str)
def test_what_is_refused_is_said_with_its_path(given: Any, taken: Any, found: list[str]) -> None:
    assert [str(one) for one in refusals(given, taken)] == found


@pytest.mark.parametrize(("given", "taken"), ACCEPTED, ids=str)
def test_what_is_accepted_or_uncertain_is_not(given: Any, taken: Any) -> None:
    assert refusals(given, taken) == []


@pytest.mark.parametrize(("one", "other", "found"), CONFLICTING, ids=str)
def test_where_no_value_fits_both_is_said_with_its_path(one: Any, other: Any, found: list[str]) -> None:
    assert [str(each) for each in conflicts(one, other)] == found


@pytest.mark.parametrize(("one", "other"), AGREEING, ids=str)
def test_what_a_value_can_fit_has_no_conflict(one: Any, other: Any) -> None:
    assert conflicts(one, other) == []
    assert conflicts(other, one) == []


def test_schemas_that_fan_out_are_compared_in_bounded_time() -> None:
    node: dict[str, Any] = record(**{f"c{n}": {"anyOf": [{"$ref": "#/$defs/N"}, TEXT]} for n in range(8)})
    schema = {"allOf": [{"$ref": "#/$defs/N"}, {"$ref": "#/$defs/M"}], "$defs": {"N": node, "M": node}}
    assert refusals(schema, TREE) != []


# --- against the validator

KEYS = st.sampled_from("abc")
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "yy"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
)
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([{}, True, TEXT, WHOLE, NUMBER, NULL, {"type": "boolean"}, {"type": ["string", "integer"]}]),
    VALUES.map(lambda value: {"const": value}),
    st.lists(VALUES, min_size=1, max_size=3).map(lambda values: {"enum": values}),
    st.integers(-2, 2).map(lambda bound: {"type": "integer", "minimum": bound}),
    st.integers(0, 2).map(lambda bound: {"type": "string", "maxLength": bound}),
)


def compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(KEYS, inner, max_size=2)},
        optional={"required": st.lists(KEYS, unique=True, max_size=2), "additionalProperties": inner | st.booleans()},
    )
    lists = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        objects,
        inner.map(lambda items: {"type": "array", "items": items}),
        lists.map(lambda items: {"type": "array", "prefixItems": items}),
        *(lists.map(lambda parts, keyword=keyword: {keyword: parts}) for keyword in ("anyOf", "allOf")),
    )


SCHEMAS = st.recursive(LEAVES, compound, max_leaves=6)


def exactly(value: Any) -> dict[str, Any]:
    """The schema of one value, spelled out."""
    if isinstance(value, dict):
        members = {key: exactly(member) for key, member in value.items()}
        return {"type": "object", "properties": members, "required": [*value], "additionalProperties": False}
    if isinstance(value, list):
        return {"type": "array", "prefixItems": [*map(exactly, value)], "items": False, "minItems": len(value)}
    return {"const": value}


def has(value: Any, path: str) -> bool:
    """Whether there is something at a JSON pointer."""
    for key in path.split("/")[1:]:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return False
    return True


@given(VALUES, SCHEMAS)
def test_a_value_that_is_said_not_to_fit_does_not(value: Any, schema: Any) -> None:
    if not Schema(schema).violations(json.dumps(value).encode()):
        assert refusals(exactly(value), schema) == []
        found = [*conflicts(exactly(value), schema), *conflicts(schema, exactly(value))]
        assert [one for one in found if has(value, one.path)] == []


@given(SCHEMAS)
def test_a_schema_accepts_what_it_allows(schema: Any) -> None:
    assert refusals(schema, schema) == []
