"""`motia.testing.make_context`: a context in memory, for handlers of both kinds."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from motia.testing import make_context


def test_an_async_handler_runs_on_it() -> None:
    async def handler(order: Any, ctx: Any) -> None:
        assert not await ctx.state.get("orders", order["id"])
        await ctx.state.set("orders", order["id"], order)
        await ctx.state.update("orders", order["id"], [{"type": "increment", "path": "/n", "by": 2}])
        await ctx.streams.board.set("g", "1", {"x": 1})
        await ctx.streams["board"].send({"groupId": "g"}, {"type": "ping"})
        ctx.emit(topic="late", delay="5m")  # need not be awaited
        await ctx.emit({"topic": "paid", "data": order})
        await ctx.sleep("1h")
        assert await ctx.wait_for("answer", timeout="1d") == {"ok": True}
        assert await ctx.wait_for("other") is None
        ctx.logger.info("paid", {"id": order["id"]}, more=1)

    ctx = make_context(answers={"answer": {"ok": True}})
    asyncio.run(handler({"id": "7"}, ctx))
    assert ctx.stored == {"orders": {"7": {"id": "7", "n": 2}}}
    assert ctx.items == {"board": {"g": {"1": {"x": 1}}}}
    assert ctx.sent == [{"stream": "board", "channel": {"groupId": "g"}, "event": {"type": "ping"}}]
    assert ctx.emitted == [{"topic": "late", "delay": "5m"}, {"topic": "paid", "data": {"id": "7"}}]
    assert ctx.slept == ["1h"]
    assert (ctx.logs[0].level, ctx.logs[0].message, ctx.logs[0].fields) == ("info", "paid", {"id": "7", "more": 1})


def test_a_plain_handler_gets_its_answers_at_once() -> None:
    ctx = make_context(sync=True, state={"g": {"b": 2, "a": {"n": 1}}}, streams={"s": {"g": {"1": {"x": 1}}}})
    assert ctx.state.get("g", "b") == 2
    assert ctx.state.get("g", "a").n == 1
    assert ctx.state.get_group("g") == [{"n": 1}, 2]
    assert ctx.state.list("g", prefix="a")["items"] == [{"key": "a", "value": {"n": 1}}]
    assert [entry["key"] for entry in ctx.state.list_all("g")] == ["a", "b"]
    assert ctx.state.delete("g", "b") == 2
    assert ctx.streams.s.get("g", "1") == {"x": 1, "id": "1"}
    assert ctx.streams.s.get_group("g") == [{"x": 1, "id": "1"}]
    assert ctx.streams.s.update("g", "1", [{"type": "set", "path": "/y", "value": 2}]) == {"x": 1, "y": 2, "id": "1"}
    assert ctx.streams.s.delete("g", "1") == {"x": 1, "y": 2, "id": "1"}
    assert ctx.streams.s.get("g", "1") is None


def test_run_calls_once_for_a_key() -> None:
    calls: list[int] = []
    ctx = make_context(sync=True)
    assert [ctx.run("k", lambda: calls.append(1) or len(calls)) for _ in range(2)] == [1, 1]  # type: ignore[func-returns-value]
    assert ctx.remembered == {"k": 1}

    async def handler() -> Any:
        async def work() -> int:
            return 5

        made = make_context()
        return [await made.run("k", work), await made.run("k", work), await made.run("other", lambda: 6)]

    assert asyncio.run(handler()) == [5, 5, 6]


@pytest.mark.parametrize(
    ("operations", "value"),
    [
        ([{"type": "set", "path": "", "value": 5}], 5),
        ([{"type": "increment", "path": "/a/b"}], {"a": {"b": 1}, "list": [1]}),
        ([{"type": "append", "path": "/list", "value": 2}], {"list": [1, 2]}),
        ([{"type": "merge", "path": "", "value": {"x": 1}}], {"list": [1], "x": 1}),
        ([{"type": "remove", "path": "/list"}], {}),
    ],
)
def test_updates_are_those_of_the_core(operations: Any, value: Any) -> None:
    ctx = make_context(sync=True, state={"g": {"k": {"list": [1]}}})
    assert ctx.state.update("g", "k", operations) == value
    assert ctx.stored["g"]["k"] == value


def test_a_removed_value_is_gone() -> None:
    ctx = make_context(sync=True, state={"g": {"k": 1}})
    assert ctx.state.update("g", "k", [{"type": "remove", "path": ""}]) is None
    assert ctx.stored["g"] == {}


def test_what_the_core_would_refuse_is_refused() -> None:
    ctx = make_context(sync=True)
    with pytest.raises(ValueError, match="both delay and at"):
        ctx.emit({"topic": "t", "delay": 1, "at": 2})
    with pytest.raises(ValueError, match="does not know the operation 'grow'"):
        ctx.state.update("g", "k", [{"type": "grow", "path": ""}])
    with pytest.raises(ValueError, match="JSON"):
        ctx.state.set("g", "k", object())
    assert ctx.stored == {"g": {}}


def test_what_is_stored_is_not_the_handlers_own_object() -> None:
    ctx, order = make_context(sync=True), {"n": 1}
    ctx.state.set("g", "k", order)
    order["n"] = 2
    ctx.state.get("g", "k")["n"] = 3
    assert ctx.stored == {"g": {"k": {"n": 1}}}
