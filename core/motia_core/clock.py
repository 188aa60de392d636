"""Time as a collaborator, so that tests of the engine decide what time it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

LONGEST_SLEEP_S = 60.0  # the wall clock may be set while we sleep: look at it again after so long


class Alarm(Protocol):
    """Something that will happen at a time."""

    def cancel(self) -> object:
        """It will not."""
        ...


class Clock(Protocol):
    """What the engine asks about time."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch; what is stored and shown."""
        ...

    def now_us(self) -> int:
        """Microseconds since the Unix epoch; what ids are made from."""
        ...

    def mono_s(self) -> float:
        """Seconds of a clock that never jumps; what durations are measured with."""
        ...

    def call_at(self, due_ms: int, callback: Callable[[], None]) -> Alarm:
        """Call back at a time (ms since the epoch), or earlier: look at the clock then."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def now_us(self) -> int:
        return time.time_ns() // 1_000

    def mono_s(self) -> float:
        return time.monotonic()

    def call_at(self, due_ms: int, callback: Callable[[], None]) -> Alarm:
        return sleep(due_ms - self.now_ms(), callback)


def sleep(wait_ms: int, callback: Callable[[], None]) -> Alarm:
    """Call back after a while, which the loop counts; when that is long, earlier."""
    return asyncio.get_running_loop().call_later(min(max(0, wait_ms) / 1000, LONGEST_SLEEP_S), callback)
