"""`ctx.signal`: tells a handler that its attempt is to stop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from motia.attempt import REASONS

if TYPE_CHECKING:
    from motia.attempt import Attempt


class Signal:
    """Cancellation of one attempt, for handlers that want to stop early or clean up."""

    __slots__ = ("_attempt",)

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    @property
    def cancelled(self) -> bool:
        """Whether the attempt is to stop."""
        return self._attempt.cancel_reason != 0

    @property
    def reason(self) -> str | None:
        """ "timeout", "client_gone", "user" or "shutdown"; None while nothing was cancelled."""
        return REASONS.get(self._attempt.cancel_reason, "user") if self.cancelled else None

    def wait(self, timeout_s: float | None = None) -> Any:
        """Wait until the attempt is to stop: `await` it in async handlers, in sync ones it blocks.

        Returns:
            Whether the attempt is to stop; False when `timeout_s` passed first.
        """
        loop = asyncio._get_running_loop()
        return self._wait_blocking(timeout_s) if loop is None else self._wait(loop, timeout_s)

    async def _wait(self, loop: asyncio.AbstractEventLoop, timeout_s: float | None) -> bool:
        fired = asyncio.Event()

        def callback() -> None:
            loop.call_soon_threadsafe(fired.set)

        self._attempt.on_cancel.append(callback)
        try:
            if not self.cancelled:
                await asyncio.wait_for(fired.wait(), timeout_s)
        except asyncio.TimeoutError:
            pass
        finally:
            self._attempt.on_cancel.remove(callback)
        return self.cancelled

    def _wait_blocking(self, timeout_s: float | None) -> bool:
        fired = threading.Event()
        self._attempt.on_cancel.append(fired.set)
        try:
            if not self.cancelled:
                fired.wait(timeout_s)
        finally:
            self._attempt.on_cancel.remove(fired.set)
        return self.cancelled
