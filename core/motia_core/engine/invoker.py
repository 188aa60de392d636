"""Runs one attempt: makes the invocation, watches its deadline, records how it ended."""

from __future__ import annotations

import asyncio
import time
from random import Random

import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Log, Sidecars
from motia_core.engine.staging import Staging
from motia_core.engine.tasks import Tasks
from motia_core.engine.tracing import Tracer
from motia_core.engine.validation import Validation, errors_of
from motia_core.errors import (
    MotiaError,
    RequestSchemaError,
    SidecarLostError,
    StepFailedError,
    StepNotLoadedError,
    StepTimeoutError,
)
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.model.ids import IdSource
from motia_core.model.invocation import CancelReason, EventInput, Invocation, Outcome, Pool, Trigger
from motia_core.model.staged import Staged
from motia_core.model.step import Step
from motia_core.model.trace import TraceContext


class Invoker:
    """Implements `Requests` for the ingress, and runs the attempts of `delivery` and `scheduler`."""

    def __init__(
        self,
        sidecars: Sidecars,
        staging: Staging,
        tracer: Tracer,
        log: Log,
        clock: Clock,
        ids: IdSource,
        validation: Validation,
        *,
        lease_ms: int,
    ) -> None:
        self._sidecars = sidecars
        self._staging = staging
        self._tracer = tracer
        self._log = log
        self._clock = clock
        self._ids = ids
        self._validation = validation
        self._random = Random()
        self._tasks = Tasks(lambda error: None)  # each has somebody who waits for it
        self._deadlines = Deadlines(sidecars, lease_ms / 1000)
        sidecars.on_abandoned(self._ended)

    def invocation(
        self, step: Step, trigger: Trigger, trace: TraceContext, *, pool: Pool, attempt: int = 1, max_attempts: int = 1
    ) -> Invocation:
        """A new attempt of a step."""
        return Invocation(
            self._ids.next(),
            self._random.getrandbits(32),
            step,
            attempt,
            max_attempts,
            pool,
            step.timeout_ms,
            trace,
            trigger,
            self._clock.now_ms(),
        )

    async def run(self, invocation: Invocation) -> Outcome:
        """Run an attempt to its end, whatever that is, and record it.

        Raises:
            NoSidecarError, OverloadedError, DrainingError: The attempt was not started and is not recorded.
        """
        invocation.started_mono_ns = time.monotonic_ns()
        trigger = invocation.trigger
        if type(trigger) is EventInput:
            step, trace_id = invocation.step, invocation.trace.trace_id
            if (failure := self._validation.event(step, trigger.topic, trigger.data, trace_id)) is not None:
                self._ended(invocation, failure)
                return failure
        self._deadlines.add(invocation)
        self._tracer.begin(invocation)
        try:
            outcome = await self._sidecars.invoke(invocation)
        except MotiaError:
            self._tracer.running.pop(invocation.id, None)
            raise
        finally:
            self._deadlines.remove(invocation)
        if type(outcome) is HttpResponse and outcome.chunks is not None:
            answered = outcome
            outcome.chunks.on_end(lambda failure: self._ended(invocation, failure or answered))
        else:
            self._ended(invocation, outcome)
        return outcome

    async def handle(self, step: Step, request: HttpRequest, trace: TraceContext) -> HttpResponse:
        """See `services.Requests.handle`."""
        if not step.has_handler:
            raise StepNotLoadedError(f"step '{step.name}' ({step.path}) has no handler")
        self._validation.request(step, request, trace.trace_id)
        invocation = self.invocation(step, request, trace, pool=Pool.API)
        if step.atomic:
            invocation.staged = Staged(by=invocation.producer())
        try:
            outcome = await self.run(invocation)
        except asyncio.CancelledError:
            # As in 0.x, the handler of a client that has left runs on, unless its step says otherwise.
            self._sidecars.cancel(invocation, CancelReason.CLIENT_GONE, signal_only=not step.cancel_on_disconnect)
            raise
        if type(outcome) is HttpResponse:
            await self._accept(step, invocation, outcome)
            return outcome
        raise self._problem(step, outcome)

    async def _accept(self, step: Step, invocation: Invocation, response: HttpResponse) -> None:
        """Check what the handler answered, and store what it did.

        Raises:
            ResponseSchemaError, StepFailedError: The client must not get it.
        """
        try:
            self._validation.response(step, response, invocation.trace.trace_id)
            if invocation.staged and (failure := await self._commit(invocation.staged)) is not None:
                report_failure(self._log, "error", f"[API] {failure.message}", invocation, failure)
                raise self._problem(step, failure)
        except BaseException:
            if response.chunks is not None:
                response.chunks.abandon()
            raise
        invocation.staged = None  # what a handler does while its answer is on the way takes effect at once

    async def _commit(self, staged: Staged) -> Failure | None:
        """The client may leave meanwhile: what was stored must be handed on all the same."""
        return await self._tasks.undisturbed(self._staging.commit(staged, None))

    def acknowledge(self, invocation: Invocation) -> None:
        """The end of a background attempt is on disk: its sidecar may forget it."""
        self._sidecars.acknowledge(invocation)

    def _ended(self, invocation: Invocation, outcome: Outcome) -> None:
        duration_us = (time.monotonic_ns() - invocation.started_mono_ns) // 1000
        self._tracer.attempt(invocation, outcome, duration_us)
        if type(invocation.trigger) is HttpRequest and invocation.trigger.files:
            for file in invocation.trigger.files:
                file.discard()
        if type(outcome) is Failure and invocation.pool is Pool.API:
            report_failure(self._log, "error", f"[API] {outcome.message}", invocation, outcome)

    def _problem(self, step: Step, outcome: Outcome) -> MotiaError:
        if type(outcome) is not Failure:
            return StepFailedError(f"step '{step.name}' did not answer with a response")
        if outcome.kind is FailureKind.SCHEMA and (errors := errors_of(outcome)):
            return RequestSchemaError(outcome.message, errors=errors)
        if outcome.kind is FailureKind.TIMEOUT:
            return StepTimeoutError(f"step '{step.name}' did not answer in time")
        if outcome.kind is FailureKind.SIDECAR_LOST:
            return SidecarLostError()
        if outcome.kind is FailureKind.LOAD_ERROR:
            return StepNotLoadedError(outcome.message)
        return StepFailedError()


class Deadlines:
    """Cancels attempts whose time is over.

    A step's own limit gets a timer. The lease, which every attempt has, is one timer for all: attempts are kept in
    the order in which they began, so only the oldest needs watching.
    """

    def __init__(self, sidecars: Sidecars, lease_s: float) -> None:
        self._sidecars = sidecars
        self._lease_s = lease_s
        self._loop = asyncio.get_running_loop()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._leases: dict[int, tuple[float, Invocation]] = {}
        self._lease_timer: asyncio.TimerHandle | None = None

    def add(self, invocation: Invocation) -> None:
        if invocation.timeout_ms:
            self._timers[invocation.id] = self._loop.call_later(invocation.timeout_ms / 1000, self._expire, invocation)
            return
        self._leases[invocation.id] = (self._loop.time() + self._lease_s, invocation)
        if self._lease_timer is None:
            self._lease_timer = self._loop.call_later(self._lease_s, self._sweep)

    def remove(self, invocation: Invocation) -> None:
        if invocation.timeout_ms:
            self._timers.pop(invocation.id).cancel()
        else:
            del self._leases[invocation.id]

    def _expire(self, invocation: Invocation) -> None:
        self._sidecars.cancel(invocation, CancelReason.TIMEOUT)

    def _sweep(self) -> None:
        self._lease_timer = None
        now = self._loop.time()
        for due, invocation in list(self._leases.values()):
            if due > now:
                self._lease_timer = self._loop.call_later(due - now, self._sweep)
                return
            self._expire(invocation)
        if self._leases:  # all of them are being cancelled; look again when that should be over
            self._lease_timer = self._loop.call_later(self._lease_s, self._sweep)


def report_failure(log: Log, level: str, message: str, invocation: Invocation, failure: Failure) -> None:
    """Log a failed attempt with its error, so that nobody has to go to the trace for the stack."""
    error = {"type": failure.type, "message": failure.message, "kind": failure.kind.value}
    if failure.stack:
        error["stack"] = failure.stack
    if failure.cause is not None:
        error["cause"] = failure.cause.message
    fields: dict[str, object] = {"error": error, "attempt": invocation.attempt}
    log.record(
        level,
        message,
        step=invocation.step.name,
        trace_id=invocation.trace.trace_id,
        fields=orjson.dumps(fields),
    )
