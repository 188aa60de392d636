"""Opens a store whose durable part is a PostgreSQL database that other cores may share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import psycopg

from motia_core.clock import Clock
from motia_core.errors import DatabaseError
from motia_core.model.ids import IdSource
from motia_core.settings import Settings
from motia_core.store.data_dir import DataDir
from motia_core.store.database import Database as LocalDatabase
from motia_core.store.opening import Lines, Store, recording, started
from motia_core.store.postgres.channel import PostgresChannel
from motia_core.store.postgres.clock import SharedClock
from motia_core.store.postgres.database import Database
from motia_core.store.postgres.membership import SLOTS, Membership
from motia_core.store.process import StoreProcess


async def open_shared(settings: Settings, clock: Clock) -> Store:
    """See `store.open_store`. What was recorded stays in the data directory of this core."""
    database = Database(settings.store.url or "", synchronous=settings.store.durability == "full")
    highest_id = await asyncio.to_thread(database.prepare)
    async with AsyncExitStack() as undo:
        process, recorder_end = await _recording(settings)
        undo.push_async_callback(recorder_end)
        shared = SharedClock(clock)
        membership = Membership(database.connect, shared, lease_ms=settings.store.lease_ms)
        fenced = asyncio.Event()
        try:
            await membership.join()
            undo.push_async_callback(membership.leave)
            writer = PostgresChannel(
                database.connect,
                writes=True,
                core_id=membership.shard,
                stream_notice=membership.notice(streams=True),
                on_fenced=membership.lose,
                on_again=membership.missed,
            )
            reader = PostgresChannel(database.connect, writes=False)
            for channel in (writer, reader):
                await channel.start()
                undo.push_async_callback(channel.close)
        except (psycopg.Error, OSError) as error:
            raise DatabaseError(f"{database.name} cannot be used: {error}") from error
        membership.on_fenced = fenced.set
        membership.start()
        ids = IdSource(shared, highest_id, slot=membership.shard % SLOTS, slots=SLOTS)
        lines = Lines(writer, reader, *process.channels)
        store = Store(lines, membership, settings, shared, ids, highest_id, undo.pop_all().aclose, process)
        store.fenced = fenced
        membership.on_streams = store.streams.look
        return store
    raise AssertionError("unreachable")


async def _recording(settings: Settings) -> tuple[StoreProcess, Callable[[], Awaitable[None]]]:
    """The process that keeps what was recorded, and how it ends."""

    def prepare() -> tuple[DataDir, LocalDatabase]:
        data_dir = DataDir(settings.project / settings.data_dir)
        try:
            return data_dir, LocalDatabase(data_dir.file("traces.db"), "recorded")
        except BaseException:
            data_dir.release()
            raise

    data_dir, recorded = await asyncio.to_thread(prepare)
    process = await started(recording(recorded), data_dir)

    async def end() -> None:
        try:
            await process.close()
        finally:
            data_dir.release()

    return process, end
