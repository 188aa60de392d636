"""A request that the core makes to itself: through the same door as every other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from motia_core.ingress.interface import Message, ServedApp
from motia_core.model.trace import TraceContext

TRACE = "motia.trace"  # the member of a scope that says which trace the request belongs to
LONGEST_ANSWER = 500  # characters, roughly
NOT_REPEATED = frozenset({"content-length", "transfer-encoding", "connection", "host", "expect", "traceparent"})


class SelfRequest:
    """Makes requests of an app in this process. Implements `engine.replay.HttpReplay`."""

    def __init__(self, app: ServedApp) -> None:
        self._app = app

    async def __call__(self, request: Mapping[str, Any], trace: TraceContext) -> str:
        """Returns when it is answered: with the status and the beginning of the body."""
        payload = request.get("body")
        body = b""
        headers = {name: value for name, value in request.get("headers", {}).items() if name not in NOT_REPEATED}
        if payload is not None and "json" in payload:
            body = json.dumps(payload["json"], ensure_ascii=False).encode()
            if "json" not in headers.get("content-type", ""):
                headers["content-type"] = "application/json"
        elif payload is not None:
            body = str(payload["text"]).encode()
        headers["content-length"] = str(len(body))
        path = str(request["path"])
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": str(request["method"]),
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(request.get("query") or {}, doseq=True).encode(),
            "headers": [
                (name.encode("latin-1"), str(value).encode("latin-1", "replace")) for name, value in headers.items()
            ],
            "client": None,
            "server": None,
            TRACE: trace,
        }
        answered = asyncio.Event()
        answer = ""
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Message:
            for message in messages:
                return message
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal answer
            if message["type"] == "http.response.start":
                answer = str(message["status"])
            elif message["type"] == "http.response.body":
                if len(answer) < LONGEST_ANSWER:
                    answer += f" {message.get('body', b'')[:LONGEST_ANSWER].decode(errors='replace')}".rstrip()
                if not message.get("more_body"):
                    answered.set()

        await self._app(scope, receive, send)
        return answer
