"""JSON Schemas as TypeScript types."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.typescript import LONGEST_LINE, TypeScriptTypes, quoted, typescript_type

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}

CASES: list[tuple[Any, str]] = [
    # anything, nothing
    ({}, "unknown"),
    (True, "unknown"),
    (False, "never"),
    (None, "unknown"),
    ({"description": "whatever"}, "unknown"),
    ({"not": {}}, "undefined"),
    # simple values
    (TEXT, "string"),
    ({"type": "number"}, "number"),
    (WHOLE, "number"),
    ({"type": "boolean"}, "boolean"),
    ({"type": "null"}, "null"),
    ({"type": "string", "format": "binary"}, "Buffer"),
    ({"type": "string", "format": "date-time"}, "string"),
    ({"type": ["string", "null"]}, "string | null"),
    ({"type": "string", "nullable": True}, "string | null"),
    # literals
    ({"const": "tea"}, "'tea'"),
    ({"const": None}, "null"),
    ({"const": -1.5}, "-1.5"),
    ({"const": {"a b": [1, True]}}, "{ 'a b': [1, true] }"),
    ({"enum": ["a", 'quote"', "it's", 3, None]}, "'a' | 'quote\"' | 'it\\'s' | 3 | null"),
    ({"enum": ["back\\slash", '\\"']}, "'back\\\\slash' | '\\\\\"'"),
    ({"enum": []}, "never"),
    # objects
    ({"type": "object"}, "Record<string, unknown>"),
    ({"type": "object", "properties": {}}, "{}"),
    ({"type": "object", "additionalProperties": False}, "Record<string, never>"),
    ({"type": "object", "additionalProperties": WHOLE}, "Record<string, number>"),
    ({"type": "object", "patternProperties": {"^x": TEXT}}, "Record<string, string>"),
    ({"type": "object", "properties": {"id": TEXT, "n": WHOLE}, "required": ["id"]}, "{ id: string; n?: number }"),
    ({"properties": {"id": TEXT}}, "{ id?: string }"),
    ({"type": "object", "required": ["id"]}, "{ id: unknown }"),
    ({"properties": {"a-b": TEXT, "2": TEXT, "": TEXT}}, "{ 'a-b'?: string; '2'?: string; ''?: string }"),
    ({"properties": {"id": TEXT}, "additionalProperties": False}, "{ id?: string }"),
    ({"properties": {"id": TEXT}, "additionalProperties": {}}, "{ id?: string; [key: string]: any }"),
    (
        {"properties": {"id": TEXT}, "additionalProperties": WHOLE},
        "{ id?: string; [key: string]: number | string | undefined }",
    ),
    ({"properties": {"id": {**TEXT, "description": "of */ it\nall"}}}, "{\n  /** of * / it all */\n  id?: string;\n}"),
    # lists
    ({"type": "array"}, "Array<unknown>"),
    ({"type": "array", "items": {"type": ["string", "null"]}}, "Array<string | null>"),
    ({"type": "array", "items": [TEXT, WHOLE]}, "[string, number]"),
    ({"type": "array", "items": [TEXT], "additionalItems": WHOLE}, "[string, ...number[]]"),
    ({"type": "array", "items": [TEXT], "additionalItems": False}, "[string]"),
    ({"type": "array", "prefixItems": [TEXT, WHOLE], "items": False}, "[string, number]"),
    ({"prefixItems": [TEXT, {"type": ["string", "null"]}], "minItems": 1}, "[string, (string | null)?]"),
    ({"prefixItems": [TEXT], "items": True}, "[string, ...unknown[]]"),
    # combinations
    ({"anyOf": [TEXT, WHOLE, TEXT]}, "string | number"),
    ({"oneOf": [TEXT, {"type": "null"}]}, "string | null"),
    ({"anyOf": [TEXT, {}]}, "unknown"),
    ({"type": "string", "anyOf": []}, "string"),
    ({"anyOf": [{"not": {}}, TEXT]}, "undefined | string"),
    ({"allOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]}, "{ a?: string } & { b?: string }"),
    ({"allOf": [TEXT, False]}, "never"),
    ({"allOf": [{"anyOf": [TEXT, WHOLE]}, {"not": TEXT}]}, "string | number"),
    (
        {"properties": {"a": TEXT}, "anyOf": [{"properties": {"b": TEXT}}, {"properties": {"c": TEXT}}]},
        "{ a?: string } & ({ b?: string } | { c?: string })",
    ),
    ({"properties": {"a": TEXT}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "{ a?: string }"),
    ({"$ref": "https://elsewhere/order.json"}, "unknown"),
    ({"$ref": "#/$defs/missing"}, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_a_schema_becomes_a_type(schema: Any, expected: str) -> None:
    assert typescript_type(schema) == expected


def test_an_object_that_is_too_wide_has_a_line_for_each_member() -> None:
    schema = {"properties": {f"property_number_{n}": TEXT for n in range(6)}}
    written = typescript_type(schema)
    assert written.splitlines()[1] == "  property_number_0?: string;"
    assert max(map(len, written.splitlines())) < LONGEST_LINE


def test_references_become_named_types() -> None:
    line = {"type": "object", "properties": {"sku": TEXT}, "required": ["sku"]}
    schema = {"type": "array", "items": {"$ref": "#/$defs/order-line"}, "$defs": {"order-line": line}}
    declarations: dict[str, str] = {}
    assert typescript_type(schema, declarations) == "Array<OrderLine>"
    assert declarations == {"OrderLine": "{ sku: string }"}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/Node", "$defs": {"Node": {"properties": {"next": {"$ref": "#/$defs/Node"}}}}},
        {"$ref": "#/definitions/N", "definitions": {"N": {"properties": {"next": {"$ref": "#/definitions/N"}}}}},
        {"title": "Node", "properties": {"next": {"$ref": "#"}}},
        {"$id": "urn:node", "title": "Node", "properties": {"next": {"$ref": "urn:node"}}},
        {"$anchor": "Node", "properties": {"next": {"$ref": "#Node"}}},
    ],
)  # fmt: skip
def test_what_refers_to_itself_is_a_named_type(schema: dict[str, Any]) -> None:
    declarations: dict[str, str] = {}
    typescript_type(schema, declarations)
    assert list(declarations.values()) == [f"{{ next?: {next(iter(declarations))} }}"]


def test_a_name_for_what_has_none_is_the_one_that_was_given() -> None:
    types = TypeScriptTypes()
    assert types.type_of({"properties": {"next": {"$ref": "#"}}}, name="ChainInput") == "{ next?: ChainInput }"
    assert types.declarations == {"ChainInput": "{ next?: ChainInput }"}


def test_two_documents_with_the_same_definition_share_a_type_and_others_do_not() -> None:
    def ask(prop: str, extra: dict[str, Any]) -> str:
        order = {"properties": {prop: {"$ref": "#/$defs/Item"}}}
        return types.type_of({"$ref": "#/$defs/Order", "$defs": {"Order": order, "Item": TEXT, **extra}})

    types = TypeScriptTypes()
    assert [ask("item", {}), ask("item", {"Unused": WHOLE}), ask("other", {})] == ["Order", "Order", "Order2"]


def test_names_that_mean_something_already_are_not_taken() -> None:
    schema = {"anyOf": [{"$ref": "#/$defs/Record"}, {"$ref": "#/$defs/Mine"}], "$defs": {"Record": TEXT, "Mine": WHOLE}}
    assert TypeScriptTypes(["Mine"]).type_of(schema) == "Record2 | Mine2"


def test_definitions_are_found_in_the_document_that_is_named() -> None:
    document = {"components": {"schemas": {"Order": TEXT}}}
    types = TypeScriptTypes()
    assert types.type_of({"$ref": "#/components/schemas/Order"}, root=document) == "Order"
    assert types.declarations == {"Order": "string"}


def test_members_with_a_default_are_there_once_it_was_put_in() -> None:
    line = {"properties": {"count": {**WHOLE, "default": 1}, "note": TEXT}}
    schema = {"properties": {"line": {"$ref": "#/$defs/Line"}}, "$defs": {"Line": line}}
    types = TypeScriptTypes()
    assert types.type_of(schema) == "{ line?: Line }"
    assert types.type_of(schema, is_filled=True) == "{ line?: LineFilled }"
    assert types.declarations == {
        "Line": "{ count?: number; note?: string }",
        "LineFilled": "{ count: number; note?: string }",
    }


def test_very_deep_schemas_and_long_chains_of_references_are_written() -> None:
    deep: dict[str, Any] = TEXT
    for _ in range(2_000):
        deep = {"type": "array", "items": deep}
    assert typescript_type(deep).startswith("Array<Array<")
    chain = {f"a{n}": {"items": {"$ref": f"#/$defs/a{n + 1}"}} for n in range(300)}
    declarations: dict[str, str] = {}
    typescript_type({"$ref": "#/$defs/a0", "$defs": chain}, declarations)
    assert len(declarations) == 300


@given(st.text())
def test_quoted_text_stays_in_its_quotes(text: str) -> None:
    inner = quoted(text)[1:-1]
    assert "\n" not in inner
    assert "'" not in inner.replace("\\\\", "").replace("\\'", "")
