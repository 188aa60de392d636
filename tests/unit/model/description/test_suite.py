"""The JSON Schema Test Suite: what a description says accepts and refuses what the schema itself does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from motia_core.model.description.components import Components, is_schema
from motia_core.model.description.dialect import draft_7
from motia_core.model.schema import Schema

SUITE = Path(__file__).parents[3] / "vendor" / "json-schema-test-suite"
DRAFTS = {
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
FILES = [
    pytest.param(path, id=f"{draft}/{path.stem}") for draft in DRAFTS for path in sorted((SUITE / draft).glob("*.json"))
]
# of references that lead to another document, or by way of a base address, descriptions say nothing
NOT_FOLLOWED = ('"$id"', '"$dynamicRef"', '"$ref": "http')
# what draft 7 cannot say, or checks where 2020-12 only notes it
NEWER = ("unevaluated", "minContains", "maxContains", "$anchor", "vocabulary", "content", '"uuid"', '"duration"')


def groups(path: Path) -> list[tuple[Any, list[Any]]]:
    """Schemas with values."""
    found = []
    for group in json.loads(path.read_text()):
        schema = group["schema"]
        if isinstance(schema, dict):
            schema = {"$schema": DRAFTS[path.parent.name], **schema}
        if is_schema(schema) and not any(word in json.dumps(schema) for word in NOT_FOLLOWED):
            values = [test["data"] for test in group["tests"]]
            found.append((schema, values))
    return found


@pytest.mark.parametrize("path", FILES)
def test_described_schemas_accept_what_the_schema_accepts(path: Path) -> None:
    different = []
    for schema, values in groups(path):
        own = Schema(schema)
        components = Components()
        embedded = components.embed(schema, "Root")
        named = components.finish()
        newer = jsonschema_rs.Draft202012Validator(
            {"allOf": [embedded], "components": {"schemas": named}}, validate_formats=True
        )
        older = jsonschema_rs.Draft7Validator(
            {
                "allOf": [draft_7(embedded)],
                "components": {"schemas": {key: draft_7(one) for key, one in named.items()}},
            },
            validate_formats=True,
        )
        says_more = any(word in json.dumps(schema) for word in NEWER)
        for value in values:
            expected = not own.violations(json.dumps(value).encode())
            if newer.is_valid(value) != expected or (older.is_valid(value) != expected and not says_more):
                different.append((schema, value, expected))
    assert different == []
