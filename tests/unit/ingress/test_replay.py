"""Requests that the core repeats to itself."""

from __future__ import annotations

import asyncio
from typing import Any

from motia_core.ingress.replay import TRACE, SelfRequest
from motia_core.model.trace import TraceContext

CONTEXT = TraceContext("A", "00-1-2-01")
ASKED = {"method": "POST", "path": "/echo/x%20y", "query": {"n": ["1", "2"]}}


def repeated(request: dict[str, Any]) -> tuple[dict[str, Any], bytes, str]:
    """What an app gets: scope, body; and what the request's maker hears of its answer."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, (await receive())["body"]))
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"a tea", "more_body": True})
        await send({"type": "http.response.body", "body": b"pot" * 1000})

    answer = asyncio.run(SelfRequest(app)(request, CONTEXT))
    return seen[0], seen[1], answer


def test_text_is_repeated_as_it_came() -> None:
    headers = {"content-type": "text/plain", "content-length": "99", "x-key": "1"}
    scope, body, answer = repeated({**ASKED, "headers": headers, "body": {"text": "plain"}})
    assert body == b"plain"
    assert dict(scope["headers"]) == {b"content-type": b"text/plain", b"x-key": b"1", b"content-length": b"5"}
    assert scope["raw_path"] == b"/echo/x%20y"
    assert scope["query_string"] == b"n=1&n=2"
    assert scope[TRACE] is CONTEXT
    assert answer.startswith("418 a tea pot")
    assert len(answer) < 1000


def test_json_is_sent_as_json_whatever_came_before() -> None:
    scope, body, _ = repeated({**ASKED, "headers": {"content-type": "text/plain"}, "body": {"json": {"ü": 1}}})
    assert body.decode() == '{"ü": 1}'
    assert (b"content-type", b"application/json") in scope["headers"]


def test_what_had_no_body_has_none() -> None:
    _, body, _ = repeated({**ASKED, "headers": {}, "body": None})
    assert body == b""
