"""What tests in another process can ask of a rig: by name, with JSON values. The names are those of `motia/testing`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from motia_core.model.stream import Address
from motia_core.testing.data import group_of, without_mark
from motia_core.testing.errors import RigError
from motia_core.testing.operations import emit_options, to_ms, to_text, to_time_ms
from motia_core.testing.results import Called, Letter, Run
from motia_core.testing.rig import PATIENCE_S, Rig, value_of

Arguments = Mapping[str, Any]
Method = Callable[[Rig, Arguments], Awaitable[Any]]
LINES = 60  # of the log, beside an error


async def _emit(rig: Rig, given: Arguments) -> str:
    return await rig.emit(given["topic"], given.get("data"), emit_options(given.get("options") or {}))


async def _call(rig: Rig, given: Arguments) -> dict[str, Any]:
    outcome = await rig.call(given["step"], given.get("input"), deliver=bool(given.get("deliver")))
    called = Called.of(outcome, list)
    logs = await rig.logs(step="", level="", text="", trace_id=outcome.trace_id, at_least=0)
    return {
        "result": called.result,
        "error": asdict(called.error) if called.error else None,
        "emits": [event_of(event) for event in called.emits],
        "state": [asdict(change) for change in called.state],
        "streams": [asdict(change) for change in called.streams],
        "waits": called.waits,
        "traceId": called.trace_id,
        "logs": [line_of(line) for line in logs],
    }


async def _drain(rig: Rig, given: Arguments) -> None:
    await rig.drain(
        timeout_s=_timeout_s(given),
        retries=given.get("retries", True),
        allow_failures=given.get("allowFailures", False),
    )


async def _advance(rig: Rig, given: Arguments) -> int:
    if "to" in given:
        until_ms = to_time_ms(given["to"], "the time")
    else:
        until_ms = rig.clock.now_ms() + to_ms(given["by"], "the duration")
    await rig.advance(until_ms, timeout_s=_timeout_s(given), allow_failures=given.get("allowFailures", False))
    return rig.clock.now_ms()


def _timeout_s(given: Arguments) -> float:
    return PATIENCE_S if given.get("timeoutMs") is None else given["timeoutMs"] / 1000


async def _now(rig: Rig, given: Arguments) -> int:
    return rig.clock.now_ms()


async def _logs(rig: Rig, given: Arguments) -> list[dict[str, Any]]:
    found = await rig.logs(
        step=given.get("step") or "",
        level=given.get("level") or "",
        text=given.get("text") or "",
        trace_id=given.get("traceId") or "",
        at_least=given.get("atLeast", 1),
    )
    return [line_of(line) for line in found]


async def _run(rig: Rig, given: Arguments) -> dict[str, Any]:
    run = Run.of(given["traceId"], await rig.run(given["traceId"]))
    attempts = [{**asdict(attempt), "durationMs": attempt.duration_ms} for attempt in run.attempts]
    return {"traceId": run.trace_id, "steps": run.steps, "attempts": attempts}


async def _dead_letters(rig: Rig, given: Arguments) -> list[dict[str, Any]]:
    wanted = rig.step(given["step"]).id if given.get("step") else ""
    letters = [Letter.of(one) for one in await rig.dead_letters() if wanted in ("", one.delivery.step_id)]
    return [{**asdict(letter), "id": str(letter.id)} for letter in letters]


async def _waiting(rig: Rig, given: Arguments) -> list[dict[str, Any]]:
    wanted = rig.step(given["step"]).name if given.get("step") else ""
    found = [one for one in await rig.activity.waiting() if wanted in ("", one.step)]
    return [
        {
            "step": one.step,
            "topic": one.topic,
            "data": value_of(one.data) if one.data else None,
            "due": one.due_ms or None,
            "why": one.why,
        }
        for one in found
    ]


async def _redrive(rig: Rig, given: Arguments) -> int:
    return await rig.core.admin.redrive_all()


async def _run_cron(rig: Rig, given: Arguments) -> str:
    return await rig.run_cron(given["step"])


async def _follow_cron(rig: Rig, given: Arguments) -> None:
    rig.follow_cron(follow=given.get("follow", True))


async def _reset(rig: Rig, given: Arguments) -> None:
    await rig.reset()


async def _log_text(rig: Rig, given: Arguments) -> str:
    return rig.log_text()


async def _state(rig: Rig, given: Arguments) -> Any:
    state, operation, group = rig.core.state, given["operation"], given["group"]
    if operation == "group":
        return await group_of(state, group)
    if operation == "clear":
        return value_of(await state.clear(group))
    key = given["key"]
    if operation == "get":
        return value_of(await state.get(group, key))
    if operation == "delete":
        return value_of(await state.delete(group, key))
    if operation == "update":
        return value_of(await state.update(group, key, to_text(given["value"], "operations")))
    ttl_ms = to_ms(given["ttl"], "ttl") if given.get("ttl") is not None else 0
    return value_of(await state.set(group, key, to_text(given["value"], "value"), ttl_ms))


async def _stream(rig: Rig, given: Arguments) -> Any:
    streams, operation = rig.core.streams, given["operation"]
    address = Address(given["stream"], given["group"], given.get("id") or "")
    if operation == "items":
        return [without_mark(item) for item in value_of(await streams.get_group(address.stream, address.group))]
    if operation == "send":
        data = to_text(given["data"], "data") if "data" in given else b""
        return value_of(await streams.send(address, given["type"], data))
    if operation == "set":
        return without_mark(value_of(await streams.set(address, to_text(given["data"], "item"))))
    return without_mark(value_of(await (streams.delete if operation == "delete" else streams.get)(address)))


METHODS: Mapping[str, Method] = {
    "emit": _emit,
    "call": _call,
    "drain": _drain,
    "advance": _advance,
    "now": _now,
    "logs": _logs,
    "logText": _log_text,
    "run": _run,
    "deadLetters": _dead_letters,
    "waiting": _waiting,
    "redrive": _redrive,
    "runCron": _run_cron,
    "followCron": _follow_cron,
    "reset": _reset,
    "state": _state,
    "stream": _stream,
}


async def answer(rig: Rig, method: str, given: Arguments) -> Any:
    """Do what a test asks.

    Raises:
        MotiaError: It cannot be done.
    """
    find = METHODS.get(method)
    if find is None:
        raise RigError(f"the test server does not know {method!r}: this motia-core and this npm package do not match")
    try:
        return await find(rig, given)
    except KeyError as error:
        raise RigError(f"{method} needs {error}") from error


def event_of(event: Any) -> dict[str, Any]:
    """An event, for JSON."""
    return {"topic": event.topic, "data": event.data, "step": event.step, "traceId": event.trace_id}


def line_of(line: Any) -> dict[str, Any]:
    """A log record, for JSON."""
    return {
        "level": line.level,
        "message": line.message,
        "step": line.step,
        "traceId": line.trace_id,
        "fields": line.fields,
    }


def tail(rig: Rig) -> str:
    """The end of the log."""
    return "\n".join(rig.log_text().splitlines()[-LINES:])


def to_line(message: Mapping[str, Any]) -> bytes:
    """A message as one line of JSON."""
    return orjson.dumps(message, default=repr, option=orjson.OPT_NON_STR_KEYS) + b"\n"
