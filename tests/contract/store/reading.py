"""What a store holds, read through its ports, so that tests can say that nothing was done."""

from __future__ import annotations

from typing import Any

from motia_core.model.event import Delivery
from motia_core.model.stream import Address
from motia_core.store import Store
from tests.fakes.sidecars import FakeClock

FIRST = (-(2**31), 0)  # before every key
ALL = 10_000
BEGINNING = FakeClock.ms * 1000 - 1  # of the log of streams, in a store whose clock is one


async def due(store: Store, step_id: str = "Work") -> list[Delivery]:
    return await store.queue.read_due(step_id, [0], after=FIRST, limit=ALL)


async def later(store: Store, step_id: str = "Work") -> list[Delivery]:
    return await store.queue.read_later(step_id, [0], after=FIRST, limit=ALL)


async def stored(store: Store) -> dict[int, Delivery]:
    """Every delivery, by id."""
    found: list[Delivery] = []
    for backlog in await store.queue.backlogs():
        found += [*await due(store, backlog.step_id), *await later(store, backlog.step_id)]
        for lane in await store.queue.read_lanes(backlog.step_id, after_lane="", limit=ALL):
            found += await store.queue.read_lane(backlog.step_id, lane, after_id=0, limit=ALL)
        assert backlog.count == sum(delivery.step_id == backlog.step_id for delivery in found)
    return {delivery.id: delivery for delivery in found}


async def everything(store: Store) -> Any:
    """All that these tests put anywhere, by its part."""
    deliveries = await stored(store)
    letters = {letter.delivery.id: letter for letter in await store.dead_letters.page(limit=ALL)}
    return {
        "deliveries": deliveries,
        "letters": letters,
        "remembered": {number: await store.queue.remembered(number) for number in {*range(100), *deliveries, *letters}},
        "waits": await store.queue.waits(),
        "waited_topics": await store.queue.waited_topics(),
        "signals": {topic: await store.queue.signals(topic, after_id=0) for topic in ("paid", "work")},
        "state": {group: await store.state.get_group(group) for group in ("g", "h")},
        "versions": {key: await store.state.get("g", key) for key in ("a", "b", "c")},
        "items": {
            group: [item[:3] for item in await store.streams.get_group("s", group)] for group in ("g", "h")
        },  # versions are each store's own
    }


async def changes(store: Store, address: Address, after: int = BEGINNING) -> list[tuple[str, str, bytes]]:
    """What the log of streams says: item, kind and data."""
    found = await store.streams.changes(address, after=after, limit=ALL)
    assert found is not None
    return [(change.item_id, change.kind, change.data) for change in found[1]]
