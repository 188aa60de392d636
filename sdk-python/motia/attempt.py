"""One attempt of a step in this process, from Invoke to Complete."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from motia._gen.motia.v1 import invoke_pb2

if TYPE_CHECKING:
    from motia.calls import PendingCall
    from motia.loaded_step import Step
    from motia.progress import Progress
    from motia.run import Run
    from motia.streaming import ResponseStream

REASONS: dict[int, str] = {
    invoke_pb2.CANCEL_REASON_TIMEOUT: "timeout",
    invoke_pb2.CANCEL_REASON_CLIENT_GONE: "client_gone",
    invoke_pb2.CANCEL_REASON_USER: "user",
    invoke_pb2.CANCEL_REASON_SHUTDOWN: "shutdown",
}


class Attempt:
    """What is known of one attempt. Made on the protocol thread, run on the user loop or in a thread."""

    __slots__ = (
        "atomic",
        "cancel_reason",
        "closed",
        "ended",
        "failed_calls",
        "frame",
        "id",
        "interrupted",
        "invoke",
        "is_api",
        "lease_token",
        "on_cancel",
        "open_calls",
        "printed",
        "progress",
        "slot_is_free",
        "started_ns",
        "step",
        "stream",
        "suspension",
        "task",
    )

    def __init__(self, invoke: invoke_pb2.Invoke, step: Step) -> None:
        self.invoke = invoke
        self.step = step
        self.is_api = invoke.HasField("http")
        self.atomic = step.atomic and not self.is_api
        self.id = invoke.invocation_id
        self.lease_token = invoke.lease_token
        self.task: asyncio.Task[None] | Future[Any] | None = None  # what to cancel
        self.frame = b""  # the packed Complete, once there is one
        self.ended = False
        self.closed = False  # no more context calls
        self.cancel_reason = 0
        self.interrupted = False  # cancelled, and not by signal only: the result does not count any more
        self.on_cancel: list[Callable[[], None]] = []
        self.open_calls: set[PendingCall | Run] = set()  # what must end before the Complete
        self.failed_calls: list[PendingCall | Run] = []
        self.progress: Progress | None = None  # once the handler has asked for it
        self.suspension: invoke_pb2.Suspended | None = None  # what the handler waits for
        self.printed: dict[str, str] | None = None  # lines that were begun, by stream, once something was
        self.started_ns = 0
        self.stream: ResponseStream | None = None  # its response, when that goes out piece by piece
        self.slot_is_free = False  # granted again before its end

    def fire_signal(self, reason: int) -> None:
        """Tell whoever watches the signal. The first reason stays."""
        self.cancel_reason = self.cancel_reason or reason or invoke_pb2.CANCEL_REASON_USER
        for callback in list(self.on_cancel):
            callback()

    def handler_us(self) -> int:
        """Microseconds since the handler was started."""
        return (time.perf_counter_ns() - self.started_ns) // 1000 if self.started_ns else 0

    def suspend(self, suspension: invoke_pb2.Suspended) -> None:
        """End the attempt with this wait, whatever its handler still does. The first one counts."""
        self.suspension = self.suspension or suspension
        self.closed = True

    async def flush(self) -> None:
        """Wait for what the handler did not await; on a loop."""
        wake = asyncio.get_running_loop().call_soon_threadsafe
        for pending in self._open_calls():
            settled = asyncio.Event()
            pending.on_settled = partial(wake, settled.set)
            if not pending.settled:
                await settled.wait()

    def flush_blocking(self) -> None:
        """Wait for what the handler did not await; in a thread."""
        for pending in self._open_calls():
            settled = threading.Event()
            pending.on_settled = settled.set
            if not pending.settled:
                settled.wait()

    def _open_calls(self) -> Iterator[PendingCall | Run]:
        if self.interrupted:  # runs end when they like; what the core was asked for is still answered
            yield from [call for call in self.open_calls if not isinstance(call, asyncio.Task)]
            return
        yield from list(self.open_calls)
        yield from list(self.open_calls)  # calls that runs made meanwhile

    def unnoticed_error(self) -> BaseException | None:
        """The error of a call that failed without anybody looking: its effect is missing."""
        return next(filter(None, (call.unnoticed_error() for call in self.failed_calls)), None)
