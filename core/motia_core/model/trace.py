"""Trace identity: the 0.x trace id that users see, and the W3C context that travels with it."""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ123456789"  # contract 4.5; 32 characters, five bits each
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_NOT_ZERO = 1 | 1 << 128  # neither the trace id nor the span id of a traceparent may be zero
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class TraceContext(NamedTuple):
    """What is passed from a producer to everything it causes. A tuple: one is made for each attempt."""

    trace_id: str  # for example "Q7KPD-4821907"
    traceparent: str  # W3C; the span of the attempt that carries this context
    tracestate: str = ""
    baggage: str = ""
    parent_id: int = 0  # invocation id of the attempt that caused this one; 0: none
    parent_span: str = ""  # the span of that attempt, or of who sent the request; 16 hex digits


class AttemptRecord(NamedTuple):
    """One attempt as it is recorded. A tuple: thousands a second are made, and written as they are."""

    id: int  # invocation id
    trace_id: str
    parent_id: int  # 0: none; below 0: its run is a replay of that attempt
    step: str  # Step.id
    trigger: str  # "http" | "event" | "cron"
    label: str  # "GET /orders/:id", topic, or cron expression
    attempt: int
    status: str  # "completed" | "failed"
    started_ms: int
    duration_us: int
    error_kind: str  # "" when completed
    error: str  # "Type: message", "" when completed
    traceparent: str
    waited_ms: int  # an event: from its emit to the start of this attempt
    http_status: int  # of the response; 0: there is none
    parent_span: str  # see TraceContext
    batch: int  # with whose details its own are kept; id of an attempt
    delivery_id: int  # of what was delivered; 0: nothing was


class RunRecord(NamedTuple):
    """Everything that one request, event or tick has caused, in sum."""

    trace_id: str
    first_id: int  # of its first attempt
    step: str  # of that
    trigger: str
    label: str
    replay_of: int  # attempt id; 0: it is none
    started_ms: int
    ended_ms: int
    attempts: int
    failed: int
    unresolved: int  # failed attempts after which nothing was tried again
    error: str  # of the latest failed attempt


class LogRecord(NamedTuple):
    """A log record as it is kept."""

    id: int
    time_ms: int
    level: int  # 0 debug, 1 info, 2 warn, 3 error
    step: str  # name; "" outside of a step
    trace_id: str
    message: str
    fields: bytes  # JSON object text, or empty


class SpanRecord(NamedTuple):
    """A span that the user's OpenTelemetry made within an attempt."""

    id: int
    attempt_id: int
    trace_id: str
    span_id: str  # 16 hex digits
    parent_span: str  # of another span, or of the attempt
    name: str
    kind: str  # "internal" | "client" | "server" | "producer" | "consumer"
    time_ms: int  # when the record came
    offset_us: int  # from the start of the attempt to that of the span
    duration_us: int
    error: str  # what its status says, "" when it is not one of an error
    attributes: bytes  # JSON object text, or empty


class RunFilter(NamedTuple):
    """Which runs are asked for; what is empty or 0 matches all."""

    status: str = ""  # "completed" | "failed"
    step: str = ""  # id of a step that took part
    trigger: str = ""
    text: str = ""  # in the trace id, the first step, the label or the error
    since_ms: int = 0
    until_ms: int = 0
    least_ms: int = 0  # duration


class LogFilter(NamedTuple):
    """Which log records are asked for; what is empty or 0 matches all."""

    level: int = 0  # this and graver ones
    step: str = ""
    trace_id: str = ""
    text: str = ""  # in the message or the fields
    since_ms: int = 0
    until_ms: int = 0


class TraceSource:
    """Makes new trace contexts and spans.

    Args:
        sampled: The part of new traces that is marked as sampled; what continues a trace keeps its mark.
    """

    def __init__(self, random: Random, sampled: float = 1) -> None:
        self._random = random
        self._sampled = sampled

    def start(self, now_ms: int, traceparent: str = "", tracestate: str = "", baggage: str = "") -> TraceContext:
        """The context of a new trace; continues the W3C trace of `traceparent` when that is well-formed."""
        bits = self._random.getrandbits
        n = bits(25)
        trace_id = f"{_PAIRS[n & 1023]}{_PAIRS[n >> 10 & 1023]}{ALPHABET[n >> 20]}-{now_ms % 10_000_000:07d}"
        if traceparent and _TRACEPARENT.fullmatch(traceparent):
            return TraceContext(trace_id, self._span(traceparent), tracestate, baggage, 0, traceparent[36:52])
        ids = (bits(192) | _NOT_ZERO).to_bytes(24, "little").hex()
        flags = "01" if self._sampled >= 1 or self._random.random() < self._sampled else "00"
        return TraceContext(trace_id, f"00-{ids[:32]}-{ids[32:]}-{flags}", "", baggage)

    def child(self, parent: TraceContext, parent_id: int) -> TraceContext:
        """The context of an attempt that `parent_id` caused."""
        span = self._span(parent.traceparent)
        parent_span = parent.traceparent[36:52] if parent_id > 0 else ""
        return TraceContext(parent.trace_id, span, parent.tracestate, parent.baggage, parent_id, parent_span)

    def _span(self, traceparent: str) -> str:
        return f"{traceparent[:36]}{self._random.getrandbits(64) or 1:016x}{traceparent[52:]}"
