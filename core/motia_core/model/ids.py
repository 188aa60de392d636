"""Ids: numbers that grow with time, are unique across restarts of one core, and fit a JavaScript number."""

from __future__ import annotations

from motia_core.clock import Clock

PER_MS = 4096  # ids a millisecond; epoch ms * 4096 stays below 2**53 until 2039


class IdSource:
    """Hands out ids. Starts at the clock, so a restarted core continues above everything it handed out before
    (as long as it hands out fewer than 4 million a second on average)."""

    def __init__(self, clock: Clock, at_least: int = 0) -> None:
        self._last = max(clock.now_ms() * PER_MS, at_least)

    def next(self) -> int:
        """The next id; greater than all before."""
        self._last += 1
        return self._last
