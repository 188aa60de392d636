"""Steps behind the Express app: what the app changed of the request, and what they answer, on both servers."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

LARGE = {"items": ["x" * 1000] * 300}  # more than is sent to the app at once


def test_headers_of_the_app_stay_on_the_response_and_the_steps_own_count(client: httpx.Client) -> None:
    answer = client.post("/any/look", json={"a": 1})
    assert answer.json()["body"] == {"a": 1}
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers.get_list("x-content-type-options") == ["its own"]
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]  # as in 0.x: after the app's cors()
    assert answer.headers.get_list("set-cookie") == ["seen=yes; Path=/"]
    assert answer.headers["vary"] == "Origin"
    assert "x-powered-by" not in answer.headers
    assert not {name for name in answer.headers if name.startswith("motia")}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert client.get("/steps/a").headers.get_list("set-cookie") == ["seen=by-the-step"]


def test_unknown_path_has_the_apps_headers(client: httpx.Client) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.headers["x-hook"]) == (404, "yes")
    assert client.delete("/change").status_code == 405


@pytest.mark.parametrize("area", ["any", "slow", "signed"])
@pytest.mark.parametrize("body", [{"a": [1, 2]}, LARGE], ids=["small", "large"])
def test_body_reaches_the_step_whether_the_app_reads_it_or_not(client: httpx.Client, area: str, body: Any) -> None:
    text = json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "X-Unwanted": "1"}
    for content in (text, iter([text[:5], text[5:]])):
        seen = client.post(f"/{area}/look?a=1", content=content, headers=sent).json()
        assert seen["body"] == body
        assert seen["rawBody"] == text.decode()[:200]
        assert seen["queryParams"] == {"a": "1"}
        digest = hashlib.sha256(text).hexdigest() if area == "signed" else None
        assert seen["headers"].get("x-digest") == digest
        assert ("x-unwanted" in seen["headers"]) == (area != "signed")


def test_what_a_parser_of_the_app_made_of_the_body_counts(client: httpx.Client) -> None:
    seen = client.post("/parsed/look", json={"a": 1, "secret": 2}).json()
    assert seen["body"] == {"a": 1}
    assert seen["rawBody"] == '{"a":1,"secret":2}'
    seen = client.post("/parsed/look", content="text", headers={"Content-Type": "text/plain"}).json()
    assert (seen["body"], seen["rawBody"]) == ("text", "text")
    seen = client.post("/parsed/look", data={"form": "yes"}).json()  # no parser of the app
    assert (seen["body"], seen["rawBody"]) == ({"form": "yes"}, "form=yes")
    octets = client.post("/parsed/look", content=b"\x01", headers={"Content-Type": "application/octet-stream"}).json()
    assert (octets["body"], octets["rawBody"]) == ({}, "\x01")
    assert client.post("/parsed/look", content="{", headers={"Content-Type": "application/json"}).status_code == 400


def test_fields_of_a_form_reach_the_step(client: httpx.Client) -> None:
    seen = client.post("/fields/look", files={"f": ("a.txt", b"content")}, data={"title": "Cat"}).json()
    assert seen["body"] == {"title": "Cat"}


def test_url_and_method_can_be_rewritten(client: httpx.Client) -> None:
    seen = client.get("/old/chair?size=2").json()
    assert seen["pathParams"] == {"name": "chair"}
    assert seen["queryParams"] == {"size": "2", "rewritten": "yes"}
    answer = client.post("/change", headers={"X-HTTP-Method-Override": "PUT"})
    assert (answer.status_code, answer.text) == (500, '{"error":"Internal server error"}')


def test_contract_holds_behind_the_app(client: httpx.Client) -> None:
    assert client.options("/steps/a").status_code == 204
    bad = client.post("/any/look", content="{", headers={"Content-Type": "application/json"})
    assert (bad.status_code, bad.json()["code"]) == (400, "BODY_INVALID")
    answer = client.get("/STEPS/a%20b/?x[y]=1&z=1&z=2")
    assert answer.json()["pathParams"] == {"name": "a b"}
    assert answer.json()["queryParams"] == {"x": {"y": "1"}, "z": ["1", "2"]}
    assert answer.headers["x-trace-id"]
    etag = answer.headers["etag"]
    assert client.get("/STEPS/a%20b/?x[y]=1&z=1&z=2", headers={"If-None-Match": etag}).status_code in (200, 304)
    head = client.head("/steps/a")
    assert (head.status_code, head.content, head.headers["x-hook"]) == (200, b"", "yes")


def test_body_over_the_limit_is_refused_unread(client: httpx.Client) -> None:
    answer = client.post("/any/look", content=b" " * (11 * 1024 * 1024), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert client.get("/steps/a").status_code == 200


@pytest.mark.alone
def test_slow_middleware_holds_up_nobody_else(client: httpx.Client) -> None:
    began_s = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.post("/slow/look", json={}), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert time.monotonic() - began_s < 40 * 0.2 / 2
