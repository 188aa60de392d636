"""The documents of a running core, read by what others read such documents with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.conformance.core import COMMAND, RunningCore
from tests.integration.descriptions.conftest import LIBRARY
from tests.unit.model.description.test_asyncapi import official


def test_openapi_of_three_languages_is_valid(library: RunningCore) -> None:
    document = httpx.get(f"{library.url}/__motia/openapi.json").json()
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert document["info"] == {
        "title": "library",
        "version": "2.1.0",
        "description": "Books and loans, in three languages",
    }
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert described == {
        "POST /books",
        "GET /books",
        "GET /books/{isbn}",
        "DELETE /books/{isbn}",
        "GET /books/{isbn}/blurb",
        "GET /books/{isbn}/blurb/{language}",
        "GET /covers/{0}",
        "POST /loans",
        "GET /loans",
        "GET /loans/{isbn}",
    }
    assert {"Author", "Reader", "Condition"} < document["components"]["schemas"].keys()


def test_examples_are_accepted(library: RunningCore) -> None:
    paths = httpx.get(f"{library.url}/__motia/openapi.json").json()["paths"]
    for path in ("/books", "/loans"):
        example = paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert httpx.post(f"{library.url}{path}", json=example).status_code == 201, example
    isbn = paths["/books/{isbn}"]["get"]["parameters"][0]["example"]
    assert httpx.get(f"{library.url}/books/{isbn}").status_code == 404
    assert httpx.get(f"{library.url}/books/1111").json()["title"] == "Emma"


def test_the_project_has_no_problem(library: RunningCore) -> None:
    assert httpx.get(f"{library.url}/__motia/problems").json()["problems"] == []


def test_problems_are_what_the_document_says(library: RunningCore) -> None:
    refused = httpx.post(f"{library.url}/books", json={"isbn": "x"})
    assert refused.status_code == 400
    problem = httpx.get(f"{library.url}/__motia/openapi.json").json()["components"]["schemas"]["Problem"]
    violations = refused.json()["details"]["errors"]
    wanted = problem["properties"]["details"]["properties"]["errors"]["items"]
    assert violations
    for violation in violations:
        assert violation.keys() == set(wanted["required"]) == wanted["properties"].keys()


def test_asyncapi_is_valid(library: RunningCore) -> None:
    document = httpx.get(f"{library.url}/__motia/asyncapi.json").json()
    assert [error.message for error in official().iter_errors(document)] == []
    assert list(document["channels"]) == ["book.added", "loan.made", "stream.shelf"]
    assert document["components"]["schemas"] == {"Isbn": {"type": "string", "minLength": 1}}


def test_the_command_line_writes_what_is_served(library: RunningCore, tmp_path: Path) -> None:
    for kind in ("openapi", "asyncapi"):
        target = tmp_path / f"{kind}.json"
        done = subprocess.run(
            [COMMAND, "generate", kind, LIBRARY, "-o", target], capture_output=True, text=True, timeout=30, check=False
        )
        assert (done.returncode, done.stderr) == (0, f"{target}: written\n")
        served = httpx.get(f"{library.url}/__motia/{kind}.json").json()
        written = json.loads(target.read_text())
        assert {**written, "servers": None} == {**served, "servers": None}
