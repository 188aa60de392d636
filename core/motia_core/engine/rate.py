"""A step's rate limit: at most so many starts in any period of a length."""

from __future__ import annotations

from collections import deque

from motia_core.model.step import RateLimit


class RateLimiter:
    """Remembers the latest starts, at most as many as the limit allows."""

    def __init__(self, rate: RateLimit) -> None:
        self._rate = rate
        self._starts: deque[int] = deque(maxlen=rate.limit)  # ms since the epoch, oldest first

    def take(self, now_ms: int) -> int:
        """Count a start now, if one is allowed: 0; otherwise how many ms to wait for one."""
        starts = self._starts
        if starts and starts[-1] > now_ms:  # the clock was set back: waiting for it would take too long
            starts.clear()
        if len(starts) == self._rate.limit and (wait_ms := starts[0] + self._rate.per_ms - now_ms) > 0:
            return wait_ms
        starts.append(now_ms)
        return 0
