"""Who may do what with streams: the project's functions decide, and without an answer nobody may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from motia_core.engine.stream_access import ProjectAccess
from motia_core.errors import (
    MessageInvalidError,
    MessageRefusedError,
    NoSidecarError,
    NotAvailableError,
    StoreUnavailableError,
    StreamAccessError,
    StreamAuthError,
)
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.invocation import Done, Invocation, Outcome
from motia_core.model.schema import Schema
from motia_core.model.stream import (
    Address,
    HookAnswer,
    Messages,
    Stream,
    StreamHook,
    StreamHookKind,
    StreamMessage,
    hook_step,
)
from tests.fakes.engine import World, event_step, running
from tests.fakes.sidecars import settle

GROUP = Address("board", "room")
HELLO = StreamMessage("say", b'{"text":"hi"}')
CAN_ACCESS, CAN_SEND, JOIN, LEAVE = (
    StreamHookKind.CAN_ACCESS,
    StreamHookKind.CAN_SEND,
    StreamHookKind.JOIN,
    StreamHookKind.LEAVE,
)
REFUSALS: list[Any] = [
    HookAnswer(b"false"),
    HookAnswer(b"null"),
    HookAnswer(b'"true"'),
    HookAnswer(b"1"),
    Failure(FailureKind.APPLICATION, "it threw"),
    Failure(FailureKind.TIMEOUT, "late"),
    NoSidecarError(),
    Done(),
]


@dataclass
class Hooks:
    """The project's functions."""

    answers: dict[StreamHookKind, Any] = field(default_factory=dict)
    asked: list[StreamHook] = field(default_factory=list)

    async def __call__(self, invocation: Invocation) -> Outcome:
        if not isinstance(invocation.trigger, StreamHook):
            return Done()
        self.asked.append(invocation.trigger)
        answer = self.answers[invocation.trigger.kind]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]  # as the test says


Scenario = Callable[[ProjectAccess, Hooks, World], Awaitable[None]]


@asynccontextmanager
async def access_of(stream: Stream, **project: Any) -> AsyncIterator[tuple[ProjectAccess, Hooks, World]]:
    hooks = Hooks()
    async with running(event_step(topics=("said",)), handler=hooks) as world:
        world.catalog.swap(replace(world.catalog.project, streams=(stream,), **project))
        invoker = world.deliveries._with.invoker
        traces = world.deliveries._with.traces
        yield ProjectAccess(world.catalog, invoker, world.deliveries, traces, world.clock, world.log), hooks, world


def check(scenario: Scenario, *kinds: StreamHookKind, messages: Messages | None = None, **project: Any) -> None:
    stream = Stream("board", "board.stream.ts", "typescript", "node", hooks=frozenset(kinds), messages=messages)

    async def run() -> None:
        async with access_of(stream, **project) as world:
            await scenario(*world)

    asyncio.run(run())


def test_without_functions_everybody_may_watch() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        assert await access.authenticate("/", []) == b""
        assert await access.admit(GROUP, b"", "c") == b""
        await access.left(GROUP, b"", "c")
        assert hooks.asked == []

    check(scenario)


def test_unknown_stream_is_not_found() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        with pytest.raises(NotAvailableError, match="Stream chat not found"):
            await access.admit(Address("chat", "room"), b"", "c")
        with pytest.raises(MessageRefusedError):
            await access.send(Address("chat", "room"), b"", "c", HELLO)
        await access.left(Address("chat", "room"), b"", "c")

    check(scenario)


def test_stream_auth_makes_the_context() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[StreamHookKind.AUTHENTICATE] = HookAnswer(b'{"user":"ann"}')
        assert await access.authenticate("/?t=1", ["cookie", "a"]) == b'{"user":"ann"}'
        assert (hooks.asked[0].url, hooks.asked[0].headers) == ("/?t=1", ("cookie", "a"))
        hooks.answers[StreamHookKind.AUTHENTICATE] = HookAnswer(b"null")
        assert await access.authenticate("/", []) == b"null"

    check(scenario, stream_auth=hook_step("streamAuth", "motia.config.ts", "typescript", "node"))


@pytest.mark.parametrize("answer", [answer for answer in REFUSALS if not isinstance(answer, HookAnswer)])
def test_stream_auth_that_fails_refuses(answer: Any) -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[StreamHookKind.AUTHENTICATE] = answer
        with pytest.raises(StreamAuthError, match="Authentication failed"):
            await access.authenticate("/", [])
        assert "streamAuth of motia.config.ts failed" in str(world.log.records)

    check(scenario, stream_auth=hook_step("streamAuth", "motia.config.ts", "typescript", "node"))


def test_closed_streams_are_closed_to_everybody() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        with pytest.raises(StreamAuthError, match="could not be loaded"):
            await access.authenticate("/", [])

    check(scenario, closed_streams="motia.config.ts could not be loaded")


def test_can_access_lets_in() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[CAN_ACCESS] = HookAnswer(b"true")
        await access.admit(GROUP._replace(item_id="7"), b'{"user":"ann"}', "c")
        [asked] = hooks.asked
        assert (asked.address.item_id, asked.auth, asked.connection_id) == ("7", b'{"user":"ann"}', "c")

    check(scenario, CAN_ACCESS)


@pytest.mark.parametrize("answer", REFUSALS)
def test_can_access_refuses(answer: Any) -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[CAN_ACCESS] = answer
        with pytest.raises(StreamAccessError, match="Access denied"):
            await access.admit(GROUP, b"", "c")
        assert len(hooks.asked) == 1  # and not onJoin

    check(scenario, CAN_ACCESS, JOIN)


@pytest.mark.parametrize(
    ("returned", "presence"),
    [("null", b""), ("7", b""), ("{}", b""), ('{"unauthorized":false}', b""), ('{"presence":{"a":1}}', b'{"a":1}')],
)
def test_on_join_lets_in(returned: str, presence: bytes) -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[JOIN] = HookAnswer(returned.encode())
        assert await access.admit(GROUP, b"", "c") == presence

    check(scenario, JOIN)


@pytest.mark.parametrize("answer", [HookAnswer(b'{"unauthorized":true}'), *REFUSALS[4:]])
def test_on_join_refuses(answer: Any) -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[JOIN] = answer
        with pytest.raises(StreamAccessError):
            await access.admit(GROUP, b"", "c")

    check(scenario, JOIN)


@pytest.mark.parametrize("answer", REFUSALS)
def test_on_leave_hears_of_it_and_changes_nothing(answer: Any) -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[LEAVE] = answer
        await access.left(GROUP, b"1", "c")
        assert [asked.kind for asked in hooks.asked] == [LEAVE]

    check(scenario, LEAVE)


def test_message_becomes_an_event() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[CAN_SEND] = HookAnswer(b"true")
        await access.send(GROUP._replace(item_id="7"), b'{"user":"ann"}', "c", HELLO)
        assert hooks.asked[0].message == HELLO
        await settle()
        [event] = [invocation.trigger for invocation in world.sidecars.invoked if not is_hook(invocation)]
        assert event.topic == "said"
        assert json.loads(event.data) == {
            "streamName": "board", "groupId": "room", "id": "7", "type": "say", "data": {"text": "hi"},
            "connectionId": "c", "auth": {"user": "ann"},
        }  # fmt: skip

    check(scenario, CAN_SEND, messages=Messages("said"))


@pytest.mark.parametrize("answer", REFUSALS)
def test_can_send_refuses(answer: Any) -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        hooks.answers[CAN_SEND] = answer
        with pytest.raises(MessageRefusedError):
            await access.send(GROUP, b"", "c", HELLO)
        assert world.store.memory.deliveries == {}

    check(scenario, CAN_SEND, messages=Messages("said"))


def test_stream_without_messages_takes_none() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        with pytest.raises(MessageRefusedError, match="takes no messages"):
            await access.send(GROUP, b"", "c", HELLO)

    check(scenario)


@pytest.mark.parametrize("data", [None, b"7", b'{"text":7}', b"{}"])
def test_message_that_the_schema_does_not_take_is_refused_in_every_mode(data: bytes | None) -> None:
    schema = Schema({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]})

    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        with pytest.raises(MessageInvalidError) as raised:
            await access.send(GROUP, b"", "c", StreamMessage("say", data))
        [error] = raised.value.details["errors"]  # type: ignore[misc]  # a list
        assert error["in"] == "message"
        assert hooks.asked == []
        await access.send(GROUP, b"", "c", HELLO)

    check(scenario, messages=Messages("said", schema))


def test_message_that_cannot_be_stored_is_not_taken() -> None:
    async def scenario(access: ProjectAccess, hooks: Hooks, world: World) -> None:
        world.store.memory.failing = StoreUnavailableError()
        with pytest.raises(StoreUnavailableError):
            await access.send(GROUP, b"", "c", HELLO)

    check(scenario, messages=Messages("said"))


def is_hook(invocation: Invocation) -> bool:
    return isinstance(invocation.trigger, StreamHook)
