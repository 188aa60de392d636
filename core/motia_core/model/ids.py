"""Ids: numbers that grow with time, are unique across restarts of one core, and fit a JavaScript number."""

from __future__ import annotations

from motia_core.clock import Clock

PER_MS = 4096  # ids a millisecond; epoch ms * 4096 stays below 2**53 until 2039


class IdSource:
    """Hands out ids. Starts at the clock, so a restarted core continues above everything it handed out before
    (as long as it hands out fewer than 4 million a second on average, divided by the slots).

    Args:
        at_least: Ids are above it.
        slot: Of cores that share a store each has another one, so that they never make the same id.
        slots: How many there are.
    """

    def __init__(self, clock: Clock, at_least: int = 0, *, slot: int = 0, slots: int = 1) -> None:
        last = max(clock.now_ms() * PER_MS, at_least)
        self._last = last - last % slots + slot
        self._step = slots

    def next(self) -> int:
        """The next id; greater than all before."""
        self._last += self._step
        return self._last
