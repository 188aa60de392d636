"""Parts of the project and what was recorded of it as JSON-able values, for the management API and `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable

import orjson

from motia_core.engine.logs import NAMES
from motia_core.engine.services import CronInfo
from motia_core.model.event import DeadLetter
from motia_core.model.failure import Failure
from motia_core.model.project import Problem, Project
from motia_core.model.step import EmitTarget, Step, StepType
from motia_core.model.trace import AttemptRecord, LogRecord, SpanRecord

Facts = dict[str, object]
Describe = Callable[[Step], Facts]


def text_of_json(content: object) -> bytes:
    """JSON text; also of recorded data with integers of any size."""
    try:
        return orjson.dumps(content, default=str)
    except TypeError:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def describe_step(step: Step) -> Facts:
    """A step with the fields of its type."""
    return {
        "id": step.id,
        "name": step.name,
        "type": step.type.value,
        "language": step.language,
        "file": step.path,
        "line": step.line or None,
        "description": step.description,
        "flows": step.flows,
        "emits": [_target(target) for target in step.emits],
        "virtualEmits": [_target(target) for target in step.virtual_emits],
        "virtualSubscribes": step.virtual_subscribes,
        **_OF_TYPE[step.type](step),
    }


def _api(step: Step) -> Facts:
    return {
        "method": step.method,
        "path": step.route,
        "middleware": step.middleware_count,
        "timeoutMs": step.timeout_ms,
        **{name: step.config.get(name) for name in ("bodySchema", "querySchema", "responseSchema", "queryParams")},
    }


def _event(step: Step) -> Facts:
    queue = {
        "type": "fifo" if step.queue.fifo else "standard",
        "maxRetries": step.queue.max_retries,
        "delaySeconds": step.queue.delay_s,
        "concurrency": step.queue.concurrency,
    }
    watches = step.watches.what if step.watches else None
    facts: Facts = {"subscribes": step.subscribes, "watches": watches, "queue": queue, "timeoutMs": step.timeout_ms}
    return {**facts, "inputSchema": step.config.get("input")}


def _cron(step: Step) -> Facts:
    return {"cron": step.cron, "timezone": step.timezone or None, "timeoutMs": step.timeout_ms}


_OF_TYPE: dict[StepType, Describe] = {
    StepType.API: _api,
    StepType.EVENT: _event,
    StepType.CRON: _cron,
    StepType.NOOP: lambda step: {},
}


def _target(target: EmitTarget) -> Facts:
    return {"topic": target.topic, "label": target.label or None, "conditional": target.conditional}


def describe_route(step: Step) -> Facts:
    """An api step as a line in the list of routes."""
    return {
        "method": step.method,
        "path": step.route,
        "step": step.name,
        "language": step.language,
        "file": step.path,
        "line": step.line or None,
    }


def describe_problem(problem: Problem) -> Facts:
    """A problem; `stack` only where there is one."""
    facts: Facts = {
        "severity": problem.severity,
        "file": problem.file,
        "line": problem.line or None,
        "step": problem.step or None,
        "phase": problem.phase,
        "cause": problem.cause,
        "remedy": problem.remedy or None,
    }
    return {**facts, "stack": problem.stack} if problem.stack else facts


def describe_load(project: Project) -> Facts:
    """How much of a project was loaded, and why the rest was not."""
    steps = len(project.steps) + project.failed_steps
    streams = sum(file.kind == "stream" for file in project.files)
    return {
        "steps": {"total": steps, "loaded": len(project.steps)},
        "streams": {"total": streams, "loaded": len(project.streams)},
        "problems": [describe_problem(problem) for problem in project.problems],
    }


def describe_attempt(attempt: AttemptRecord) -> Facts:
    """A recorded attempt."""
    return {
        "id": attempt.id,
        "traceId": attempt.trace_id,
        "parentId": attempt.parent_id if attempt.parent_id > 0 else None,
        "step": attempt.step,
        "trigger": attempt.trigger,
        "label": attempt.label,
        "attempt": attempt.attempt,
        "status": attempt.status,
        "startedMs": attempt.started_ms,
        "durationMs": attempt.duration_us / 1000,
        "waitedMs": attempt.waited_ms,
        "error": {"kind": attempt.error_kind, "message": attempt.error} if attempt.error_kind else None,
        "traceparent": attempt.traceparent,
        "parentSpanId": attempt.parent_span or None,
        "httpStatus": attempt.http_status or None,
        "deliveryId": attempt.delivery_id or None,
    }


def describe_letter(letter: DeadLetter, *, is_whole: bool) -> Facts:
    """A dead letter; `is_whole`: with its data and all failures, not only the last."""
    delivery = letter.delivery
    facts: Facts = {
        "id": delivery.id,
        "queue": letter.queue,
        "topic": delivery.topic,
        "step": delivery.step_id,
        "traceId": delivery.trace.trace_id,
        "attempts": delivery.attempt,
        "emittedMs": delivery.emitted_ms,
        "deadMs": letter.dead_ms,
        "reason": letter.failures[-1].failure.message if letter.failures else "",
    }
    if is_whole:
        facts["messageGroupId"] = delivery.group_id or None
        facts["data"] = orjson.Fragment(delivery.data or b"null")
        facts["failures"] = [
            {"attempt": failed.attempt, "failedMs": failed.failed_ms, **_failure(failed.failure)}
            for failed in letter.failures
        ]
    return facts


def _failure(failure: Failure) -> Facts:
    return {
        "kind": failure.kind.value,
        "type": failure.type or None,
        "message": failure.message,
        "stack": failure.stack or None,
        "language": failure.language or None,
        "details": orjson.Fragment(failure.details) if failure.details else None,
        "cause": _failure(failure.cause) if failure.cause else None,
    }


def describe_cron(info: CronInfo) -> Facts:
    """A cron step with its next due times."""
    step = info.step
    return {
        "step": step.id,
        "name": step.name,
        "cron": step.cron,
        "timezone": step.timezone or None,
        "overlap": step.schedule.overlap,
        "catchUp": step.schedule.catch_up,
        "jitterMs": step.schedule.jitter_ms,
        "nextMs": info.next_ms,
        "lastMs": info.last_ms or None,
        "paused": info.is_paused,
    }


def describe_log(record: LogRecord) -> Facts:
    """A log record as 0.x had it; its fields are there once more by themselves, as their names may be the same."""
    return {**describe_log_as_before(record), "fields": log_fields(record)}


def describe_log_as_before(record: LogRecord) -> Facts:
    """A log record as 0.x had it (contract 10.2)."""
    own: Facts = {
        "id": str(record.id),
        "level": NAMES[record.level],
        "time": record.time_ms,
        "msg": record.message,
        "traceId": record.trace_id or None,
        "step": record.step or None,
    }
    return {**log_fields(record), **own}


def log_fields(record: LogRecord) -> Facts:
    """The fields of a log record."""
    return _object(record.fields, "fields")


def describe_span(span: SpanRecord) -> Facts:
    """A span of the user's."""
    return {
        "spanId": span.span_id,
        "parentSpanId": span.parent_span or None,
        "name": span.name,
        "kind": span.kind,
        "offsetMs": span.offset_us / 1000,
        "durationMs": span.duration_us / 1000,
        "error": span.error or None,
        "attributes": _object(span.attributes, "attributes"),
    }


def _object(text: bytes, name: str) -> Facts:
    """A JSON object; what is none is its only member, of that name."""
    try:
        found = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {name: text.decode(errors="replace")}
    return found if isinstance(found, dict) else {name: found}
