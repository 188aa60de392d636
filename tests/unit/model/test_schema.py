"""JSON Schemas: compiled in any draft, and violations that say where and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motia_core.model.schema import LONGEST_MESSAGE, MOST_VIOLATIONS, Schema, SchemaError, Violation

ORDER = {
    "type": "object",
    "properties": {
        "email": {"type": "string", "format": "email"},
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}},
                "required": ["sku"],
            },
        },
    },
    "required": ["items"],
    "additionalProperties": False,
}


def violations(source: dict[str, Any] | bool, value: Any) -> list[Violation]:
    return Schema(source).violations(json.dumps(value).encode())


def test_what_fits_has_no_violations() -> None:
    assert violations(ORDER, {"email": "a@b.org", "items": [{"sku": "tea", "quantity": 2}]}) == []


def test_each_violation_says_where_what_and_which_rule() -> None:
    found = violations(ORDER, {"email": "ada", "items": [{"sku": 1, "quantity": 0}, {}], "extra": 1})
    assert {(violation.path, violation.keyword) for violation in found} == {
        ("/email", "format"),
        ("/items/0/sku", "type"),
        ("/items/0/quantity", "minimum"),
        ("/items/1", "required"),
        ("", "additionalProperties"),
    }
    assert str(next(one for one in found if one.keyword == "required")) == '/items/1: "sku" is a required property'


def test_paths_are_json_pointers() -> None:
    [found] = violations({"properties": {"a/b~c": {"type": "string"}}}, {"a/b~c": 1})
    assert found.path == "/a~1b~0c"


@pytest.mark.parametrize(
    ("source", "fits", "fails"),
    [
        ({"items": [{"type": "string"}, {"type": "number"}], "additionalItems": False}, ["a", 1], ["a", 1, 2]),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", 1]),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}, ["a"], [1]),
        ({"$schema": "https://json-schema.org/draft/2019-09/schema", "type": "null"}, None, 1),
        ({"$ref": "#/definitions/n", "definitions": {"n": {"type": "number"}}}, 1, "1"),
        ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}, [[]], [[1]]),
        ({"type": ["string", "null"]}, None, 1),
        ({"type": "integer"}, 2**70, 1.5),
        (False, None, 1),
    ],
)
def test_drafts_and_references(source: dict[str, Any] | bool, fits: Any, fails: Any) -> None:
    if source is not False:
        assert violations(source, fits) == []
    assert violations(source, fails)


@pytest.mark.parametrize(
    "source",
    [
        {"type": "strin"},
        {"properties": 5},
        {"pattern": "("},
        {"$ref": "#/definitions/none"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$schema": "urn:of-nobody"},
    ],
)
def test_what_is_no_schema_is_refused(source: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match=r"\w"):
        Schema(source)


def test_nothing_is_null() -> None:
    assert Schema({"type": "null"}).violations(b"") == []


def test_surrogates_and_depth_are_bounded() -> None:
    assert Schema({"type": "string"}).violations(b'"\\ud800"') == []
    deep = b"[" * 900 + b"]" * 900
    [found] = Schema({"type": "object"}).violations(deep)
    assert found.path == ""


def test_violations_and_messages_are_bounded() -> None:
    found = violations({"items": {"type": "string"}}, list(range(100)))
    assert len(found) == MOST_VIOLATIONS
    [long] = violations({"type": "object"}, "x" * 10_000)
    assert len(long.message) <= LONGEST_MESSAGE + 1
