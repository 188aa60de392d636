"""The store as the composition root sees it: opened once, closed once."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Literal

from sqlalchemy import ColumnElement, func, select

from motia_core.clock import SystemClock
from motia_core.model.ids import IdSource
from motia_core.settings import Settings
from motia_core.store.data_dir import DataDir
from motia_core.store.database import Database
from motia_core.store.dead_letters import SqlDeadLetters
from motia_core.store.group_commit import GroupCommit
from motia_core.store.queue import SqlQueue
from motia_core.store.state import SqlState
from motia_core.store.statements import sql
from motia_core.store.streams import SqlStreams
from motia_core.store.tables import attempts, dead_letters, deliveries
from motia_core.store.traces import Recorder, SqlTraces

LINGER_S = 0.05  # how long recorded attempts gather before they are written


@dataclass(slots=True)
class _Opened:
    """What opening in a thread yields."""

    data_dir: DataDir
    writer: Connection
    reader: Connection
    traces: Connection
    highest_id: int


class Store:
    """Everything that is kept, behind the engine's ports. Made by `open_store`."""

    def __init__(self, opened: _Opened, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self._data_dir = opened.data_dir
        self._highest_id = opened.highest_id
        self._writer = GroupCommit("store-writer", opened.writer, loop, writes=True)
        self._reader = GroupCommit("store-reader", opened.reader, loop, writes=False)
        self._recorder = GroupCommit("store-traces", opened.traces, loop, writes=True, linger_s=LINGER_S)
        self.durability: Literal["full", "fast"] = settings.store.durability
        self.queue = SqlQueue(self._writer, self._reader)
        self.dead_letters = SqlDeadLetters(self._writer, self._reader)
        self.state = SqlState(self._writer, self._reader)
        self.streams = SqlStreams(self._writer, self._reader, IdSource(SystemClock()))
        self.traces = SqlTraces(self._recorder, Recorder(settings.store.max_attempts, settings.store.max_age_ms))

    def highest_id(self) -> int:
        """The highest id stored when the store was opened, for the IdSource to start above."""
        return self._highest_id

    async def close(self) -> None:
        """Finish what was asked, and let go of the data directory."""
        try:
            await self._reader.close()  # first: a reader would keep the log from being emptied
            await asyncio.gather(self._writer.close(), self._recorder.close())
        finally:
            self._data_dir.release()


async def open_store(settings: Settings) -> Store:
    """Open the store of a project, creating or migrating it as needed. Belongs to the running event loop.

    Raises:
        DataDirError: The data directory cannot be used, is in use, or holds something damaged.
        StoreTooNewError: A newer motia-core wrote it.
    """
    opened = await asyncio.to_thread(_open, settings)
    return Store(opened, settings, asyncio.get_running_loop())


def _open(settings: Settings) -> _Opened:
    with ExitStack() as undo:
        data_dir = DataDir(settings.project / settings.data_dir)
        undo.callback(data_dir.release)
        durable = Database(
            data_dir.file("motia.db"), "durable", "FULL" if settings.store.durability == "full" else "NORMAL"
        )
        recorded = Database(data_dir.file("traces.db"), "recorded", "NORMAL")
        connections = [durable.connect(), durable.connect(), recorded.connect()]
        for connection in connections:
            undo.callback(connection.close)
        writer, reader, traces = connections
        ids = [_highest(writer, deliveries.c.id), _highest(writer, dead_letters.c.id), _highest(traces, attempts.c.id)]
        opened = _Opened(data_dir, writer, reader, traces, max(ids))
        undo.pop_all()
    return opened


def _highest(connection: Connection, column: ColumnElement[int]) -> int:
    [highest] = connection.execute(sql(select(func.max(column)))).fetchone()
    return int(highest or 0)
