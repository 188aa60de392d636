"""What tests do with a project, on steps that are given: the real engine and store, and no sidecar."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest

from motia_core.testing import Motia, RigError, StillBusyError, UnexpectedFailureError, start_motia, step


@step({"type": "api", "name": "TakeOrder", "method": "POST", "path": "/orders/:shop", "emits": ["order.taken"]})
async def take_order(req: Any, ctx: Any) -> Any:
    order = {"shop": req["pathParams"]["shop"], **req["body"]}
    await ctx.emit({"topic": "order.taken", "data": order})
    return {"status": 202, "body": {"traceId": ctx.trace_id, "query": req["queryParams"]}}


@step({"type": "event", "name": "Charge", "subscribes": ["order.taken"], "emits": ["order.paid"]})
def charge(order: Any, ctx: Any) -> None:
    ctx.state.set("orders", order["shop"], {**order, "paid": True})
    ctx.logger.info("charged", {"shop": order["shop"]})
    ctx.emit({"topic": "order.paid", "data": order})


@step({"type": "event", "name": "Sleepy", "subscribes": ["sleep"], "emits": ["slept"]})
async def sleepy(data: Any, ctx: Any) -> None:
    first = await ctx.run("first", lambda: data["n"] + 1)
    await ctx.sleep("1h")
    answer = await ctx.wait_for("answer", match={"n": data["n"]}, timeout="1d")
    await ctx.emit({"topic": "slept", "data": [first, answer]})


@step({"type": "event", "name": "Limited", "subscribes": ["limited"], "emits": ["done"], "queue": {"rateLimit": "2/m"}})
async def limited(n: Any, ctx: Any) -> None:
    await ctx.emit({"topic": "done", "data": n})


@step({"type": "event", "name": "Atomic", "subscribes": ["atomic"], "emits": ["atomic.done"], "atomic": True})
async def atomic(fails: Any, ctx: Any) -> None:
    await ctx.emit({"topic": "atomic.done", "data": ctx.attempt})
    await ctx.state.set("atomic", "attempt", ctx.attempt)
    if fails and ctx.attempt == 1:
        raise RuntimeError("once")


@step({"type": "cron", "name": "Nightly", "cron": "0 3 * * *", "timezone": "UTC", "emits": ["night"]})
async def nightly(ctx: Any) -> None:
    await ctx.emit({"topic": "night", "data": None})


@step({"type": "event", "name": "Loop", "subscribes": ["loop"], "emits": ["loop"]})
async def loop(data: Any, ctx: Any) -> None:
    await ctx.emit({"topic": "loop"})


@step(
    {
        "type": "event",
        "name": "Brief",
        "subscribes": ["brief"],
        "emits": [],
        "infrastructure": {"handler": {"timeout": 1}, "queue": {"maxRetries": 0}},
    }
)
def brief(data: Any) -> None: ...


STEPS = [brief, take_order, charge, sleepy, limited, atomic, nightly, loop]
BOARD = {"name": "board", "schema": None, "ttl": "1h"}


@pytest.fixture(scope="module")
def running() -> Iterator[Motia]:
    with start_motia(steps=STEPS, streams=[BOARD]) as motia:
        yield motia


@pytest.fixture
def motia(running: Motia) -> Motia:
    running.reset()
    return running


def test_a_request_goes_through_the_steps(motia: Motia) -> None:
    response = motia.post("/orders/north", json={"n": 1}, query={"q": "a"})
    assert response.status == 202
    assert response.ok
    assert response.json() == {"traceId": response.trace_id, "query": {"q": "a"}}
    motia.drain()
    assert motia.emitted("order.paid") == [{"shop": "north", "n": 1}]
    assert motia.state.get("orders", "north") == {"shop": "north", "n": 1, "paid": True}
    run = motia.run(response)
    assert run.steps == ["TakeOrder", "Charge"]
    assert [attempt.trigger for attempt in run.attempts] == ["http", "event"]
    assert motia.logs("charged", step="Charge")[0].fields == {"shop": "north"}
    assert motia.events("order.paid")[0].step == "Charge"


def test_a_response_is_shown_with_its_body(motia: Motia) -> None:
    assert "No step serves GET /nowhere" in repr(motia.get("/nowhere"))
    with pytest.raises(RigError, match="has no trace id"):
        motia.run(motia.get("/nowhere"))


def test_nothing_is_left_of_the_test_before(motia: Motia) -> None:
    motia.state.set("g", "k", 1)
    motia.streams["board"].set("g", "1", {"a": 1})
    motia.fake("Charge", lambda: 1 / 0)
    motia.emit("order.taken", {"shop": "x"})
    motia.emit("sleep", {"n": 1})
    motia.drain(allow_failures=True)
    motia.clock.advance("1h")
    motia.reset()
    assert motia.state.group("g") == {}
    assert motia.streams["board"].items("g") == []
    assert motia.dead_letters() == []
    assert motia.waiting() == []
    assert motia.events() == []
    assert motia.logs(at_least=0) == []
    motia.emit("order.taken", {"shop": "x"})
    motia.drain()
    assert len(motia.emitted("order.paid")) == 1
    motia.clock.advance("2d")
    assert motia.emitted("slept") == []


def test_a_reset_takes_milliseconds(motia: Motia) -> None:
    took = []
    for _ in range(10):
        motia.emit("order.taken", {"shop": "x"})
        motia.drain()
        began = time.perf_counter()
        motia.reset()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.1


# --- time


def test_delays_happen_in_the_order_of_their_times(motia: Motia) -> None:
    began = motia.clock.now
    for n, delay in ((3, "2h"), (1, "1m"), (2, "1h")):
        motia.emit("order.taken", {"shop": "s", "n": n}, delay=delay)
    motia.drain()
    assert motia.emitted("order.paid") == []
    assert motia.clock.now == began
    motia.clock.advance("1h")
    assert [order["n"] for order in motia.emitted("order.paid")] == [1, 2]
    assert motia.waiting("Charge")[0].why == "is delayed; due in 1h"
    motia.clock.advance("1h")
    assert [order["n"] for order in motia.emitted("order.paid")] == [1, 2, 3]


def test_a_handler_sleeps_and_waits_in_virtual_time(motia: Motia) -> None:
    motia.emit("sleep", {"n": 1})
    motia.drain()
    assert motia.waiting("Sleepy")[0].why == "sleeps; goes on in 1h"
    motia.clock.advance("1h")
    assert "waits for an event" in motia.waiting("Sleepy")[0].why
    motia.emit("answer", {"n": 2})
    motia.emit("answer", {"n": 1, "ok": True})
    motia.drain()
    assert motia.emitted("slept") == [[2, {"n": 1, "ok": True}]]


def test_a_wait_ends_when_its_time_is_over(motia: Motia) -> None:
    motia.emit("sleep", {"n": 1})
    motia.clock.advance("1h")
    motia.clock.advance("23h")
    assert motia.emitted("slept") == []
    motia.clock.advance("1h")
    assert motia.emitted("slept") == [[2, None]]


def test_rates_are_limited_in_virtual_time(motia: Motia) -> None:
    for n in range(5):
        motia.emit("limited", n)
    motia.drain()
    assert motia.emitted("done") == [0, 1]
    motia.clock.advance("1m")
    assert motia.emitted("done") == [0, 1, 2, 3]
    motia.clock.advance("1m")
    assert motia.emitted("done") == [0, 1, 2, 3, 4]


def test_what_has_a_ttl_goes_in_virtual_time(motia: Motia) -> None:
    motia.state.set("g", "k", 1, ttl="10m")
    board = motia.streams["board"]
    board.set("g", "1", {"a": 1})
    with board.join("g") as client:
        assert client.next("sync")["data"][0]["a"] == 1
        motia.clock.advance("9m")
        assert motia.state.get("g", "k") == 1
        motia.clock.advance("1m")
        assert motia.state.get("g", "k") is None
        motia.clock.advance("50m")
        assert board.items("g") == []
        assert client.next("delete")["data"]["id"] == "1"
        assert client.items == []


def test_a_ttl_counts_in_the_second_test_too(motia: Motia) -> None:
    motia.streams["board"].set("g", "1", {"a": 1})
    motia.reset()
    with motia.streams["board"].join("g") as client:
        motia.streams["board"].set("g", "2", {"a": 2})
        motia.clock.advance("1h")
        assert client.next("delete")["data"]["id"] == "2"


def test_idempotency_windows_pass_in_virtual_time(motia: Motia) -> None:
    def emit() -> None:
        motia.emit("limited", 1, idempotency_key="k", idempotency_window="1h")
        motia.drain()

    emit()
    emit()
    assert len(motia.emitted("done")) == 1
    motia.clock.advance("61m")
    emit()
    assert len(motia.emitted("done")) == 2


def test_cron_steps_run_only_when_asked_for(motia: Motia) -> None:
    motia.clock.advance("3d")
    assert motia.emitted("night") == []
    motia.follow_cron()
    motia.clock.advance("2d")
    assert len(motia.emitted("night")) == 2
    motia.follow_cron(False)
    motia.clock.advance("2d")
    motia.follow_cron()
    assert len(motia.emitted("night")) == 2, "due times that have passed are not made up for"


def test_cron_steps_are_due_when_their_schedule_says(motia: Motia) -> None:
    motia.clock.advance_to("2035-05-01T00:00:00Z")
    motia.follow_cron()
    motia.clock.advance_to("2035-05-01T02:59:59Z")
    assert motia.emitted("night") == []
    motia.clock.advance("1s")
    assert len(motia.emitted("night")) == 1


def test_a_cron_step_can_be_run_now(motia: Motia) -> None:
    trace_id = motia.run_cron("Nightly")
    motia.drain()
    assert motia.run(trace_id).steps == ["Nightly"]
    with pytest.raises(RigError, match="Charge is a step of type event, not a cron step"):
        motia.run_cron("Charge")


def test_time_cannot_go_back(motia: Motia) -> None:
    with pytest.raises(RigError, match="time cannot go back"):
        motia.clock.advance_to("2001-01-01T00:00:00Z")
    with pytest.raises(RigError, match="time goes until 2039"):
        motia.clock.advance("20000d")


def test_a_year_takes_no_time(motia: Motia) -> None:
    motia.streams["board"].set("g", "1", {"a": 1})
    motia.emit("order.taken", {"shop": "x"}, delay="365d")
    began = time.perf_counter()
    motia.clock.advance("365d")
    assert time.perf_counter() - began < 5
    assert len(motia.emitted("order.paid")) == 1


# --- failures


def test_drain_passes_over_the_time_between_attempts(motia: Motia) -> None:
    handler = Mock(side_effect=[ValueError("one"), ValueError("two"), None])
    motia.fake("Charge", handler)
    began = motia.clock.now
    motia.emit("order.taken", {"shop": "x"})
    motia.drain(retries=False)
    assert handler.call_count == 1
    assert motia.waiting("Charge")[0].why == "is tried again in 2s: one"
    motia.drain()
    assert handler.call_count == 3
    assert (motia.clock.now - began).total_seconds() == 4
    assert motia.dead_letters() == []


def test_an_event_that_is_given_up_fails_the_test_once(motia: Motia) -> None:
    def boom(order: Any) -> None:
        raise ValueError("no money")

    motia.fake("Charge", boom)
    motia.emit("order.taken", {"shop": "x"})
    with pytest.raises(UnexpectedFailureError) as failed:
        motia.drain()
    message = str(failed.value)
    assert "Charge (test/3-Charge.step) failed with 'order.taken', attempt 4: ValueError: no money" in message
    assert 'input: {"shop":"x"}' in message
    assert 'raise ValueError("no money")' in message
    motia.drain()
    (letter,) = motia.dead_letters("Charge")
    assert (letter.topic, letter.data, letter.attempts) == ("order.taken", {"shop": "x"}, 4)
    assert letter.error.type == "ValueError"
    motia.unfake("Charge")
    assert motia.redrive() == 1
    motia.drain()
    assert motia.emitted("order.paid") == [{"shop": "x"}]


def test_drain_that_cannot_end_says_what_still_runs(motia: Motia) -> None:
    release = threading.Event()
    motia.fake("Charge", lambda: release.wait(20))
    motia.emit("order.taken", {"shop": "x"})
    with pytest.raises(
        StillBusyError, match=r"Charge \(test/3-Charge.step\) runs for [\d.]+ s, by a fake, attempt 1 of 4"
    ):
        motia.drain(timeout=0.2)
    release.set()
    motia.drain()


def test_drain_that_goes_round_in_circles_says_so(motia: Motia) -> None:
    motia.emit("loop")
    with pytest.raises(
        StillBusyError, match=r"Loop ran [\d,]+ times meanwhile: do steps emit what starts them again\?"
    ):
        motia.drain(timeout=2)


def test_a_test_that_leaves_a_handler_running_does_not_disturb_the_next(motia: Motia) -> None:
    async def forever() -> None:
        await asyncio.sleep(3600)

    motia.fake("Charge", forever)
    motia.emit("order.taken", {"shop": "x"})
    motia.reset()
    motia.emit("order.taken", {"shop": "y"})
    motia.drain()
    assert motia.emitted("order.paid") == [{"shop": "y"}]


def test_a_fake_has_the_time_that_its_step_has(motia: Motia) -> None:
    async def forever() -> None:
        await asyncio.sleep(3600)

    motia.fake("Brief", forever)
    motia.emit("brief")
    motia.drain(allow_failures=True)
    (letter,) = motia.dead_letters("Brief")
    assert letter.error.kind == "timeout"


def test_a_fake_lists_groups_and_knows_connections(motia: Motia) -> None:
    seen: list[Any] = []

    async def in_loop(order: Any, ctx: Any) -> None:
        await ctx.state.set("orders", order["shop"], order)
        seen.extend([await ctx.state.groups(), [entry["key"] async for entry in ctx.state.list_all("orders")]])
        seen.extend([await ctx.sockets.send("nobody", {"a": 1}), await ctx.sockets.broadcast("/chat", b"x")])
        seen.extend([await ctx.sockets.close("nobody"), ctx.traceparent[3:35] != ""])

    def in_thread(order: Any, ctx: Any) -> None:
        seen.extend([ctx.state.groups(), [entry["key"] for entry in ctx.state.list_all("orders")]])

    for fake in (in_loop, in_thread):
        motia.fake("Charge", fake)
        motia.emit("order.taken", {"shop": "s"})
        motia.drain()
    assert seen == [["orders"], ["s"], False, 0, False, True, ["orders"], ["s"]]


def test_a_step_that_does_not_exist_is_said(motia: Motia) -> None:
    with pytest.raises(RigError, match=r"there is no step 'Chargee' in .*: did you mean Charge\?$"):
        motia.fake("Chargee", print)
    with pytest.raises(RigError, match="there are Brief, TakeOrder, Charge, Sleepy"):
        motia.call("Zzz")


# --- calls


def test_a_call_says_what_the_handler_did(motia: Motia) -> None:
    called = motia.call("Charge", {"shop": "x"})
    assert called.ok
    assert [(event.topic, event.data, event.step) for event in called.emits] == [
        ("order.paid", {"shop": "x"}, "Charge")
    ]
    (change,) = called.state
    assert (change.operation, change.place, change.value) == ("set", ("orders", "x"), {"shop": "x", "paid": True})
    assert called.logs[0].message == "charged"
    assert motia.emitted("order.paid") == [], "it is not delivered"
    assert motia.state.get("orders", "x") == {"shop": "x", "paid": True}


def test_a_call_delivers_when_asked(motia: Motia) -> None:
    called = motia.call("TakeOrder", {"pathParams": {"shop": "x"}, "body": {"n": 1}}, deliver=True)
    assert called.result["status"] == 202
    motia.drain()
    assert motia.emitted("order.paid") == [{"shop": "x", "n": 1}]


def test_a_call_says_what_the_handler_raised(motia: Motia) -> None:
    called = motia.call("Charge", {})
    assert not called.ok
    assert called.error is not None
    assert (called.error.type, called.error.message) == ("KeyError", "'shop'")
    assert "in charge" in str(called.error)
    assert "KeyError" in motia.log_text()


def test_a_call_says_what_the_handler_waits_for(motia: Motia) -> None:
    assert motia.call("Sleepy", {"n": 1}).waits == "3600s"


# --- effects


def test_events_of_an_atomic_step_count_when_it_has_succeeded(motia: Motia) -> None:
    motia.emit("atomic", True)
    motia.drain()
    assert motia.emitted("atomic.done") == [2]
    assert motia.state.get("atomic", "attempt") == 2


def test_watching_sees_what_is_emitted_from_then_on(motia: Motia) -> None:
    motia.emit("order.taken", {"shop": "a"})
    motia.drain()
    with motia.watching("order.paid") as paid, motia.watching() as everything:
        assert paid == []
        motia.emit("order.taken", {"shop": "b"})
        motia.drain()
    assert paid.data == [{"shop": "b"}]  # type: ignore[attr-defined]
    assert [event.topic for event in everything] == ["order.taken", "order.paid"]


def test_a_client_of_a_stream_sees_what_happens(motia: Motia) -> None:
    board = motia.streams["board"]
    with board.join("g") as client:
        board.set("g", "1", {"a": 1})
        assert client.next("create")["data"]["a"] == 1
        board.send("g", "ping", {"n": 1})
        assert client.next("event")["event"] == {"type": "ping", "data": {"n": 1}}
        assert [item["id"] for item in client.items] == ["1"]
        assert client.events == [{"type": "ping", "data": {"n": 1}}]
        with pytest.raises(StillBusyError, match="no delete came in time; what came: sync, create, event"):
            client.next("delete", timeout=0.05)
    with pytest.raises(RigError, match="the stream could not be joined: 404"), motia.streams["bord"].join("g"):
        pass


# --- fakes


def test_fakes_take_what_they_want(motia: Motia) -> None:
    async def with_context(order: Any, ctx: Any) -> None:
        await ctx.emit(
            {"topic": "order.paid", "data": await ctx.state.update("n", "n", [{"type": "increment", "path": ""}])}
        )

    mock = Mock(return_value=None)
    for number, fake in enumerate((lambda: None, lambda order: None, mock, with_context), 1):
        motia.fake("Charge", fake)
        motia.emit("order.taken", {"shop": number})
        motia.drain()
    assert mock.call_args.args[0] == {"shop": 3}
    assert motia.emitted("order.paid") == [1]
    motia.unfake("Charge")
    motia.emit("order.taken", {"shop": "own"})
    motia.drain()
    assert motia.emitted("order.paid") == [1, {"shop": "own"}]


def test_a_fake_may_use_motia_itself(motia: Motia) -> None:
    motia.fake("Charge", lambda order: motia.state.set("seen", "order", order))
    motia.emit("order.taken", {"shop": "x"})
    motia.drain()
    assert motia.state.get("seen", "order") == {"shop": "x"}


def test_an_async_fake_cannot_wait_for_what_waits_for_it(motia: Motia) -> None:
    async def fake(order: Any) -> None:
        motia.state.get("g", "k")

    motia.fake("Charge", fake)
    assert "an async fake cannot wait for motia" in str(motia.call("Charge", {}).error)


def test_a_fake_has_what_the_state_has(motia: Motia) -> None:
    def fake(order: Any, ctx: Any) -> None:
        ctx.state.set("g", "k", 1, ttl="1h")
        found = ctx.state.get_versioned("g", "k")
        assert ctx.state.compare_and_set("g", "k", found["version"], 2)["ok"]
        assert ctx.state.list("g")["items"] == [{"key": "k", "value": 2}]
        assert ctx.state.get_group("g") == [2]
        assert ctx.state.delete("g", "k") == 2
        board = ctx.streams["board"]
        assert board.set("g", "1", {"a": 1})["a"] == 1
        assert ctx.streams.board.get_group("g")[0]["id"] == "1"
        assert board.list("g")["items"][0]["a"] == 1
        board.send({"groupId": "g"}, {"type": "ping"})
        with pytest.raises(RigError, match="value cannot be written as JSON"):
            ctx.state.set("g", "k", object())

    motia.fake("Charge", fake)
    motia.emit("order.taken", {"shop": "x"})
    motia.drain()


def test_a_fake_of_an_api_step_answers(motia: Motia) -> None:
    motia.fake("TakeOrder", lambda req: {"status": 418, "body": req["body"]})
    assert motia.post("/orders/x", json={"a": 1}).json() == {"a": 1}
    motia.fake("TakeOrder", lambda req: None)
    assert motia.post("/orders/x", json={}).status == 500
    assert "an api step answers {'status': 200" in motia.log_text()


# --- async


def test_an_async_test_may_use_it(motia: Motia) -> None:
    async def scenario() -> None:
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        motia.fake("Charge", lambda: time.sleep(0.1))
        await motia.aio.emit("order.taken", {"shop": "x"})
        await motia.aio.drain()
        assert turns > 5, "the loop of the test went on"
        await motia.aio.clock.advance("1h")
        assert await motia.aio.streams["board"].items("g") == []
        motia.drain()
        ticking.cancel()

    asyncio.run(scenario())


# --- beside others


def test_projects_that_run_at_once_share_nothing(motia: Motia) -> None:
    with start_motia(steps=STEPS, streams=[BOARD]) as other:
        assert other.url != motia.url
        motia.state.set("g", "k", 1)
        motia.emit("order.taken", {"shop": "mine"})
        other.emit("order.taken", {"shop": "theirs"})
        motia.drain()
        other.drain()
        assert motia.emitted("order.paid") == [{"shop": "mine"}]
        assert other.emitted("order.paid") == [{"shop": "theirs"}]
        assert other.state.get("g", "k") is None
        other.clock.advance("5h")
        assert other.clock.now > motia.clock.now
        other.reset()
        assert motia.state.get("g", "k") == 1


def test_a_setting_that_does_not_exist_is_said() -> None:
    with pytest.raises(RigError, match=r"there is no setting validation.mod \(did you mean validation.mode\?\)"):
        start_motia(steps=STEPS, settings={"validation.mod": "strict"})


def test_settings_are_those_of_the_project_but_for_where_it_runs() -> None:
    strict = step(
        {"type": "event", "name": "Strict", "subscribes": ["n"], "emits": [], "input": {"type": "number"}}, print
    )
    with start_motia(steps=[strict], settings={"validation.mode": "strict", "queue.max_retries": 0}) as motia:
        assert not motia.call("Strict", "text").ok
        with pytest.raises(Exception, match="Strict"):
            motia.emit("n", "text")
