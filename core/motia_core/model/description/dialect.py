"""JSON Schemas of any draft as 2020-12, which OpenAPI 3.1 speaks, and those as draft 7, which AsyncAPI tools speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

Schema = dict[str, object]
Rename = Callable[[str], str]  # from a reference to where its target is kept; empty: it leads nowhere

DEEPEST = 100  # levels; what is deeper accepts everything
ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$comment"}
)
ONE = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems", "contains", "not", "if", "then", "else")
ONE_MORE = ("propertyNames", "contentSchema", "items")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("properties", "patternProperties", "dependentSchemas")
# what names a schema or its parts: whoever refers to them gets another reference
_DROPPED = frozenset(
    {"$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$defs", "definitions"}
)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_OLD = re.compile(r"draft-0[3-7]\b")


def is_old(schema: object) -> bool:
    """Whether a document says that it is of a draft in which nothing counts beside a `$ref`."""
    return isinstance(schema, Mapping) and _OLD.search(str(schema.get("$schema", ""))) is not None


def modern(schema: object, rename: Rename, *, old: bool, depth: int = 0) -> Schema | bool:
    """A schema of any draft as 2020-12, without definitions of its own.

    Args:
        schema: A valid schema; what is none accepts everything.
        rename: What becomes of its references.
        old: Whether its document `is_old`.
        depth: Levels above it.
    """
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return {}

    def inner(part: object) -> Schema | bool:
        return modern(part, rename, old=old, depth=depth + 1)

    ref = next((value for key in _REFERENCES if isinstance(value := schema.get(key), str)), "")
    if ref and old:
        schema = {key: value for key, value in schema.items() if key in ANNOTATIONS}
    result: Schema = {key: value for key, value in schema.items() if key not in _DROPPED and key not in _REFERENCES}
    if isinstance(result.get("id"), str):
        del result["id"]  # draft 4
    if ref and (target := rename(ref)):
        result["$ref"] = target
    _limits(result)
    _items(result)
    _dependencies(result)
    _discriminator(result, rename)
    return _mapped(result, inner)


def draft_7(schema: object) -> Schema | bool:
    """A schema that `modern` made as draft 7; what draft 7 cannot say is left out."""
    if not isinstance(schema, Mapping):
        return schema if isinstance(schema, bool) else {}
    result: Schema = dict(schema)
    for key in ("unevaluatedProperties", "unevaluatedItems", "minContains", "maxContains", "contentSchema"):
        result.pop(key, None)
    if "prefixItems" in result:
        rest = result.pop("items", None)
        result["items"] = result.pop("prefixItems")
        if rest is not None:
            result["additionalItems"] = rest
    required = result.pop("dependentRequired", None)
    schemas = result.pop("dependentSchemas", None)
    if required or schemas:
        result["dependencies"] = {**_mapping(required), **_mapping(schemas)}
    if "$ref" in result and not result.keys() - {"$ref"} <= ANNOTATIONS:
        ref = {"$ref": result.pop("$ref")}
        others = result.get("allOf")
        result["allOf"] = [ref, *(others if isinstance(others, list) else ())]
    return _mapped(result, draft_7)


def _mapped(schema: Schema, change: Callable[[object], Schema | bool]) -> Schema:
    """A schema with the schemas inside it changed."""
    result = dict(schema)
    for key in (*ONE, *ONE_MORE, "additionalItems"):
        if key in result:
            value = result[key]
            result[key] = [change(part) for part in value] if isinstance(value, (list, tuple)) else change(value)
    for key in LISTS:
        if isinstance(parts := result.get(key), (list, tuple)):
            result[key] = [change(part) for part in parts]
    for key in MAPS:
        if isinstance(named := result.get(key), Mapping):
            result[key] = {name: change(part) for name, part in named.items()}
    if isinstance(named := result.get("dependencies"), Mapping):
        result["dependencies"] = {
            name: list(part) if isinstance(part, (list, tuple)) else change(part) for name, part in named.items()
        }
    return result


def _limits(schema: Schema) -> None:
    """Draft 4: exclusiveMinimum says whether minimum is exclusive."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _items(schema: Schema) -> None:
    """Before 2020-12: a list of items is what prefixItems is now."""
    rest = schema.pop("additionalItems", None)
    if isinstance(schema.get("items"), (list, tuple)):
        schema["prefixItems"] = schema.pop("items")
        if not schema["prefixItems"]:
            del schema["prefixItems"]
        if rest is not None:
            schema["items"] = rest


def _dependencies(schema: Schema) -> None:
    """Before 2019-09: dependencies were of either kind."""
    found = schema.pop("dependencies", None)
    for name, wanted in _mapping(found).items():
        names = [wanted] if isinstance(wanted, str) else wanted
        key = "dependentRequired" if isinstance(names, (list, tuple)) else "dependentSchemas"
        schema[key] = {**_mapping(schema.get(key)), name: names}


def _discriminator(schema: Schema, rename: Rename) -> None:
    """Pydantic's: its mapping leads to definitions."""
    found = schema.get("discriminator")
    if not isinstance(found, Mapping) or not isinstance(found.get("propertyName"), str):
        schema.pop("discriminator", None)
        return
    mapping = {key: rename(ref) for key, ref in _mapping(found.get("mapping")).items() if isinstance(ref, str)}
    kept = {key: target for key, target in mapping.items() if target}
    schema["discriminator"] = {"propertyName": found["propertyName"], **({"mapping": kept} if kept else {})}


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
