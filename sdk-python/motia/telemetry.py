"""Log records and spans on their way to the core: bounded, dropped (and counted) rather than ever delaying work."""

from __future__ import annotations

import asyncio
import threading
from collections import deque

from motia._gen.motia.v1 import telemetry_pb2
from motia.wire import LOGS_TAG, SPANS_TAG, pack_message

MAX_RECORDS = 10_000
MAX_BYTES = 8 * 1024 * 1024
BATCH_RECORDS = 512
BATCH_BYTES = 256 * 1024


class Telemetry:
    """The buffer of one process. Filled by any thread, emptied by the protocol thread."""

    def __init__(self, max_records: int = MAX_RECORDS, max_bytes: int = MAX_BYTES) -> None:
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._records: deque[bytes] = deque()
        self._bytes = 0
        self._dropped = 0
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = asyncio.Event()
        self._woken = False
        self.idle = asyncio.Event()  # cleared while a batch is being written; used on the protocol thread
        self.idle.set()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the protocol thread's loop. Called once, on that thread."""
        self._loop = loop

    def add(self, record: telemetry_pb2.LogRecord) -> None:
        """Queue a record, or drop it when the core does not keep up."""
        self._add(pack_message(LOGS_TAG, record.SerializeToString()))

    def add_span(self, span: telemetry_pb2.Span) -> None:
        """The same for a span that has ended."""
        self._add(pack_message(SPANS_TAG, span.SerializeToString()))

    def _add(self, packed: bytes) -> None:
        with self._lock:
            if len(self._records) >= self._max_records or self._bytes + len(packed) > self._max_bytes:
                self._dropped += 1
                return
            self._records.append(packed)
            self._bytes += len(packed)
            wake = not self._woken
            self._woken = True
        if wake and self._loop is not None:
            self._loop.call_soon_threadsafe(self._ready.set)

    @property
    def empty(self) -> bool:
        """Whether everything has been taken."""
        return not self._records

    async def flushed(self) -> None:
        """Wait on the protocol thread until everything has been written."""
        await self.idle.wait()

    async def wait(self) -> None:
        """Wait on the protocol thread until there is something to take."""
        while True:
            self._ready.clear()
            with self._lock:
                self._woken = False
            if self._records:
                return
            await self._ready.wait()

    def take_batch(self) -> bytes:
        """A TelemetryRequest with the oldest records and the number dropped so far, without the session id."""
        batch: list[bytes] = []
        size = 0
        with self._lock:
            while self._records and len(batch) < BATCH_RECORDS and size < BATCH_BYTES:
                record = self._records.popleft()
                size += len(record)
                batch.append(record)
            self._bytes -= size
            dropped = self._dropped
        return telemetry_pb2.TelemetryRequest(dropped=dropped).SerializeToString() + b"".join(batch)

    def restart(self) -> None:
        """A new stream counts its drops from zero."""
        with self._lock:
            self._dropped = 0
