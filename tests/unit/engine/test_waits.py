"""Handlers that sleep and wait for events: they free their process, survive restarts, and get one answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from motia_core.engine.waits import matches
from motia_core.errors import CannotWaitError
from motia_core.model.invocation import Done, Invocation, Outcome, Pool, Suspended
from motia_core.model.step import QueuePolicy
from tests.fakes.engine import TRACE, World, event_step, running
from tests.fakes.sidecars import settle


def waiter(key: str = "wait:1", topic: str = "approved", match: bytes = b'{"id":7}', timeout_ms: int = 0) -> Suspended:
    return Suspended(key, topic=topic, match=match, timeout_ms=timeout_ms)


def once(*waits: Suspended):  # type: ignore[no-untyped-def]  # a handler
    """A handler that waits for each of these, and then is done."""

    def handler(invocation: Invocation) -> Outcome:
        return next((wait for wait in waits if wait.key not in invocation.remembered), Done())

    return handler


def remembered(world: World) -> list[dict[str, bytes]]:
    return [dict(invocation.remembered) for invocation in world.sidecars.invoked]


async def finished(world: World) -> bool:
    return await world.store.queue.backlogs() == [] and not world.store.memory.progress and not world.store.memory.waits


def test_a_sleep_ends_the_attempt_and_continues_it_later_with_the_same_number() -> None:
    async def scenario() -> None:
        async with running(handler=once(Suspended("sleep:1", sleep_ms=60_000))) as world:
            await world.emit()
            await settle()
            assert (world.deliveries.running, len(world.sidecars.invoked), len(world.sidecars.acknowledged)) == (
                0,
                1,
                1,
            )
            await world.pass_time(59_999)
            assert len(world.sidecars.invoked) == 1
            await world.pass_time(1)
            assert remembered(world) == [{}, {"sleep:1": b"null"}]
            assert [invocation.attempt for invocation in world.sidecars.invoked] == [1, 1]
            assert await finished(world)

    asyncio.run(scenario())


def test_sleeps_and_results_survive_a_restart() -> None:
    async def scenario() -> None:
        async with running(handler=once(Suspended("sleep:1", sleep_ms=5_000))) as world:
            await world.emit()
            await settle()
            await world.context.remember(world.sidecars.invoked[0], "charge", b'{"paid":true}')
            store, clock = world.store, world.clock
        async with running(handler=once(Suspended("sleep:1", sleep_ms=5_000)), store=store) as world:
            world.clock.ms = clock.ms
            await world.pass_time(5_000)
            assert remembered(world) == [{"sleep:1": b"null", "charge": b'{"paid":true}'}]
            assert await finished(world)

    asyncio.run(scenario())


def test_an_event_that_matches_answers_the_wait() -> None:
    async def scenario() -> None:
        async with running(handler=once(waiter())) as world:
            await world.emit()
            await settle()
            await world.emit('{"id":8}', topic="approved")
            await settle()
            assert len(world.sidecars.invoked) == 1
            await world.emit('{"id":7,"by":"me"}', topic="approved")
            await settle()
            assert remembered(world) == [{}, {"wait:1": b'{"id":7,"by":"me"}'}]
            assert await finished(world)

    asyncio.run(scenario())


def test_an_answer_before_the_wait_counts_when_the_topic_is_declared() -> None:
    async def scenario() -> None:
        step = replace(event_step(), waits_for=("approved",))
        gate = asyncio.Event()

        async def handler(invocation: Invocation) -> Outcome:
            await gate.wait()
            return once(waiter())(invocation)  # type: ignore[no-any-return]  # a handler

        async with running(step, handler=handler) as world:
            await world.emit('{"id":7,"early":0}', topic="approved")  # before the delivery: not for it
            await world.emit()
            await settle()
            await world.emit('{"id":7,"early":1}', topic="approved")
            await settle()
            gate.set()
            await settle()
            assert remembered(world) == [{}, {"wait:1": b'{"id":7,"early":1}'}]

    asyncio.run(scenario())


def test_two_waits_for_one_topic_take_two_events() -> None:
    async def scenario() -> None:
        async with running(handler=once(waiter("a", match=b""), waiter("b", match=b""))) as world:
            await world.emit()
            await settle()
            await world.emit("1", topic="approved")
            await settle()
            assert len(world.sidecars.invoked) == 2
            await world.emit("2", topic="approved")
            await settle()
            assert remembered(world)[-1] == {"a": b"1", "b": b"2"}
            assert await finished(world)

    asyncio.run(scenario())


def test_a_wait_that_times_out_is_answered_with_null() -> None:
    async def scenario() -> None:
        async with running(handler=once(waiter(timeout_ms=1_000))) as world:
            await world.emit()
            await settle()
            await world.pass_time(999)
            assert len(world.sidecars.invoked) == 1
            await world.pass_time(1)
            assert remembered(world) == [{}, {"wait:1": b"null"}]
            await world.emit('{"id":7}', topic="approved")
            await settle()
            assert len(world.sidecars.invoked) == 2
            assert await finished(world)

    asyncio.run(scenario())


@pytest.mark.parametrize("fifo", [False, True])
def test_a_wait_survives_a_restart_and_so_does_its_answer(fifo: bool) -> None:
    async def scenario() -> None:
        step = event_step(queue=QueuePolicy(fifo=fifo))
        async with running(step, handler=once(waiter(timeout_ms=60_000))) as world:
            await world.emit()
            await settle()
            store = world.store
        async with running(step, handler=once(waiter(timeout_ms=60_000)), store=store) as world:
            await settle()
            assert world.sidecars.invoked == []
            await world.emit('{"id":7}', topic="approved")
            await settle()
            assert remembered(world) == [{"wait:1": b'{"id":7}'}]
            assert await finished(world)

    asyncio.run(scenario())


def test_a_signal_whose_answer_was_not_written_is_answered_at_the_next_start() -> None:
    async def scenario() -> None:
        async with running(handler=once(waiter())) as world:
            await world.emit()
            await settle()
            store = world.store
            signal = world.deliveries.plan("approved", b'{"id":7}', TRACE).signal
            assert signal is not None
            store.memory.signals[signal.id] = signal  # stored, and then the core was killed
        async with running(handler=once(waiter()), store=store) as world:
            await settle()
            assert remembered(world) == [{"wait:1": b'{"id":7}'}]

    asyncio.run(scenario())


def test_a_waiting_head_holds_up_its_message_group() -> None:
    async def scenario() -> None:
        def handler(invocation: Invocation) -> Outcome:
            waits = invocation.trigger.data == b"1" and "wait:1" not in invocation.remembered  # type: ignore[union-attr]
            return waiter() if waits else Done()

        async with running(event_step(queue=QueuePolicy(fifo=True)), handler=handler) as world:
            await world.emit("1", group="g")
            await world.emit("2", group="g")
            await settle()
            assert world.inputs == ["1"]
            await world.emit('{"id":7}', topic="approved")
            await settle()
            assert world.inputs == ["1", "1", "2"]

    asyncio.run(scenario())


def test_a_result_is_remembered_once_and_gone_with_the_delivery() -> None:
    async def scenario() -> None:
        async with running(handler=once(Suspended("sleep:1", sleep_ms=10))) as world:
            await world.emit()
            await settle()
            [invocation] = world.sidecars.invoked
            await world.context.remember(invocation, "a", b"1")
            await world.context.remember(invocation, "a", b"2")
            assert world.store.memory.progress[invocation.delivery_id]["a"] == b"1"
            await world.pass_time(10)
            assert await finished(world)

    asyncio.run(scenario())


def test_an_api_step_has_nothing_to_remember() -> None:
    async def scenario() -> None:
        async with running() as world:
            trigger = world.deliveries._with.invoker
            step = event_step()
            invocation = trigger.invocation(step, object(), TRACE, pool=Pool.API)  # type: ignore[arg-type]  # any trigger
            with pytest.raises(CannotWaitError):
                await world.context.remember(invocation, "a", b"1")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("match", "data", "expected"),
    [
        (b"", None, True),
        (b"{}", {}, True),
        (b"{}", [], False),
        (b'{"a":1}', {"a": 1.0, "b": 2}, True),
        (b'{"a":1}', {"a": True}, False),
        (b'{"a":{"b":[1]}}', {"a": {"b": [1], "c": 1}}, True),
        (b'{"a":{"b":[1]}}', {"a": {"b": [1, 2]}}, False),
        (b'{"a":null}', {}, False),
        (b'{"a":null}', {"a": None}, True),
        (b'{"a":"x"}', "x", False),
    ],
)
def test_match_is_a_part_of_the_data(match: bytes, data: object, expected: bool) -> None:
    assert matches(match, data) is expected
