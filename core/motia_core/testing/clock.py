"""A clock that stands still until it is told to go on."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count


class _Alarm:
    """Implements `Alarm`."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None

    def ring(self) -> None:
        callback, self.callback = self.callback, None
        if callback is not None:
            callback()


class VirtualClock:
    """Implements `Clock`. It begins at the machine's time; durations are real ones."""

    def __init__(self) -> None:
        self._now_us = 0
        self._alarms: list[tuple[int, int, _Alarm]] = []  # heap: by due time, then by age
        self._count = count()
        self.restart()

    def restart(self) -> None:
        """Go by the machine's time once more, and forget all alarms."""
        self._now_us = time.time_ns() // 1_000_000 * 1_000
        self._alarms.clear()

    def now_ms(self) -> int:
        return self._now_us // 1000

    def now_us(self) -> int:
        return self._now_us

    def mono_s(self) -> float:
        return time.monotonic()

    def call_at(self, due_ms: int, callback: Callable[[], None]) -> _Alarm:
        alarm = _Alarm(callback)
        if due_ms <= self.now_ms():
            asyncio.get_running_loop().call_soon(alarm.ring)
        else:
            heapq.heappush(self._alarms, (due_ms, next(self._count), alarm))
        return alarm

    @property
    def next_ms(self) -> int | None:
        """When the next alarm rings; None: there is none."""
        alarms = self._alarms
        while alarms and alarms[0][2].callback is None:
            heapq.heappop(alarms)
        return alarms[0][0] if alarms else None

    def move_to(self, now_ms: int) -> None:
        """It is this time now, if it was earlier; alarms that are due by then ring."""
        self._now_us = max(self._now_us, now_ms * 1000)
        while (due_ms := self.next_ms) is not None and due_ms <= self.now_ms():
            heapq.heappop(self._alarms)[2].ring()
