"""The store as the composition root sees it: opened once, closed once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import func, select

from motia_core.clock import Clock, SystemClock
from motia_core.engine.ports import Cluster
from motia_core.model.ids import IdSource
from motia_core.settings import Settings
from motia_core.store.alone import Alone
from motia_core.store.channel import Channel
from motia_core.store.data_dir import DataDir
from motia_core.store.database import Database
from motia_core.store.dead_letters import SqlDeadLetters
from motia_core.store.inspection import SqlInspection
from motia_core.store.process import Serving, StoreProcess
from motia_core.store.queue import SqlQueue
from motia_core.store.retention import SqlRetention
from motia_core.store.state import SqlState
from motia_core.store.statements import Line, sql
from motia_core.store.streams import SqlStreams
from motia_core.store.tables import attempts, dead_letters, deliveries, logs, signals
from motia_core.store.traces import SqlTraces
from motia_core.store.wiping import wiping


@dataclass(frozen=True, slots=True)
class _Opened:
    """A data directory that is ready."""

    data_dir: DataDir
    servings: list[Serving]  # to write and read what must survive, and what may be lost
    highest_id: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the operations go."""

    writer: Line
    reader: Line
    recorder: Channel
    recorded: Channel


class Store:
    """Everything that is kept, behind the engine's ports. Made by `open_store`.

    Args:
        clock: The time that everything stored goes by.
        ids: Where all ids come from; above everything that is stored.
        highest_id: The highest that was stored when the store was opened.
        close: Finishes what was asked, and lets go of everything.
    """

    def __init__(
        self,
        lines: Lines,
        cluster: Cluster,
        settings: Settings,
        clock: Clock,
        ids: IdSource,
        highest_id: int,
        close: Callable[[], Awaitable[None]],
        process: StoreProcess,
    ) -> None:
        self.clock = clock
        self.ids = ids
        self.highest_id = highest_id
        self.close = close
        self.cluster = cluster
        self.durability = settings.store.durability
        self.fenced = asyncio.Event()  # other cores have taken over the work of this one
        self._process = process
        self._writer = lines.writer
        self.dead_letters = SqlDeadLetters(lines.writer, lines.reader)
        self.state = SqlState(lines.writer, lines.reader, clock)
        self.streams = SqlStreams(lines.writer, lines.reader, clock, ids, cluster.shard)
        self.queue = SqlQueue(lines.writer, lines.reader, clock, ids, self.streams.look)
        self.retention = SqlRetention(lines.writer, self.dead_letters)
        self.inspection = SqlInspection(lines.reader)
        self.traces = SqlTraces(lines.recorder, lines.recorded, settings.tracing)

    async def wipe(self) -> None:
        """Forget everything, as if the store were new: events, state, streams, what is recorded. Nothing may run."""
        await self._writer.submit(wiping())
        await asyncio.gather(self.traces.clear(), self.traces.clear_logs())

    @property
    def pid(self) -> int:
        """The process that works on the local files."""
        return self._process.pid


async def open_store(settings: Settings, clock: Clock | None = None) -> Store:
    """Open the store of a project, creating or migrating it as needed. Belongs to the running event loop.

    Raises:
        DataDirError: The data directory cannot be used, is in use, or holds something damaged.
        DatabaseError: The database cannot be used.
        StoreTooNewError: A newer motia-core wrote it.
    """
    if settings.store.url:
        from motia_core.store.postgres.opening import open_shared  # imports the driver

        return await open_shared(settings, clock or SystemClock())
    opened = await asyncio.to_thread(_open, settings)
    process = await started(opened.servings, opened.data_dir)
    clock = clock or SystemClock()

    async def close() -> None:
        try:
            await process.close()
        finally:
            opened.data_dir.release()

    writer, reader, recorder, recorded = process.channels
    ids = IdSource(clock, opened.highest_id)
    lines, highest = Lines(writer, reader, recorder, recorded), opened.highest_id
    alone = Alone()
    process.on_lost = lambda: alone.missed()  # who listens is not known yet
    return Store(lines, alone, settings, clock, ids, highest, close, process)


def recording(recorded: Database) -> list[Serving]:
    """To write and read what may be lost."""
    return [Serving(recorded.path, "NORMAL", "write"), Serving(recorded.path, "NORMAL", "read")]


async def started(servings: list[Serving], data_dir: DataDir) -> StoreProcess:
    """The store's process, with a channel for each of these. The data directory is let go if that fails."""
    process = StoreProcess(servings, data_dir.lock, asyncio.get_running_loop())
    try:
        await process.start()
    except BaseException:
        data_dir.release()
        raise
    return process


def _open(settings: Settings) -> _Opened:
    with ExitStack() as undo:
        data_dir = DataDir(settings.project / settings.data_dir)
        undo.callback(data_dir.release)
        durable = Database(data_dir.file("motia.db"), "durable")
        recorded = Database(data_dir.file("traces.db"), "recorded")
        ids = [durable.number(sql(select(func.max(table.c.id)))) for table in (deliveries, dead_letters, signals)]
        ids += [recorded.number(sql(select(func.max(table.c.id)))) for table in (attempts, logs)]
        synchronous = "FULL" if settings.store.durability == "full" else "NORMAL"
        servings = [
            Serving(durable.path, synchronous, "write"),
            Serving(durable.path, synchronous, "read"),
            *recording(recorded),
        ]
        undo.pop_all()
    return _Opened(data_dir, servings, max(ids))
