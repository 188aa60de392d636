"""What is kept of an attempt, and what is made of it when somebody looks."""

from __future__ import annotations

from typing import Any

import pytest

from motia_core.model.calls import CallLimits, CallLog
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse, SocketEvent, SocketEventKind
from motia_core.model.invocation import CronTick, Done, EventInput, Invocation, Outcome, Pool, Suspended, Trigger
from motia_core.model.recording import Limits, facts, pack, where
from motia_core.model.step import Step, StepType
from motia_core.model.stream import Address, HookAnswer, StreamHook, StreamHookKind
from motia_core.model.trace import TraceContext

STEP = Step("S", "S", "steps/s.step.ts", StepType.API, "typescript", "node")
TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")
LIMITS = Limits(20, CallLimits(3, 20), frozenset({"authorization", "set-cookie"}))
HEADERS = ["host", "h", "authorization", "Bearer secret"]


def shown(trigger: Trigger, outcome: Outcome, calls: CallLog | None = None) -> dict[str, Any]:
    invocation = Invocation(1, 2, STEP, 1, 1, Pool.API, 0, TRACE, trigger, 0, started_mono_ns=1_000_000, calls=calls)
    return facts(pack(invocation, outcome, LIMITS))


def request(body: bytes = b"", body_format: BodyFormat = BodyFormat.NONE, **more: Any) -> HttpRequest:
    return HttpRequest("POST", "/a", [], b'{"q":"1"}', HEADERS, body_format, body, b"", **more)


def test_requests_and_responses_are_kept_without_their_secrets() -> None:
    response = HttpResponse(200, ["Set-Cookie", "id=1", "x-own", "2"], BodyKind.JSON, b'{"ok":true}')
    kept = shown(request(b'{"n":12345678901234567}', BodyFormat.JSON), response)
    assert kept["input"] == {
        "method": "POST",
        "path": "/a",
        "query": {"q": "1"},
        "headers": {"host": "h", "authorization": "…"},
        "body": {"text": '{"n":123456789012345', "cut": True, "bytes": 23},
    }
    assert kept["output"] == {
        "status": 200,
        "headers": {"Set-Cookie": "…", "x-own": "2"},
        "body": {"json": {"ok": True}},
    }
    assert (kept["error"], kept["calls"], kept["callsDropped"]) == (None, [], 0)


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        (b"text", {"text": "text"}),
        (b"\xff\xfe", {"bytes": 2}),
        ("ä".encode() * 15, {"text": "ä" * 10, "cut": True, "bytes": 30}),
        (b"a" + "ä".encode() * 15, {"text": "a" + "ä" * 9, "cut": True, "bytes": 31}),
        (b"", None),
    ],
)
def test_bodies_are_shown_as_what_they_are(data: bytes, payload: Any) -> None:
    assert shown(request(data, BodyFormat.TEXT), Done())["input"]["body"] == payload


def test_what_is_said_to_be_json_and_is_none_is_shown_as_text() -> None:
    response = HttpResponse(200, [], BodyKind.JSON, b"{broken")
    assert shown(CronTick(0), response)["output"]["body"] == {"text": "{broken"}


def test_every_kind_of_trigger_and_outcome_is_shown() -> None:
    assert shown(EventInput("t", b'{"a":1}', "", 0), Done())["input"] == {"json": {"a": 1}}
    assert shown(CronTick(0), Done())["input"] is None
    hook = StreamHook(StreamHookKind.CAN_ACCESS, Address("s", "g"), b'{"user":"a"}')
    asked = shown(hook, HookAnswer(b"true"))
    assert asked["input"] == {"stream": "s", "group": "g", "id": None, "auth": {"json": {"user": "a"}}}
    assert asked["output"] == {"json": True}
    waits = shown(EventInput("t", b"", "", 0), Suspended("k", topic="order.paid"))
    assert (waits["input"], waits["output"]) == (None, {"waitsFor": "order.paid", "key": "k"})
    socket = shown(request(socket=SocketEvent(SocketEventKind.MESSAGE, "c")), Done())
    assert socket["input"]["socket"] == {"type": "message", "connectionId": "c"}


def test_failures_have_their_cause_and_their_place() -> None:
    stack = "Error: x\n    at handler (file:///p/steps/a.step.ts:7:9)\n    at /p/node_modules/lib/index.js:1:1"
    failure = Failure(FailureKind.APPLICATION, "x", "Error", stack, cause=Failure(FailureKind.APPLICATION, "why"))
    assert shown(CronTick(0), failure)["error"] == {
        "kind": "application",
        "type": "Error",
        "message": "x",
        "stack": stack,
        "file": "/p/steps/a.step.ts",
        "line": 7,
        "cause": "why",
    }


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        (
            'Traceback (most recent call last):\n  File "/p/steps/a_step.py", line 3, in handler\n    f()\n'
            '  File "/p/lib.py", line 9, in f\n  File "/v/site-packages/x.py", line 1, in g\nValueError: x',
            ("/p/lib.py", 9),
        ),
        ("Error\n    at /p/a.js:1:2\n    at f (/p/b.js:3:4)", ("/p/a.js", 1)),
        ("Error\n    at f (/p/node_modules/x.js:3:4)", ("/p/node_modules/x.js", 3)),
        ("nothing of the kind", ("", 0)),
        ("", ("", 0)),
    ],
)
def test_a_stack_points_at_the_users_own_code(stack: str, expected: tuple[str, int]) -> None:
    assert where(stack) == expected


def test_calls_are_bounded_and_the_same_ones_are_counted() -> None:
    log = CallLog(most=2, most_bytes=4)
    log.add("state.get", "g/a", 2_000_000, 3_000_000, b"1")
    for number in range(3):
        log.add("stream.set", "s/g/1", 3_000_000, 3_500_000, b"[%d,1,2]" % number)
    log.add("emit", "t", 4_000_000, 4_100_000, b"1")
    calls = shown(CronTick(0), Done(), log)
    assert calls["calls"] == [
        {
            "type": "state.get",
            "target": "g/a",
            "offsetMs": 1.0,
            "durationMs": 1.0,
            "data": {"json": 1},
            "error": None,
            "count": 1,
        },
        {
            "type": "stream.set",
            "target": "s/g/1",
            "offsetMs": 2.0,
            "durationMs": 1.5,
            "data": {"text": "[2,1", "cut": True, "bytes": 7},
            "error": None,
            "count": 3,
        },
    ]
    assert calls["callsDropped"] == 1


def test_a_call_that_failed_stands_by_itself() -> None:
    log = CallLog(most=5, most_bytes=4)
    log.add("state.set", "g/a", 0, 1, b"1")
    log.add("state.set", "g/a", 1, 2, b"1", "StoreFullError: full")
    log.add("state.set", "g/a", 2, 3, b"1")
    assert [(call.error, call.count) for call in log] == [("", 1), ("StoreFullError: full", 1), ("", 1)]
