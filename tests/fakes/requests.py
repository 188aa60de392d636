"""A fake of the `Requests` port: answers what the test says, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from motia_core.model.http import BodyKind, HttpRequest, HttpResponse
from motia_core.model.step import Step
from motia_core.model.trace import TraceContext

Answer = HttpResponse | BaseException | Callable[[HttpRequest], Awaitable[HttpResponse]]


def json_response(body: bytes = b'{"ok":true}', status: int = 200, headers: list[str] | None = None) -> HttpResponse:
    return HttpResponse(status, headers or [], BodyKind.JSON, body)


class FakeRequests:
    """Implements `motia_core.engine.services.Requests`."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer: Answer = answer or json_response()
        self.asked: list[tuple[Step, HttpRequest, TraceContext]] = []
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()

    @property
    def request(self) -> HttpRequest:
        """The last request."""
        return self.asked[-1][1]

    async def handle(self, step: Step, request: HttpRequest, trace: TraceContext) -> HttpResponse:
        self.asked.append((step, request, trace))
        self.started.set()
        if isinstance(self.answer, BaseException):
            raise self.answer
        if isinstance(self.answer, HttpResponse):
            answer = self.answer  # the ingress must not depend on getting a new one
            return HttpResponse(answer.status, answer.headers, answer.body_kind, answer.body)
        try:
            return await self.answer(request)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


class FakeLog:
    """Implements `motia_core.engine.ports.Log`."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, bytes]] = []

    def record(
        self, level: str, message: str, *, step: str = "", trace_id: str = "", time_ms: int = 0, fields: bytes = b""
    ) -> None:
        self.records.append((level, message, fields))
