"""Api steps as OpenAPI: what the document says, and that it is valid whatever the steps say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from motia_core import errors
from motia_core.model.description.answers import PROBLEMS
from motia_core.model.description.info import Info
from motia_core.model.description.openapi import openapi
from tests.fakes.projects import a_project
from tests.unit.model.description.test_dialect import SCHEMAS

INFO = Info("shop", "2.0.0")
BOOK = {"type": "object", "properties": {"isbn": {"type": "string"}}, "required": ["isbn"]}


def an_api(**config: object) -> dict[str, object]:
    return {"type": "api", "name": "Get book", "method": "GET", "path": "/books/:isbn", "emits": [], **config}


def described(*configs: Mapping[str, object]) -> Any:
    """The document of these steps, which is valid."""
    project = a_project({f"steps/s{at}.step.ts": config for at, config in enumerate(configs)})
    document = json.loads(json.dumps(openapi(project, INFO)))
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    return document


def operation(document: Any) -> Any:
    (methods,) = document["paths"].values()
    (found,) = methods.values()
    return found


def test_a_step_is_an_operation() -> None:
    document = described(an_api(description="One book", flows=["books", "shelf"]))
    assert document["info"] == {"title": "shop", "version": "2.0.0"}
    assert document["tags"] == [{"name": "books"}, {"name": "shelf"}]
    found = document["paths"]["/books/{isbn}"]["get"]
    assert {key: found[key] for key in ("operationId", "summary", "description", "tags")} == {
        "operationId": "getBook",
        "summary": "Get book",
        "description": "One book",
        "tags": ["books", "shelf"],
    }
    assert found["parameters"] == [
        {
            "name": "isbn",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            "example": "text",
        }
    ]


def test_steps_that_get_options_and_steps_of_other_types_are_not_in_it() -> None:
    event = {"type": "event", "name": "E", "subscribes": ["t"], "emits": []}
    assert described(an_api(method="OPTIONS"), event)["paths"] == {}


def test_operation_ids_are_unique() -> None:
    document = described(
        an_api(),
        an_api(method="PUT"),
        an_api(name="get-book", path="/other/:a?"),
        an_api(name="constructor", path="/c"),
    )
    ids = [found["operationId"] for methods in document["paths"].values() for found in methods.values()]
    assert ids == ["getBook", "getBook2", "getBook3WithoutA", "getBook3", "constructor2"]


def test_paths_that_differ_in_names_only_are_one_path() -> None:
    document = described(
        an_api(), an_api(name="Drop", method="DELETE", path="/Books/:id"), an_api(name="Odd", path="/books/:id(\\d+)")
    )
    (path,) = document["paths"]
    assert path == "/books/{isbn}"
    assert [one["name"] for one in document["paths"][path]["delete"]["parameters"]] == ["isbn"]
    assert "`GET /books/:id(\\d+)` (Odd)" in document["paths"][path]["get"]["description"]


def test_parameters_of_every_kind() -> None:
    query = {
        "type": "object",
        "properties": {
            "limit": {"type": "integer", "default": 10, "description": "At most"},
            "tag": {"type": "array", "items": {"$ref": "#/$defs/Tag"}},
            "page": {"type": "object", "properties": {"size": {"type": "integer"}}},
        },
        "required": ["limit"],
        "$defs": {"Tag": {"type": "string", "maxLength": 9}},
    }
    headers = {"properties": {"Authorization": {"type": "string"}, "x-a": {"type": "string"}}, "required": ["x-a"]}
    document = described(
        an_api(
            querySchema=query,
            queryParams=[{"name": "limit", "description": "Not more than"}, {"name": "q", "description": "Search"}],
            pathSchema={"properties": {"isbn": {"type": "string", "pattern": "^[0-9]+$", "examples": ["123"]}}},
            headersSchema=headers,
        )
    )
    found = {one["name"]: one for one in operation(document)["parameters"]}
    assert {name: one["in"] for name, one in found.items()} == {
        "isbn": "path", "limit": "query", "tag": "query", "page": "query", "q": "query", "x-a": "header"
    }  # fmt: skip
    assert found["isbn"]["example"] == "123"
    assert found["limit"] == {
        "name": "limit",
        "in": "query",
        "description": "Not more than",
        "required": True,
        "schema": {"type": "integer", "default": 10, "description": "At most"},
        "example": 10,
    }
    assert found["tag"]["schema"] == {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}}
    assert (found["page"]["style"], found["page"]["explode"]) == ("deepObject", True)
    assert found["q"] == {"name": "q", "in": "query", "description": "Search", "schema": {"type": "string"}}
    assert found["x-a"]["required"]
    assert operation(document)["security"] == [{}, {"authorization": []}]
    assert document["components"]["securitySchemes"]["authorization"]["name"] == "Authorization"


def test_members_of_a_query_are_found_behind_references() -> None:
    query = {"$ref": "#/$defs/Q", "$defs": {"Q": {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}}}
    found = operation(described(an_api(querySchema=query, path="/x")))["parameters"]
    assert [one["name"] for one in found] == ["a", "b"]


def test_bodies_are_described_as_they_travel() -> None:
    def body(schema: object) -> Any:
        return operation(described(an_api(method="POST", path="/x", bodySchema=schema))).get("requestBody")

    assert body(BOOK) == {
        "content": {"application/json": {"schema": BOOK, "example": {"isbn": "text"}}},
        "required": True,
    }
    assert "required" not in body({"properties": {"a": {}}})
    assert list(body({"type": "string"})["content"]) == ["text/plain"]
    assert list(body({"type": "string", "format": "binary"})["content"]) == ["application/octet-stream"]
    assert list(body({"type": ["object", "string"]})["content"]) == ["application/json", "text/plain"]
    assert body({"type": "nonsense"}) is None
    assert body("text") is None


def test_responses_are_those_declared_and_those_of_the_core() -> None:
    declared = {
        "200": BOOK,
        "404": BOOK,
        "2xx": True,
        "Default": {},
        "204": {"type": "null"},
        "201": {"type": "string"},
        "no": BOOK,
    }
    found = operation(described(an_api(responseSchema=declared)))["responses"]
    assert list(found) == ["200", "201", "204", "2XX", "400", "404", "500", "502", "503", "504", "default"]
    assert found["200"]["content"] == {"application/json": {"schema": BOOK, "example": {"isbn": "text"}}}
    assert found["201"]["description"] == "Created"
    assert list(found["201"]["content"]) == ["text/html", "text/plain"]
    assert found["204"] == {"description": "No Content"}
    assert found["400"] == {"$ref": "#/components/responses/BadRequest"}
    either = found["404"]["content"]["application/json"]["schema"]["anyOf"]
    assert either == [BOOK, {"$ref": "#/components/schemas/Problem"}]


def test_a_step_that_declares_nothing_may_answer_anything() -> None:
    found = operation(described(an_api(method="POST", path="/x")))["responses"]
    assert list(found) == ["400", "413", "415", "500", "502", "503", "504", "default"]
    assert "content" not in found["default"]


def test_shared_responses_stand_for_the_errors_of_their_status() -> None:
    for status, (_, found) in PROBLEMS.items():
        assert {error.http_status for error in found} == {status}
    assert errors.RequestSchemaError in PROBLEMS[400][1]


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "examples": ["b", "c"]}, "b"),
        ({"type": "string", "example": "b"}, "b"),
        ({"type": "string", "default": "b"}, "b"),
        ({"enum": ["x", "y"]}, "x"),
        ({"type": ["null", "integer"], "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "number", "maximum": -1}, -1),
        ({"type": "integer", "multipleOf": 7, "minimum": 10}, 14),
        ({"type": "string", "minLength": 8}, "text text"),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": "string", "format": "uuid"}, "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"type": "array", "prefixItems": [{"const": 1}], "items": False}, [1]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "text"),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}, {"a": 1, "b": 2}),
        ({"properties": {"a": {"$ref": "#"}, "b": {"const": 1}}}, {"b": 1}),
        ({"type": "string", "pattern": "^[0-9]{13}$"}, "1111111111111"),
        ({"type": "string", "pattern": "^[a-z]+@[a-z.]+$", "maxLength": 15}, "ada@example.com"),
        ({"type": "string", "pattern": "^xyzzy$"}, None),
        ({"type": "string", "examples": [1]}, None),
        ({}, None),
    ],
)
def test_examples_are_the_authors_or_made_up_and_never_wrong(schema: object, example: object) -> None:
    whole = {"type": "object", "properties": {"x": schema}, "required": ["x"]}
    if isinstance(schema, dict) and schema.get("properties", {}).get("a") == {"$ref": "#"}:
        whole, example = schema, {"a": example, **example} if isinstance(example, dict) else example
    media = operation(described(an_api(method="POST", path="/x", bodySchema=whole)))["requestBody"]["content"]
    found = media["application/json"].get("example")
    if whole is schema:
        assert found == {"a": {"b": 1}, "b": 1}
    else:
        assert found == (None if example is None else {"x": example})


SOURCES = SCHEMAS.map(
    lambda schema: {
        **schema,
        "definitions": {"X": {"type": "object", "default": 1}, "Y": {"$id": "#y", "type": "string"}},
    }
)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["/a/:x", "/a/:y?", "/A/:x/:k(one|two)?", "/f/*", "/:a-:b", "/x/(b.*)"]),
    st.sampled_from(["GET", "POST", "DELETE"]),
    SOURCES,
    SOURCES,
)
def test_the_document_is_valid_whatever_the_steps_say(path: str, method: str, one: Any, other: Any) -> None:
    described(
        an_api(path=path, method=method, bodySchema=one, responseSchema={"200": other, "404": one}),
        an_api(path="/a/:other", querySchema=one, pathSchema=other, headersSchema=other),
        an_api(path="/a/:other", method="POST", querySchema=other),
    )
