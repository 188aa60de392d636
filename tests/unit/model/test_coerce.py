"""What becomes of the strings of a query or a path."""

from __future__ import annotations

from typing import Any

import pytest

from motia_core.model.coerce import coercion


def of(schema: dict[str, Any], value: Any) -> Any:
    """The value that a property of this schema gets."""
    return coercion({"type": "object", "properties": {"x": schema}})({"x": value})["x"]


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, "-3", -3),
        ({"type": "integer"}, "1.5", 1.5),  # which the schema then refuses
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "twelve", "twelve"),
        ({"type": "number"}, "", ""),
        ({"type": "integer"}, "9007199254740993", 9007199254740993),
        ({"type": "integer"}, "٣", "٣"),  # a digit elsewhere, not in JSON
        ({"type": "integer"}, "18446744073709551615", 2**64 - 1),
        ({"type": "integer"}, "18446744073709551616", "18446744073709551616"),  # JSON here has no such number
        ({"type": "integer"}, "-9223372036854775809", "-9223372036854775809"),
        ({"type": "integer"}, "9" * 5_000, "9" * 5_000),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "0", False),
        ({"type": "boolean"}, "yes", "yes"),
        ({"type": "string"}, "12", "12"),
        ({"type": ["string", "integer"]}, "12", "12"),
        ({"type": ["integer", "null"]}, "", None),
        ({"type": ["integer", "null"]}, "null", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "7", 7),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, "7", 7),
        ({"const": 3}, "3", 3),
        ({"enum": [1, 2, None]}, "2", 2),
        ({"enum": ["1", "2"]}, "2", "2"),
        ({}, "2", "2"),
        ({"type": "array", "items": {"type": "integer"}}, "4", [4]),
        ({"type": "array", "items": {"type": "integer"}}, ["4", "5"], [4, 5]),
        ({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}, "4", [4]),
        ({"type": "array"}, "a", ["a"]),
        (
            {"type": "object", "properties": {"y": {"type": "boolean"}}},
            {"y": "false", "z": "1"},
            {"y": False, "z": "1"},
        ),
    ],
)
def test_text_becomes_what_the_schema_takes(schema: dict[str, Any], text: Any, value: Any) -> None:
    found = of(schema, text)
    assert found == value
    assert type(found) is type(value)


def test_absent_properties_get_their_defaults() -> None:
    convert = coercion({"type": "object", "properties": {"page": {"type": "integer", "default": 1}, "q": {}}})
    assert convert({"q": "x"}) == {"page": 1, "q": "x"}
    assert convert({"page": "2"}) == {"page": 2}


def test_references_are_followed_even_in_circles() -> None:
    schema = {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"depth": {"type": "integer"}, "next": {"$ref": "#/$defs/Node"}},
            }
        },
    }
    value = {"depth": "1", "next": {"depth": "2", "next": {"depth": "3"}}}
    assert coercion(schema)(value) == {"depth": 1, "next": {"depth": 2, "next": {"depth": 3}}}


@pytest.mark.parametrize("reference", ["#", "#/$defs/Nothing", "https://example.com/schema"])
def test_references_without_a_target_change_nothing(reference: str) -> None:
    assert coercion({"$ref": reference})({"a": "1"}) == {"a": "1"}
