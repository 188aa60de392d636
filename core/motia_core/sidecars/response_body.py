"""A streamed body on its way from a sidecar to a client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from motia_core.errors import MotiaError, SidecarLostError, StepFailedError
from motia_core.model.failure import Failure, FailureKind

JOINED_BYTES = 256 * 1024

Ended = Callable[[Failure | None], None]


class ResponseBody:
    """Implements `model.http.Chunks`. What the client has not taken yet is bounded by the sidecar's window.

    Args:
        taken: Called with the number of bytes that have gone on to the client so far.
        left: Called when the client does not want the rest.
    """

    def __init__(self, taken: Callable[[int], None], left: Callable[[], None]) -> None:
        self._taken = taken
        self._left = left
        self._chunks: deque[bytes] = deque()
        self._handed_over = 0
        self._acknowledged = 0
        self._waiter: asyncio.Future[None] | None = None
        self._is_over = False
        self._failure: Failure | None = None
        self._is_abandoned = False
        self._ended: Ended = lambda failure: None

    # --- the sidecar's side

    def feed(self, data: bytes) -> None:
        """Another piece has come."""
        if not self._is_over and not self._is_abandoned:  # the sidecar may not have heard of it yet
            self._chunks.append(data)
            self._wake()

    def end(self, failure: Failure | None) -> None:
        """No more will come. The first word counts."""
        if self._is_over:
            return
        self._is_over, self._failure = True, failure
        self._wake()
        self._ended(failure)

    # --- the client's side

    async def next(self) -> bytes:
        """See `Chunks.next`."""
        if self._handed_over > self._acknowledged:
            self._acknowledged = self._handed_over
            if not self._is_over:
                self._taken(self._handed_over)
        while not self._chunks:
            if self._failure is not None:
                raise _error(self._failure)
            if self._is_over:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = self._take()
        self._handed_over += len(data)
        return data

    def _take(self) -> bytes:
        """A few pieces as one: each costs a system call. Not all, so that the sidecar makes more meanwhile."""
        chunks = [self._chunks.popleft()]
        size = len(chunks[0])
        while self._chunks and size + len(self._chunks[0]) <= JOINED_BYTES:
            chunks.append(self._chunks.popleft())
            size += len(chunks[-1])
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def abandon(self) -> None:
        """See `Chunks.abandon`."""
        self._is_abandoned = True
        self._chunks.clear()
        if not self._is_over:
            self._left()

    def on_end(self, ended: Ended) -> None:
        """See `Chunks.on_end`."""
        self._ended = ended
        if self._is_over:
            ended(self._failure)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _error(failure: Failure) -> MotiaError:
    if failure.kind is FailureKind.SIDECAR_LOST:
        return SidecarLostError(failure.message)
    return StepFailedError(failure.message)
