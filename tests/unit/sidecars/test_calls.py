"""What sidecars ask and answer, as the engine sees it: every operation, every outcome, every size."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from motia_core._gen.motia.v1 import call_pb2, failure_pb2, invoke_pb2, sidecar_pb2
from motia_core.errors import PatchError, ProtocolViolationError
from motia_core.model.event import EmitOptions
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpResponse, SocketMessage
from motia_core.model.invocation import Outcome, Suspended
from motia_core.sidecars.calls import ANSWERS, PAYLOADS
from motia_core.sidecars.codec import LONGEST_MS
from motia_core.sidecars.outbox import MAX_FRAME_BYTES
from tests.unit.sidecars.test_session import LIMIT, Peer, api, complete, connected, event

KEY = {"group_id": "g", "key": "k"}
ITEM = {"stream": "s", "group_id": "g", "id": "i"}
NEVER = 2**64 - 1

ASKED: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "emit": ({"topic": "t", "data": b"1"}, ("t", b"1", EmitOptions())),
    "remember": ({"key": "k", "value": b"1"}, ("k", b"1")),
    "state_get": (KEY, ("g", "k")),
    "state_set": ({**KEY, "value": b"1", "ttl_ms": 5}, ("g", "k", b"1", 5)),
    "state_get_versioned": (KEY, ("g", "k")),
    "state_update": ({**KEY, "operations": b"[]"}, ("g", "k", b"[]")),
    "state_compare_and_set": (
        {**KEY, "expected_version": 7, "value": b"1", "ttl_ms": 5},
        ("g", "k", 7, b"1", 5),
    ),
    "state_list": ({"group_id": "g", "prefix": "p", "cursor": "c", "limit": 9}, ("g", "p", "c", 9)),
    "state_groups": ({}, ()),
    "stream_groups": ({"stream": "s"}, ("s",)),
    "state_delete": (KEY, ("g", "k")),
    "state_get_group": ({"group_id": "g"}, ("g",)),
    "state_clear": ({"group_id": "g"}, ("g",)),
    "stream_get": (ITEM, ("s", "g", "i")),
    "stream_set": ({**ITEM, "data": b"{}"}, ("s", "g", "i", b"{}")),
    "stream_delete": (ITEM, ("s", "g", "i")),
    "stream_get_group": ({"stream": "s", "group_id": "g"}, ("s", "g")),
    "stream_send": ({**ITEM, "type": "t", "data": b"1"}, ("s", "g", "i", "t", b"1")),
    "stream_update": ({**ITEM, "operations": b"[]"}, ("s", "g", "i", b"[]")),
    "stream_list": ({"stream": "s", "group_id": "g", "cursor": "c", "limit": 9}, ("s", "g", "c", 9)),
    "socket_send": (
        {"connection_id": "c", "path": "/p", "data": b"1", "is_text": True, "excluded": ["x"]},
        ("c", "/p", SocketMessage(b"1", is_text=True), ("x",)),
    ),
    "socket_close": ({"connection_id": "c", "code": 4000, "reason": "r"}, ("c", 4000, "r")),
}
WHOLE_EMIT = {
    "topic": "t",
    "data": b"1",
    "message_group_id": "m",
    "delay_ms": 0,
    "idempotency_key": "i",
    "idempotency_window_ms": 4,
    "priority": -5,
}


async def ask(peer: Peer, operation: str, fields: dict[str, Any]) -> call_pb2.CallReply:
    """Ask from within a running invocation."""
    if not peer.session.running:
        peer.pool.invoke(event())
        await peer.hear()
    call = call_pb2.Call(call_id=9, invocation_id=1, lease_token=77, **{operation: fields})
    peer.say(sidecar_pb2.SidecarFrame(call=call))
    [frame] = await peer.hear()
    return frame.call_reply


def test_every_operation_is_answered() -> None:
    operations = {field.name for field in call_pb2.Call.DESCRIPTOR.oneofs_by_name["operation"].fields}
    assert operations == set(ANSWERS) == set(ASKED)


@pytest.mark.parametrize("operation", ASKED)
def test_call_reaches_the_engine_whole(operation: str) -> None:
    fields, args = ASKED[operation]

    async def scenario() -> None:
        async with connected() as peer:
            assert (await ask(peer, operation, fields)).value == b"1"
            assert peer.calls.asked == [(operation, *args)]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        (WHOLE_EMIT, EmitOptions("m", 0, 0, "i", 4, -5)),
        ({"topic": "t", "at_unix_ms": 8}, EmitOptions(at_ms=8)),
        ({"topic": "t", "delay_ms": NEVER}, EmitOptions(delay_ms=LONGEST_MS)),
        ({"topic": "t", "at_unix_ms": NEVER}, EmitOptions(at_ms=LONGEST_MS)),
    ],
)
def test_options_of_an_emit(fields: dict[str, Any], options: EmitOptions) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            await ask(peer, "emit", fields)
            assert peer.calls.asked[0][3] == options

    asyncio.run(scenario())


def test_emit_with_delay_and_time_is_refused() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            reply = await ask(peer, "emit", {"topic": "t", "delay_ms": 1, "at_unix_ms": 1})
            assert "both delay_ms and at_unix_ms" in reply.failure.message
            assert peer.calls.asked == []

    asyncio.run(scenario())


def test_error_of_the_engine_is_a_failure_of_the_call() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.calls.answer = PatchError("operation 1 …")
            failure = (await ask(peer, "state_update", {**KEY, "operations": b"[]"})).failure
            assert (failure.kind, failure.type) == (failure_pb2.FAILURE_KIND_INTERNAL, "PatchError")
            assert failure.message == "operation 1 …"

    asyncio.run(scenario())


# --- sizes


@pytest.mark.parametrize(("operation", "field"), PAYLOADS.items())
def test_payload_of_a_call_has_a_limit(operation: str, field: str) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            reply = await ask(peer, operation, {**ASKED[operation][0], field: b"1" * LIMIT})
            assert reply.value == b"1"
            reply = await ask(peer, operation, {**ASKED[operation][0], field: b"1" * (LIMIT + 1)})
            assert reply.failure.kind == failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE
            assert "max_payload_bytes is 1,000" in reply.failure.message
            assert len(peer.calls.asked) == 1

    asyncio.run(scenario())


def test_every_field_that_holds_json_has_a_limit() -> None:
    found = {
        (operation.name, field.name)
        for operation in call_pb2.Call.DESCRIPTOR.oneofs_by_name["operation"].fields
        for field in operation.message_type.fields
        if field.type == field.TYPE_BYTES
    }
    assert found == set(PAYLOADS.items())


def test_all_that_is_remembered_has_a_limit_together() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            work = event()
            work.remembered = {"a": b"1" * 600}
            peer.pool.invoke(work)
            await peer.hear()
            assert (await ask(peer, "remember", {"key": "b", "value": b"1" * 400})).value == b"1"
            reply = await ask(peer, "remember", {"key": "b", "value": b"1" * 401})
            assert reply.failure.kind == failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE
            assert "ctx.run" in reply.failure.message

    asyncio.run(scenario())


def test_answer_that_no_message_can_hold_is_a_failure() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.calls.answer = b"1" * (MAX_FRAME_BYTES + 1)
            reply = await ask(peer, "state_get_group", {"group_id": "g"})
            assert reply.failure.kind == failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE

    asyncio.run(scenario())


def test_invocation_that_no_message_can_hold_fails_and_costs_no_slot() -> None:
    async def scenario() -> None:
        async with connected(slots=1) as peer:
            work = event()
            work.remembered = {"a": b"1" * (MAX_FRAME_BYTES + 1)}
            failure = await peer.pool.invoke(work)
            assert isinstance(failure, Failure)
            assert failure.kind is FailureKind.PAYLOAD_TOO_LARGE
            peer.pool.invoke(event(2))
            assert [frame.invoke.invocation_id for frame in await peer.hear()] == [2]

    asyncio.run(scenario())


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_body_of_a_response_has_a_limit(size: int) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            outcome = peer.pool.invoke(api())
            peer.say(complete(api(), http=invoke_pb2.HttpResponse(status=200, body=b"1" * size)))
            if size == LIMIT:
                assert isinstance(await outcome, HttpResponse)
            else:
                failure = await outcome
                assert isinstance(failure, Failure)
                assert failure.kind is FailureKind.PAYLOAD_TOO_LARGE

    asyncio.run(scenario())


# --- waits


async def suspend(peer: Peer, suspended: dict[str, Any]) -> Outcome:
    outcome = peer.pool.invoke(event())
    peer.say(complete(event(), suspended=suspended))
    return await outcome


def test_what_is_remembered_travels_with_the_invocation() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            work = event()
            work.remembered = {"charge": b'{"id":1}', "sleep:1": b"null"}
            peer.pool.invoke(work)
            [frame] = await peer.hear()
            entries = [(entry.key, entry.value) for entry in frame.invoke.remembered]
            assert entries == [("charge", b'{"id":1}'), ("sleep:1", b"null")]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("frame", "outcome"),
    [
        ({"key": "sleep:1", "sleep_ms": 500}, Suspended("sleep:1", 500)),
        ({"key": "sleep:1", "sleep_ms": 0}, Suspended("sleep:1")),
        ({"key": "sleep:1", "sleep_ms": NEVER}, Suspended("sleep:1", LONGEST_MS)),
        ({"key": "w", "wait_for": {"topic": "t"}}, Suspended("w", topic="t")),
        (
            {"key": "w", "wait_for": {"topic": "t", "match": b'{"a":1}', "timeout_ms": 9}},
            Suspended("w", topic="t", match=b'{"a":1}', timeout_ms=9),
        ),
    ],
)
def test_handler_that_waits(frame: dict[str, Any], outcome: Outcome) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            assert await suspend(peer, frame) == outcome

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("wait", "message"),
    [
        ({"topic": ""}, "the wait 'w' has no topic"),
        ({"topic": "t", "match": b"[1]"}, "match that is not a JSON object: it is a JSON list"),
        ({"topic": "t", "match": b"{"}, "match that is not a JSON object"),
        ({"topic": "t", "match": b'{"a":"' + b"x" * LIMIT + b'"}'}, "match of the wait 'w' has 1,008 bytes"),
    ],
)
def test_wait_that_makes_no_sense_is_a_failure(wait: dict[str, Any], message: str) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            failure = await suspend(peer, {"key": "w", "wait_for": wait})
            assert isinstance(failure, Failure)
            assert message in failure.message

    asyncio.run(scenario())


@pytest.mark.parametrize("frame", [{"key": "", "sleep_ms": 1}, {"key": "w"}])
def test_wait_that_does_not_say_what_for_ends_the_session(frame: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with connected() as peer:
            peer.pool.invoke(event())
            with pytest.raises(ProtocolViolationError):
                peer.say(complete(event(), suspended=frame))

    asyncio.run(scenario())


def test_api_step_cannot_wait() -> None:
    async def scenario() -> None:
        async with connected() as peer:
            outcome = peer.pool.invoke(api())
            peer.say(complete(api(), suspended={"key": "sleep:1", "sleep_ms": 1}))
            failure = await outcome
            assert isinstance(failure, Failure)
            assert "api step cannot sleep or wait" in failure.message

    asyncio.run(scenario())
