"""What is paused: on all cores, across restarts, and what that does to queues."""

from __future__ import annotations

import asyncio

from motia_core.engine.controls import Controls
from motia_core.engine.feed import StreamFeed
from motia_core.errors import StoreUnavailableError
from tests.fakes.engine import event_step, running
from tests.fakes.memory import Memory
from tests.fakes.sidecars import FakeClock, FakeLog, settle
from tests.fakes.streams import FakeStreams


class Core:
    """What one core knows of what is paused."""

    def __init__(self, memory: Memory) -> None:
        self.log = FakeLog()
        self.store = FakeStreams(memory)
        self.feed = StreamFeed(self.store, self.log)
        self.told: list[frozenset[str]] = []
        self.controls = Controls(self.store, self.feed, self.log, self.told.append)

    async def start(self) -> None:
        await self.controls.load()
        await self.feed.start()
        await self.controls.follow()
        await settle()


def test_all_cores_hear_of_it_and_those_that_come_later() -> None:
    async def scenario() -> None:
        memory = Memory(FakeClock())
        here, there = Core(memory), Core(memory)
        await here.start()
        await there.start()
        assert here.told == there.told == []
        await here.controls.pause("A", now_ms=7)
        assert here.controls.paused == {"A"}, "at once"
        there.store.look()
        await settle()
        await there.controls.pause("B", now_ms=8)
        here.store.look()
        await settle()
        assert here.controls.paused == there.controls.paused == {"A", "B"}
        late = Core(memory)
        await late.start()
        assert late.told == [frozenset({"A", "B"})]
        await here.controls.resume("A")
        there.store.look()
        await settle()
        assert there.told[-1] == here.told[-1] == {"B"}
        for core in (here, there, late):
            await core.controls.stop()

    asyncio.run(scenario())


def test_a_store_that_cannot_is_asked_again() -> None:
    async def scenario() -> None:
        memory = Memory(FakeClock())
        here, there = Core(memory), Core(memory)
        await here.start()
        await there.start()
        await here.controls.pause("A", now_ms=7)

        async def fail(method: str) -> None:
            raise StoreUnavailableError

        before, memory.before = memory.before, fail
        there.store.look()
        await settle()
        assert there.controls.paused == frozenset()
        assert there.log.messages("error")
        memory.before = before
        await asyncio.sleep(1.1)
        assert there.controls.paused == {"A"}
        for core in (here, there):
            await core.controls.stop()

    asyncio.run(scenario())


def test_a_paused_step_keeps_what_comes_and_the_others_run() -> None:
    async def scenario() -> None:
        async with running(event_step("A"), event_step("B")) as world:
            world.deliveries.pause(frozenset({"A"}))
            await world.emit("1")
            await world.emit("2")
            await settle()
            assert [one.step.name for one in world.sidecars.invoked] == ["B", "B"]
            world.deliveries.swap([event_step("A"), event_step("B"), event_step("C")])
            await settle()
            assert [one.step.name for one in world.sidecars.invoked] == ["B", "B"], "it is still paused"
            world.deliveries.pause(frozenset())
            await settle()
            assert [one.step.name for one in world.sidecars.invoked] == ["B", "B", "A", "A"]
            assert world.inputs[2:] == ["1", "2"]

    asyncio.run(scenario())


def test_a_step_that_is_paused_at_the_start_does_not_begin() -> None:
    async def scenario() -> None:
        async with running(event_step("A")) as world:
            world.deliveries.pause(frozenset({"A"}))
            await world.emit("1")
            store = world.store
        async with running(store=store) as world:
            world.deliveries.pause(frozenset({"A"}))
            world.deliveries.swap([event_step("A")])
            await settle()
            assert world.inputs == []
            world.deliveries.pause(frozenset())
            await settle()
            assert world.inputs == ["1"]

    asyncio.run(scenario())
