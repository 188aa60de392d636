"""An engine with fakes around it: everything that a test of deliveries looks at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from motia_core.engine.catalog import Catalog
from motia_core.engine.context import Context
from motia_core.engine.delivering import Delivering
from motia_core.engine.delivery import Deliveries
from motia_core.engine.groups import Groups
from motia_core.engine.invoker import Invoker
from motia_core.engine.sockets import Sockets
from motia_core.engine.staging import Staging
from motia_core.engine.state import State
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.engine.streams import Streams
from motia_core.engine.tracing import Tracer
from motia_core.engine.validation import Mode, Validation
from motia_core.engine.waits import Waits
from motia_core.engine.watching import Watching
from motia_core.model.event import EmitOptions
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.ids import IdSource
from motia_core.model.invocation import EventInput, Invocation, Outcome
from motia_core.model.project import Project
from motia_core.model.step import Backoff, QueuePolicy, Step, StepType
from motia_core.model.stream import Stream
from motia_core.model.trace import TraceContext, TraceSource
from motia_core.settings import QueueSettings, StreamSettings
from tests.fakes.inspection import FakeInspection
from tests.fakes.sidecars import FakeClock, FakeLog, FakeSidecars, settle
from tests.fakes.store import FakeStore

TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01", parent_id=7)
RAISED = Failure(FailureKind.APPLICATION, "boom", type="ValueError")
AT_ONCE = Backoff(base_ms=0)
QUICK = QueuePolicy(backoff=AT_ONCE)

Handler = Callable[[Invocation], Outcome | Awaitable[Outcome]]


def event_step(name: str = "Work", *, queue: QueuePolicy = QUICK, topics: tuple[str, ...] = ("t",)) -> Step:
    return Step(name, name, f"steps/{name}_step.py", StepType.EVENT, "python", "python", subscribes=topics, queue=queue)


@dataclass
class World:
    """Everything a test looks at."""

    deliveries: Deliveries
    context: Context
    sidecars: FakeSidecars
    store: FakeStore
    log: FakeLog
    clock: FakeClock
    catalog: Catalog

    async def emit(self, data: str = "{}", *, topic: str = "t", group: str = "", **options: Any) -> int:
        return await self.deliveries.publish(topic, data.encode(), TRACE, EmitOptions(group, **options))

    async def pass_time(self, ms: int) -> None:
        """The clock goes on, and whatever waits for it looks again."""
        self.clock.ms += ms
        for dispatcher in self.deliveries._dispatchers.values():
            dispatcher._timer_fired()
        await settle()

    @property
    def inputs(self) -> list[str]:
        """What the handlers got, in order."""
        triggers = (invocation.trigger for invocation in self.sidecars.invoked)
        return [trigger.data.decode() for trigger in triggers if isinstance(trigger, EventInput)]

    @property
    def attempts(self) -> list[int]:
        return [invocation.attempt for invocation in self.sidecars.invoked]


@asynccontextmanager
async def running(
    *steps: Step,
    handler: Handler | None = None,
    window: int = 100,
    store: FakeStore | None = None,
    clock: Any = None,
    ids: IdSource | None = None,
    sidecars: Any = None,
    validation: Mode = "warn",
) -> AsyncIterator[World]:
    clock, log, catalog = clock or FakeClock(), FakeLog(), Catalog()
    sidecars = sidecars or FakeSidecars(handler)
    store = store or FakeStore(clock)
    ids = ids or IdSource(clock, max(store.memory.deliveries, default=0))
    staging = Staging(store.queue, store.state, store.streams, ids, clock)
    checks = Validation(validation, log)
    invoker = Invoker(sidecars, staging, Tracer(store.traces), log, clock, ids, checks, lease_ms=900_000)
    waits = Waits(store.queue, ids, clock, retention_ms=60_000)
    delivering = Delivering(
        store.queue,
        store.cluster,
        invoker,
        staging,
        waits,
        checks,
        TraceSource(Random(1)),
        clock,
        log,
        Random(1),
        window,
    )
    deliveries = Deliveries(delivering, catalog, ids, QueueSettings())
    staging.deliver = deliveries.deliver
    watching = staging.watching = Watching(deliveries, catalog, TraceSource(Random(2)), clock)
    state = State(store.state, ids, clock, log, watching)
    expiry = StreamExpiry(store.streams, StreamSettings(), clock, log)
    streams = Streams(store.streams, catalog, clock, checks, expiry, watching)
    context = Context(
        deliveries, store.queue, state, streams, Sockets(), catalog, log, Groups(FakeInspection(store), clock)
    )
    steps = steps or (event_step(),)
    catalog.swap(Project(steps, streams=(Stream("board", "board.stream.ts", "typescript", "node"),)))
    await deliveries.load()
    await store.cluster.claim_homes([step.id for step in steps])
    deliveries.swap(steps)
    await settle()
    yield World(deliveries, context, sidecars, store, log, clock, catalog)
    await deliveries.stop(1)
