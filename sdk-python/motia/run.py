"""Work of `ctx.run` under way: it is awaited like a call, and like a call it ends before its attempt does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from motia.calls import AsCoroutine, close_settled
from motia.errors import Suspended

if TYPE_CHECKING:
    from motia.attempt import Attempt


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
