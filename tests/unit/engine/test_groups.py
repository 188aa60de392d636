"""The names of groups, as handlers see them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson

from motia_core.model.invocation import Done, Invocation, Outcome
from tests.fakes.engine import event_step, running
from tests.fakes.sidecars import settle


def test_names_are_in_order_and_what_an_atomic_step_has_staged_is_among_them() -> None:
    seen: dict[str, list[object]] = {}

    async def scenario() -> None:
        async with running(replace(event_step("Work"), atomic=True)) as world:
            for group in ("b", "a", "__motia:cron", "gone"):
                await world.store.state.set(group, "k", b"1", version=1)

            async def handler(invocation: Invocation) -> Outcome:
                context = world.context
                await context.state_set(invocation, "c", "k", b"1", 0)
                await context.state_clear(invocation, "gone")
                await context.stream_set(invocation, "board", "z", "1", b'{"a":1}')
                seen["state"] = orjson.loads(await context.state_groups(invocation))
                seen["stream"] = orjson.loads(await context.stream_groups(invocation, "board"))
                return Done()

            world.sidecars.handler = handler
            await world.emit()
            await settle()

    asyncio.run(scenario())
    assert seen == {"state": ["a", "b", "c"], "stream": ["z"]}
