"""Due times of cron steps as deliveries: each of them once, however many cores share the store.

A due time is decided in one transaction: a key that can be used once, the delivery, and how far the step has come.
What happens then is what happens to every delivery. No core leads, and none knows of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Cluster, Key, Queue, StateStore
from motia_core.failpoints import passing
from motia_core.model.due import start_ms
from motia_core.model.effects import Effects, StateWrite, UniqueKey
from motia_core.model.event import Delivery
from motia_core.model.ids import IdSource
from motia_core.model.step import CatchUp, Overlap, Step
from motia_core.model.trace import TraceSource

TOPIC = "cron"
SCOPE = "cron"  # of the keys, which are "<step id>@<due time>"
DECIDED = "__motia:cron"  # group of state: up to when the due times of a step are decided, by step id
KEYS_LAST_MS = 24 * 3_600_000  # beyond what is caught up: a clock may be set back by so much

_FIRST: Key = (-(2**53), 0)


class Delivers(Protocol):
    """Where deliveries go."""

    async def deliver(self, effects: Effects) -> bool:
        """Commit, and run what was stored; False: a condition did not hold, nothing was done."""
        ...

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """These are in the store: run them."""
        ...


class Ticks:
    """What the store holds of cron steps. All methods raise StoreError when the store does not answer."""

    def __init__(
        self,
        deliveries: Delivers,
        queue: Queue,
        state: StateStore,
        cluster: Cluster,
        traces: TraceSource,
        ids: IdSource,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._queue = queue
        self._state = state
        self._cluster = cluster
        self._traces = traces
        self._ids = ids
        self._clock = clock

    async def decided_until(self, step_id: str) -> int:
        """The latest due time that was decided; for a step that is new, the time at which it was first seen."""
        stored = await self._state.get(DECIDED, step_id)
        if stored is not None and type(decided_ms := orjson.loads(stored[0])) is int:
            return decided_ms
        now_ms = self._clock.now_ms()
        await self._state.set(DECIDED, step_id, b"%d" % now_ms, version=self._ids.next())
        return now_ms

    async def skip_to(self, step_id: str, decided_ms: int) -> None:
        """Due times up to there are of no concern."""
        await self._state.set(DECIDED, step_id, b"%d" % decided_ms, version=self._ids.next())

    async def plan(self, step: Step, due_ms: int, *, is_missed: bool) -> Effects:
        """What a due time will store; without deliveries it is skipped. A due time that was missed never is: whoever
        catches up wants those runs, one after the other."""
        policy = step.schedule
        skips = policy.overlap is Overlap.SKIP and not is_missed and await self._is_running(step)
        catch_up_ms = 0 if policy.catch_up is CatchUp.NONE else policy.catch_up_window_ms
        return Effects(
            unique=[UniqueKey(SCOPE, f"{step.id}@{due_ms}", due_ms + catch_up_ms + KEYS_LAST_MS)],
            state=[StateWrite(DECIDED, step.id, b"%d" % due_ms, self._ids.next())],
            deliveries=[] if skips else [self._delivery(step, due_ms, start_ms(step.id, policy, due_ms))],
        )

    async def commit(self, planned: Effects) -> bool:
        """Decide a due time; False: it is decided already."""
        passing("tick.deciding")
        if await self._deliveries.deliver(planned):
            passing("tick.decided")
            return True
        # By another core, or by a try of ours whose answer was lost: then nobody runs what it stored.
        self._deliveries.take(await self._queue.read([delivery.id for delivery in planned.deliveries]))
        return False

    async def run_now(self, step: Step) -> str:
        """Make a delivery that has nothing to do with the schedule; its trace id."""
        delivery = self._delivery(step, self._clock.now_ms(), 0)
        await self._deliveries.deliver(Effects(deliveries=[delivery]))
        return delivery.trace.trace_id

    async def _is_running(self, step: Step) -> bool:
        """Whether a run is unfinished on whichever core: it runs, waits for another attempt, or sleeps."""
        shards = [self._shard(step)]
        return bool(
            await self._queue.read_due(step.id, shards, after=_FIRST, limit=1)
            or await self._queue.read_later(step.id, shards, after=_FIRST, limit=1)
        )

    def _delivery(self, step: Step, due_ms: int, begins_ms: int) -> Delivery:
        now_ms = self._clock.now_ms()
        return Delivery(
            self._ids.next(),
            TOPIC,
            step.id,
            b"",
            self._traces.start(now_ms),
            emitted_ms=due_ms,
            due_ms=begins_ms if begins_ms > now_ms else 0,
            shard=self._shard(step),
        )

    def _shard(self, step: Step) -> int:
        return 0 if step.queue.needs_home else self._cluster.shard
