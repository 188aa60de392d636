"""One attempt of a step, from trigger to outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from motia_core.model.calls import CallLimits, CallLog
from motia_core.model.failure import Failure
from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.model.staged import Staged
from motia_core.model.step import Step
from motia_core.model.stream import HookAnswer, StreamHook
from motia_core.model.trace import TraceContext


class Pool(IntEnum):
    """Who may use a slot; the numbers of Pool in lifecycle.proto."""

    API = 1
    BACKGROUND = 2


class CancelReason(IntEnum):
    """Why an attempt is stopped; the numbers of CancelReason in invoke.proto."""

    TIMEOUT = 1
    CLIENT_GONE = 2
    USER = 3
    SHUTDOWN = 4


@dataclass(slots=True)
class EventInput:
    """What an event handler gets."""

    topic: str
    data: bytes
    message_group_id: str
    emitted_ms: int


@dataclass(slots=True)
class CronTick:
    """What started a cron step."""

    scheduled_ms: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """A handler waits for a time or an event; see invoke.proto."""

    key: str
    sleep_ms: int = 0
    topic: str = ""  # empty: it sleeps
    match: bytes = b""  # JSON object text, or empty
    timeout_ms: int = 0  # 0: without an end


Trigger = HttpRequest | EventInput | CronTick | StreamHook


@dataclass(slots=True)
class Invocation:
    """One attempt that is to be run by a sidecar."""

    id: int
    lease_token: int  # random; fences late answers
    step: Step
    attempt: int
    max_attempts: int
    pool: Pool
    timeout_ms: int  # 0: no limit of the step's own
    trace: TraceContext
    trigger: Trigger
    started_ms: int
    started_mono_ns: int = 0  # set when it is run; durations come from it
    delivery_id: int = 0  # event and cron steps
    remembered: dict[str, bytes] = field(default_factory=dict)  # by key; of event and cron steps
    in_doubt: set[str] = field(default_factory=set)  # keys of which it is not known whether they are remembered
    staged: Staged | None = None  # what an atomic step has done so far
    call_limits: CallLimits | None = None  # when what it asks for is recorded
    calls: CallLog | None = None  # that; none: it has asked for nothing yet

    def producer(self) -> TraceContext:
        """What is passed to everything that this attempt causes."""
        trace = self.trace
        return TraceContext(trace.trace_id, trace.traceparent, trace.tracestate, trace.baggage, self.id)


@dataclass(frozen=True, slots=True)
class Done:
    """An event or cron handler returned."""


Outcome = HttpResponse | Done | Failure | Suspended | HookAnswer
