"""Time as a collaborator, so that tests of the engine decide what time it is."""

from __future__ import annotations

import time
from typing import Protocol


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


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def now_us(self) -> int:
        return time.time_ns() // 1_000

    def mono_s(self) -> float:
        return time.monotonic()
