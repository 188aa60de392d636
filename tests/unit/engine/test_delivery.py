"""Deliveries: stored, run, retried, given up, with fake sidecars and a fake store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from motia_core.errors import NoSidecarError, StoreFullError
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.invocation import Done, EventInput, Invocation, Outcome, Suspended
from motia_core.model.step import Backoff, QueuePolicy
from tests.fakes.engine import AT_ONCE, RAISED, TRACE, event_step, running
from tests.fakes.sidecars import settle
from tests.fakes.store import FakeStore


def test_event_reaches_every_subscriber_once_and_leaves_the_store() -> None:
    async def scenario() -> None:
        async with running(event_step("A"), event_step("B"), event_step("C", topics=("other",))) as world:
            assert await world.emit('{"n":1}') == 2
            await settle()
            assert sorted(invocation.step.name for invocation in world.sidecars.invoked) == ["A", "B"]
            assert world.inputs == ['{"n":1}'] * 2
            assert await world.store.queue.backlogs() == []
            assert len(world.sidecars.acknowledged) == 2

    asyncio.run(scenario())


def test_trace_continues_and_names_its_parent() -> None:
    async def scenario() -> None:
        async with running() as world:
            await world.emit()
            await settle()
            trace = world.sidecars.invoked[0].trace
            assert (trace.trace_id, trace.parent_id) == ("AAAAA-0000001", 7)
            assert trace.traceparent[:36] == TRACE.traceparent[:36]
            assert trace.traceparent != TRACE.traceparent

    asyncio.run(scenario())


def test_topic_without_subscriber_is_dropped_and_warned_about_once() -> None:
    async def scenario() -> None:
        async with running() as world:
            assert await world.emit(topic="nobody") == 0
            assert await world.emit(topic="nobody") == 0
            assert len(world.log.messages("warn")) == 1

    asyncio.run(scenario())


def test_emit_fails_when_the_store_is_full() -> None:
    async def scenario() -> None:
        async with running() as world:
            world.store.memory.failing = StoreFullError()
            with pytest.raises(StoreFullError):
                await world.emit()
            world.store.memory.failing = None
            await settle()
            assert world.inputs == []

    asyncio.run(scenario())


def test_failing_event_is_tried_four_times_and_then_given_up() -> None:
    async def scenario() -> None:
        async with running(handler=lambda invocation: RAISED) as world:
            await world.emit('{"n":1}')
            await settle()
            assert world.attempts == [1, 2, 3, 4]
            assert {invocation.max_attempts for invocation in world.sidecars.invoked} == {4}
            [letter] = await world.store.dead_letters.page()
            assert letter.queue == "t.Work.dlq"
            assert [failure.attempt for failure in letter.failures] == [1, 2, 3, 4]
            assert letter.failures[-1].failure == RAISED
            assert await world.store.queue.backlogs() == []

    asyncio.run(scenario())


def test_terminal_error_gives_up_at_once() -> None:
    async def scenario() -> None:
        terminal = Failure(FailureKind.APPLICATION, "no", retry=Retry.NEVER)
        async with running(handler=lambda invocation: terminal) as world:
            await world.emit()
            await settle()
            assert world.attempts == [1]
            assert len(await world.store.dead_letters.page()) == 1

    asyncio.run(scenario())


def test_retry_waits_for_its_delay() -> None:
    async def scenario() -> None:
        outcomes: Iterator[Outcome] = iter([RAISED, Done()])
        step = event_step(queue=QueuePolicy(backoff=Backoff(base_ms=40)))
        async with running(step, handler=lambda invocation: next(outcomes)) as world:
            await world.emit()
            await settle()
            assert world.attempts == [1]
            world.clock.ms += 40
            await asyncio.sleep(0.06)
            assert world.attempts == [1, 2]

    asyncio.run(scenario())


def test_lost_sidecar_redelivers_at_once_without_spending_the_attempt() -> None:
    async def scenario() -> None:
        outcomes: Iterator[Outcome] = iter([Failure(FailureKind.SIDECAR_LOST, "gone"), Done()])
        step = event_step(queue=QueuePolicy(max_retries=0))
        async with running(step, handler=lambda invocation: next(outcomes)) as world:
            await world.emit()
            await settle()
            assert world.attempts == [1, 1]
            assert await world.store.dead_letters.page() == []

    asyncio.run(scenario())


def test_delivery_waits_when_no_sidecar_is_there() -> None:
    async def scenario() -> None:
        calls = 0

        def handler(invocation: Invocation) -> Outcome:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise NoSidecarError
            return Done()

        async with running(handler=handler) as world:
            await world.emit()
            await settle()
            assert calls == 1
            world.clock.ms += 1_000
            await asyncio.sleep(1.1)
            assert world.attempts == [1, 1]
            assert await world.store.queue.backlogs() == []

    asyncio.run(scenario())


def test_no_more_run_at_once_than_the_step_allows() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        most = now = 0

        async def handler(invocation: Invocation) -> Outcome:
            nonlocal most, now
            now += 1
            most = max(most, now)
            await gate.wait()
            now -= 1
            return Done()

        async with running(event_step(queue=QueuePolicy(concurrency=3)), handler=handler) as world:
            await asyncio.gather(*(world.emit() for _ in range(20)))
            await settle()
            assert (now, world.deliveries.running) == (3, 3)
            gate.set()
            await settle()
            assert most == 3
            assert len(world.sidecars.invoked) == 20

    asyncio.run(scenario())


def test_fifo_keeps_the_order_within_a_group_even_when_one_fails() -> None:
    async def scenario() -> None:
        failed: set[str] = set()

        def handler(invocation: Invocation) -> Outcome:
            assert isinstance(invocation.trigger, EventInput)
            data = invocation.trigger.data.decode()
            if data == '"a2"' and data not in failed:
                failed.add(data)
                return RAISED
            return Done()

        async with running(event_step(queue=QueuePolicy(fifo=True, backoff=AT_ONCE)), handler=handler) as world:
            for number in (1, 2, 3):
                for group in "ab":
                    await world.emit(f'"{group}{number}"', group=group)
            await settle()
            assert [data for data in world.inputs if data[1] == "a"] == ['"a1"', '"a2"', '"a2"', '"a3"']
            assert [data for data in world.inputs if data[1] == "b"] == ['"b1"', '"b2"', '"b3"']

    asyncio.run(scenario())


def test_what_is_stored_is_delivered_after_a_restart_also_beyond_the_window() -> None:
    async def scenario() -> None:
        store = FakeStore()
        gate = asyncio.Event()

        async def blocked(invocation: Invocation) -> Outcome:
            await gate.wait()
            return Failure(FailureKind.CANCELLED, "stopped")

        async with running(handler=blocked, store=store) as world:
            for number in range(50):
                await world.emit(str(number))
            for dispatcher in world.deliveries._dispatchers.values():
                await dispatcher.tasks.cancel()
        async with running(window=4, store=store) as world:
            for _ in range(10):
                await settle()
            assert sorted(map(int, world.inputs)) == list(range(50))
            assert await store.queue.backlogs() == []

    asyncio.run(scenario())


def test_outcome_that_cannot_be_stored_is_stored_later() -> None:
    async def scenario() -> None:
        async with running() as world:
            await world.emit()
            world.store.memory.failing = StoreFullError()
            await settle()
            assert world.sidecars.acknowledged == []
            world.store.memory.failing = None
            await asyncio.sleep(1.1)
            assert len(world.sidecars.acknowledged) == 1

    asyncio.run(scenario())


def test_redriven_dead_letter_runs_again_from_its_first_attempt() -> None:
    async def scenario() -> None:
        fails = True
        step = event_step(queue=QueuePolicy(max_retries=0))
        async with running(step, handler=lambda invocation: RAISED if fails else Done()) as world:
            await world.emit()
            await settle()
            [letter] = await world.store.dead_letters.page()
            fails = False
            world.deliveries.take(await world.store.dead_letters.redrive([letter.delivery.id]))
            await settle()
            assert world.attempts == [1, 1]
            assert await world.store.dead_letters.page() == []
            assert await world.store.queue.backlogs() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("outcome", [Done(), Suspended("wait:1", topic="answer")])
@pytest.mark.parametrize("group", ["", "g"])
def test_event_that_a_read_finds_before_its_emit_is_acknowledged_runs_once(outcome: Outcome, group: str) -> None:
    async def scenario() -> None:
        answering = asyncio.Event()

        async def late(method: str) -> None:
            if method == "FakeQueue.enqueue":
                await answering.wait()

        step = event_step(queue=QueuePolicy(fifo=bool(group), backoff=AT_ONCE))
        async with running(step, handler=lambda _: outcome) as world:
            world.store.memory.after = late
            emitting = asyncio.create_task(world.emit(group=group))
            await settle()
            world.deliveries.swap([step])  # it reads the store
            await settle()
            assert len(world.inputs) == 1
            answering.set()
            await emitting
            await settle()
            assert len(world.inputs) == 1

    asyncio.run(scenario())


def test_every_attempt_is_recorded() -> None:
    async def scenario() -> None:
        outcomes: Iterator[Outcome] = iter([RAISED, Done()])
        async with running(handler=lambda invocation: next(outcomes)) as world:
            await world.emit()
            await settle()
            world.deliveries._with.invoker._tracer.flush()
            records = await world.store.traces.trace("AAAAA-0000001")
            assert [(r.step, r.trigger, r.label, r.attempt, r.status, r.error) for r in records] == [
                ("Work", "event", "t", 1, "failed", "ValueError: boom"),
                ("Work", "event", "t", 2, "completed", ""),
            ]

    asyncio.run(scenario())


def test_step_that_goes_and_comes_back_does_not_run_twice_what_still_runs() -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def handler(invocation: Invocation) -> Outcome:
            await release.wait()
            return Done()

        step = event_step(queue=QueuePolicy(concurrency=5, backoff=AT_ONCE))
        async with running(step, handler=handler) as world:
            await world.emit('"one"')
            await settle()
            world.deliveries.swap([])
            await settle()
            assert world.deliveries.running == 1
            world.deliveries.swap([step])
            await world.emit('"two"')
            await settle()
            assert world.inputs == ['"one"', '"two"']
            release.set()
            await settle()
            assert world.inputs == ['"one"', '"two"']
            assert world.store.memory.deliveries == {}
            world.deliveries.swap([])
            world.deliveries.swap([step])
            await world.emit('"three"')
            await settle()
            assert world.inputs[2:] == ['"three"']

    asyncio.run(scenario())


def test_what_a_step_that_is_gone_still_runs_is_waited_for_at_the_end() -> None:
    async def scenario() -> None:
        ended = False

        async def handler(invocation: Invocation) -> Outcome:
            nonlocal ended
            await asyncio.sleep(0.05)
            ended = True
            return Done()

        async with running(handler=handler) as world:
            await world.emit()
            await settle()
            world.deliveries.swap([])
        assert ended
        assert world.store.memory.deliveries == {}

    asyncio.run(scenario())
