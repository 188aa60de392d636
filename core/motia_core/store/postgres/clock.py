"""The database's clock, which the cores that share it have in common: their own may differ by seconds."""

from __future__ import annotations

from collections.abc import Callable

from motia_core.clock import Alarm, Clock, sleep

DRIFT = 0.000_1  # how much faster or slower than the database's clock a core's may be
_US = 1_000_000


class SharedClock:
    """Implements `Clock`: the core's monotonic clock and how far the database's is ahead of it.

    Each answer of the database says between which bounds that lies, and one that comes fast says it well. What was
    known holds on, a little less certain as time goes by; so a core that is busy and hears its answers late stays
    exact, and nobody who sets the machine's clock moves this one.

    Args:
        own: The core's own clocks.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._ahead_us = own.now_us() - self.own_us()  # until the database was asked
        self._bounds_us: tuple[int, int] | None = None
        self._compared_us = 0

    def now_ms(self) -> int:
        return self.now_us() // 1_000

    def now_us(self) -> int:
        return self.own_us() + self._ahead_us

    def mono_s(self) -> float:
        return self._own.mono_s()

    def call_at(self, due_ms: int, callback: Callable[[], None]) -> Alarm:
        return sleep(due_ms - self.now_ms(), callback)

    def own_us(self) -> int:
        """What the core's monotonic clock says, in microseconds; before asking the database."""
        return round(self._own.mono_s() * _US)

    def compare(self, asked_us: int, answer_us: int) -> None:
        """The database was asked at `asked_us`, and said it is `answer_us` (µs since the epoch)."""
        heard_us = self.own_us()
        low, high = answer_us - heard_us, answer_us - asked_us
        if self._bounds_us is not None:
            drift_us = round((heard_us - self._compared_us) * DRIFT)
            known_low, known_high = self._bounds_us[0] - drift_us, self._bounds_us[1] + drift_us
            if known_low <= high and low <= known_high:  # else one of the clocks was set, or slept
                low, high = max(low, known_low), min(high, known_high)
        self._bounds_us, self._compared_us = (low, high), heard_us
        self._ahead_us = (low + high) // 2
