"""Tells those who look on what happens now: attempts that begin and end, log records, what else has changed. Several
things are told together; nothing is gathered while nobody looks on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from motia_core.model.trace import AttemptRecord, LogRecord

PAUSE_S = 0.25  # between two batches
MOST_ATTEMPTS = 500  # of one batch, and so of log records: who wants to see them all asks for them
MOST_WAITING = 8  # batches for one who does not read; then the oldest are left out


@dataclass(slots=True)
class Batch:
    """What has happened since the one before."""

    attempts: dict[int, AttemptRecord] = field(default_factory=dict)  # by id, as they are now
    logs: list[LogRecord] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)  # "state", "flows", "runs", "logs", "project"
    missed: bool = False  # something was left out: read again what you show


class Live:
    """Those who look on, and what they have not heard yet."""

    def __init__(self) -> None:
        self._onlookers: set[asyncio.Queue[Batch]] = set()
        self._batch = Batch()
        self._is_due = False

    @property
    def is_watched(self) -> bool:
        """Whether anybody looks on."""
        return bool(self._onlookers)

    def attempts(self, records: Sequence[AttemptRecord]) -> None:
        """Attempts have begun or ended."""
        if not self._onlookers:
            return
        batch = self._batch
        for record in records:
            if len(batch.attempts) < MOST_ATTEMPTS or record.id in batch.attempts:
                batch.attempts[record.id] = record
            else:
                batch.missed = True
        self._tell_soon()

    def logs(self, records: Sequence[LogRecord]) -> None:
        """Log records were made."""
        if not self._onlookers:
            return
        room = MOST_ATTEMPTS - len(self._batch.logs)
        self._batch.logs += records[:room]
        self._batch.missed = self._batch.missed or len(records) > room
        self._tell_soon()

    def changed(self, what: str) -> None:
        """Something else is not what it was."""
        if self._onlookers:
            self._batch.changed.add(what)
            self._tell_soon()

    async def watch(self) -> AsyncIterator[Batch]:
        """What happens from now on."""
        queue = self.open()
        try:
            while True:
                yield await queue.get()
        finally:
            self.close(queue)

    def open(self) -> asyncio.Queue[Batch]:
        """What happens from this moment on, until it is closed."""
        queue: asyncio.Queue[Batch] = asyncio.Queue()
        self._onlookers.add(queue)
        return queue

    def close(self, queue: asyncio.Queue[Batch]) -> None:
        """Nobody takes from it any more."""
        self._onlookers.discard(queue)

    def _tell_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(PAUSE_S, self._tell)

    def _tell(self) -> None:
        self._is_due = False
        batch, self._batch = self._batch, Batch()
        for queue in self._onlookers:
            if queue.qsize() >= MOST_WAITING:
                queue.get_nowait()
                batch.missed = True
            queue.put_nowait(batch)
