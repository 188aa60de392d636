"""Whatever stands where a schema should: comparing and writing types never fails, and ends soon."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from motia_core.model.compat import conflicts, refusals
from motia_core.model.python_project import motia_types
from motia_core.model.typescript_project import types_dts
from tests.fakes.projects import a_project

OBJECTS = ("properties", "required", "additionalProperties", "patternProperties", "default", "title", "a")
LISTS = ("items", "prefixItems", "additionalItems", "minItems", "minimum", "maximum", "maxLength", "pattern")
VALUES = ("type", "enum", "const", "anyOf", "oneOf", "allOf", "not", "nullable", "format", "description")
REFS = ("$ref", "$defs", "definitions", "$id", "$anchor")
KEYWORDS = (*OBJECTS, *LISTS, *VALUES, *REFS)
TEXTS = st.sampled_from(["object", "string", "array", "null", "#", "#/$defs/a", "#/properties/a", "[", "a", ""])
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=4),
    max_leaves=12,
)


def check_all(one: Any, other: Any) -> None:
    refusals(one, other)
    conflicts(one, other)
    emits = [{"topic": "t", "schema": one}, "u"]
    project = a_project(
        {
            "steps/a_step.py": {"type": "api", "name": "A", "path": "/a/:b", "method": "GET", "emits": emits,
                                "bodySchema": one, "querySchema": other, "responseSchema": {"200": one, "x": other}},
            "steps/b_step.py": {"type": "event", "name": "B", "subscribes": ["t", "u"], "emits": [], "input": one},
            "steps/c_step.py": {"type": "event", "name": "C", "subscribes": ["u"], "emits": [], "input": other},
            "steps/d_stream.py": {"name": "d", "schema": one},
        }
    )  # fmt: skip
    compile(motia_types(project), "motia_types.py", "exec")
    types_dts(project, other)


@given(JUNK, JUNK)
@example({"required": [[]], "properties": None}, None)
@example({"required": [{}], "allOf": [{"required": [[]]}]}, {"required": [[]]})
def test_junk_is_taken(one: Any, other: Any) -> None:
    check_all(one, other)


def nested(keyword: str, depth: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {keyword: [schema] if keyword.endswith("Of") else {"a": schema} if keyword == "properties" else schema}
    return schema


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "properties", "items", "additionalProperties"])
def test_deep_schemas_are_taken(keyword: str) -> None:
    deep = nested(keyword, 400)
    check_all(deep, nested(keyword, 399))
    check_all({"$ref": "#/$defs/a", "$defs": {"a": deep}}, deep)
