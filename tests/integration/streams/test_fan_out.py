"""Many clients of one stream, among them some that stall, vanish or flood: the others get everything, in order, once;
the core sends away whom it must, and its memory stays bounded."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conformance.core import RunningCore, running_core
from tests.integration.streams.conftest import PROJECT

READERS, STALLING, VANISHING, FLOODING = 60, 10, 15, 3
WRITES = 250
FILLER = "x" * 32_000  # of each item: all of them are more than the kernel takes for a client that stalls, and the core
WAITING_BYTES = 256 * 1024
# What waits for clients that stall, once for each, and some room for the rest: some 100 connections and their buffers.
MOST_GROWTH_BYTES = STALLING * WAITING_BYTES + 60 * 1024 * 1024


def join(group: str = "busy") -> str:
    data = {"streamName": "board", "groupId": group, "subscriptionId": "1"}
    return json.dumps({"type": "join", "data": data})


class Crowd:
    """The clients."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[list[int]] = []
        self.clients: list[ClientConnection] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.ends: dict[str, list[int]] = {"stalled": [], "flooded": []}  # close codes
        self.refused: list[str] = []

    async def joined(self, **options: Any) -> ClientConnection:
        client = await connect(self.url, compression=None, max_size=None, **options)
        self.clients.append(client)
        await client.send(join())
        await client.recv()  # the sync
        return client

    async def leave(self) -> None:
        """Also those that wait for something, when the test has failed."""
        for task in self.tasks:
            task.cancel()
        for client in self.clients:
            client.transport.abort()
            await client.wait_closed()

    async def reads(self) -> None:
        client, numbers = await self.joined(), []
        self.seen.append(numbers)

        async def read() -> None:
            while len(numbers) < WRITES:
                numbers.append(json.loads(await client.recv())["event"]["data"]["n"])
            await client.close()

        self.tasks.append(asyncio.create_task(read()))

    async def stalls(self) -> None:
        """Takes nothing after its sync, for a while; then finds out why it was sent away."""
        raw = socket.create_connection(tuple(self.url.removeprefix("ws://").split("/")[0].split(":")))  # type: ignore[arg-type]  # host and port
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client = await self.joined(sock=raw, max_queue=1)

        async def wake() -> None:
            await asyncio.sleep(6)
            try:
                while True:
                    await client.recv()
            except ConnectionClosed as closed:
                self.ends["stalled"].append(closed.rcvd.code if closed.rcvd else 0)

        self.tasks.append(asyncio.create_task(wake()))

    async def vanishes(self) -> None:
        client = await self.joined()

        async def vanish() -> None:
            await asyncio.sleep(1)
            client.transport.abort()

        self.tasks.append(asyncio.create_task(vanish()))

    async def floods(self) -> None:
        client = await self.joined()

        async def flood() -> None:
            try:
                while True:
                    await client.send(join("other"))
            except ConnectionClosed as closed:
                self.ends["flooded"].append(closed.rcvd.code if closed.rcvd else 0)

        async def read() -> None:
            try:
                while True:
                    frame = json.loads(await client.recv())
                    if frame["event"].get("event", {}).get("type") == "error":
                        self.refused.append(frame["event"]["event"]["data"]["code"])
            except ConnectionClosed:
                pass

        self.tasks += [asyncio.create_task(flood()), asyncio.create_task(read())]


def resident_bytes(core: RunningCore) -> int:
    pages = Path(f"/proc/{core.process.pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


async def write(core: RunningCore) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        for number in range(WRITES):
            body = {"n": number, "filler": FILLER}
            (await http.post(f"{core.url}/put/board/busy/{number % 5}", json=body)).raise_for_status()


async def good_and_bad(core: RunningCore, crowd: Crowd) -> None:
    for _ in range(READERS):
        await crowd.reads()
    before = resident_bytes(core)
    for count, join_as in ((STALLING, crowd.stalls), (VANISHING, crowd.vanishes), (FLOODING, crowd.floods)):
        for _ in range(count):
            await join_as()
    await asyncio.wait_for(write(core), 60)
    most = resident_bytes(core)
    await asyncio.wait_for(asyncio.gather(*crowd.tasks), 30)
    assert crowd.seen == [list(range(WRITES))] * READERS
    assert crowd.ends["flooded"] == [1008] * FLOODING
    assert set(crowd.refused) == {"RATE_LIMITED"}
    # One whose buffer is full may not get the reason: the connection is gone then.
    assert len(crowd.ends["stalled"]) == STALLING
    assert set(crowd.ends["stalled"]) <= {1013, 0}, crowd.ends
    assert most - before < MOST_GROWTH_BYTES, f"{(most - before) / 1e6:.0f} MB"
    async with httpx.AsyncClient() as http:
        left = (await http.get(f"{core.url}/look/left")).json()
        while left.get("busy", 0) < READERS + STALLING + VANISHING + FLOODING:
            await asyncio.sleep(0.1)
            left = (await http.get(f"{core.url}/look/left")).json()


@pytest.mark.alone
@pytest.mark.timeout(120)
def test_good_clients_do_not_feel_the_others(tmp_path: Path) -> None:
    async def scenario(core: RunningCore) -> None:
        crowd = Crowd(f"{core.url.replace('http', 'ws', 1)}/?token=ada")
        try:
            await good_and_bad(core, crowd)
        finally:
            await crowd.leave()

    settings = {"MOTIA_STREAMS_MAX_WAITING_BYTES": str(WAITING_BYTES)}
    with running_core(PROJECT, tmp_path, settings) as core:
        asyncio.run(scenario(core))
