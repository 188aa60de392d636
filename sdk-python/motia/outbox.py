"""The way from any thread to the protocol thread: what accumulates is taken in one go, with one wake-up per batch."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from motia.attempt import Attempt

T = TypeVar("T")


class Outbox:
    """Frames, started attempts and ended attempts, waiting to be written."""

    def __init__(self) -> None:
        self.frames: deque[bytes] = deque()
        self.started: deque[Attempt] = deque()
        self.ended: deque[Attempt] = deque()
        self.freed: deque[Attempt] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = asyncio.Event()
        self._woken = False

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the protocol thread's loop. Called once, on that thread."""
        self._loop = loop
        self.wake()

    def send(self, frame: bytes) -> None:
        """Send a packed frame."""
        self.frames.append(frame)
        self.wake()

    def start(self, attempt: Attempt) -> None:
        """Note that this attempt's handler is running. The caller wakes, later: often it has ended by then."""
        self.started.append(attempt)

    def free(self, attempt: Attempt) -> None:
        """Grant this attempt's slot again, though it goes on: it streams. The caller sends."""
        self.freed.append(attempt)

    def end(self, attempt: Attempt) -> None:
        """Send this attempt's Complete. The caller wakes."""
        self.ended.append(attempt)

    def wake(self) -> None:
        """Have the protocol thread look. Cheap when it has not come round to it since the last time."""
        if not self._woken and self._loop is not None:
            self._woken = True
            self._loop.call_soon_threadsafe(self._ready.set)

    async def wait(self) -> None:
        """Wait on the protocol thread until there is something to take."""
        await self._ready.wait()
        self._ready.clear()
        # Lowered before anything is taken: what is added from here on wakes again.
        self._woken = False


def take(items: deque[T]) -> list[T]:
    """Take everything. Safe against threads that append meanwhile."""
    taken: list[T] = []
    try:
        while True:
            taken.append(items.popleft())
    except IndexError:
        return taken
