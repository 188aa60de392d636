"""JSON Schemas as Python types."""

from __future__ import annotations

from typing import Any

import pytest

from motia_core.model.python_types import PythonTypes

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def ask(schema: Any, **options: Any) -> tuple[str, list[str]]:
    types = PythonTypes()
    return types.type_of(schema, "Order", **options), types.declarations


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({}, "Any"),
        (None, "Any"),
        (False, "Never"),
        (TEXT, "str"),
        (WHOLE, "int"),
        ({"type": "number"}, "float"),
        ({"type": "string", "format": "binary"}, "bytes"),
        ({"type": ["null", "string"]}, "str | None"),
        ({"type": "string", "nullable": True}, "str | None"),
        ({"const": "tea"}, "Literal['tea']"),
        ({"enum": ["a", 1, True, None]}, "Literal['a', 1, True] | None"),
        ({"enum": [1.5, "a"]}, "Literal['a'] | float"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": "object", "additionalProperties": WHOLE}, "dict[str, int]"),
        ({"type": "array"}, "list[Any]"),
        ({"type": "array", "items": TEXT}, "list[str]"),
        ({"type": "array", "prefixItems": [TEXT, WHOLE]}, "list[str | int]"),
        ({"anyOf": [TEXT, {"type": "null"}]}, "str | None"),
        ({"allOf": [{"type": ["string", "null"]}, TEXT]}, "str"),
        ({"$ref": "#/$defs/missing"}, "Any"),
        ({"$ref": "#"}, "Order"),
    ],
    ids=str,
)
def test_a_schema_becomes_an_expression(schema: Any, written: str) -> None:
    assert ask(schema)[0] == written


def test_objects_are_typed_dicts_named_after_their_place() -> None:
    schema = {"type": "object", "properties": {"id": TEXT, "by": {"properties": {"n": WHOLE}}}, "required": ["id"]}
    assert ask({"type": "array", "items": schema}) == (
        "list[OrderItem]",
        [
            "class OrderItem(TypedDict):\n    id: str\n    by: NotRequired[OrderItemBy]",
            "class OrderItemBy(TypedDict):\n    n: NotRequired[int]",
        ],
    )


def test_keys_that_are_no_names_are_written_as_texts() -> None:
    _, (declared,) = ask({"properties": {"from": TEXT, "a-b": TEXT}, "required": ["from"]})
    assert declared.splitlines()[3:5] == ["        'from': \"str\",", "        'a-b': \"NotRequired[str]\","]


def test_definitions_keep_their_names_and_may_refer_to_themselves() -> None:
    node = {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}
    assert ask({"$ref": "#/$defs/node", "$defs": {"node": node}}) == (
        "Node",
        ["class Node(TypedDict):\n    next: NotRequired[Node | None]"],
    )


def test_what_all_of_says_is_one_object() -> None:
    parts = [{"$ref": "#/$defs/A"}, {"type": "object", "properties": {"b": TEXT}, "required": ["b"]}]
    schema = {"allOf": parts, "$defs": {"A": {"type": "object", "properties": {"a": WHOLE}, "required": ["a"]}}}
    assert ask(schema) == ("Order", ["class Order(TypedDict):\n    a: int\n    b: str"])


def test_members_with_a_default_are_there_once_it_was_put_in() -> None:
    schema = {"properties": {"count": {**WHOLE, "default": 1}}}
    assert ask(schema)[1] == ["class Order(TypedDict):\n    count: NotRequired[int]"]
    assert ask(schema, is_filled=True)[1] == ["class Order(TypedDict):\n    count: int"]
