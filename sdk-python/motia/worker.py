"""Runs attempts: Invokes come on the protocol thread, handlers run on the user loop or in threads, Completes go out."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import AsyncIterable, Iterable
from typing import Any

from motia import complete
from motia._gen.motia.v1 import invoke_pb2, lifecycle_pb2, sidecar_pb2
from motia.attempt import Attempt
from motia.calls import PendingCall
from motia.context import Context
from motia.current import running
from motia.errors import BadResultError, InputError
from motia.ledger import Ledger
from motia.loaded_step import Step
from motia.middleware import settled
from motia.otel import Tracing
from motia.outbox import take
from motia.prints import end_prints
from motia.request import read_trigger
from motia.response import Answer, read_answer
from motia.runtime import Runtime
from motia.sockets import answer_of
from motia.streaming import ResponseStream, is_streamed
from motia.wire import pack


class Worker:
    """All attempts of this process."""

    def __init__(self, runtime: Runtime, before: Worker | None = None) -> None:
        """Args: before: Of the session before this one, that had loaded the same."""
        self._runtime = runtime
        self._outbox = runtime.outbox
        self._tracing = Tracing(runtime.telemetry)
        self.ledger = Ledger()
        self.steps: dict[str, Step] = {} if before is None else before.steps
        self.hooks: dict[tuple[str, int], Step] = {} if before is None else before.hooks  # of streams, by path and kind
        self.attempts: dict[int, Attempt] = {}  # from Invoke until the Complete is taken from the outbox
        # Not started yet. Who pops an attempt from here may start, cancel or return it: dict.pop is atomic.
        self._waiting: dict[int, Attempt] = {}
        self._doubtful: list[bytes] = []  # completes that are forgotten once sent, of the message sent last
        self._wake_due = False  # on the user loop
        self.idle = asyncio.Event()  # for the drain; set on the protocol thread
        self.idle.set()

    # On the protocol thread.

    def accept(self, invoke: invoke_pb2.Invoke) -> Attempt | None:
        """Take an Invoke. Returns the attempt if it is to be started on the user loop."""
        invocation_id = invoke.invocation_id
        if invocation_id in self.attempts or invocation_id in self.ledger.unconfirmed:
            return None  # sent again after a reconnect
        if invoke.HasField("stream"):
            step = self.hooks.get((invoke.step, invoke.stream.kind))
        else:
            step = self.steps.get(invoke.step)
        attempt = Attempt(invoke, step or Step(invoke.step, (), None, False))
        self.attempts[invocation_id] = attempt
        self.idle.clear()
        if step is None or step.run is None:
            reason = "is not loaded in this sidecar" if step is None else "has no handler: define `handler` in it"
            self._end(attempt, complete.not_loaded(attempt, f"{invoke.step} {reason}"))
            self._outbox.wake()
            return None
        self._waiting[invocation_id] = attempt
        if not step.in_thread:
            return attempt
        self._runtime.threads.submit(lambda: self._run_in_thread(attempt))
        return None

    def cancel(self, invocation_id: int, reason: int, signal_only: bool) -> Attempt | None:
        """Fire an attempt's signal. Returns the attempt if it is to be interrupted."""
        attempt = self.attempts.get(invocation_id)
        if attempt is None or attempt.ended:
            return None
        attempt.interrupted = attempt.interrupted or not signal_only
        attempt.fire_signal(reason)
        if signal_only:
            return None
        if self._waiting.pop(invocation_id, None) is not None:
            self._end(attempt, complete.interrupted(attempt, None, 0))
            self._outbox.wake()
            return None
        return attempt

    def acknowledge_chunks(self, ack: invoke_pb2.ChunkAck) -> None:
        """Pieces of a streamed body have gone on to the client."""
        attempt = self.attempts.get(ack.invocation_id)
        if attempt is not None and attempt.stream is not None:
            attempt.stream.acknowledge(ack.total_bytes)

    def give_back(self) -> list[int]:
        """Take all attempts back that were not started; they are the core's again."""
        returned = []
        for invocation_id in list(self._waiting):
            if self._waiting.pop(invocation_id, None) is not None:
                del self.attempts[invocation_id]
                returned.append(invocation_id)
        self._note_idle()
        return returned

    def abandon(self) -> None:
        """End what would not stop: its Complete is sent, and whatever its handler still does is ignored."""
        for attempt in list(self.attempts.values()):
            if not attempt.ended:
                self._end(attempt, complete.interrupted(attempt, None, attempt.handler_us()))
        self._outbox.wake()

    def collect(self) -> list[bytes]:
        """Everything that has accumulated for the core, in the order of the protocol."""
        started, frames, ended = take(self._outbox.started), take(self._outbox.frames), take(self._outbox.ended)
        for attempt in take(self._outbox.freed):
            self.ledger.free(attempt)
        # A Complete that travels in the same message says that the handler was started.
        accepted = [attempt.id for attempt in started if not attempt.ended]
        batch = [accepted_frame(accepted), *frames] if accepted else frames
        self._doubtful = [attempt.frame for attempt in ended if not attempt.invoke.durable]
        for attempt in ended:
            if self.attempts.pop(attempt.id, None) is not None:
                batch.append(attempt.frame)
                self.ledger.end(attempt)
        batch += self.ledger.credit_frames()
        if ended:
            self._note_idle()
        return batch

    def resume_frames(self) -> list[bytes]:
        """What a resumed session must hear again, and what had not been sent."""
        running = [attempt.id for attempt in self.attempts.values() if attempt.started_ns and not attempt.ended]
        calls = self._runtime.calls.unanswered()
        repeated = set(calls)
        unsent = [frame for frame in take(self._outbox.frames) if frame not in repeated]
        completes = [*self._doubtful, *self.ledger.unconfirmed.values()]
        accepted = [accepted_frame(running)] if running else []
        return [*accepted, *calls, *unsent, *completes, *self.ledger.all_credit_frames()]

    def _note_idle(self) -> None:
        if not self.attempts:
            self.idle.set()

    # On the user loop.

    def on_user_loop(self, starts: list[Attempt], answered: list[PendingCall], interrupts: Iterable[Attempt]) -> None:
        """One batch from the protocol thread."""
        create_task = self._runtime.user_loop.create_task
        for attempt in starts:
            attempt.task = create_task(self._run(attempt))
        if starts:
            self._wake_soon()
        for pending in answered:
            pending.deliver()
        for attempt in interrupts:
            if attempt.task is not None:
                attempt.task.cancel()

    def _wake_soon(self) -> None:
        """Wake the protocol thread at the end of this turn of the loop: what starts and ends in it travels together,
        and this thread is about to sleep, so that the two do not compete for the interpreter."""
        if not self._wake_due:
            self._wake_due = True
            self._runtime.user_loop.call_soon(self._wake)

    def _wake(self) -> None:
        self._wake_due = False
        self._outbox.wake()

    async def _run(self, attempt: Attempt) -> None:
        if not self._begin(attempt):
            return
        try:
            self._tracing.enter(attempt)
            run = attempt.step.run
            assert run is not None  # accept() saw to it
            context = Context(attempt, self._runtime)
            running.set(context)
            result = await run(self._input(attempt), context)
            if hasattr(result, "__await__"):
                result = await settled(result)
            if attempt.is_api:
                result = self._answer(attempt, result)
                if is_streamed(result.body):
                    await ResponseStream(attempt, result, self._runtime).send()
            handler_us = attempt.handler_us()
            if attempt.open_calls:
                await attempt.flush()
            frame = self._outcome(attempt, result, handler_us)
        except BaseException as error:  # boundary: whatever a handler raises is data
            handler_us = attempt.handler_us()
            if attempt.open_calls:
                await flush_or_cancelled(attempt)
            frame = self._failed(attempt, error, handler_us)
        self._end(attempt, frame)
        self._wake_soon()

    # In a thread.

    def _run_in_thread(self, attempt: Attempt) -> None:
        contextvars.copy_context().run(self._run_sync, attempt)

    def _run_sync(self, attempt: Attempt) -> None:
        if not self._begin(attempt):
            return
        try:
            self._tracing.enter(attempt)
            run = attempt.step.run
            assert run is not None  # accept() saw to it
            context = Context(attempt, self._runtime)
            running.set(context)
            result = run(self._input(attempt), context)
            if hasattr(result, "__await__"):
                result = self._await_on_user_loop(attempt, result)
            if attempt.is_api:
                result = self._answer(attempt, result)
                if is_streamed(result.body):
                    self._stream_blocking(attempt, result)
            handler_us = attempt.handler_us()
            if attempt.open_calls:
                attempt.flush_blocking()
            frame = self._outcome(attempt, result, handler_us)
        except BaseException as error:  # boundary: whatever a handler raises is data
            handler_us = attempt.handler_us()
            if attempt.open_calls:
                attempt.flush_blocking()
            frame = self._failed(attempt, error, handler_us)
        self._end(attempt, frame)
        self._outbox.wake()

    def _stream_blocking(self, attempt: Attempt, answer: Answer) -> None:
        stream = ResponseStream(attempt, answer, self._runtime)
        if isinstance(answer.body, AsyncIterable):
            self._await_on_user_loop(attempt, stream.send())
        else:
            stream.send_blocking()

    def _await_on_user_loop(self, attempt: Attempt, result: Any) -> Any:
        future = asyncio.run_coroutine_threadsafe(settled(result), self._runtime.user_loop)
        attempt.task = future
        return future.result()

    # Anywhere.

    def _begin(self, attempt: Attempt) -> bool:
        """Claim the attempt for its handler; False when it was given back or cancelled meanwhile."""
        if self._waiting.pop(attempt.id, None) is None:
            return False
        self._outbox.start(attempt)
        attempt.started_ns = time.perf_counter_ns()
        return True

    def _input(self, attempt: Attempt) -> Any:
        """What the handler gets. Raises InputError when it is not what the step's models take."""
        parser = attempt.step.parser
        if parser is None:
            return read_trigger(attempt.invoke)
        try:
            return parser.parse(read_trigger(attempt.invoke))
        except InputError as error:
            if self._runtime.is_strict or parser.is_strict:
                raise
            if self._runtime.validates:
                Context(attempt, self._runtime).logger.warn(str(error), {"errors": error.errors})
            return read_trigger(attempt.invoke)

    @staticmethod
    def _answer(attempt: Attempt, result: Any) -> Answer:
        """A handler's result taken apart. Raises BadResultError."""
        http = attempt.invoke.http
        if not http.HasField("socket"):
            return read_answer(result)
        answer = answer_of(http, result)
        if is_streamed(answer.body):
            raise BadResultError("an event of a WebSocket connection has one answer: send more with ctx.sockets.send")
        return answer

    def _outcome(self, attempt: Attempt, result: Any, handler_us: int) -> bytes:
        if attempt.suspension is not None and not attempt.interrupted:
            return complete.suspended(attempt, attempt.suspension, handler_us)
        if attempt.failed_calls and (error := attempt.unnoticed_error()):
            raise error
        if attempt.interrupted:
            return complete.interrupted(attempt, None, handler_us)
        return complete.succeeded(attempt, result, handler_us, self._runtime.max_payload_bytes)

    def _failed(self, attempt: Attempt, error: BaseException, handler_us: int) -> bytes:
        if attempt.suspension is not None and isinstance(error, Exception):  # Suspended is none
            logger = Context(attempt, self._runtime).logger
            logger.warn("raised while its attempt was being suspended; nothing comes of it", {"error": error})
        return complete.failed(attempt, error, handler_us)

    def _end(self, attempt: Attempt, frame: bytes) -> None:
        attempt.closed = True
        attempt.frame = frame
        if attempt.printed is not None:
            end_prints(attempt)
        attempt.ended = True
        self._outbox.end(attempt)


async def flush_or_cancelled(attempt: Attempt) -> None:
    """Wait for calls in flight after a failure; a cancellation ends the waiting."""
    try:
        await attempt.flush()
    except asyncio.CancelledError:
        attempt.open_calls.clear()


def accepted_frame(invocation_ids: list[int]) -> bytes:
    """One Accepted for all of them."""
    return pack(sidecar_pb2.SidecarFrame(accepted=invoke_pb2.Accepted(invocation_ids=invocation_ids)))


def returned_frame(invocation_ids: list[int]) -> bytes:
    """One Returned for all of them."""
    return pack(sidecar_pb2.SidecarFrame(returned=lifecycle_pb2.Returned(invocation_ids=invocation_ids)))
