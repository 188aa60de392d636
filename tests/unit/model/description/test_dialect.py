"""Schemas of every draft as 2020-12 and as draft 7: they accept what they accepted."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motia_core.model.description.components import PREFIX, Components
from motia_core.model.description.dialect import draft_7, is_old, modern

DRAFT_4, DRAFT_7 = "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#"


def as_is(schema: object) -> object:
    return modern(schema, lambda ref: ref, old=is_old(schema))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"items": [{}, True], "additionalItems": False}, {"prefixItems": [{}, True], "items": False}),
        ({"items": {"items": [True]}}, {"items": {"prefixItems": [True]}}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMinimum": 3}, {"exclusiveMinimum": 3}),
        (
            {"dependencies": {"a": ["b"], "c": {"required": ["d"]}, "e": "f"}},
            {"dependentRequired": {"a": ["b"], "e": ["f"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
        ),
        ({"$schema": DRAFT_4, "id": "x", "type": "null"}, {"type": "null"}),
        ({"$id": "urn:x", "$anchor": "y", "definitions": {"Z": {}}, "$defs": {}}, {}),
        ({"$schema": DRAFT_7, "$ref": "#/a", "minLength": 1, "title": "T"}, {"title": "T", "$ref": "#/a"}),
        ({"$ref": "#/a", "minLength": 1}, {"minLength": 1, "$ref": "#/a"}),
        ({"properties": {"$ref": {"type": "string"}}}, {"properties": {"$ref": {"type": "string"}}}),
        ({"discriminator": {"propertyName": "k", "mapping": {"a": "#/a"}}},) * 2,
    ],
)  # fmt: skip
def test_older_keywords_become_newer_ones(old: object, new: object) -> None:
    assert as_is(old) == new


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"prefixItems": [True], "items": False}, {"items": [True], "additionalItems": False}),
        ({"dependentRequired": {"a": ["b"]}}, {"dependencies": {"a": ["b"]}}),
        ({"$ref": "#/a", "title": "T"}, {"$ref": "#/a", "title": "T"}),
        ({"$ref": "#/a", "minLength": 1}, {"minLength": 1, "allOf": [{"$ref": "#/a"}]}),
        ({"properties": {"a": {"prefixItems": [{}]}}}, {"properties": {"a": {"items": [{}]}}}),
        ({"unevaluatedProperties": False, "type": "object"}, {"type": "object"}),
    ],
)
def test_newer_keywords_become_those_of_draft_7(new: object, old: object) -> None:
    assert draft_7(new) == old


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "abc"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
REFS = st.sampled_from([{"$ref": "#"}, {"$ref": "#/definitions/X"}, {"$ref": "#/definitions/Y"}, {"$ref": "#y"}])
LEAVES = st.sampled_from(
    [
        True,
        {},
        {"type": "string", "minLength": 2},
        {"type": ["integer", "null"]},
        {"minimum": 1},
        {"exclusiveMaximum": 2},
        {"enum": ["a", 1, None]},
        {"const": "abc"},
        {"maxItems": 1},
    ]
)


def of_draft_7(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "properties": named,
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "additionalProperties": inner,
            "items": inner | st.lists(inner, min_size=1, max_size=2),
            "additionalItems": inner,
            "dependencies": st.dictionaries(
                st.sampled_from("abc"), inner | st.lists(st.sampled_from("abc"), max_size=2, unique=True), max_size=2
            ),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "not": LEAVES,  # not what leads back to itself: a value would be valid when it is not
            "if": LEAVES,
            "then": inner,
            "else": inner,
            "contains": inner,
            "propertyNames": inner,
        },
    )


SCHEMAS = st.recursive(LEAVES | REFS, of_draft_7, max_leaves=8).filter(lambda schema: isinstance(schema, dict))


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=8))
def test_converted_schemas_accept_what_they_accepted(schema: Any, other: Any, values: list[Any]) -> None:
    definitions = {"X": {"type": "object"}, "Y": {"$id": "#y", "anyOf": [other, {"type": "string"}]}}
    source = {"$schema": DRAFT_7, **schema, "definitions": definitions}
    try:
        original = jsonschema_rs.Draft7Validator(source)
        expected = [original.is_valid(value) for value in values]
    except ValueError:  # endless references
        return
    components = Components()
    embedded = components.embed(source, "Root")
    named = components.finish()
    newer = {"components": {"schemas": named}, "allOf": [embedded]}
    older = {
        "components": {"schemas": {name: draft_7(one) for name, one in named.items()}},
        "allOf": [draft_7(embedded)],
    }
    for validator in (jsonschema_rs.Draft202012Validator(newer), jsonschema_rs.Draft7Validator(older)):
        assert [validator.is_valid(value) for value in values] == expected


def test_definitions_of_one_name_are_shared_when_they_mean_the_same() -> None:
    components = Components()
    address = {"type": "object", "properties": {"zip": {"$ref": "#/definitions/Zip"}}}
    first = {"$ref": "#/definitions/Address", "definitions": {"Address": address, "Zip": {"type": "string"}}}
    other = {"$ref": "#/definitions/Address", "definitions": {"Address": address, "Zip": {"type": "integer"}}}
    found = [components.embed(schema, "Root") for schema in (first, dict(first), other)]
    assert found == [{"$ref": f"{PREFIX}{name}"} for name in ("Address", "Address", "Address2")]
    assert components.finish() == {
        "Address": {"type": "object", "properties": {"zip": {"$ref": f"{PREFIX}Zip"}}},
        "Address2": {"type": "object", "properties": {"zip": {"$ref": f"{PREFIX}Zip2"}}},
        "Zip": {"type": "string"},
        "Zip2": {"type": "integer"},
    }


def test_names_are_those_that_documents_allow_and_lost_references_accept_everything() -> None:
    components = Components({"Problem": {}})
    source = {
        "properties": {
            "page": {"$ref": "#/$defs/Page%5BOrder%5D"},
            "self": {"$ref": "#"},
            "first": {"$ref": "#/properties/page"},
            "lost": {"$ref": "https://example.com/other.json"},
        },
        "$defs": {"Page[Order]": {"title": "p"}, "Problem": {}},
    }
    embedded = components.embed(source, "Order list")
    assert isinstance(embedded, dict)
    assert embedded["properties"] == {
        "page": {"$ref": f"{PREFIX}Page_Order"},
        "self": {"$ref": f"{PREFIX}Order_list"},
        "first": {"$ref": f"{PREFIX}page"},
        "lost": {},
    }


def test_defaults_that_their_schemas_refuse_are_left_out() -> None:
    components = Components()
    text = {"type": "string", "default": None}
    number = {"allOf": [{"$ref": "#/$defs/N"}], "default": 1}
    source = {
        "properties": {"a": text, "b": number, "c": {"$ref": "#/$defs/T"}},
        "$defs": {"N": {"type": "number"}, "T": text},
    }
    embedded = components.embed(source, "Root")
    assert components.finish()["T"] == {"type": "string"}
    assert embedded == {
        "properties": {
            "a": {"type": "string"},
            "b": {"allOf": [{"$ref": f"{PREFIX}N"}], "default": 1},
            "c": {"$ref": f"{PREFIX}T"},
        }
    }  # fmt: skip
