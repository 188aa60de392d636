"""What happens now, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from quart import Response

from motia_core.engine.live import Batch
from motia_core.model.trace import AttemptRecord
from motia_core.workbench.describe import Facts, describe_attempt, describe_log
from motia_core.workbench.exchange import HEADERS
from motia_core.workbench.mount import Management

KEEP_ALIVE_S = 15.0


class LiveFeed:
    """The endpoint `/feed`."""

    def __init__(self, management: Management) -> None:
        self._live = management.live
        self._project = management.project

    async def stream(self) -> Response:
        """Until the client leaves."""
        response = Response(self._events(), 200, HEADERS, content_type="text/event-stream; charset=utf-8")
        response.timeout = None
        return response

    async def _events(self) -> AsyncIterator[bytes]:
        yield b": the feed of motia-core\n\n"
        batches = self._live.watch()
        following = asyncio.ensure_future(anext(batches))
        try:
            while True:
                done, _ = await asyncio.wait({following}, timeout=KEEP_ALIVE_S)
                if not done:
                    yield b": still here\n\n"
                    continue
                for event in self._describe(following.result()):
                    yield event
                following = asyncio.ensure_future(anext(batches))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await batches.aclose()  # type: ignore[attr-defined]  # it is a generator

    def _describe(self, batch: Batch) -> list[bytes]:
        names = {step.id: step.name for step in self._project().steps}
        events = []
        if batch.attempts:
            attempts = [_attempt(record, names) for record in batch.attempts.values()]
            events.append(_event("attempts", {"attempts": attempts}))
        if batch.logs:
            events.append(_event("logs", {"logs": [describe_log(record) for record in batch.logs]}))
        if "project" in batch.changed:
            events.append(_event("project", {}))
        if what := sorted(batch.changed - {"project"}):
            events.append(_event("changed", {"what": what}))
        if batch.missed:
            events.append(_event("missed", {}))
        return events


def _attempt(record: AttemptRecord, names: dict[str, str]) -> Facts:
    return {**describe_attempt(record), "name": names.get(record.step, record.step)}


def _event(name: str, data: Facts) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data, default=str))
