"""Values that tests of several parts need, with what does not matter filled in."""

from __future__ import annotations

from motia_core.model.event import Delivery
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.trace import AttemptRecord, TraceContext

TRACE = TraceContext("Q7KPD-4821907", f"00-{'1' * 32}-{'2' * 16}-01", "vendor=1", "user=ü", 41)


def a_delivery(
    number: int, *, step_id: str = "Work", topic: str = "work", data: bytes = b'{"n":1}', shard: int = 0
) -> Delivery:
    delivery = Delivery(number, topic, step_id, data, TRACE, emitted_ms=1_700_000_000_000, due_ms=0, group_id="g")
    delivery.shard = shard
    return delivery


def a_failure(message: str = "boom") -> Failure:
    cause = Failure(FailureKind.SCHEMA, "inner")
    return Failure(
        FailureKind.APPLICATION,
        message,
        "TypeError",
        "at line 1\n at line 2",
        "python",
        Retry.AFTER,
        500,
        b'{"a":1}',
        cause,
    )


def an_attempt(number: int, *, trace_id: str = "A", step: str = "Work", started_ms: int = 1_000) -> AttemptRecord:
    return AttemptRecord(
        number,
        trace_id,
        0,
        step,
        "event",
        "work",
        1,
        "failed",
        started_ms,
        250,
        "timeout",
        "T: ü",
        "00-1-2-01",
        7,
        0,
        "3",
        0,
        0,
    )
