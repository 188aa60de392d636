"""Attempts as spans of OpenTelemetry: one for each attempt, and one below it for each of its calls."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from motia_core.model.recording import Packed, where
from motia_core.model.trace import AttemptRecord
from motia_core.telemetry.attributes import attributes

MS = 1_000_000  # nanoseconds
US = 1_000
KINDS = {
    "http": Span.SPAN_KIND_SERVER,
    "event": Span.SPAN_KIND_CONSUMER,
    "cron": Span.SPAN_KIND_INTERNAL,
    "stream": Span.SPAN_KIND_INTERNAL,
}
SYSTEM = "motia"


def spans_of(attempts: Sequence[tuple[AttemptRecord, Packed]]) -> list[Span]:
    """The spans of attempts and of their calls.

    Args:
        attempts: Each with its details as `model.recording.pack` has made them, or ().
    """
    spans = []
    for attempt, packed in attempts:
        came, left, began_ns, calls, _ = packed if packed else ((), (), 0, (), 0)
        span = _attempt(attempt, came, left)
        spans.append(span)
        spans += (_call(span, index, began_ns, *call) for index, call in enumerate(calls))
    return spans


def _attempt(attempt: AttemptRecord, came: Any, left: Any) -> Span:
    _, trace_id, span_id, flags = attempt.traceparent.split("-")
    start_ns = attempt.started_ms * MS
    facts: dict[str, object] = {
        "motia.step": attempt.step,
        "motia.trace_id": attempt.trace_id,
        "motia.trigger": attempt.trigger,
        "motia.attempt": attempt.attempt,
    }
    if attempt.trigger == "http":
        method, _, route = attempt.label.partition(" ")
        facts |= {"http.request.method": method, "http.route": route}
        if attempt.http_status:
            facts["http.response.status_code"] = attempt.http_status
        if came and came[0] == "http":
            facts["url.path"] = came[2]
        name = attempt.label
    elif attempt.trigger == "event":
        facts |= _messaging(attempt.label, "process") | {"motia.waited_ms": attempt.waited_ms}
        name = f"process {attempt.label}"
    else:
        facts["motia.waited_ms"] = attempt.waited_ms
        name = f"{attempt.trigger} {attempt.step}"
    span = Span(
        trace_id=bytes.fromhex(trace_id),
        span_id=bytes.fromhex(span_id),
        parent_span_id=bytes.fromhex(attempt.parent_span),
        flags=int(flags, 16),
        name=name,
        kind=KINDS.get(attempt.trigger, Span.SPAN_KIND_INTERNAL),
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + attempt.duration_us * US,
    )
    if attempt.status == "failed":
        facts["error.type"] = attempt.error_kind
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=attempt.error))
        span.events.append(_exception(span.end_time_unix_nano, attempt, left))
    span.attributes.extend(attributes(facts))
    return span


def _exception(time_ns: int, attempt: AttemptRecord, left: Any) -> Span.Event:
    kind, message, stack = attempt.error_kind, attempt.error, ""
    if left and left[0] == "failure":
        _, failure_kind, error_type, message, stack, _ = left
        kind = error_type or failure_kind
    facts: dict[str, object] = {"exception.type": kind, "exception.message": message}
    if stack:
        file, line = where(stack)
        facts |= {"exception.stacktrace": stack, "code.file.path": file, "code.line.number": line}
    return Span.Event(time_unix_nano=time_ns, name="exception", attributes=attributes(facts))


def _call(parent: Span, index: int, began_ns: int, *call: Any) -> Span:
    kind, target, started_ns, duration_ns, _, size, error, count = call
    start_ns = parent.start_time_unix_nano + max(0, started_ns - began_ns)
    facts: dict[str, object] = {"motia.call": kind, "motia.bytes": size}
    if count > 1:
        facts["motia.count"] = count
    span_kind, name = Span.SPAN_KIND_INTERNAL, f"{kind} {target}"
    if kind == "emit":
        span_kind, name = Span.SPAN_KIND_PRODUCER, f"send {target}"
        facts |= _messaging(target, "send")
    elif kind.startswith(("state.", "stream.")):
        span_kind = Span.SPAN_KIND_CLIENT
        facts |= {"db.system.name": SYSTEM, "db.operation.name": kind, "db.collection.name": target}
    span = Span(
        trace_id=parent.trace_id,
        span_id=blake2b(parent.span_id + index.to_bytes(4), digest_size=8).digest(),  # the same when it is sent again
        parent_span_id=parent.span_id,
        flags=parent.flags,
        name=name,
        kind=span_kind,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + duration_ns,
        attributes=attributes(facts),
    )
    if error:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=error))
    return span


def _messaging(topic: str, operation: str) -> dict[str, object]:
    return {
        "messaging.system": SYSTEM,
        "messaging.destination.name": topic,
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
    }
