"""What a client of streams has been sent and has not taken: who is too far behind is sent away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 1.0  # that much happens at once, and is with the client a moment later, is no reason


class Backlog:
    """Watches how many bytes wait for one client.

    Args:
        limit: Bytes that may wait for longer than a moment.
        waiting: How many wait now.
        too_slow: Called when the client is too far behind.

    Attributes:
        is_asking: What is sent now is what the client has just asked for: a large group is not held against it.
    """

    __slots__ = ("_asked", "_limit", "_timer", "_too_slow", "_waiting", "is_asking")

    def __init__(self, limit: int, waiting: Callable[[], int], too_slow: Callable[[], None]) -> None:
        self.is_asking = False
        self._limit = limit
        self._waiting = waiting
        self._too_slow = too_slow
        self._asked = 0  # bytes that it asked for and has not taken
        self._timer: asyncio.TimerHandle | None = None

    def sent(self, size: int) -> None:
        """So many bytes more are on their way."""
        if self.is_asking:
            self._asked += size
        elif self._timer is None and self._is_behind():
            self._timer = asyncio.get_running_loop().call_later(PATIENCE_S, self._judge)

    def end(self) -> None:
        """The connection has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_behind(self) -> bool:
        waiting = self._waiting()
        self._asked = min(self._asked, waiting)
        return waiting > self._limit + self._asked

    def _judge(self) -> None:
        self._timer = None
        if self._is_behind():
            self._too_slow()
