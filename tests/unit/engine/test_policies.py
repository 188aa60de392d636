"""What emits and steps may say about their deliveries: when, how many, in which order, how often."""

from __future__ import annotations

import asyncio

import orjson

from motia_core.model.failure import Failure, FailureKind
from motia_core.model.invocation import Done, EventInput, Invocation, Outcome
from motia_core.model.step import QueuePolicy, RateLimit
from tests.fakes.engine import RAISED, event_step, running
from tests.fakes.sidecars import settle
from tests.fakes.store import FakeStore


class Gate:
    """A handler that holds what it runs until it is let go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.inside: list[str] = []

    async def __call__(self, invocation: Invocation) -> Outcome:
        assert isinstance(invocation.trigger, EventInput)
        self.inside.append(invocation.trigger.data.decode())
        await self.open.wait()
        return Done()


def test_delay_and_time_of_an_emit_come_before_the_delay_of_the_step() -> None:
    async def scenario() -> None:
        async with running(event_step(queue=QueuePolicy(delay_s=10))) as world:
            now = world.clock.now_ms()
            await world.emit('"default"')
            await world.emit('"at once"', delay_ms=0)
            await world.emit('"later"', delay_ms=20_000)
            await world.emit('"at"', at_ms=now + 5_000)
            await world.emit('"past"', at_ms=now - 5_000)
            await settle()
            assert world.inputs == ['"at once"', '"past"']
            await world.pass_time(5_000)
            assert world.inputs[2:] == ['"at"']
            await world.pass_time(5_000)
            assert world.inputs[3:] == ['"default"']
            await world.pass_time(10_000)
            assert world.inputs[4:] == ['"later"']

    asyncio.run(scenario())


def test_delayed_events_survive_a_restart() -> None:
    async def scenario() -> None:
        async with running() as world:
            await world.emit("1", delay_ms=5_000)
            store, clock = world.store, world.clock
        async with running(store=store) as world:
            world.clock.ms = clock.ms
            assert world.inputs == []
            await world.pass_time(5_000)
            assert world.inputs == ["1"]

    asyncio.run(scenario())


def test_an_idempotency_key_is_used_once_within_its_window() -> None:
    async def scenario() -> None:
        async with running() as world:
            for _ in range(3):
                await world.emit("1", idempotency_key="a", idempotency_window_ms=1_000)
            await world.emit("2", idempotency_key="b")
            await world.emit("3", topic="t")
            await settle()
            assert sorted(world.inputs) == ["1", "2", "3"]
            world.clock.ms += 1_001
            await world.emit("4", idempotency_key="a")
            await settle()
            assert sorted(world.inputs) == ["1", "2", "3", "4"]

    asyncio.run(scenario())


def test_higher_priority_runs_first() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with running(event_step(queue=QueuePolicy(concurrency=1)), handler=gate) as world:
            await world.emit("0")
            for number, priority in ((1, 0), (2, 7), (3, -7), (4, 100_000)):
                await world.emit(str(number), priority=priority)
            gate.open.set()
            await settle()
            await settle()
            assert gate.inside == ["0", "4", "2", "1", "3"]

    asyncio.run(scenario())


def test_a_concurrency_key_keeps_equal_ones_apart() -> None:
    async def scenario() -> None:
        gate = Gate()
        policy = QueuePolicy(concurrency=10, concurrency_key=("customer", "id"), key_concurrency=2)
        async with running(event_step(queue=policy), handler=gate) as world:
            for number in range(4):
                for customer in ("a", 7, None):
                    data = orjson.dumps({"customer": {"id": customer}, "n": number}).decode()
                    await world.emit(data)
            await settle()
            inside = [orjson.loads(data)["customer"]["id"] for data in gate.inside]
            assert sorted(map(str, inside)) == sorted(["a", "a", "7", "7", "None", "None"])
            gate.open.set()
            for _ in range(4):
                await settle()
            assert len(gate.inside) == 12

    asyncio.run(scenario())


def test_a_rate_limit_holds_in_every_period() -> None:
    async def scenario() -> None:
        starts: list[int] = []

        async with running(event_step(queue=QueuePolicy(rate_limit=RateLimit(3, 1_000)))) as world:

            def handler(invocation: Invocation) -> Outcome:
                starts.append(world.clock.ms)
                return Done()

            world.sidecars.handler = handler
            for number in range(10):
                await world.emit(str(number))
            await settle()
            assert len(starts) == 3
            for _ in range(400):
                await world.pass_time(10)
            assert len(starts) == 10
            for start in starts:
                assert sum(start <= other < start + 1_000 for other in starts) <= 3

    asyncio.run(scenario())


def test_a_fifo_successor_starts_when_its_predecessor_is_off_the_disk() -> None:
    async def scenario() -> None:
        async with running(event_step(queue=QueuePolicy(fifo=True))) as world:
            on_disk: list[list[int]] = []

            def handler(invocation: Invocation) -> Outcome:
                on_disk.append(sorted(world.store.memory.deliveries))
                return Done()

            world.sidecars.handler = handler
            for number in range(5):
                await world.emit(str(number), group="g")
            await settle()
            await settle()
            assert world.inputs == ["0", "1", "2", "3", "4"]
            assert [len(ids) for ids in on_disk] == [5, 4, 3, 2, 1] or on_disk[0] != on_disk[1]

    asyncio.run(scenario())


def test_dead_letters_can_be_subscribed_to() -> None:
    async def scenario() -> None:
        steps = (
            event_step("Work", queue=QueuePolicy(max_retries=0)),
            event_step("All", topics=("t.dlq",)),
            event_step("Own", topics=("t.Work.dlq",)),
            event_step("Other", topics=("t.Else.dlq",)),
        )
        terminal = Failure(FailureKind.APPLICATION, "no card", type="CardError", stack="at line 3")

        def handler(invocation: Invocation) -> Outcome:
            return terminal if invocation.step.name == "Work" else Done()

        async with running(*steps, handler=handler) as world:
            await world.emit('{"order":7}')
            await settle()
            heard = {i.step.name: i.trigger for i in world.sidecars.invoked if i.step.name != "Work"}
            assert sorted(heard) == ["All", "Own"]
            trigger = heard["All"]
            assert isinstance(trigger, EventInput)
            letter = orjson.loads(trigger.data)
            assert letter["input"] == {"order": 7}
            assert letter["failure"]["message"] == "no card"
            assert (letter["topic"], letter["step"], letter["attempts"]) == ("t", "Work", 1)

    asyncio.run(scenario())


def test_other_deliveries_go_on_while_one_waits_for_its_retry() -> None:
    async def scenario() -> None:
        policy = QueuePolicy(fifo=True, concurrency=1)

        def handler(invocation: Invocation) -> Outcome:
            assert isinstance(invocation.trigger, EventInput)
            return RAISED if invocation.trigger.data == b"1" and invocation.attempt == 1 else Done()

        async with running(event_step(queue=policy), handler=handler, store=FakeStore()) as world:
            for number, group in ((1, "a"), (2, "a"), (3, "b")):
                await world.emit(str(number), group=group)
            await settle()
            assert world.inputs == ["1", "3"]
            await world.pass_time(2_000)
            assert world.inputs == ["1", "3", "1", "2"]

    asyncio.run(scenario())
