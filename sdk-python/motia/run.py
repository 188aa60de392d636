"""Work of several calls under way, as of `ctx.run`: awaited like a call, and like a call ended before its attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from motia.calls import AsCoroutine, close_settled
from motia.errors import Suspended

if TYPE_CHECKING:
    from motia.attempt import Attempt
    from motia.context import Context


def in_parts(context: Context, parts: Generator[Any, Any, Any]) -> Any:
    """Do what a generator asks for, one call after the other: awaitable under a running loop, the value elsewhere.

    Args:
        parts: Yields what calls of the context give, and gets their answers.
    """
    loop = asyncio._get_running_loop()
    if loop is not None:
        return Run(_awaiting(parts), context.attempt_handle, loop)
    answer = None
    while True:
        try:
            answer = parts.send(answer)
        except StopIteration as end:
            return end.value


async def _awaiting(parts: Generator[Any, Any, Any]) -> Any:
    answer = None
    while True:
        try:
            call = parts.send(answer)
        except StopIteration as end:
            return end.value
        answer = await call


class Run(asyncio.Task[Any], AsCoroutine):
    """A task that its attempt waits for, awaited or not."""

    def __init__(self, work: Coroutine[Any, Any, Any], attempt: Attempt, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(work, loop=loop)
        self.attempt = attempt
        self.settled = False
        self.on_settled: Callable[[], object] | None = None
        attempt.open_calls.add(self)
        self.add_done_callback(Run._note_end)

    def _note_end(self) -> None:
        if self._has_unnoticed_error():
            self.attempt.failed_calls.append(self)
        close_settled(self)

    def unnoticed_error(self) -> BaseException | None:
        """The error, when nobody has asked for the result."""
        error = self.exception() if self._has_unnoticed_error() else None
        return None if isinstance(error, Suspended) else error

    def _has_unnoticed_error(self) -> bool:
        return bool(getattr(self, "_log_traceback", False))  # see PendingCall.unnoticed_error
