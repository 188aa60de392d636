"""Records every attempt, in batches and off the hot path."""

from __future__ import annotations

import asyncio

from motia_core.engine.ports import TraceStore
from motia_core.model.failure import Failure
from motia_core.model.http import HttpRequest
from motia_core.model.invocation import EventInput, Invocation, Outcome
from motia_core.model.stream import StreamHook
from motia_core.model.trace import AttemptRecord

FLUSH_S = 0.2  # how long a record waits for company
BATCH = 250  # records; flushed at once when so many wait: handing over more takes long enough to be noticed


class Tracer:
    """Buffers attempt records and hands them to the trace store as lists."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self._buffer: list[AttemptRecord] = []
        self._loop = asyncio.get_running_loop()

    def attempt(self, invocation: Invocation, outcome: Outcome, duration_us: int) -> None:
        """Record one attempt that has ended."""
        trigger = invocation.trigger
        if type(trigger) is HttpRequest:
            kind, label = "http", f"{trigger.method} {invocation.step.route}"
        elif type(trigger) is EventInput:
            kind, label = "event", trigger.topic
        elif type(trigger) is StreamHook:
            kind, label = "stream", f"{trigger.kind.name.lower()} {'/'.join(filter(None, trigger.address))}"
        else:
            kind, label = "cron", invocation.step.cron
        failed = type(outcome) is Failure
        buffer = self._buffer
        buffer.append(
            AttemptRecord(
                invocation.id,
                invocation.trace.trace_id,
                invocation.trace.parent_id,
                invocation.step.id,
                kind,
                label,
                invocation.attempt,
                "failed" if failed else "completed",
                invocation.started_ms,
                duration_us,
                outcome.kind.value if type(outcome) is Failure else "",
                _describe(outcome) if type(outcome) is Failure else "",
                invocation.trace.traceparent,
            )
        )
        if len(buffer) == 1:
            self._loop.call_later(FLUSH_S, self.flush)
        elif len(buffer) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand over what has accumulated."""
        if self._buffer:
            self._store.record(self._buffer)
            self._buffer = []


def _describe(failure: Failure) -> str:
    return f"{failure.type}: {failure.message}" if failure.type else failure.message
