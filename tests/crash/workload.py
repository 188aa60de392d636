"""Events for the steps of `project/`: emitted while a core lives, with a record of what it has acknowledged."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from tests.crash.core import Core

KINDS = ("plain", "count", "fragile", "patient")
GROUPS = ("a", "b", "c")
PACE_S = 0.005
REDRIVE_S = 0.1
TRIES = 50
REFUSED = (httpx.HTTPError, httpx.InvalidURL)  # no answer, or a dead core's


@dataclass
class Emits:
    """Numbers of one kind."""

    tried: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    first_of_round: int = 1

    def next(self) -> int:
        number = len(self.tried) + 1
        self.tried.add(number)
        return number


class Workload:
    """What was emitted so far, by all rounds."""

    def __init__(self) -> None:
        self.emits: defaultdict[str, Emits] = defaultdict(Emits)  # by kind; "ordered a" for a message group

    def begin_round(self) -> None:
        """What is emitted from now on is new."""
        for emits in self.emits.values():
            emits.first_of_round = len(emits.tried) + 1

    async def run(self, core: Core) -> None:
        """Emit until the core is dead."""
        async with httpx.AsyncClient(base_url=core.url, timeout=5) as client, asyncio.TaskGroup() as group:
            lines = [
                *(group.create_task(self._emit_all(client, kind, kind)) for kind in KINDS),
                *(group.create_task(self._emit_all(client, f"ordered {name}", "ordered", name)) for name in GROUPS),
                group.create_task(self._redrive_all(client)),
            ]
            await asyncio.wait([core.dead])
            for line in lines:
                line.cancel()

    async def finish(self, core: Core) -> None:
        """Let everything succeed from now on: what is waited for comes, what is broken holds."""
        async with httpx.AsyncClient(base_url=core.url, timeout=10) as client:
            await _until_done(lambda: _post(client, "/mend", {}))
            for number in self.emits["patient"].tried:
                await _until_done(lambda number=number: _emit(client, {"topic": "go", "data": {"n": number}}))

    async def _emit_all(self, client: httpx.AsyncClient, kind: str, topic: str, group: str = "") -> None:
        emits = self.emits[kind]
        while True:
            number = emits.next()
            event = {"topic": topic, "data": {"n": number, **({"group": group} if group else {})}}
            try:
                await _emit(client, {**event, "messageGroupId": group} if group else event)
                emits.acknowledged.add(number)
                if kind == "patient":
                    await _emit(client, {"topic": "go", "data": {"n": number}})
            except REFUSED:
                await asyncio.sleep(PACE_S)
            await asyncio.sleep(PACE_S)

    async def _redrive_all(self, client: httpx.AsyncClient) -> None:
        while True:
            await asyncio.sleep(REDRIVE_S)
            try:
                await client.post("/__motia/dlq/redrive", json={"all": True})
            except REFUSED:
                continue


async def _emit(client: httpx.AsyncClient, event: dict[str, object]) -> None:
    """Over the management API and through a step's context, in turn; returns when it is acknowledged."""
    data = event["data"]
    assert isinstance(data, dict)
    await _post(client, "/enter" if data["n"] % 2 else "/__motia/emit", event)


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, object]) -> None:
    (await client.post(path, json=body)).raise_for_status()


async def _until_done(ask: Callable[[], Awaitable[None]]) -> None:
    for _ in range(TRIES):
        try:
            return await ask()
        except REFUSED:
            await asyncio.sleep(REDRIVE_S)
    return await ask()
