"""The store as the composition root sees it: opened once, closed once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import func, select

from motia_core.clock import Clock, SystemClock
from motia_core.model.ids import IdSource
from motia_core.settings import Settings, StoreSettings
from motia_core.store.alone import Alone
from motia_core.store.data_dir import DataDir
from motia_core.store.database import Database
from motia_core.store.dead_letters import SqlDeadLetters
from motia_core.store.process import Serving, StoreProcess
from motia_core.store.queue import SqlQueue
from motia_core.store.retention import SqlRetention
from motia_core.store.state import SqlState
from motia_core.store.statements import sql
from motia_core.store.streams import SqlStreams
from motia_core.store.tables import attempts, dead_letters, deliveries, signals
from motia_core.store.traces import SqlTraces


@dataclass(frozen=True, slots=True)
class _Opened:
    """A data directory that is ready."""

    data_dir: DataDir
    servings: list[Serving]  # to write and read what must survive, and what may be lost
    highest_id: int


class Store:
    """Everything that is kept, behind the engine's ports. Made by `open_store`."""

    def __init__(self, opened: _Opened, process: StoreProcess, settings: StoreSettings, clock: Clock) -> None:
        self._data_dir = opened.data_dir
        self._highest_id = opened.highest_id
        self._process = process
        self.durability = settings.durability
        writer, reader, recorder = process.channels
        created_ids = IdSource(clock)
        self.queue = SqlQueue(writer, reader, clock, created_ids)
        self.dead_letters = SqlDeadLetters(writer, reader)
        self.state = SqlState(writer, reader, clock)
        self.streams = SqlStreams(writer, reader, created_ids)
        self.retention = SqlRetention(writer, self.dead_letters)
        self.cluster = Alone()
        self.traces = SqlTraces(recorder, settings)

    @property
    def pid(self) -> int:
        """The process that does the store's work."""
        return self._process.pid

    def highest_id(self) -> int:
        """The highest id stored when the store was opened, for the IdSource to start above."""
        return self._highest_id

    async def close(self) -> None:
        """Finish what was asked, and let go of the data directory."""
        try:
            await self._process.close()
        finally:
            self._data_dir.release()


async def open_store(settings: Settings, clock: Clock | None = None) -> Store:
    """Open the store of a project, creating or migrating it as needed. Belongs to the running event loop.

    Raises:
        DataDirError: The data directory cannot be used, is in use, or holds something damaged.
        StoreTooNewError: A newer motia-core wrote it.
    """
    opened = await asyncio.to_thread(_open, settings)
    process = StoreProcess(opened.servings, opened.data_dir.lock, asyncio.get_running_loop())
    try:
        await process.start()
    except BaseException:
        opened.data_dir.release()
        raise
    return Store(opened, process, settings.store, clock or SystemClock())


def _open(settings: Settings) -> _Opened:
    with ExitStack() as undo:
        data_dir = DataDir(settings.project / settings.data_dir)
        undo.callback(data_dir.release)
        durable = Database(data_dir.file("motia.db"), "durable")
        recorded = Database(data_dir.file("traces.db"), "recorded")
        ids = [durable.number(sql(select(func.max(table.c.id)))) for table in (deliveries, dead_letters, signals)]
        ids.append(recorded.number(sql(select(func.max(attempts.c.id)))))
        synchronous = "FULL" if settings.store.durability == "full" else "NORMAL"
        servings = [
            Serving(durable.path, synchronous, "write"),
            Serving(durable.path, synchronous, "read"),
            Serving(recorded.path, "NORMAL", "write"),
        ]
        undo.pop_all()
    return _Opened(data_dir, servings, max(ids))
