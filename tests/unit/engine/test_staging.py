"""Atomic steps: what they do takes effect with their completion, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson

from motia_core.errors import StoreUnavailableError
from motia_core.model.event import EmitOptions
from motia_core.model.invocation import Done, Invocation, Outcome
from tests.fakes.engine import RAISED, World, event_step, running
from tests.fakes.sidecars import settle

Work = Callable[[World, Invocation], Awaitable[Outcome]]


def atomic(work: Work, *, times: int = 1) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Runs a test around an atomic step that does this work, after `times` events."""

    def around(check: Callable[[World], Awaitable[None]]) -> None:
        async def scenario() -> None:
            steps = (replace(event_step("Work"), atomic=True), event_step("Heard", topics=("heard",)))
            async with running(*steps) as world:

                async def handler(invocation: Invocation) -> Outcome:
                    return await work(world, invocation) if invocation.step.name == "Work" else Done()

                world.sidecars.handler = handler
                for number in range(times):
                    await world.emit(str(number))
                for _ in range(5):
                    await settle()
                await check(world)

        asyncio.run(scenario())

    return around


def heard(world: World) -> list[str]:
    return [i.trigger.data.decode() for i in world.sidecars.invoked if i.step.name == "Heard"]  # type: ignore[union-attr]


def test_a_failed_attempt_leaves_nothing() -> None:
    seen: list[bytes] = []

    async def work(world: World, invocation: Invocation) -> Outcome:
        context = world.context
        seen.append(await context.state_get(invocation, "g", "k"))
        await context.emit(invocation, "heard", str(invocation.attempt).encode(), EmitOptions())
        await context.state_set(invocation, "g", "k", b"1", 0)
        await context.stream_set(invocation, "board", "g", "i", b'{"a":1}')
        await context.state_update(invocation, "g", "count", b'[{"type":"increment","path":""}]')
        seen.append(await context.state_get(invocation, "g", "k"))
        assert orjson.loads(await context.stream_get(invocation, "board", "g", "i"))["a"] == 1
        assert world.store.memory.state == {}
        return RAISED if invocation.attempt < 3 else Done()

    @atomic(work)
    async def check(world: World) -> None:
        assert seen == [b"null", b"1"] * 3
        assert heard(world) == ["3"]
        assert await world.store.state.get("g", "k") is not None
        assert [value for _, value in await world.store.state.get_group("g")] == [b"1", b"1"]
        assert len(await world.store.streams.get_group("board", "g")) == 1
        assert await world.store.queue.backlogs() == []


def test_updates_of_attempts_side_by_side_all_count() -> None:
    async def work(world: World, invocation: Invocation) -> Outcome:
        await world.context.state_update(invocation, "g", "n", b'[{"type":"increment","path":"/count"}]')
        await asyncio.sleep(0)
        return Done()

    @atomic(work, times=25)
    async def check(world: World) -> None:
        found = await world.store.state.get("g", "n")
        assert found is not None
        assert orjson.loads(found[0]) == {"count": 25}


def test_a_comparison_that_no_longer_holds_runs_the_handler_again_without_counting() -> None:
    attempts: list[int] = []

    async def work(world: World, invocation: Invocation) -> Outcome:
        context = world.context
        attempts.append(invocation.attempt)
        now = orjson.loads(await context.state_get_versioned(invocation, "g", "k"))
        done = await context.state_compare_and_set(invocation, "g", "k", now["version"], b'"mine"', 0)
        assert orjson.loads(done)["ok"]
        if len(attempts) == 1:
            await world.store.state.set("g", "k", b'"theirs"', version=5)
        await context.emit(invocation, "heard", orjson.dumps(now["value"]), EmitOptions())
        return Done()

    @atomic(work)
    async def check(world: World) -> None:
        assert attempts == [1]
        assert heard(world) == []
        await world.pass_time(1_000)
        await settle()
        assert attempts == [1, 1]
        assert heard(world) == ['"theirs"']
        found = await world.store.state.get("g", "k")
        assert found is not None
        assert found[0] == b'"mine"'


def test_the_step_sees_its_own_deletes_and_clears() -> None:
    async def work(world: World, invocation: Invocation) -> Outcome:
        context = world.context
        await world.store.state.set("g", "old", b"1", version=1)
        await world.store.state.set("other", "k", b"5", version=2)
        await context.state_clear(invocation, "g")
        assert await context.state_get(invocation, "g", "old") == b"null"
        await context.state_set(invocation, "g", "new", b"2", 0)
        assert await context.state_get_group(invocation, "g") == b"[2]"
        assert orjson.loads(await context.state_list(invocation, "g", "n", "", 0))["items"] == [
            {"key": "new", "value": 2}
        ]
        assert await context.state_delete(invocation, "other", "k") == b"5"
        assert (
            await context.state_update(invocation, "other", "k", b'[{"type":"append","path":"","value":1}]') == b"[1]"
        )
        await context.stream_set(invocation, "board", "g", "i", b'{"a":1}')
        await context.stream_delete(invocation, "board", "g", "i")
        assert await context.stream_get_group(invocation, "board", "g") == b"[]"
        return Done()

    @atomic(work)
    async def check(world: World) -> None:
        assert await world.store.state.get_group("g") == [("new", b"2")]
        assert [value for _, value in await world.store.state.get_group("other")] == [b"[1]"]
        assert await world.store.dead_letters.page() == []


def test_an_emit_with_a_used_key_is_dropped_and_the_rest_takes_effect() -> None:
    async def work(world: World, invocation: Invocation) -> Outcome:
        await world.context.emit(invocation, "heard", b"1", EmitOptions(idempotency_key="once"))
        await world.context.state_update(invocation, "g", "n", b'[{"type":"increment","path":""}]')
        return Done()

    @atomic(work, times=3)
    async def check(world: World) -> None:
        assert heard(world) == ["1"]
        found = await world.store.state.get("g", "n")
        assert found is not None
        assert found[0] == b"3"


def test_the_first_of_two_emits_with_one_key_counts() -> None:
    async def work(world: World, invocation: Invocation) -> Outcome:
        for data in (b"1", b"2"):
            await world.context.emit(invocation, "heard", data, EmitOptions(idempotency_key="k"))
        return Done()

    @atomic(work)
    async def check(world: World) -> None:
        assert heard(world) == ["1"]


def test_effects_take_effect_once_when_the_answer_of_the_store_is_lost() -> None:
    lost: list[str] = []

    async def work(world: World, invocation: Invocation) -> Outcome:
        async def lose(method: str) -> None:
            if method.endswith("commit") and not lost:
                lost.append(method)
                raise StoreUnavailableError("gone before it answered")

        world.store.memory.after = lose
        await world.context.state_update(invocation, "g", "n", b'[{"type":"increment","path":""}]')
        return Done()

    @atomic(work)
    async def check(world: World) -> None:
        assert lost
        await asyncio.sleep(1.1)
        await settle()
        found = await world.store.state.get("g", "n")
        assert found is not None
        assert found[0] == b"1"
        assert len(world.sidecars.acknowledged) == 1
