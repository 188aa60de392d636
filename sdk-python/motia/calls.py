"""Context calls in flight: sent from any thread, answered on the protocol thread, delivered where they are awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any

from motia._gen.motia.v1 import call_pb2, failure_pb2, sidecar_pb2
from motia.errors import CallError, ContextClosedError, Suspended, WriteInRunError
from motia.outbox import Outbox
from motia.wire import pack

if TYPE_CHECKING:
    from motia.attempt import Attempt
    from motia.run import Run

Convert = Callable[[bytes], Any]


# Set where a function of `ctx.run` runs: it may end although its handler waits somewhere else already.
within_run: ContextVar[bool] = ContextVar("within_run", default=False)


_HELD_BACK = frozenset(
    {"emit", "state_set", "state_update", "state_compare_and_set", "state_delete", "state_clear"}
    | {"stream_set", "stream_delete", "stream_update", "stream_send"}
)


class AsCoroutine:
    """Lets a future pass for a coroutine, so that `create_task(ctx.emit(…))` works. Mixed in behind the future."""

    _steps: Generator[Any, None, Any] | None = None

    def send(self, value: Any) -> Any:
        """As of a coroutine."""
        return self._started().send(value)

    def throw(self, *error: Any) -> Any:
        """As of a coroutine."""
        return self._started().throw(*error)

    def close(self) -> None:
        """As of a coroutine."""
        if self._steps is not None:
            self._steps.close()

    def _started(self) -> Generator[Any, None, Any]:
        if self._steps is None:
            self._steps = iter(self.__await__())  # type: ignore[attr-defined]  # the future's
        return self._steps


Coroutine.register(AsCoroutine)


class Reply(asyncio.Future[Any], AsCoroutine):
    """Awaitable answer of a context call."""


class PendingCall:
    """One call that the core has not answered."""

    __slots__ = ("_lock", "attempt", "convert", "failure", "frame", "loop", "on_settled", "reply", "settled", "value")

    def __init__(self, attempt: Attempt, convert: Convert, loop: asyncio.AbstractEventLoop | None, frame: bytes):
        self.attempt = attempt
        self.convert = convert
        self.loop = loop  # None: a thread without a loop blocks for the answer
        self.frame = frame
        self.reply = Reply(loop=loop) if loop is not None else None
        self.value = b""
        self.failure: failure_pb2.Failure | None = None
        self.settled = False
        self.on_settled: Callable[[], object] | None = None
        if loop is None:
            self._lock = threading.Lock()
            self._lock.acquire()

    def block(self) -> Any:
        """Wait for the answer in this thread."""
        self._lock.acquire()
        if self.failure is not None:
            raise call_error(self.failure)
        return self.convert(self.value)

    def settle(self, answer: call_pb2.CallReply) -> None:
        """Note the answer; on the protocol thread."""
        if answer.HasField("failure"):
            self.failure = answer.failure
            self.attempt.failed_calls.append(self)
        else:
            self.value = answer.value
        if self.loop is None:
            self._lock.release()

    def deliver(self) -> None:
        """Give the answer to who awaits it; on the loop of the caller."""
        reply = self.reply
        if reply is None or reply.done():
            return
        if self.failure is not None:
            reply.set_exception(call_error(self.failure))
            return
        try:
            reply.set_result(self.convert(self.value))
        except Exception as error:  # boundary: the value cannot be read; the handler is told
            reply.set_exception(error)

    def unnoticed_error(self) -> BaseException | None:
        """The error, when nobody has asked for the answer."""
        reply = self.reply
        # asyncio's own mark of an exception that was not retrieved, private but stable since Python 3.4.
        if reply is not None and getattr(reply, "_log_traceback", False):
            return reply.exception()
        return None


class Calls:
    """All unanswered calls of the session."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._ids = count(1)
        self._pending: dict[int, PendingCall] = {}

    def send(self, attempt: Attempt, frame: sidecar_pb2.SidecarFrame, convert: Convert) -> Any:
        """Send a call at once. Under a running loop returns its Reply, elsewhere blocks and returns the value."""
        if attempt.closed:
            refuse_closed(attempt, frame.call.WhichOneof("operation") or "")
        if attempt.atomic and within_run.get():
            refuse_write(attempt, frame.call.WhichOneof("operation") or "")
        call = frame.call
        call.call_id = call_id = next(self._ids) & 0xFFFFFFFF
        call.invocation_id = attempt.id
        call.lease_token = attempt.lease_token
        pending = PendingCall(attempt, convert, asyncio._get_running_loop(), pack(frame))
        self._pending[call_id] = pending
        attempt.open_calls.add(pending)
        self._outbox.send(pending.frame)
        return pending.reply if pending.reply is not None else pending.block()

    def settle(self, answer: call_pb2.CallReply) -> PendingCall | None:
        """Match an answer with its call; None when nobody waits for it."""
        pending = self._pending.pop(answer.call_id, None)
        if pending is not None:
            pending.settle(answer)
        return pending

    def lose(self, why: str) -> list[PendingCall]:
        """Answer all of them with a failure; they are to be delivered."""
        lost, self._pending = list(self._pending.values()), {}
        failure = failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_SIDECAR_LOST, message=why)
        for pending in lost:
            pending.settle(call_pb2.CallReply(failure=failure))
        return lost

    def unanswered(self) -> list[bytes]:
        """Frames to send again after a reconnect."""
        return [pending.frame for pending in list(self._pending.values())]


def refuse_closed(attempt: Attempt, operation: str) -> None:
    """Raise why a closed attempt does not do this. Runs that were under way when it was suspended may end."""
    if attempt.suspension is None or attempt.ended:
        raise ContextClosedError(
            f"the invocation of {attempt.step.reference} has ended, so {operation} is not possible any more: await "
            "everything that uses the context before the handler returns"
        )
    if not within_run.get():
        raise Suspended(
            f"{attempt.step.reference} waits as {attempt.suspension.key!r}, so {operation} is not possible now"
        )


def refuse_write(attempt: Attempt, operation: str) -> None:
    """Raise when a function of `ctx.run` in an atomic step does what is held back until the step completes."""
    if operation in _HELD_BACK:
        raise WriteInRunError(
            f"{operation} within run() of {attempt.step.reference}, which is atomic: a later attempt would remember "
            "the result of run() without what it did. Emit and write outside of run()"
        )


def close_settled(pending: PendingCall | Run) -> None:
    """Let an ending attempt go on that waited for this call. After its delivery, so that errors are seen in order."""
    pending.attempt.open_calls.discard(pending)
    pending.settled = True
    if pending.on_settled is not None:
        pending.on_settled()


def call_error(failure: failure_pb2.Failure) -> CallError:
    """The exception that a handler sees for a failed call."""
    known = failure.kind in failure_pb2.FailureKind.values()
    name = failure_pb2.FailureKind.Name(failure.kind) if known else "FAILURE_KIND_UNSPECIFIED"
    kind = name.removeprefix("FAILURE_KIND_").lower()
    return CallError(failure.message or "the core could not do this", kind=kind, type=failure.type)
