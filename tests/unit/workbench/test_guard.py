"""Who may use the management API."""

from __future__ import annotations

import subprocess
import sys

import pytest

from motia_core.errors import ForbiddenError, UnauthorizedError
from motia_core.model.loopback import is_loopback
from motia_core.settings import HttpSettings
from motia_core.workbench.guard import check_stream_access
from tests.unit.workbench.management import make_api

PATHS = ("/__motia/health", "/__motia/nothing")


@pytest.mark.parametrize("path", PATHS)
def test_beyond_loopback_without_a_token_it_says_which_setting_to_set(path: str) -> None:
    response = make_api(HttpSettings(host="0.0.0.0")).get(path)
    assert (response.status_code, response.json()["code"]) == (403, "FORBIDDEN")
    assert "http.admin_token" in response.json()["error"]


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer s3cret", 200),
        ("bearer  s3cret ", 200),
        ("Bearer S3cret", 401),
        ("Bearer ", 401),
        ("s3cret", 401),
        ("Basic s3cret", 401),
        ("Bearer é", 401),
        (None, 401),
    ],
)
def test_token_is_needed_where_one_is_set(host: str, authorization: str | None, status: int) -> None:
    api = make_api(HttpSettings(host=host, admin_token="s3cret"))
    headers = {"authorization": authorization.encode()} if authorization else {}
    response = api.get("/__motia/health", headers=headers)
    assert response.status_code == status
    if status == 401:
        assert response.json()["code"] == "UNAUTHORIZED"
        assert response.headers["www-authenticate"] == "Bearer"


def test_token_opens_it_for_any_host_name() -> None:
    api = make_api(HttpSettings(host="0.0.0.0", admin_token="s3cret"))
    headers = {"authorization": "Bearer s3cret"}
    assert api.get("/__motia/health", url="https://api.example.com", headers=headers).status_code == 200


def test_emit_of_0x_is_guarded_as_well() -> None:
    api = make_api(HttpSettings(host="0.0.0.0", admin_token="s3cret"))
    assert api.post("/emit", {"topic": "a"}).status_code == 401
    assert api.admin.emitted == []


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://127.0.0.1:3000", 200),
        ("http://localhost:3000", 200),
        ("http://LOCALHOST", 200),
        ("http://app.localhost", 200),
        ("http://[::1]:3000", 200),
        ("http://attacker.example:3000", 403),
        ("http://127.0.0.1.attacker.example", 403),
        ("http://localhost.attacker.example", 403),
        ("http://192.168.0.7", 403),
    ],
)
def test_host_header_must_be_loopback_against_dns_rebinding(url: str, status: int) -> None:
    assert make_api().get("/__motia/health", url=url).status_code == status


@pytest.mark.parametrize("host", ["", "[", "[::1", "127.0.0.1:x", "a:b:c"])
def test_strange_host_header_is_refused(host: str) -> None:
    assert make_api().get("/__motia/health", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:3000", 200), ("http://127.0.0.1:5173", 403), ("https://evil.example", 403), ("null", 403)],
)
def test_pages_of_other_origins_are_refused(origin: str, status: int) -> None:
    api = make_api()
    assert api.post("/__motia/emit", {"topic": "a"}, headers={"origin": origin}).status_code == status
    assert len(api.admin.emitted) == (status == 200)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_form_that_a_page_could_send_is_refused(content_type: str) -> None:
    api = make_api()
    response = api.ask("POST", "/emit", content=b'{"topic":"a"}', headers={"content-type": content_type})
    assert response.status_code == 400
    assert api.admin.emitted == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost.", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_mounting_it_does_not_import_quart() -> None:
    code = "import sys, motia_core.workbench.mount; print('quart' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"


# --- clients of streams

OPEN, CLOSED = HttpSettings(), HttpSettings(host="0.0.0.0", admin_token="s3cret")
HOST = ["host", "127.0.0.1:3000"]


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/", ["authorization", "Bearer s3cret"]),
        ("/", ["sec-websocket-protocol", "Authorization, s3cret"]),
        ("/", ["sec-websocket-protocol", "authorization,s3cret"]),
        ("/any/path?x=1&authToken=s3cret", []),
        ("/?authToken=s3cret", ["sec-websocket-protocol", "Authorization, a.token.of.the.project"]),
        ("/?authToken=of-the-project", ["authorization", "Bearer s3cret"]),
    ],
)
def test_a_client_of_streams_shows_the_token_where_it_can(url: str, headers: list[str]) -> None:
    check_stream_access(CLOSED, url, [*HOST, *headers, "origin", "https://other.example"])


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/", []),
        ("/?authToken=S3cret", []),
        ("/?authToken=", []),
        ("/?token=s3cret", []),
        ("/", ["authorization", "s3cret"]),
        ("/", ["sec-websocket-protocol", "s3cret"]),
        ("/", ["sec-websocket-protocol", "graphql-ws, s3cret"]),
        ("/", ["sec-websocket-protocol", "Authorization"]),
        ("/", ["sec-websocket-protocol", "Authorization, other"]),
    ],
)
def test_a_client_of_streams_without_the_token_is_told_where_to_put_it(url: str, headers: list[str]) -> None:
    with pytest.raises(UnauthorizedError, match="sub-protocol after 'Authorization'"):
        check_stream_access(CLOSED, url, [*HOST, *headers])


def test_on_loopback_a_client_of_streams_needs_no_token_unless_it_is_a_page_of_elsewhere() -> None:
    check_stream_access(OPEN, "/", HOST)
    check_stream_access(OPEN, "/", [*HOST, "origin", "http://127.0.0.1:3000"])
    for headers in ([*HOST, "origin", "https://evil.example"], ["host", "evil.example"], [*HOST, "origin", "null"]):
        with pytest.raises(ForbiddenError):
            check_stream_access(OPEN, "/?authToken=x", headers)
    with pytest.raises(ForbiddenError, match=r"http\.admin_token"):
        check_stream_access(HttpSettings(host="0.0.0.0"), "/", HOST)
