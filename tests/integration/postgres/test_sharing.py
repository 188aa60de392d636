"""The work of several cores on one database: each delivery once, policies for all of them, and whoever goes is
followed by another. `handler`s say what ran where."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from motia_core.model.invocation import Done, Invocation, Outcome, Suspended
from motia_core.model.step import QueuePolicy, RateLimit
from tests.fakes.engine import AT_ONCE, TRACE, World, event_step
from tests.integration.postgres.conftest import Cores, freeze, membership, until

FIFO = event_step("Fifo", queue=QueuePolicy(fifo=True, backoff=AT_ONCE))
KEYED = event_step("Keyed", queue=QueuePolicy(concurrency_key=("customer",), backoff=AT_ONCE))
LIMITED = event_step("Limited", queue=QueuePolicy(concurrency=2, concurrency_is_own=True, backoff=AT_ONCE))
RATED = event_step("Rated", queue=QueuePolicy(rate_limit=RateLimit(5, 500), backoff=AT_ONCE))


def inputs(world: World) -> list[str]:
    return world.inputs


async def drained(*worlds: World) -> None:
    async def empty() -> bool:
        return not await worlds[0].store.queue.backlogs()

    try:
        async with asyncio.timeout(10):
            while not await empty():
                await asyncio.sleep(0.02)
    except TimeoutError:
        left = await worlds[0].store.queue.backlogs()
        logs = [record for world in worlds for record in world.log.records]
        raise AssertionError(
            f"{left} is left, in memory {[[w.deliveries.unfinished(b.step_id) for b in left] for w in worlds]}; {logs}"
        ) from None


def test_each_core_runs_what_it_emits(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.core() as one, cores.core() as other:
            for number in range(50):
                await one.emit(f"{number}")
                await other.emit(f"{number + 100}")
            await drained(one, other)
            assert sorted(map(int, one.inputs)) == list(range(50))
            assert sorted(map(int, other.inputs)) == list(range(100, 150))

    asyncio.run(scenario())


def test_fifo_groups_keep_their_order_across_cores(cores: Cores) -> None:
    seen: list[str] = []
    running: Counter[str] = Counter()

    async def handler(invocation: Invocation) -> Outcome:
        trigger: Any = invocation.trigger
        running[trigger.message_group_id] += 1
        assert running[trigger.message_group_id] == 1
        await asyncio.sleep(0.001)
        seen.append(f"{trigger.message_group_id}:{trigger.data.decode()}")
        running[trigger.message_group_id] -= 1
        return Done()

    async def scenario() -> None:
        async with cores.core(FIFO, handler=handler) as one, cores.core(FIFO, handler=handler) as other:
            for number in range(40):  # one after the other: whoever emits, the order is the order of emits
                world = (one, other)[number % 2]
                await world.emit(f"{number}", group="a")
                await world.emit(f"{number}", group="b")
            await drained(one, other)
            assert bool(one.inputs) != bool(other.inputs)  # one of them is its home
            for group in "ab":
                assert [int(entry[2:]) for entry in seen if entry.startswith(group)] == list(range(40))

    asyncio.run(scenario())


def test_limits_hold_for_all_cores_together(cores: Cores) -> None:
    now, most, by_customer = 0, 0, Counter[bytes]()

    async def handler(invocation: Invocation) -> Outcome:
        nonlocal now, most
        trigger: Any = invocation.trigger
        if invocation.step.id == "Limited":
            now += 1
            most = max(most, now)
        else:
            by_customer[trigger.data] += 1
            assert by_customer[trigger.data] == 1
        await asyncio.sleep(0.005)
        if invocation.step.id == "Limited":
            now -= 1
        else:
            by_customer[trigger.data] -= 1
        return Done()

    async def scenario() -> None:
        steps = (LIMITED, KEYED)
        async with cores.core(*steps, handler=handler) as one, cores.core(*steps, handler=handler) as other:
            for number in range(60):
                await (one, other)[number % 2].emit(f'{{"customer":"{number % 3}"}}')
            await drained(one, other)
            assert len(one.inputs) + len(other.inputs) == 120
        assert most == 2

    asyncio.run(scenario())


def test_rate_holds_for_all_cores_together(cores: Cores) -> None:
    times: list[float] = []

    def handler(invocation: Invocation) -> Outcome:
        times.append(asyncio.get_running_loop().time())
        return Done()

    async def scenario() -> None:
        async with cores.core(RATED, handler=handler) as one, cores.core(RATED, handler=handler) as other:
            for number in range(20):
                await (one, other)[number % 2].emit(f"{number}")
            await drained(one, other)
        assert len(times) == 20
        assert times[-1] - times[0] > 1.0

    asyncio.run(scenario())


def test_idempotency_key_holds_for_all_cores(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.core() as one, cores.core() as other:
            emits = (world.emit("1", idempotency_key=f"k{n}") for n in range(25) for world in (one, other))
            await asyncio.gather(*emits)
            await drained(one, other)
            assert len(one.inputs) + len(other.inputs) == 25

    asyncio.run(scenario())


def test_update_of_state_counts_every_core(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.core() as one, cores.core() as other:
            add = b'[{"type":"increment","path":"/n","by":1}]'
            updates = (world.context._state.update("g", "k", add) for _ in range(50) for world in (one, other))
            await asyncio.gather(*updates)
            found = await one.store.state.get("g", "k")
            assert found is not None
            assert found[0] == b'{"n":100}'

    asyncio.run(scenario())


def test_work_of_a_dead_core_is_done_by_another_and_only_there(cores: Cores) -> None:
    async def scenario() -> None:
        hangs = asyncio.Event()

        async def hang(invocation: Invocation) -> Outcome:
            await hangs.wait()
            return Done()

        async with cores.core(FIFO, event_step()) as living:
            async with cores.core(FIFO, event_step(), handler=hang) as dying:
                for number in range(10):
                    await dying.emit(f"{number}", group="g")
                freeze(dying)
                await until(lambda: len(membership(living).shards) == 2)
                await drained(living)
                hangs.set()  # what it completes now counts no more
                await until(lambda: membership(dying).on_fenced and dying.log.messages("error"))
            done = list(living.inputs)
            assert Counter(done) == Counter({str(number): 2 for number in range(10)})  # two steps

    asyncio.run(scenario())


def test_core_that_stops_is_followed_without_a_gap(cores: Cores) -> None:
    async def scenario() -> None:
        handled: list[str] = []

        def handler(invocation: Invocation) -> Outcome:
            trigger: Any = invocation.trigger
            handled.append(f"{invocation.step.id}{trigger.data.decode()}")
            return Done()

        number = 0
        stopped = asyncio.Event()

        async def emit(world: Callable[[], World]) -> None:
            nonlocal number
            while not stopped.is_set():
                number += 1
                await world().emit(f"{number}", group=f"{number % 3}")

        async with cores.core(FIFO, event_step(), handler=handler) as first:
            emitting = [first]
            task = asyncio.create_task(emit(lambda: emitting[0]))
            for _ in range(3):  # a core comes, and the one before it goes
                async with cores.core(FIFO, event_step(), handler=handler) as following:
                    emitting[0] = following
                    await asyncio.sleep(0.2)
                    emitting[0] = first
                    await asyncio.sleep(0.05)
            stopped.set()
            await task
            await drained(first)
        assert Counter(handled) == Counter([f"{step}{n + 1}" for n in range(number) for step in ("Fifo", "Work")])

    asyncio.run(scenario())


def test_wait_is_answered_by_an_event_of_another_core(cores: Cores) -> None:
    answers: list[dict[str, bytes]] = []

    def handler(invocation: Invocation) -> Outcome:
        if "wait:1" not in invocation.remembered:
            return Suspended("wait:1", topic="approved", match=b'{"id":7}', timeout_ms=60_000)
        answers.append(invocation.remembered)
        return Done()

    async def scenario() -> None:
        async with cores.core(handler=handler) as one, cores.core(event_step("Other", topics=("o",))) as other:
            await one.emit("{}")
            await until(lambda: "approved" in other.deliveries._with.waits._topics)
            await other.emit('{"id":8}', topic="approved")
            await other.emit('{"id":7,"by":"me"}', topic="approved")
            await until(lambda: answers)
            await drained(one)
            assert answers == [{"wait:1": b'{"id":7,"by":"me"}'}]

    asyncio.run(scenario())


def test_wait_on_a_shared_step_ends_after_its_core_is_gone(cores: Cores) -> None:
    answers: list[bytes] = []

    def handler(invocation: Invocation) -> Outcome:
        if "wait:1" not in invocation.remembered:
            return Suspended("wait:1", topic="approved", match=b"", timeout_ms=60_000)
        answers.append(invocation.remembered["wait:1"])
        return Done()

    async def scenario() -> None:
        async with cores.core(FIFO, handler=handler) as heir:
            async with cores.core(FIFO, handler=handler) as leaving:
                await leaving.emit("{}", group="g")
                await leaving.emit("{}", group="h")
                await until(lambda: "approved" in heir.deliveries._with.waits._topics)
            await heir.emit("1", topic="approved")
            await until(lambda: len(answers) == 2)
            assert answers == [b"1", b"1"]

    asyncio.run(scenario())


def test_trace_is_the_emitters(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.core(FIFO) as one, cores.core(FIFO) as other:
            await other.emit("1", group="g")
            await drained(one, other)
            [invocation] = [*one.sidecars.invoked, *other.sidecars.invoked]
            assert invocation.trace.trace_id == TRACE.trace_id

    asyncio.run(scenario())
