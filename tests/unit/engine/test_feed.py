"""The feed of streams: a sync, and then every change after it, in order, once each, to whoever watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from motia_core.engine import room
from motia_core.engine.feed import StreamFeed
from motia_core.errors import StoreUnavailableError
from motia_core.model.stream import Address, Member
from motia_core.model.stream_frame import Frame
from tests.fakes.sidecars import FakeClock, FakeLog, settle
from tests.fakes.store import FakeStore

GROUP = Address("s", "g")
ONE = Address("s", "g", "1")


class Client:
    """Implements `Watcher`, and keeps what a client would."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.texts: list[bytes] = []

    def deliver(self, frame: Frame) -> None:
        self.frames.append(json.loads(frame.text))
        self.texts.append(frame.text)

    @property
    def events(self) -> list[tuple[str, Any]]:
        return [(frame["event"]["type"], frame.get("id", "")) for frame in self.frames]

    def group(self) -> dict[str, Any]:
        """The items, as a client of a group has them."""
        items: dict[str, Any] = {}
        last = 0
        for frame in self.frames:
            assert frame["sequence"] > last or frame["event"]["type"] == "sync", "once each, in order"
            last = frame["sequence"]
            event = frame["event"]
            if event["type"] == "sync" and "id" not in frame:
                items = {item["id"]: item for item in event["data"]}
            elif event["type"] in ("create", "update"):
                assert (frame["id"] in items) == (event["type"] == "update")
                items[frame["id"]] = event["data"]
            elif event["type"] == "delete":
                assert items.pop(frame["id"]) == event["data"]
        return items


@asynccontextmanager
async def a_feed() -> AsyncIterator[tuple[StreamFeed, FakeStore, FakeLog]]:
    store, log = FakeStore(FakeClock()), FakeLog()
    feed = StreamFeed(store.streams, log)
    await feed.start()
    yield feed, store, log
    await feed.stop()


def a_feed_test(scenario: Callable[[StreamFeed, FakeStore, FakeLog], Awaitable[None]]) -> Callable[[], None]:
    async def run() -> None:
        async with a_feed() as world:
            await scenario(*world)

    def test() -> None:
        asyncio.run(run())

    return test


@a_feed_test
async def test_group_gets_a_sync_and_then_changes(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    await store.streams.set(ONE, b'{"a":1}')
    client = Client()
    joined = await feed.join(client, GROUP)
    assert joined.sequence == store.memory.streams.sequence
    assert not joined.is_resumed
    await store.streams.set(GROUP._replace(item_id="2"), b"{}")
    await store.streams.set(ONE, b'{"a":2}')
    await store.streams.send(GROUP, b'{"type":"hello","data":7}')
    await store.streams.delete(ONE)
    await store.streams.delete(ONE)  # it is not there: nobody hears of it
    assert client.events == [("sync", ""), ("create", "2"), ("update", "1"), ("event", ""), ("delete", "1")]
    assert client.frames[0]["event"]["data"] == [{"a": 1, "id": "1", "_createdAt": FakeClock.ms}]
    assert client.frames[2]["event"]["data"] == {"a": 2, "id": "1", "_createdAt": FakeClock.ms}
    assert client.frames[3]["event"]["event"] == {"type": "hello", "data": 7}
    assert client.frames[4]["event"]["data"]["a"] == 2
    assert {(frame["streamName"], frame["groupId"]) for frame in client.frames} == {("s", "g")}


@a_feed_test
async def test_timestamps_grow_with_every_change(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    client = Client()
    await feed.join(client, GROUP)
    for _ in range(5):  # in the same millisecond: clients of 0.x ignore what is not newer
        await store.streams.set(ONE, b"{}")
    stamps = [frame["timestamp"] for frame in client.frames[1:]]
    assert stamps == sorted(set(stamps))
    assert all(0 < stamp - FakeClock.ms < 1 for stamp in stamps)
    assert all(frame["timestamp"] == frame["sequence"] / 1000 for frame in client.frames)


@a_feed_test
async def test_item_gets_its_own_changes_only(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    client, missing = Client(), Client()
    await store.streams.set(ONE, b"{}")
    await feed.join(client, ONE)
    await feed.join(missing, ONE._replace(item_id="9"))
    await store.streams.set(GROUP._replace(item_id="2"), b"{}")
    await store.streams.set(ONE._replace(group="other"), b"{}")
    await store.streams.send(GROUP, b'{"type":"x"}')
    await store.streams.send(ONE, b'{"type":"y"}')
    await store.streams.delete(ONE)
    assert client.events == [("sync", "1"), ("event", "1"), ("delete", "1")]
    assert missing.frames == []


@a_feed_test
async def test_change_comes_once_to_who_watches_group_and_item(
    feed: StreamFeed, store: FakeStore, log: FakeLog
) -> None:
    client = Client()
    await feed.join(client, GROUP)
    await feed.join(client, ONE)
    await store.streams.set(ONE, b"{}")
    await feed.leave(client, GROUP)
    await store.streams.set(ONE, b"{}")
    await feed.leave(client, ONE)
    await store.streams.set(ONE, b"{}")
    assert client.events == [("sync", ""), ("create", "1"), ("update", "1")]


@a_feed_test
async def test_frame_is_written_once_for_all(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    clients = [Client() for _ in range(3)]
    await asyncio.gather(*(feed.join(client, GROUP) for client in clients))
    await store.streams.set(ONE, b"{}")
    assert all(client.texts[-1] is clients[0].texts[-1] for client in clients)
    assert all(client.texts[0] is clients[0].texts[0] for client in clients)  # they came together


@a_feed_test
async def test_watcher_that_comes_back_gets_what_it_missed(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    await store.streams.set(ONE, b"{}")
    client = Client()
    joined = await feed.join(client, GROUP)
    await feed.leave(client, GROUP)
    await store.streams.set(ONE, b'{"a":2}')
    await store.streams.send(GROUP, b'{"type":"x"}')
    await store.streams.set(ONE._replace(group="other"), b"{}")
    again = await feed.join(client, GROUP, after=joined.sequence)
    assert again.is_resumed
    assert again.sequence == store.memory.streams.sequence
    await store.streams.delete(ONE)
    assert client.events == [("sync", ""), ("update", "1"), ("event", ""), ("delete", "1")]


@a_feed_test
async def test_watcher_that_was_away_too_long_gets_a_sync(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    client = Client()
    joined = await feed.join(client, GROUP)
    await feed.leave(client, GROUP)
    await store.streams.set(ONE, b"{}")
    await store.streams.trim(keep=0, oldest_ms=0, limit=10)
    assert not (await feed.join(client, GROUP, after=joined.sequence)).is_resumed
    assert not (await feed.join(Client(), GROUP, after=2**50)).is_resumed  # a sequence that nobody gave it
    assert client.events == [("sync", ""), ("sync", "")]


@a_feed_test
async def test_members_hear_of_each_other(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    first, second, stranger = Client(), Client(), Client()
    await feed.join(stranger, GROUP)
    alone = await feed.join(first, GROUP, member=Member("a", b'{"name":"Ann"}'))
    assert alone.members == (Member("a", b'{"name":"Ann"}'),)
    both = await feed.join(second, GROUP, member=Member("b", b"{}"))
    assert [member.member_id for member in both.members] == ["a", "b"]
    await feed.leave(second, GROUP, "b")
    presence = [frame["event"] for frame in first.frames if frame["event"]["type"] == "presence"]
    assert presence[-2:] == [
        {"type": "presence", "joined": [{"memberId": "b", "info": {}}], "left": []},
        {"type": "presence", "joined": [], "left": ["b"]},
    ]
    assert stranger.events == [("sync", "")]
    assert await store.streams.members(GROUP) == [Member("a", b'{"name":"Ann"}')]


@a_feed_test
async def test_watcher_that_cannot_be_let_in_hears_why(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    async def fail(method: str) -> None:
        raise StoreUnavailableError

    client = Client()
    store.memory.before = fail
    with pytest.raises(StoreUnavailableError):
        await feed.join(client, GROUP)
    store.memory.before = FakeStore().memory.before
    await store.streams.set(ONE, b"{}")
    assert client.frames == []
    assert feed._rooms == {}
    await feed.join(client, GROUP)
    assert client.events == [("sync", "")]


@a_feed_test
async def test_rooms_go_with_their_last_watcher(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    client = Client()
    await feed.join(client, GROUP)
    await feed.join(client, ONE)
    joining = asyncio.create_task(feed.join(client, Address("s", "h")))
    await asyncio.sleep(0)
    joining.cancel()
    await asyncio.gather(joining, return_exceptions=True)
    await feed.leave(client, GROUP)
    await feed.leave(client, ONE)
    await feed.leave(client, ONE)
    await settle()
    assert feed._rooms == {}


@a_feed_test
async def test_room_that_cannot_keep_up_starts_over(feed: StreamFeed, store: FakeStore, log: FakeLog) -> None:
    clients = [Client() for _ in range(room.AT_ONCE + 5)]
    await asyncio.gather(*(feed.join(client, GROUP) for client in clients))
    for number in range(room.MOST_WAITING + 50):  # without a turn for anybody else
        store.memory.streams.write(store.streams._new(ONE, b'{"n":%d}' % number, 0, 0))
    store.streams.look()
    while clients[-1].events[-1] != ("sync", ""):
        await asyncio.sleep(0)
    await settle()
    await store.streams.set(ONE, b'{"n":-1}')
    await settle()
    for client in clients:
        assert len(client.frames) < 100
        assert client.group()["1"]["n"] == -1


@pytest.mark.parametrize("seed", range(150))
def test_everybody_ends_with_what_is_stored(seed: int) -> None:
    """Random writes, joins, leaves and returns, with a store that answers sooner or later."""
    random = Random(seed)

    async def sooner_or_later(method: str) -> None:
        for _ in range(random.choice([0, 0, 1, 3, 8])):
            await asyncio.sleep(0)

    async def write(store: FakeStore) -> None:
        for number in range(25):
            address = ONE._replace(item_id=random.choice("123"))
            match random.choice(["set", "set", "delete", "send"]):
                case "set":
                    await store.streams.set(address, b'{"n":%d}' % number, max_items=2)
                case "delete":
                    await store.streams.delete(address)
                case "send":
                    await store.streams.send(GROUP, b'{"type":"x"}')

    async def watch(feed: StreamFeed) -> Client:
        client, sequence = Client(), 0
        for _ in range(random.randint(0, 4)):
            joined = await feed.join(client, GROUP, after=sequence)
            if random.random() < 0.5:
                await feed.join(client, ONE)
                await feed.leave(client, ONE)
            await sooner_or_later("")
            await feed.leave(client, GROUP)
            sequence = client.frames[-1]["sequence"] if client.frames else joined.sequence
            sequence = max(sequence, joined.sequence)
            await sooner_or_later("")
        await feed.join(client, GROUP, after=sequence)
        return client

    async def scenario() -> None:
        async with a_feed() as (feed, store, _):
            store.memory.before = store.memory.after = sooner_or_later
            tell = store.streams.look
            loop = asyncio.get_running_loop()
            with_delay = patch.object(store.streams, "look", lambda: loop.call_later(random.random() / 1_000, tell))
            with_delay.start()
            watching = [asyncio.create_task(watch(feed)) for _ in range(6)]
            await asyncio.gather(*(write(store) for _ in range(3)))
            clients = await asyncio.gather(*watching)
            await asyncio.sleep(0.003)
            stored = {item.item_id: json.loads(item.item)["n"] for item in await store.streams.get_group("s", "g")}
            for client in clients:
                assert {item_id: item["n"] for item_id, item in client.group().items()} == stored

    asyncio.run(scenario())
