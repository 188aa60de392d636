"""Steps that run when state or a stream changes: what they get is stored in the transaction of the change."""

from __future__ import annotations

import orjson

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.delivery import Deliveries
from motia_core.model.effects import Effects
from motia_core.model.event import Delivery
from motia_core.model.invocation import Invocation
from motia_core.model.step import Step
from motia_core.model.stream import Address
from motia_core.model.trace import TraceContext, TraceSource


class Watching:
    """Plans deliveries of changes. Who changes something asks first whether anybody watches: mostly nobody does."""

    def __init__(self, deliveries: Deliveries, catalog: Catalog, traces: TraceSource, clock: Clock) -> None:
        self._deliveries = deliveries
        self._catalog = catalog
        self._traces = traces
        self._clock = clock

    @property
    def of_state(self) -> bool:
        """Whether a step watches state."""
        return bool(self._catalog.state_watchers)

    def of_stream(self, stream: str) -> bool:
        """Whether a step watches a stream, or some of it."""
        return stream in self._catalog.stream_watchers

    def trace(self, by: Invocation | None) -> TraceContext:
        """What is passed on by who changes something; None: somebody outside does."""
        return self._traces.start(self._clock.now_ms()) if by is None else by.producer()

    def state_changed(
        self, group: str, key: str, old: bytes | None, new: bytes | None, trace: TraceContext
    ) -> list[Delivery]:
        """For a value that becomes another; None: there is none."""
        steps = self._catalog.state_watchers
        if not steps:
            return []
        kind = "created" if old is None else "deleted" if new is None else "updated"
        place = orjson.dumps({"scope": group, "group_id": group, "key": key, "item_id": key})
        data = b'{"type":"state","event_type":"state:%b",%b,"old_value":%b,"new_value":%b}' % (
            kind.encode(),
            place[1:-1],
            b"null" if old is None else old,
            b"null" if new is None else new,
        )
        return self._plan(steps, data, trace)

    def stream_changed(self, kind: str, address: Address, data: bytes, trace: TraceContext) -> list[Delivery]:
        """For an item or an event.

        Args:
            kind: create, update, delete or event.
            data: JSON text: the item as it is read, as it was before a delete; or the event.
        """
        steps = [
            step
            for step in self._catalog.stream_watchers.get(address.stream, ())
            if step.watches is not None and step.watches.covers(address.group, address.item_id)
        ]
        if not steps:
            return []
        stream, group, item_id = address
        facts = {"type": "stream", "timestamp": self._clock.now_ms(), "streamName": stream, "groupId": group}
        head = orjson.dumps({**facts, **({"id": item_id} if item_id else {})})
        event = b'{"type":"%b","data":%b}' % (kind.encode(), data)
        return self._plan(steps, head[:-1] + b',"event":' + event + b"}", trace)

    async def commit(self, effects: Effects) -> bool:
        """Do it and have what was stored run; False: a condition did not hold, nothing was done."""
        return await self._deliveries.undisturbed(self._deliveries.deliver(effects))

    def _plan(self, steps: tuple[Step, ...] | list[Step], data: bytes, trace: TraceContext) -> list[Delivery]:
        plan = self._deliveries.plan_for
        return [plan(step, step.watches.topic, data, trace) for step in steps if step.watches is not None]
