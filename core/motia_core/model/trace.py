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


class AttemptRecord(NamedTuple):
    """One attempt as it is recorded. A tuple: thousands a second are made, and written as they are."""

    id: int  # invocation id
    trace_id: str
    parent_id: int  # 0: none
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


class TraceSource:
    """Makes new trace contexts and spans."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def start(self, now_ms: int, traceparent: str = "", tracestate: str = "", baggage: str = "") -> TraceContext:
        """The context of a new trace; continues the W3C trace of `traceparent` when that is well-formed."""
        bits = self._random.getrandbits
        n = bits(25)
        trace_id = f"{_PAIRS[n & 1023]}{_PAIRS[n >> 10 & 1023]}{ALPHABET[n >> 20]}-{now_ms % 10_000_000:07d}"
        if traceparent and _TRACEPARENT.fullmatch(traceparent):
            return TraceContext(trace_id, self._span(traceparent), tracestate, baggage)
        ids = (bits(192) | _NOT_ZERO).to_bytes(24, "little").hex()
        return TraceContext(trace_id, f"00-{ids[:32]}-{ids[32:]}-01", "", baggage)

    def child(self, parent: TraceContext, parent_id: int) -> TraceContext:
        """The context of an attempt that `parent_id` caused."""
        return TraceContext(
            parent.trace_id, self._span(parent.traceparent), parent.tracestate, parent.baggage, parent_id
        )

    def _span(self, traceparent: str) -> str:
        return f"{traceparent[:36]}{self._random.getrandbits(64) or 1:016x}{traceparent[52:]}"
