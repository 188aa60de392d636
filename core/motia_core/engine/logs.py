"""Log records on their way to the console are kept as well, in batches and off the hot path."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from motia_core.engine.ports import Log
from motia_core.engine.records import TraceStore
from motia_core.model.ids import IdSource
from motia_core.model.trace import LogRecord

FLUSH_S = 0.2  # how long a record waits for company
BATCH = 250  # records; flushed at once when so many wait
MOST_FIELD_BYTES = 64 * 1024  # of one record; longer fields are left out
MOST_MESSAGE = 16 * 1024  # characters
LEVELS = {"debug": 0, "info": 1, "warn": 2, "error": 3}
NAMES = tuple(LEVELS)

Listener = Callable[[Sequence[LogRecord]], None]


class RecordedLog:
    """Implements `Log`: passes records on, and keeps them."""

    def __init__(self, log: Log, store: TraceStore, ids: IdSource, now_ms: Callable[[], int], *, is_on: bool) -> None:
        self.on_flush: Listener | None = None  # hears what is handed over
        self._log = log
        self._store = store
        self._ids = ids
        self._now_ms = now_ms
        self._is_on = is_on
        self._buffer: list[LogRecord] = []

    def record(
        self, level: str, message: str, *, step: str = "", trace_id: str = "", time_ms: int = 0, fields: bytes = b""
    ) -> None:
        """See `ports.Log.record`."""
        self._log.record(level, message, step=step, trace_id=trace_id, time_ms=time_ms, fields=fields)
        if not self._is_on:
            return
        text = message[:MOST_MESSAGE].encode(errors="backslashreplace").decode()
        kept = fields if len(fields) <= MOST_FIELD_BYTES else b""
        time_ms = time_ms or self._now_ms()
        self._buffer.append(LogRecord(self._ids.next(), time_ms, LEVELS.get(level, 1), step, trace_id, text, kept))
        if len(self._buffer) == 1:
            asyncio.get_running_loop().call_later(FLUSH_S, self.flush)
        elif len(self._buffer) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand over what has accumulated."""
        if self._buffer:
            buffer, self._buffer = self._buffer, []
            self._store.log(buffer)
            if self.on_flush is not None:
                self.on_flush(buffer)
