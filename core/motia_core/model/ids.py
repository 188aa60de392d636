"""Ids: numbers that grow with time, are unique across restarts of one core, and fit a JavaScript number."""

from __future__ import annotations

from motia_core.clock import Clock

PER_MS = 4096  # ids a millisecond; epoch ms * 4096 stays below 2**53 until 2039
US_PER_MS = 1_000


class IdSource:
    """Hands out ids that grow, with the time and with every id. Those of cores that share a store can be compared, as
    far as their clocks agree; a restarted core continues above everything it handed out before.

    Args:
        clock: Says what time it is.
        at_least: Ids are above it.
        slot: Of cores that share a store each has another one, so that they never make the same id.
        slots: How many there are.
    """

    def __init__(self, clock: Clock, at_least: int = 0, *, slot: int = 0, slots: int = 1) -> None:
        self._now_us = clock.now_us
        self._slot = slot
        self._step = slots
        self._last = at_least - at_least % slots + slot

    def next(self) -> int:
        """The next id; greater than all before."""
        now = self._now_us() * PER_MS // US_PER_MS
        self._last = max(self._last + self._step, now - now % self._step + self._slot)
        return self._last
