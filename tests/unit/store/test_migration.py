"""A store that an older motia-core wrote keeps everything. durable_0001.sql is what revision 0001 left behind, made
with its own code: deliveries of which one was retried, a dead letter, state and a stream item."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

from motia_core.model.event import AttemptFailure
from motia_core.model.stream import Address, StoredItem
from motia_core.settings import Settings
from motia_core.store import Store, open_store
from motia_core.store.schema import prepare
from motia_core.store.server import connect
from tests.contract.store.reading import due, later
from tests.fakes.values import a_delivery, a_failure
from tests.unit.store.test_schema import schema

ITEM = StoredItem("1", b'{"text":"hi"}', 1_700_000_000_500, 1)
WRITTEN = Path(__file__).with_name("durable_0001.sql")


@asynccontextmanager
async def migrated(project: Path) -> AsyncIterator[Store]:
    """A store opened on what revision 0001 wrote."""
    (project / ".motia-core").mkdir()
    with closing(sqlite3.connect(project / ".motia-core/motia.db")) as connection:
        connection.executescript(WRITTEN.read_text())
    store = await open_store(Settings(project=project))
    try:
        yield store
    finally:
        await store.close()


def test_everything_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with migrated(tmp_path) as store:
            assert await due(store) == [a_delivery(1)]
            retried = replace(a_delivery(2), attempt=2, due_ms=1_700_000_009_000)
            assert await later(store) == [retried]
            assert await due(store, "Other") == [a_delivery(4, step_id="Other", data='{"ü":"🚀"}'.encode())]
            [letter] = await store.dead_letters.page()
            assert letter.delivery == a_delivery(3)
            failed = AttemptFailure(1, 1_700_000_002_000, a_failure("it's over; really"))
            assert letter.failures == (failed,)
            assert await store.state.get("orders", "a") == (b'{"n":1}', 1)
            assert await store.state.get_group("orders") == [("a", b'{"n":1}'), ("ü", b"null")]
            assert await store.streams.get_group("chat", "room") == [ITEM]
            assert (await store.streams.snapshot(Address("chat", "room"))).items == [ITEM]
            assert store.highest_id == 4

    asyncio.run(scenario())


def test_everything_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with migrated(tmp_path) as store:
            await store.queue.complete(a_delivery(1))
            await store.queue.bury(replace(a_delivery(2), attempt=2), a_failure("last"), 5)
            letter = await store.dead_letters.get(2)
            assert letter
            assert [failed.failure.message for failed in letter.failures] == ["first", "last"]
            assert len(await store.dead_letters.redrive([2, 3])) == 2
            assert [delivery.id for delivery in await due(store)] == [2, 3]
            assert await store.state.compare_and_set("orders", "a", b"2", expected=1, version=99)
            stored = await store.streams.set(Address("chat", "room", "1"), b"{}")
            assert stored.created_ms == 1_700_000_000_500
            assert stored.version > 1

    asyncio.run(scenario())


def test_schema_is_that_of_a_fresh_store(tmp_path: Path) -> None:
    with closing(connect(str(tmp_path / "old.db"), "NORMAL")) as old, closing(sqlite3.connect(":memory:")) as fresh:
        fresh.isolation_level = None
        old.executescript(WRITTEN.read_text())
        for connection in (old, fresh):
            prepare(connection, "durable", tmp_path)
        assert schema(old) == schema(fresh)
