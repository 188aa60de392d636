"""The text of generated clients; that it compiles and works is in tests/integration/descriptions."""

from __future__ import annotations

from motia_core.model.description.client import typescript_client
from motia_core.model.description.info import Info
from tests.fakes.projects import a_project


def client(**config: object) -> str:
    step = {"type": "api", "name": "Get book", "method": "GET", "path": "/books/:isbn/:page?", "emits": [], **config}
    return typescript_client(a_project({"steps/a.step.ts": step}), Info("shop */", "1.0.0"))


def test_a_step_is_a_method() -> None:
    text = client(description="One\n*/ book")
    assert "// Client of shop * / 1.0.0." in text
    assert "getBook(request: GetBookRequest): Promise<GetBookResponse>" in text
    assert "{ method: 'GET', paths: ['/books/{isbn}/{page}', '/books/{isbn}'] }" in text
    assert "path: { isbn: string | number; page?: string | number }" in text
    assert " * One\n   * * / book" in text
    assert "type Buffer" not in text


def test_answers_are_told_apart_by_status() -> None:
    text = client(responseSchema={"200": {"type": "string", "format": "binary"}, "404": {"const": "no"}, "204": {}})
    assert "| Answer<200, true, Buffer>" in text
    assert "| Answer<204, true, undefined>" in text
    assert "| Answer<404, false, 'no' | Problem>" in text
    assert "| Answer<400 | 500 | 502 | 503 | 504, false, Problem>" in text
    assert "type Buffer = Uint8Array" in text


def test_types_that_a_schema_names_take_no_name_of_the_client() -> None:
    schema = {
        "$ref": "#/$defs/Client",
        "$defs": {"Client": {"type": "object", "properties": {"id": {"type": "string"}}}},
    }
    text = client(method="POST", path="/x", bodySchema=schema)
    assert "export type Client2 = { id?: string }" in text
    assert "body?: Client2" in text


def test_a_request_that_needs_nothing_can_be_left_out() -> None:
    text = client(path="/x", querySchema={"properties": {"a": {"type": "integer"}}}, queryParams=[{"name": "b"}])
    assert "getBook(request: GetBookRequest = {})" in text
    assert "query?: { a?: number } & { b?: string | number | boolean }" in text
