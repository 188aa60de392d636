"""What a client gets of a handler's answer."""

import pytest

from motia_core.ingress.headers import sendable_value
from motia_core.ingress.reply import CORS, Reply
from motia_core.model.http import BodyKind, HttpResponse
from tests.fakes.requests import json_response
from tests.unit.ingress.rig import Response, ask

BODY = b'{"ok":true}'
ETAG = 'W/"b-Ai2R8hgEarLmHKwesT1qcY913ys"'  # what Express 4 sends for this body


def get(
    answer: HttpResponse, headers: list[tuple[str, str]] | None = None, method: str = "GET"
) -> tuple[Response, list[str]]:
    response, rig = ask(method, "/hello", headers=headers, answer=answer)
    return response, [message for _, message, _ in rig.log.records]


@pytest.mark.parametrize(
    ("kind", "body", "content_type"),
    [
        (BodyKind.JSON, b"null", "application/json; charset=utf-8"),
        (BodyKind.NONE, b"", "application/json; charset=utf-8"),
        (BodyKind.TEXT, b"hi", "text/html; charset=utf-8"),
        (BodyKind.BINARY, b"\x00", "application/octet-stream"),
    ],
)
def test_content_type_follows_the_kind_of_body(kind: BodyKind, body: bytes, content_type: str) -> None:
    response, _ = get(HttpResponse(201, [], kind, body), method="POST")
    assert (response.status, response.body) == (201, body)
    assert response.one("content-type") == content_type
    assert response.one("content-length") == str(len(body))
    assert not response.all("etag")


@pytest.mark.parametrize(
    ("kind", "given", "sent"),
    [
        (BodyKind.JSON, "application/json", "application/json; charset=utf-8"),
        (BodyKind.JSON, "application/problem+json", "application/problem+json; charset=utf-8"),
        (BodyKind.TEXT, "text/css", "text/css; charset=utf-8"),
        (BodyKind.TEXT, "text/plain; charset=ISO-8859-1; a=b", "text/plain; a=b; charset=utf-8"),
        (BodyKind.BINARY, "image/png", "image/png"),
        (BodyKind.BINARY, "text/plain; charset=latin1", "text/plain; charset=latin1"),
    ],
)
def test_content_type_of_the_handler_is_kept(kind: BodyKind, given: str, sent: str) -> None:
    response, _ = get(HttpResponse(200, ["Content-Type", given], kind, b"x"))
    assert response.one("content-type") == sent


def test_headers_are_sent_as_returned_with_several_cookies() -> None:
    given = ["Set-Cookie", "a=1", "X-Thing", " v\xe9 ", "set-cookie", "b=2", "Location", "/x", "location", "/y"]
    response, _ = get(json_response(BODY, 302, given))
    assert response.status == 302
    assert response.all("set-cookie") == ["a=1", "b=2"]
    assert response.one("x-thing") == "vé"
    assert response.one("location") == "/y"


def test_headers_of_the_connection_and_a_wrong_length_are_the_servers_business() -> None:
    given = ["Transfer-Encoding", "chunked", "Connection", "close", "Upgrade", "x", "Keep-Alive", "1", "Date", "now"]
    response, _ = get(json_response(BODY, 200, [*given, "Content-Length", "9999", "X-Trace-Id", "mine"]))
    names = [name for name, _ in response.headers]
    assert not {"transfer-encoding", "connection", "upgrade", "keep-alive"} & set(names)
    assert response.one("content-length") == str(len(BODY))
    assert response.one("date").endswith("GMT")
    assert response.one("x-trace-id") != "mine"


@pytest.mark.parametrize("status", [0, 99, 100, 199, 600, -1, 1000, "200", None, 200.0, True])
def test_status_that_is_none_is_a_logged_500(status: object) -> None:
    response, logged = get(HttpResponse(status, [], BodyKind.JSON, BODY))  # type: ignore[arg-type]
    assert (response.status, response.body) == (500, b'{"error":"Internal server error"}')
    assert response.one("access-control-allow-origin") == "*"
    assert response.one("x-trace-id")
    assert len(logged) == 1
    assert "GET /hello" in logged[0]
    assert "status" in logged[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-a", "one\r\nx-b: two"),
        ("x-a", "nul\0"),
        ("x-a", "emoji ✓"),
        ("x a", "1"),
        ("x:a", "1"),
        ("", "1"),
        ("x\n", "1"),
        ("ü", "1"),
    ],
)
def test_header_that_cannot_be_sent_is_a_logged_500(name: str, value: str) -> None:
    response, logged = get(json_response(BODY, 200, ["x-ok", "1", name, value]))
    assert (response.status, response.body) == (500, b'{"error":"Internal server error"}')
    assert not response.all("x-ok")
    assert "header" in logged[0]


def test_value_with_a_tab_and_latin_1_can_be_sent() -> None:
    assert sendable_value("x", "\ta\tb\xff") == b"a\tb\xff"


def test_cors_headers_are_on_every_response_and_the_handlers_win() -> None:
    response, _ = get(json_response(BODY, 200, ["Access-Control-Allow-Origin", "https://a.example", "x-a", "1"]))
    assert response.one("access-control-allow-origin") == "https://a.example"
    for name, value in CORS[1:]:
        assert response.one(name.decode()) == value.decode()
    assert Reply(200, [], b"").head().count(b"\r\n") == 1 + len(CORS)


def test_etag_is_that_of_express() -> None:
    assert get(json_response(BODY))[0].one("etag") == ETAG
    empty = HttpResponse(200, [], BodyKind.TEXT, b"")
    assert get(empty)[0].one("etag") == 'W/"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk"'
    assert not get(HttpResponse(200, [], BodyKind.NONE, b""))[0].all("etag")
    assert not get(json_response(BODY, 404))[0].all("etag")
    assert get(json_response(BODY, 200, ["ETag", '"own"']))[0].one("etag") == '"own"'


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ([("if-none-match", ETAG)], 304),
        ([("if-none-match", f'"x", {ETAG.removeprefix("W/")}')], 304),
        ([("if-none-match", "*")], 304),
        ([("if-none-match", '"other"')], 200),
        ([("if-none-match", ETAG), ("cache-control", "no-cache")], 200),
        ([("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT")], 304),
        ([("if-modified-since", "Sat, 01 Jan 2022 00:00:00 GMT")], 200),
        ([("if-modified-since", "yesterday")], 200),
        ([("if-none-match", ETAG), ("if-modified-since", "Sat, 01 Jan 2022 00:00:00 GMT")], 200),
    ],
)
def test_answer_is_304_when_the_client_has_it(asked: list[tuple[str, str]], status: int) -> None:
    answer = json_response(BODY, 200, ["Last-Modified", "Sun, 01 Jan 2023 00:00:00 GMT", "x-a", "1"])
    for method in ("GET", "HEAD"):
        response, _ = get(answer, asked, method)
        assert response.status == status
        assert response.one("etag") == ETAG
        assert response.one("x-a") == "1"
        if status == 304:
            assert response.body == b""
            assert not response.all("content-type")
            assert not response.all("content-length")
    assert get(answer, asked, "POST")[0].status == 200
    assert get(json_response(BODY, 500), asked)[0].status == 500


def test_no_modified_header_is_no_reason_for_304() -> None:
    asked = [("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT")]
    assert get(json_response(BODY), asked)[0].status == 200


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_body_has_none(status: int) -> None:
    response, _ = get(json_response(BODY, status, ["x-a", "1"]))
    assert (response.status, response.body) == (status, b"")
    assert not response.all("content-type")
    assert not response.all("content-length")
    assert response.one("x-a") == "1"


def test_head_has_the_length_but_not_the_body() -> None:
    response, _ = get(json_response(BODY), method="HEAD")
    assert (response.body, response.one("content-length"), response.one("etag")) == (b"", str(len(BODY)), ETAG)
    sized = HttpResponse(200, ["Content-Length", "1234"], BodyKind.NONE, b"")
    assert get(sized, method="HEAD")[0].one("content-length") == "1234"
    assert get(sized, method="GET")[0].one("content-length") == "0"
