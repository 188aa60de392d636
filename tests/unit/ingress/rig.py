"""Calls the ingress as an ASGI server does, without one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import orjson

from motia_core.clock import SystemClock
from motia_core.engine.router import Router
from motia_core.engine.sockets import Sockets
from motia_core.ingress import websocket
from motia_core.ingress.asgi import IngressApp
from motia_core.ingress.interface import App, Message
from motia_core.ingress.multipart import Uploads
from motia_core.ingress.places import Places
from motia_core.ingress.sockets import SocketsApp
from motia_core.ingress.streams import StreamsApp
from motia_core.model.step import Step, StepType
from motia_core.model.trace import TraceSource
from motia_core.settings import HttpSettings
from tests.fakes.requests import Answer, FakeLog, FakeRequests

MAX_BODY = 10_000
ROUTES = ("GET /hello", "POST /hello", "GET /users/:id", "PUT /only-put", "DELETE /hello")


def api(route: str) -> Step:
    method, path = route.split(" ")
    return Step(route, route, "steps/a.step.ts", StepType.API, "typescript", "node", method=method, route=path)


@dataclass
class FixedCatalog:
    router: Router


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    messages: list[Message] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    def json(self) -> Any:
        return orjson.loads(self.body)


class Rig:
    """An ingress over a fake engine."""

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        routes: tuple[str, ...] = ROUTES,
        mounts: Mapping[str, App] | None = None,
        fallbacks: Mapping[str, App] | None = None,
        http: HttpSettings | None = None,
        max_body: int = MAX_BODY,
        uploads: Uploads | None = None,
        streams: StreamsApp | None = None,
        places: Places | None = None,
    ) -> None:
        self.requests = FakeRequests(answer)
        self.log = FakeLog()
        self.catalog = FixedCatalog(Router.build(map(api, routes)))
        traces, clock = TraceSource(Random(1)), SystemClock()
        self.app = IngressApp(
            self.catalog,
            self.requests,
            traces,
            clock,
            self.log,
            uploads or Uploads(Path("nowhere"), max_bytes=MAX_BODY, max_field_bytes=MAX_BODY, memory_bytes=MAX_BODY),
            SocketsApp(
                self.catalog,
                self.requests,
                traces,
                clock,
                Sockets(),
                self.log,
                places or Places(100),
                max_message_bytes=MAX_BODY,
                otherwise=streams or websocket.refuse,
            ),
            streams,
            http=replace(http or HttpSettings(), max_body_bytes=max_body),
            mounts=mounts,
            fallbacks=fallbacks,
        )

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes | list[bytes] = b"",
        headers: list[tuple[str, str]] | None = None,
        *,
        http_version: str = "1.1",
        leaves: bool = False,
    ) -> Response:
        """Send one request; `leaves`: the client goes away after its last chunk of body."""
        chunks = body if isinstance(body, list) else [body]
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers or []]
        if any(chunks) and not any(name == b"content-length" for name, _ in raw):
            raw.append((b"transfer-encoding", b"chunked"))
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "http_version": http_version,
            "method": method,
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "headers": raw,
        }
        waiting: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": leaves or i + 1 < len(chunks)}
            for i, chunk in enumerate(chunks)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            if waiting:
                return waiting.pop(0)
            if not leaves:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return Response(0, [], b"")
        start, *rest = sent
        pairs = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
        assert rest[-1].get("more_body", False) is False
        return Response(start["status"], pairs, b"".join(message["body"] for message in rest), sent)


def ask(
    method: str,
    target: str,
    body: bytes | list[bytes] = b"",
    headers: list[tuple[str, str]] | None = None,
    *,
    answer: Answer | None = None,
) -> tuple[Response, Rig]:
    """One request to a new rig."""

    async def run() -> tuple[Response, Rig]:
        rig = Rig(answer)
        return await rig.ask(method, target, body, headers), rig

    return asyncio.run(run())
