"""What people look at, of a store in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from motia_core.model.event import Delivery, QueueCount
from tests.fakes.store import FakeStore


@dataclass
class FakeInspection:
    """Implements `Inspection` on a store in memory."""

    store: FakeStore

    async def state_groups(self, now_ms: int, *, prefix: str, after: str, limit: int) -> list[tuple[str, int]]:
        return _page(Counter(group for group, _ in self.store.memory.state), after, limit)

    async def stream_groups(
        self, stream: str, now_ms: int, *, prefix: str, after: str, limit: int
    ) -> list[tuple[str, int]]:
        addresses = [address for address in self.store.memory.streams.items if address[0] == stream]
        return _page(Counter(address[1] for address in addresses), after, limit)

    async def queues(self, now_ms: int) -> list[QueueCount]:
        found = await self.queues_by_topic(now_ms)
        steps = {count.step_id: [one for one in found if one.step_id == count.step_id] for count in found}
        return [
            QueueCount(step_id, *(sum(getattr(one, name) for one in counts) for name in ("due", "later")), 0, 0)
            for step_id, counts in steps.items()
        ]

    async def queues_by_topic(self, now_ms: int) -> list[QueueCount]:
        memory = self.store.memory
        there = [(one.step_id, one.topic, one.due_ms > now_ms) for one in memory.deliveries.values()]
        dead = [(one.delivery.step_id, one.delivery.topic) for one in memory.letters.values()]
        keys = dict.fromkeys([*(one[:2] for one in there), *dead])
        return [
            QueueCount(
                step_id,
                there.count((step_id, topic, False)),
                there.count((step_id, topic, True)),
                1 if (step_id, topic, False) in there else 0,
                dead.count((step_id, topic)),
                topic,
            )
            for step_id, topic in keys
        ]

    async def deliveries(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        found = [one for one in self.store.memory.deliveries.values() if one.step_id == step_id and one.id > after_id]
        return sorted(found, key=lambda one: one.id)[:limit]


def _page(counts: Counter[str], after: str, limit: int) -> list[tuple[str, int]]:
    return sorted((group, count) for group, count in counts.items() if group > after)[:limit]
