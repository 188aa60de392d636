"""Records every attempt, in batches and off the hot path, and knows which are running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from motia_core.engine.records import TraceStore
from motia_core.errors import (
    RequestSchemaError,
    SidecarLostError,
    StepFailedError,
    StepNotLoadedError,
    StepTimeoutError,
)
from motia_core.model.calls import STATE_WRITES, CallLimits
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.model.invocation import CronTick, EventInput, Invocation, Outcome
from motia_core.model.recording import Details, Limits, pack
from motia_core.model.stream import StreamHook
from motia_core.model.trace import AttemptRecord
from motia_core.settings import TracingSettings

FLUSH_S = 0.2  # how long a record waits for company
BATCH = 250  # records; flushed at once when so many wait: handing over more takes long enough to be noticed

ANSWERS = {  # what clients get when an attempt fails; 0: they have left
    FailureKind.TIMEOUT: StepTimeoutError.http_status,
    FailureKind.SIDECAR_LOST: SidecarLostError.http_status,
    FailureKind.LOAD_ERROR: StepNotLoadedError.http_status,
    FailureKind.SCHEMA: RequestSchemaError.http_status,
    FailureKind.CANCELLED: 0,
}

_record = tuple.__new__

Listener = Callable[[Sequence[AttemptRecord], Details], None]


class Tracer:
    """Buffers attempt records and hands them to the trace store as lists."""

    def __init__(self, store: TraceStore, settings: TracingSettings | None = None) -> None:
        settings = settings or TracingSettings()
        self.running: dict[int, Invocation] = {}  # by id, oldest first
        self.on_flush: Listener | None = None  # hears what is handed over
        self.on_begin: Callable[[Invocation], None] | None = None  # hears of attempts that begin
        self._store = store
        self._is_on = settings.record != "off"
        self._has_details = settings.record == "all"
        redact = frozenset(map(str.lower, settings.redact))
        calls = CallLimits(settings.max_calls, settings.max_payload_bytes)
        self._limits = Limits(settings.max_payload_bytes, calls, redact)
        self._buffer: list[AttemptRecord] = []
        self._batch = 0
        self._details: Details = []
        self._writes: list[tuple[str, int]] = []

    def begin(self, invocation: Invocation) -> None:
        """An attempt begins."""
        self.running[invocation.id] = invocation
        if self.on_begin is not None:
            self.on_begin(invocation)
        if self._has_details:
            invocation.call_limits = self._limits.of_calls

    def age_us(self, invocation: Invocation) -> int:
        """For how long an attempt has been running."""
        return (time.monotonic_ns() - invocation.started_mono_ns) // 1000

    def attempt(self, invocation: Invocation, outcome: Outcome, duration_us: int) -> None:
        """Record one attempt that has ended."""
        self.running.pop(invocation.id, None)
        if not self._is_on:
            return
        buffer = self._buffer
        if not buffer:
            self._batch = invocation.id
        buffer.append(to_record(invocation, outcome, duration_us, self._batch))
        if self._has_details:
            self._details.append((invocation.id, pack(invocation, outcome, self._limits)))
            if (log := invocation.calls) is not None:
                self._writes += {(call.target, invocation.id) for call in log if call.kind in STATE_WRITES}
        if len(buffer) == 1:
            asyncio.get_running_loop().call_later(FLUSH_S, self.flush)
        elif len(buffer) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand over what has accumulated."""
        if not self._buffer:
            return
        buffer, self._buffer = self._buffer, []
        details, self._details = self._details, []
        writes, self._writes = self._writes, []
        self._store.record(buffer, details, writes)
        if self.on_flush is not None:
            self.on_flush(buffer, details)


def to_record(invocation: Invocation, outcome: Outcome | None, duration_us: int, batch: int = 0) -> AttemptRecord:
    """An attempt as it is recorded; without an outcome: it runs."""
    trigger, trace = invocation.trigger, invocation.trace
    kind, label, waited_ms = "", "", 0
    if type(trigger) is HttpRequest:
        kind, label = "http", f"{trigger.method} {invocation.step.route}"
    elif type(trigger) is EventInput:
        kind, label = "event", trigger.topic
        waited_ms = max(0, invocation.started_ms - trigger.emitted_ms)
    elif type(trigger) is StreamHook:
        kind, label = "stream", f"{trigger.kind.name.lower()} {'/'.join(filter(None, trigger.address))}"
    elif type(trigger) is CronTick:
        kind, label = "cron", invocation.step.cron
        waited_ms = max(0, invocation.started_ms - trigger.scheduled_ms)
    status, error_kind, error, http_status = "completed", "", "", 0
    if outcome is None:
        status = "running"
    elif type(outcome) is Failure:
        status, error_kind, error = "failed", outcome.kind.value, _describe(outcome)
        if kind == "http":
            http_status = ANSWERS.get(outcome.kind, StepFailedError.http_status)
    elif type(outcome) is HttpResponse:
        http_status = outcome.status
    return _record(  # not by its own constructor, which takes as long as all the rest
        AttemptRecord,
        (
            invocation.id,
            trace.trace_id,
            trace.parent_id,
            invocation.step.id,
            kind,
            label,
            invocation.attempt,
            status,
            invocation.started_ms,
            duration_us,
            error_kind,
            error,
            trace.traceparent,
            waited_ms,
            http_status,
            trace.parent_span,
            batch,
            invocation.delivery_id,
        ),
    )


def _describe(failure: Failure) -> str:
    return f"{failure.type}: {failure.message}" if failure.type else failure.message
