"""Recorded attempts as 0.x described them: a trace with its events (contract 10.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from motia_core.engine.logs import NAMES
from motia_core.model.step import Step
from motia_core.model.trace import AttemptRecord, LogRecord
from motia_core.workbench.describe import Facts, log_fields

TYPES = {"http": "api", "event": "event", "cron": "cron"}  # of steps, by what triggers them
# 0.x knew these operations only
STATE = {"getVersioned": "get", "update": "set", "compareAndSet": "set", "list": "getGroup"}
STREAM = {"update": "set", "list": "getGroup"}


def describe_trace(
    attempts: Sequence[AttemptRecord],
    details: Mapping[int, Facts],
    logs: Sequence[LogRecord],
    steps: Mapping[str, Step],
) -> list[Facts]:
    """The traces of a trace group.

    Args:
        attempts: Of one run, oldest first.
        details: What is kept of them, by id: `model.recording.facts`.
        logs: Of the run, oldest first.
        steps: By id.
    """
    names = {attempt.step: steps[attempt.step].name if attempt.step in steps else attempt.step for attempt in attempts}
    events: dict[int, list[Facts]] = {attempt.id: [] for attempt in attempts}
    for record in logs:
        # a record knows its step: it is of the attempt that was the latest then
        of_step = [one.id for one in attempts if names[one.step] == record.step and one.started_ms <= record.time_ms]
        if of_step:
            events[of_step[-1]].append(_log_event(record))
    return [_trace(one, names[one.step], details.get(one.id, {}), events[one.id], steps) for one in attempts]


def _trace(attempt: AttemptRecord, name: str, detail: Facts, logs: list[Facts], steps: Mapping[str, Step]) -> Facts:
    step = steps.get(attempt.step)
    kind = step.type.value if step is not None else TYPES.get(attempt.trigger, "noop")
    calls = [event for call in cast(list[Facts], detail.get("calls", [])) if (event := _event(attempt, call))]
    trace: Facts = {
        "id": str(attempt.id),
        "name": name,
        "parentTraceId": attempt.trace_id,
        "status": attempt.status,
        "startTime": attempt.started_ms,
        "entryPoint": {"type": kind, "stepName": name},
        "events": sorted([*calls, *logs], key=lambda event: cast(float, event["timestamp"])),
    }
    if attempt.status != "running":
        trace["endTime"] = attempt.started_ms + attempt.duration_us // 1000
    if attempt.status == "failed":
        error = cast(Facts, detail.get("error") or {"message": attempt.error})
        trace["error"] = {"message": error["message"], "code": attempt.error_kind, "stack": error.get("stack") or ""}
    return trace


def _log_event(record: LogRecord) -> Facts:
    event: Facts = {"type": "log", "timestamp": record.time_ms, "level": NAMES[record.level], "message": record.message}
    fields = log_fields(record)
    return {**event, "metadata": fields} if fields else event


def _event(attempt: AttemptRecord, call: Facts) -> Facts | None:
    """A call as an event; None for a kind of call that 0.x did not have."""
    about, _, operation = str(call["type"]).partition(".")
    target = str(call["target"])
    at_ms = attempt.started_ms + round(cast(float, call["offsetMs"]))
    value = _value(cast("Facts | None", call["data"]))
    if about == "emit":
        return {"type": about, "timestamp": at_ms, "topic": target, "success": not call["error"], "data": value}
    if about == "state":
        group, _, key = target.partition("/")
        data: Facts = {"groupId": group, "key": key, "value": value}
        return {"type": about, "timestamp": at_ms, "operation": STATE.get(operation, operation), "data": data}
    if about == "stream":
        stream, _, place = target.partition("/")
        group, _, item_id = place.partition("/")
        return {
            "type": about,
            "timestamp": at_ms,
            "streamName": stream,
            "operation": STREAM.get(operation, operation),
            "data": {"groupId": group, "id": item_id, "data": value},
            "calls": call["count"],
            "maxTimestamp": at_ms + round(cast(float, call["durationMs"])),
        }
    return None


def _value(payload: Facts | None) -> object:
    """What a Payload has, as far as it was kept."""
    return None if payload is None else payload.get("json", payload.get("text"))
