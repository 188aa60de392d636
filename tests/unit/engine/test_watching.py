"""Steps that watch state and streams: what they get, and that it is stored with the change or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from motia_core.errors import StoreUnavailableError
from motia_core.model.invocation import Done, Invocation, Outcome
from motia_core.model.step import Step
from motia_core.model.watch import Watch
from tests.fakes.engine import World, event_step, running
from tests.fakes.sidecars import settle

Work = Callable[[World, Invocation], Awaitable[None]]


def watcher(name: str, watch: Watch) -> Step:
    return replace(event_step(name, topics=()), watches=watch)


def told(*watchers: Step, work: Work, atomic: bool = False) -> dict[str, list[dict[str, Any]]]:
    """What the watchers get of what a step does."""
    got: dict[str, list[dict[str, Any]]] = {step.name: [] for step in watchers}

    async def scenario() -> None:
        async with running(replace(event_step("Work"), atomic=atomic), *watchers) as world:

            async def handler(invocation: Invocation) -> Outcome:
                if invocation.step.name == "Work":
                    await work(world, invocation)
                else:
                    data = orjson.loads(invocation.trigger.data)  # type: ignore[union-attr]  # an event
                    got[invocation.step.name].append({**data, "trace": invocation.trace.trace_id})
                return Done()

            world.sidecars.handler = handler
            await world.emit("{}")
            for _ in range(8):
                await settle()

    asyncio.run(scenario())
    return got


STATE = watcher("State", Watch())


def changes(entries: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    return [(entry["event_type"], entry["old_value"], entry["new_value"]) for entry in entries]


@pytest.mark.parametrize("atomic", [False, True])
def test_every_way_to_write_a_value_tells_what_was_there_and_what_is(atomic: bool) -> None:
    async def work(world: World, invocation: Invocation) -> None:
        context = world.context
        await context.state_set(invocation, "g", "set", b"1", 0)
        await context.state_update(invocation, "g", "updated", b'[{"type":"increment","path":""}]')
        await context.state_compare_and_set(invocation, "g", "compared", 0, b"2", 0)
        await context.state_delete(invocation, "g", "missing")

    got = told(STATE, work=work, atomic=atomic)["State"]
    assert sorted(changes(got)) == [("state:created", None, 1)] * 2 + [("state:created", None, 2)]
    [first] = [entry for entry in got if entry["key"] == "set"]
    names = {name: first[name] for name in ("type", "scope", "group_id", "key", "item_id", "trace")}
    assert names == {
        "type": "state",
        "scope": "g",
        "group_id": "g",
        "key": "set",
        "item_id": "set",
        "trace": "AAAAA-0000001",
    }


def test_a_value_that_changes_and_goes_is_told_each_time() -> None:
    async def work(world: World, invocation: Invocation) -> None:
        context = world.context
        await context.state_set(invocation, "g", "k", b"1", 0)
        await context.state_set(invocation, "g", "k", b"2", 0)
        assert await context.state_delete(invocation, "g", "k") == b"2"

    assert changes(told(STATE, work=work)["State"]) == [
        ("state:created", None, 1),
        ("state:updated", 1, 2),
        ("state:deleted", 2, None),
    ]


def test_an_atomic_step_tells_only_what_has_become_of_a_value() -> None:
    async def work(world: World, invocation: Invocation) -> None:
        context = world.context
        await context.state_set(invocation, "g", "k", b"1", 0)
        await context.state_set(invocation, "g", "k", b"2", 0)

    assert changes(told(STATE, work=work, atomic=True)["State"]) == [("state:created", None, 2)]


@pytest.mark.parametrize("atomic", [False, True])
def test_a_group_that_is_cleared_is_told_value_by_value(atomic: bool) -> None:
    async def work(world: World, invocation: Invocation) -> None:
        for key in ("a", "b"):
            await world.store.state.set("g", key, b"1", version=5)
        await world.context.state_clear(invocation, "g")
        assert await world.context.state_get_group(invocation, "g") == b"[]"

    assert changes(told(STATE, work=work, atomic=atomic)["State"]) == [("state:deleted", 1, None)] * 2


def test_concurrent_updates_lose_nothing_and_tell_every_value_once() -> None:
    async def work(world: World, invocation: Invocation) -> None:
        increment = b'[{"type":"increment","path":""}]'
        await asyncio.gather(*(world.context.state_update(invocation, "g", "n", increment) for _ in range(5)))

    got = changes(told(STATE, work=work)["State"])
    assert [(old, new) for _, old, new in got] == [(None, 1), (1, 2), (2, 3), (3, 4), (4, 5)]


@pytest.mark.parametrize("atomic", [False, True])
def test_items_are_told_to_those_who_watch_their_stream_their_group_or_them(atomic: bool) -> None:
    watchers = [
        watcher("Stream", Watch("board")),
        watcher("Group", Watch("board", "g")),
        watcher("Item", Watch("board", "g", "2")),
        watcher("Other", Watch("other")),
    ]

    async def work(world: World, invocation: Invocation) -> None:
        context = world.context
        for group, item in (("g", "1"), ("g", "2"), ("h", "2")):
            await context.stream_set(invocation, "board", group, item, b'{"a":1}')

    got = told(*watchers, work=work, atomic=atomic)
    assert {name: len(entries) for name, entries in got.items()} == {"Stream": 3, "Group": 2, "Item": 1, "Other": 0}
    [item] = got["Item"]
    assert (item["type"], item["streamName"], item["groupId"], item["id"]) == ("stream", "board", "g", "2")
    assert item["event"]["type"] == "create"
    assert (item["event"]["data"]["a"], item["event"]["data"]["id"]) == (1, "2")
    assert isinstance(item["timestamp"], int)


def test_an_item_that_changes_and_goes_and_an_event_are_told() -> None:
    async def work(world: World, invocation: Invocation) -> None:
        context = world.context
        assert orjson.loads(await context.stream_set(invocation, "board", "g", "i", b'{"a":1}'))["a"] == 1
        operations = b'[{"type":"set","path":"/a","value":2}]'
        assert orjson.loads(await context.stream_update(invocation, "board", "g", "i", operations))["a"] == 2
        await context.stream_send(invocation, "board", "g", "", "ping", b"3")
        assert orjson.loads(await context.stream_delete(invocation, "board", "g", "i"))["a"] == 2
        assert await context.stream_delete(invocation, "board", "g", "i") == b"null"

    got = told(watcher("W", Watch("board")), work=work)["W"]
    shown = [(entry["event"]["type"], entry["event"]["data"].get("a"), entry.get("id")) for entry in got]
    assert shown == [("create", 1, "i"), ("update", 2, "i"), ("event", None, None), ("delete", 2, "i")]
    assert got[2]["event"]["data"] == {"type": "ping", "data": 3}


def test_what_is_not_stored_is_told_to_nobody() -> None:
    async def work(world: World, invocation: Invocation) -> None:
        world.store.memory.failing = StoreUnavailableError()
        with pytest.raises(StoreUnavailableError):
            await world.context.state_set(invocation, "g", "k", b"1", 0)
        world.store.memory.failing = None
        assert world.store.memory.state == {}

    assert told(STATE, work=work) == {"State": []}
