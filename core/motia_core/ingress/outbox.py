"""Frames that wait for a connection to be sent by a task."""

from __future__ import annotations

import asyncio
from collections import deque

from motia_core.model.stream_frame import Frame

AT_ONCE_BYTES = 64 * 1024


class Outbox:
    """First in, first out. Its owner sees to it that it does not grow."""

    __slots__ = ("_frames", "_is_closed", "_settled", "_size", "_taken", "_wake")

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._taken = 0  # of it: on its way
        self._is_closed = False
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()

    def size(self) -> int:
        """Bytes that wait, and those that were taken last."""
        return self._size

    def put(self, frame: Frame, *, is_first: bool = False) -> None:
        """Send a frame, before all others if it says so."""
        (self._frames.appendleft if is_first else self._frames.append)(frame)
        self._size += len(frame.text)
        self._settled.clear()
        self._wake.set()

    def close(self) -> None:
        """There will be no more frames."""
        self._is_closed = True
        self._settled.set()
        self._wake.set()

    def clear(self) -> None:
        """Forget what waits."""
        self._frames.clear()
        self._size = self._taken

    async def take(self) -> list[Frame]:
        """Some of what waits, once something does; nothing: it is closed. What was taken before has been sent."""
        self._size -= self._taken
        self._taken = 0
        if not self._frames and not self._is_closed:
            self._settled.set()
            self._wake.clear()
            await self._wake.wait()
        frames: list[Frame] = []
        while self._frames and self._taken < AT_ONCE_BYTES:
            frames.append(self._frames.popleft())
            self._taken += len(frames[-1].text)
        return frames

    async def settled(self) -> None:
        """Wait until all has been sent, or the end has come."""
        if self._size or self._is_closed:
            await self._settled.wait()
