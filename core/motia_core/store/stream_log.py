"""Tells what happens in streams, on all cores, by reading the log: whoever writes to it says that there is more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from motia_core.clock import Clock
from motia_core.errors import MotiaError
from motia_core.model.stream import Change
from motia_core.store import stream_sql as sql
from motia_core.store.statements import Line

MOST = 1_000  # changes read at once
RETRY_S = 0.2

Hear = Callable[[Sequence[Change], int], None]


class StreamLog:
    """Follows the log from where it was when that began."""

    def __init__(self, writer: Line, reader: Line, clock: Clock) -> None:
        self._write = writer.submit
        self._read = reader.submit
        self._clock = clock
        self._hear: Hear | None = None
        self._last = 0
        self._is_due = False
        self._reading: asyncio.Task[None] | None = None

    async def follow(self, hear: Hear) -> int:
        """See `ports.StreamStore.follow`. The clock runs from then on: there is a sequence that a client can resume
        from, though nothing has happened yet."""
        [(self._last,)] = await self._write(sql.take(self._clock.now_us()))
        self._hear = hear
        return self._last

    async def unfollow(self) -> None:
        """Tell nobody any more."""
        self._hear = None
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    def look(self) -> None:
        """See `ports.StreamStore.look`."""
        self._is_due = True
        if self._reading is None and self._hear is not None:
            self._reading = asyncio.get_running_loop().create_task(self._read_on())

    async def _read_on(self) -> None:
        """Until nothing is due: what is written meanwhile is read together."""
        try:
            while self._is_due and self._hear is not None:
                self._is_due = False
                try:
                    position, _, found = sql.read_changes(await self._read(sql.CHANGES.operation(self._last, MOST)))
                except MotiaError:  # the store is away: nothing is written either, but what was may not be read yet
                    await asyncio.sleep(RETRY_S)
                    self._is_due = True
                    continue
                if len(found) == MOST:
                    position, self._is_due = found[-1].sequence, True
                if position > self._last:
                    self._last = position
                    self._hear(found, position)
        finally:
            self._reading = None
