"""Which steps are paused: kept with the streams, so that every core that shares the store hears of it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import orjson

from motia_core.engine.ports import Log, StreamStore
from motia_core.engine.services import Feed
from motia_core.engine.tasks import Tasks
from motia_core.errors import StoreError
from motia_core.model.stream import Address
from motia_core.model.stream_frame import Frame

STREAM, GROUP = "__motia.controls", "paused"
STORE_RETRY_S = 1.0  # pause before the store is asked again


class Controls:
    """Keeps what is paused.

    Args:
        apply: Told of all paused steps, by id, when they are others.
    """

    def __init__(self, store: StreamStore, feed: Feed, log: Log, apply: Callable[[frozenset[str]], None]) -> None:
        self._store = store
        self._feed = feed
        self._log = log
        self._apply = apply
        self._tasks = Tasks(lambda error: log.record("error", f"what is paused is not known: {error!r}"))
        self._is_stale = False
        self._is_reading = False
        self.paused: frozenset[str] = frozenset()

    async def load(self) -> None:
        """Read what is paused; before any step runs.

        Raises:
            StoreError: It cannot be read.
        """
        found = frozenset(item.item_id for item in await self._store.get_group(STREAM, GROUP))
        if found != self.paused:
            self.paused = found
            self._apply(found)

    async def follow(self) -> None:
        """Hear of changes from now on."""
        await self._feed.join(self, Address(STREAM, GROUP))

    async def stop(self) -> None:
        """Hear of nothing more."""
        await self._tasks.cancel()

    async def pause(self, step_id: str, *, now_ms: int) -> None:
        """Start nothing of this step from now on; what runs goes on.

        Raises:
            StoreError: It is not paused.
        """
        await self._store.set(Address(STREAM, GROUP, step_id), orjson.dumps({"sinceMs": now_ms}))
        await self.load()

    async def resume(self, step_id: str) -> None:
        """Go on.

        Raises:
            StoreError: It is still paused.
        """
        await self._store.delete(Address(STREAM, GROUP, step_id))
        await self.load()

    def deliver(self, frame: Frame) -> None:
        """See `services.Watcher`: something has changed, here or on another core."""
        self._is_stale = True
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._read())

    async def _read(self) -> None:
        try:
            while self._is_stale:
                self._is_stale = False
                try:
                    await self.load()
                except StoreError as error:
                    self._log.record("error", f"what is paused cannot be read: {error.message}")
                    self._is_stale = True
                    await asyncio.sleep(STORE_RETRY_S)
        finally:
            self._is_reading = False
