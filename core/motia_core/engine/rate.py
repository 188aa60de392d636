"""A step's rate limit: at most so many starts in any period of a length."""

from __future__ import annotations

from collections import deque

from motia_core.model.step import RateLimit

FINEST = 1000  # parts of a period that are told apart at most, so that memory does not grow with the limit


class RateLimiter:
    """Counts the starts of the period that ends now. Starts that lie closer together than a part of the period count
    as if all of them were at the time of the latest: never too many, and at most that part too late."""

    def __init__(self, rate: RateLimit) -> None:
        self._limit = rate.limit
        self._per_ms = rate.per_ms
        self._part_ms = rate.per_ms // FINEST if rate.limit > FINEST else 0
        self._starts: deque[list[int]] = deque()  # [first ms, latest ms, how many], oldest first
        self._count = 0

    def take(self, now_ms: int) -> int:
        """Count a start now, if one is allowed: 0; otherwise how many ms to wait for one."""
        starts = self._starts
        while starts and starts[0][1] + self._per_ms <= now_ms:
            self._count -= starts.popleft()[2]
        if starts and starts[-1][1] > now_ms:
            self._set_back(now_ms)
        if self._count >= self._limit:
            return starts[0][1] + self._per_ms - now_ms
        self._count += 1
        if starts and now_ms - starts[-1][0] <= self._part_ms:
            latest = starts[-1]
            latest[1] = now_ms
            latest[2] += 1
        else:
            starts.append([now_ms, now_ms, 1])
        return 0

    def _set_back(self, now_ms: int) -> None:
        """The clock was set back: what lies ahead of it has happened by now."""
        ahead = 0
        while self._starts and self._starts[-1][1] > now_ms:
            ahead += self._starts.pop()[2]
        self._starts.append([now_ms, now_ms, ahead])
