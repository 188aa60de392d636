"""Random writes in two languages on two cores, one of which is killed, and clients that come, go and lose their
connection, to whichever core they get: every one ends with what is stored, and saw nothing twice, nothing out of order,
and, if it was there from the beginning, everything."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from motia.client import GroupSubscription, ItemSubscription, StreamClient
from tests.conformance.core import RunningCore
from tests.fakes.postgres import PostgresServer
from tests.integration.streams.conftest import PROJECT

GROUPS = ("red", "green")
ITEMS = tuple("abcdef")
WRITERS = 6
WRITES = 60  # of each
CLIENTS = 10
LEASE_MS = 1_500


class World:
    """Cores that share a database."""

    def __init__(self, directory: Path, url: str, seed: int) -> None:
        self._directory = directory
        self._settings = {"MOTIA_STORE_URL": url, "MOTIA_STORE_LEASE_MS": str(LEASE_MS), "LOG_LEVEL": "error"}
        self._numbers = itertools.count()
        self.random = random.Random(seed)
        self.cores: list[RunningCore] = []
        self.events: dict[str, list[int]] = {group: [] for group in GROUPS}  # that were acknowledged
        self.http = httpx.AsyncClient(timeout=20)

    async def start_core(self) -> None:
        data = self._directory / f"core{next(self._numbers)}"
        self.cores.append(await asyncio.to_thread(RunningCore, PROJECT, data, self._settings))

    def core(self) -> RunningCore:
        return self.random.choice(self.cores)

    def address(self) -> str:
        """Of some core, as it is now: clients ask for each connection."""
        return f"{self.core().url.replace('http', 'ws', 1)}/?token=ada"

    async def write(self, numbers: itertools.count[int]) -> None:
        group, item = self.random.choice(GROUPS), self.random.choice(ITEMS)
        number = next(numbers)
        place = f"board/{group}/{item}"
        operations = [{"type": "increment", "path": "/count"}, {"type": "set", "path": "/n", "value": number}]
        what = self.random.choice(["put", "put", "update", "update", "remove", "event"])
        path, body = {
            "put": (f"/put/{place}", {"n": number}),
            "update": (f"/change/{place}", {"operations": operations}),
            "remove": (f"/change/{place}", {}),
            "event": (f"/change/board/{group}/-", {"event": {"type": "number", "data": number}}),
        }[what]
        try:
            answer = await self.http.post(f"{self.core().url}{path}", json=body)
        except httpx.HTTPError:
            return  # its core was killed: it may have been done or not
        if answer.status_code == 200 and what == "event":
            self.events[group].append(number)

    async def stored(self, group: str) -> dict[str, Any]:
        answer = await self.http.get(f"{self.core().url}/group/board/{group}")
        return {item["id"]: {key: item[key] for key in item if key != "__motia"} for item in answer.json()["items"]}


@asynccontextmanager
async def world(directory: Path, url: str, seed: int) -> AsyncIterator[World]:
    made = World(directory, url, seed)
    try:
        await made.start_core()
        await made.start_core()
        yield made
    finally:
        await made.http.aclose()
        for core in made.cores:
            await asyncio.to_thread(core.stop, signal.SIGKILL)


class Client:
    """Watches a group and an item of it, and writes down what it sees."""

    def __init__(self, world: World, group: str) -> None:
        self._world = world
        self.group_id = group
        self.streams = StreamClient(world.address)
        self.events: list[int] = []
        self.started = asyncio.Event()
        self.was_whole = True  # it never had to read everything again

    async def start(self) -> None:
        self.group: GroupSubscription[Any] = await self.streams.group("board", self.group_id)
        self.item: ItemSubscription[Any] = await self.streams.item("board", self.group_id, "a")
        receive, syncs = self.group.receive, itertools.count()

        def checked(frame: dict[str, Any]) -> None:
            event = frame["event"]
            if event["type"] == "sync":
                self.was_whole = self.was_whole and next(syncs) < 0
            elif frame["sequence"] > self.group.sequence:
                if event["type"] == "create":
                    assert self.group.get(frame["id"]) is None, frame
                if event["type"] in ("update", "delete"):
                    assert self.group.get(frame["id"]) is not None, frame
                if event["type"] == "event":
                    self.events.append(event["event"]["data"])
            receive(frame)

        self.group.receive = checked  # type: ignore[method-assign]  # looks before it is applied
        self.started.set()

    def cut(self) -> None:
        """The network is gone, without a word."""
        socket = self.streams._socket
        if socket is not None:
            socket.transport.abort()


async def unruly(client: Client, writing: asyncio.Event) -> None:
    """Loses its connection now and then, and takes another client's place sometimes."""
    await client.start()
    while not writing.is_set():
        await asyncio.sleep(client._world.random.uniform(0.05, 0.6))
        client.cut()


async def rounds(world: World) -> list[Client]:
    numbers = itertools.count()
    writing = asyncio.Event()
    clients = [Client(world, world.random.choice(GROUPS)) for _ in range(CLIENTS)]
    watching = [asyncio.create_task(unruly(client, writing)) for client in clients]
    await asyncio.gather(*(client.started.wait() for client in clients))
    late: list[Client] = []

    async def write() -> None:
        for _ in range(WRITES):
            await world.write(numbers)

    async def disturb() -> None:
        await asyncio.sleep(0.8)
        killed = world.cores.pop(0)
        await asyncio.to_thread(killed.stop, signal.SIGKILL)
        await world.start_core()
        late.append(Client(world, GROUPS[0]))
        await late[0].start()

    await asyncio.gather(disturb(), *(write() for _ in range(WRITERS)))
    writing.set()
    await asyncio.gather(*watching)
    return [*clients, *late]


async def settled(world: World, clients: list[Client]) -> None:
    """Every client has what is stored, soon."""
    async with asyncio.timeout(40):
        for client in clients:
            while True:
                stored = await world.stored(client.group_id)
                items = {item["id"]: item for item in client.group.items}
                if client.group.status == "live" and items == stored and client.item.item == stored.get("a"):
                    break
                await asyncio.sleep(0.1)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_client_ends_with_what_is_stored(seed: int, postgres: PostgresServer, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with world(tmp_path, postgres.new_database(), seed) as made:
            clients = await rounds(made)
            await settled(made, clients)
            orders: dict[str, list[int]] = {}
            for client in clients[:CLIENTS]:
                assert client.was_whole, "it was away for moments only: nothing had to be read again"
                assert len(set(client.events)) == len(client.events)
                assert set(made.events[client.group_id]) <= set(client.events)
                assert orders.setdefault(client.group_id, client.events) == client.events, "one order for all"
            for client in clients:
                assert json.dumps(client.group.items)
                await client.streams.close()

    asyncio.run(scenario())
