"""The contexts of tests have the members of the real one; what they lack on purpose is named here."""

from __future__ import annotations

import asyncio

import pytest

from motia.context import Context
from motia.logs import Logger
from motia.sockets import Sockets
from motia.states import State
from motia.streams import Stream, Streams
from motia.testing import MadeLogger, MadeSockets, MadeState, MadeStream, MadeStreams, make_context
from motia_core.testing.fake_context import (
    FakeContext,
    FakeLogger,
    FakeSockets,
    FakeState,
    FakeStream,
    FakeStreams,
)

LEFT_OUT: dict[type, set[str]] = {
    FakeContext: {"signal"},  # a fake is never cancelled
    FakeState: {"get_plain"},  # is what `get` of a fake does
    FakeStreams: {"get"},  # it knows no names: any will do, and the core says which are wrong
}
OF_INSTANCES = {  # what __init__ sets
    Context: {"trace_id", "traceparent", "state", "streams", "sockets", "logger"},
    FakeLogger: {"debug", "info", "warn", "warning", "error"},
}


def members(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")} | OF_INSTANCES.get(kind, set())


@pytest.mark.parametrize(
    ("real", "made"),
    [
        (State, MadeState),
        (Stream, MadeStream),
        (Streams, MadeStreams),
        (Sockets, MadeSockets),
        (Logger, MadeLogger),
        (State, FakeState),
        (Stream, FakeStream),
        (Streams, FakeStreams),
        (Sockets, FakeSockets),
        (Logger, FakeLogger),
    ],
)
def test_every_part_has_the_members_of_the_real_one(real: type, made: type) -> None:
    assert members(real) - members(made) == LEFT_OUT.get(made, set())


def test_contexts_have_the_members_of_the_real_one() -> None:
    wanted = members(Context) - {"attempt_handle"}  # for the SDK
    assert {name for name in wanted if not hasattr(make_context(), name)} == set()
    names = set(FakeContext.__init__.__code__.co_names) | set(dir(FakeContext))
    assert wanted - names == LEFT_OUT[FakeContext]


def test_made_contexts_do_what_the_real_one_does() -> None:
    async def handler() -> None:
        ctx = make_context(state={"g": {"a": 1}, "empty": {}}, streams={"s": {"g": {"1": {"x": 1}}}})
        assert await ctx.state.groups() == ["g"]
        assert await ctx.state.get_versioned("g", "a") == {"value": 1, "version": 1}
        assert await ctx.state.compare_and_set("g", "a", 0, 2) == {"ok": False, "version": 1}
        assert await ctx.state.compare_and_set("g", "a", 1, 2) == {"ok": True, "version": 2}
        assert await ctx.state.compare_and_set("g", "b", 0, 7) == {"ok": True, "version": 1}
        assert await ctx.state.getVersioned("g", "none") == {"value": None, "version": 0}
        assert await ctx.state.get_plain("g", "a") == 2
        assert [item async for item in ctx.streams.s.list_all("g")] == [{"x": 1, "id": "1"}]
        assert await ctx.streams.s.groups() == ["g"]
        assert await ctx.sockets.send("c1", "hello") is True
        assert ctx.messages == [{"connection": "c1", "data": "hello"}]
        assert not ctx.signal.cancelled
        assert await ctx.signal.wait(0.01) is False
        try:
            raise ValueError("no")
        except ValueError as error:
            ctx.logger.exception("failed")
            assert ctx.logs[0].fields == {"error": error}

    asyncio.run(handler())
