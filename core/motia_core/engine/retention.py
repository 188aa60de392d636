"""Removes what is kept for a time only, a little at a time: at the start, and then by one slow timer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from motia_core.clock import Clock
from motia_core.engine.ports import Log, Retention
from motia_core.engine.tasks import Tasks
from motia_core.errors import StoreError
from motia_core.settings import StoreSettings

INTERVAL_S = 60.0
BATCH = 500  # rows at once: others wait for the store no longer than that takes


class Sweeper:
    """Keeps the store within its limits."""

    def __init__(self, retention: Retention, settings: StoreSettings, clock: Clock, log: Log) -> None:
        self._retention = retention
        self._settings = settings
        self._clock = clock
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Tasks(self._broken)
        self._stopped = False

    def start(self) -> None:
        """Sweep now, and again and again until `stop`."""
        self._timer = None
        self._tasks.start(self._sweep())

    async def stop(self) -> None:
        """End with the batch that is being removed."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        await self._tasks.finish()

    async def _sweep(self) -> None:
        try:
            await self._remove(self._expire)
            letters = await self._remove(self._trim)
            if letters:
                self._log.record("info", f"{letters} dead letters were removed: more, or older, than are kept")
        except StoreError as error:
            self._log.record("warn", f"what has expired could not be removed: {error.message}; again later")
        if not self._stopped:
            self._timer = self._loop.call_later(INTERVAL_S, self.start)

    async def _remove(self, batch: Callable[[], Awaitable[int]]) -> int:
        """Until there is nothing more; how many."""
        total = 0
        while not self._stopped:
            removed = await batch()
            total += removed
            if removed < BATCH:
                break
        return total

    async def _expire(self) -> int:
        return await self._retention.expire(self._clock.now_ms(), limit=BATCH)

    async def _trim(self) -> int:
        oldest_ms = self._clock.now_ms() - self._settings.max_dead_letter_age_ms
        keep = self._settings.max_dead_letters
        return await self._retention.trim_dead_letters(keep=keep, oldest_ms=oldest_ms, limit=BATCH)

    def _broken(self, error: BaseException) -> None:
        self._log.record("error", f"expired data is not removed any more by a fault of motia-core: {error!r}")
