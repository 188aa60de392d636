"""What a request may say beside its body: path, query and header parameters of an operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from motia_core.model.description.components import Components, Embedded, is_schema
from motia_core.model.description.dialect import Schema
from motia_core.model.description.paths import PathParam
from motia_core.model.description.samples import NOTHING, sample
from motia_core.model.step import Step

IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})  # that OpenAPI says in other ways
TEXT: Mapping[str, object] = {"type": "string"}
QUERY_REST = "query"  # the parameter of a querySchema that does not name its members


@dataclass(frozen=True, slots=True)
class Members:
    """What a schema of named texts says: of a query, of path parameters, of headers."""

    properties: Mapping[str, Embedded]
    required: frozenset[str]
    whole: Embedded


def members(components: Components, step: Step, key: str, name: str) -> Members | None:
    """The members of a schema in a step's config; None when it has none.

    Args:
        key: Of the config, such as "querySchema".
        name: What the schema is called when it refers to itself.
    """
    source = step.config.get(key)
    if source is None or not is_schema(source):
        return None
    whole = components.embed(source, name)
    schemas = _parts(components, whole)
    properties: dict[str, Embedded] = {}
    required: set[str] = set()
    for schema in schemas:
        found = schema.get("properties")
        if isinstance(found, Mapping):
            properties.update(found)
        needed = schema.get("required")
        if isinstance(needed, (list, tuple)):
            required.update(text for text in needed if isinstance(text, str))
    return Members(properties, frozenset(required), whole)


def _parts(components: Components, schema: Embedded, depth: int = 0) -> list[Schema]:
    """The schemas that say together what an object has: the schema, and those of its `allOf`."""
    own = components.target(schema)
    found = [own]
    parts = own.get("allOf")
    if isinstance(parts, (list, tuple)) and depth < 20:
        for part in parts:
            found += _parts(components, cast("Embedded", part), depth + 1)
    return found


def path_parameters(components: Components, params: Sequence[PathParam], given: Members | None) -> list[Schema]:
    """The parameters of a path template, typed where pathSchema says how."""
    found = []
    for param in params:
        schema: Embedded = {"type": "string", "minLength": 1}
        if given is not None and param.name in given.properties:
            schema = given.properties[param.name]
        elif param.choices:
            schema = {"type": "string", "enum": list(param.choices)}
        elif param.pattern:
            schema = {"type": "string", "pattern": param.pattern}
        found.append(_parameter(components, "path", param.name, schema, required=True))
    return found


def query_parameters(components: Components, step: Step, given: Members | None) -> list[Schema]:
    """What querySchema and queryParams say."""
    described = described_query(step)
    found = []
    if given is not None:
        for name, schema in given.properties.items():
            found.append(_parameter(components, "query", name, schema, name in given.required, described.pop(name, "")))
        if not given.properties:
            rest = {"name": QUERY_REST, "in": "query", "style": "form", "explode": True, "schema": given.whole}
            found.append({**rest, "required": bool(given.required)})
    for name, description in described.items():
        found.append(_parameter(components, "query", name, dict(TEXT), required=False, description=description))
    return found


def header_parameters(components: Components, given: Members | None) -> list[Schema]:
    """What headersSchema says, but for headers that OpenAPI says in other ways."""
    if given is None:
        return []
    return [
        _parameter(components, "header", name, schema, required=name in given.required)
        for name, schema in given.properties.items()
        if name.lower() not in IGNORED_HEADERS
    ]


def wants_authorization(given: Members | None) -> bool:
    """Whether headersSchema speaks of the header Authorization."""
    return given is not None and any(name.lower() == "authorization" for name in given.properties)


def described_query(step: Step) -> dict[str, str]:
    """The queryParams of 0.x: description by name."""
    found: dict[str, str] = {}
    listed = step.config.get("queryParams")
    for param in listed if isinstance(listed, (list, tuple)) else ():
        if isinstance(param, Mapping) and isinstance(name := param.get("name"), str) and name:
            text = param.get("description")
            found.setdefault(name, text if isinstance(text, str) else "")
    return found


def _parameter(
    components: Components, place: str, name: str, schema: Embedded, required: bool, description: str = ""
) -> Schema:
    says = components.target(schema)
    parameter: Schema = {"name": name, "in": place}
    text = description or says.get("description")
    if isinstance(text, str) and text:
        parameter["description"] = text
    if required:
        parameter["required"] = True
    if place == "query" and (says.get("type") == "object" or "properties" in says):
        parameter["style"], parameter["explode"] = "deepObject", True
    parameter["schema"] = schema
    if (example := sample(components, schema)) is not NOTHING and (place == "path" or required):
        parameter["example"] = example
    return parameter
