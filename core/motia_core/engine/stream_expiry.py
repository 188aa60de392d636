"""Removes stream items when their time is over, and changes that are kept no longer: a timer for the next one."""

from __future__ import annotations

import asyncio

from motia_core.clock import Alarm, Clock
from motia_core.engine.ports import Log, StreamStore
from motia_core.engine.tasks import Tasks
from motia_core.errors import StoreError
from motia_core.settings import StreamSettings

BATCH = 500  # items or changes at once: others wait for the store no longer than that takes
RETRY_MS = 5_000  # after the store could not do it
LONGEST_S = 60  # between two looks: another core may have died with its timer, and changes grow old


class StreamExpiry:
    """Watches the time of items that this core sets, and of all that were there before."""

    def __init__(self, store: StreamStore, settings: StreamSettings, clock: Clock, log: Log) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._log = log
        self._loop = asyncio.get_running_loop()
        self.tasks = Tasks(self._broken)
        self._timer: Alarm | None = None  # for the next item
        self._again: asyncio.TimerHandle | None = None  # for another look whatever is due
        self._due_ms = 0  # of the timer
        self._is_working = False
        self._is_stopped = True

    def start(self) -> None:
        """Look now, and whenever something is due, until `stop`."""
        self._is_stopped = False
        self._look()

    async def stop(self) -> None:
        """End with the batch that is being removed."""
        self._is_stopped = True
        for timer in (self._timer, self._again):
            if timer is not None:
                timer.cancel()
        await self.tasks.finish()

    def note(self, ttl_ms: int) -> None:
        """An item was set that stays for so long; 0: for ever."""
        if ttl_ms and not self._is_stopped:
            self._set_timer(self._clock.now_ms() + ttl_ms)

    def _set_timer(self, due_ms: int) -> None:
        if self._timer is not None:
            if self._due_ms <= due_ms:
                return
            self._timer.cancel()
        self._due_ms = due_ms
        self._timer = self._clock.call_at(due_ms, self._look)

    def _look(self) -> None:
        for timer in (self._timer, self._again):
            if timer is not None:
                timer.cancel()
        self._timer = self._again = None
        if not self._is_working:  # else it sets the timer when it is done
            self._is_working = True
            self.tasks.start(self._remove())

    async def _remove(self) -> None:
        try:
            next_ms = await self._expire()
            await self._trim()
        except StoreError as error:
            self._log.record("debug", f"stream items could not be removed in time: {error.message}; again soon")
            next_ms = self._clock.now_ms() + RETRY_MS
        finally:
            self._is_working = False
        if not self._is_stopped and next_ms:
            self._set_timer(next_ms)
        if not self._is_stopped:
            self._again = self._loop.call_later(LONGEST_S, self._look)

    async def _expire(self) -> int:
        while True:
            count, next_ms = await self._store.expire(limit=BATCH)
            if count < BATCH or self._is_stopped:
                return next_ms

    async def _trim(self) -> None:
        oldest_ms = self._clock.now_ms() - self._settings.resume_window_ms
        while not self._is_stopped:
            if await self._store.trim(keep=self._settings.max_changes, oldest_ms=oldest_ms, limit=BATCH) < BATCH:
                return

    def _broken(self, error: BaseException) -> None:
        self._log.record("error", f"stream items are not removed any more by a fault of motia-core: {error!r}")
