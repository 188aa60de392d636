"""Brings events to their subscribers: stores them, runs them at once, retries, gives up. Nothing here polls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, assert_never

from motia_core.clock import Clock
from motia_core.engine.backlog import StepBacklog
from motia_core.engine.catalog import Catalog
from motia_core.engine.invoker import Invoker, report_failure
from motia_core.engine.ports import Log, Queue
from motia_core.engine.tasks import Tasks
from motia_core.errors import MotiaError, StoreError
from motia_core.model.event import Delivery
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.ids import IdSource
from motia_core.model.invocation import EventInput, Invocation, Pool
from motia_core.model.retry import GiveUp, TryAgain, after_failure
from motia_core.model.step import Step
from motia_core.model.trace import TraceContext, TraceSource

T = TypeVar("T")

STORE_RETRY_S = 1.0  # pause before an outcome that could not be stored is stored again


class Deliveries:
    """All event steps' dispatchers, and the way in for new events."""

    def __init__(
        self,
        queue: Queue,
        invoker: Invoker,
        catalog: Catalog,
        traces: TraceSource,
        ids: IdSource,
        clock: Clock,
        log: Log,
        *,
        window: int,
    ) -> None:
        self.queue = queue
        self.invoker = invoker
        self.traces = traces
        self.clock = clock
        self.log = log
        self._catalog = catalog
        self._ids = ids
        self._window = window
        self._dispatchers: dict[str, Dispatcher] = {}
        self._unheard: set[str] = set()  # topics that were warned about
        self.stopped = False

    async def publish(self, topic: str, data: bytes, group_id: str, trace: TraceContext) -> int:
        """Store an event for each subscriber and return when it is on disk; how many subscribers there are.

        Args:
            trace: Of the producer; `parent_id` is the producing attempt.

        Raises:
            StoreError: Nothing was stored.
        """
        subscribers = self._catalog.subscribers(topic)
        if not subscribers:
            self._warn_unheard(topic)
            return 0
        now_ms = self.clock.now_ms()
        deliveries = [
            Delivery(
                id=self._ids.next(),
                topic=topic,
                step_id=step.id,
                data=data,
                trace=trace,
                emitted_ms=now_ms,
                due_ms=now_ms + int(step.queue.delay_s * 1000) if step.queue.delay_s else 0,
                group_id=group_id,
            )
            for step in subscribers
        ]
        await self.queue.enqueue(deliveries)
        self.take(deliveries)
        return len(deliveries)

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Hand stored deliveries to the dispatchers of their steps."""
        for delivery in deliveries:
            if (dispatcher := self._dispatchers.get(delivery.step_id)) is not None:
                dispatcher.take(delivery)

    def redriven(self, delivery: Delivery) -> None:
        """Hand over a delivery that came back from the dead letters: its id is an old one."""
        if (dispatcher := self._dispatchers.get(delivery.step_id)) is not None:
            dispatcher.take_again(delivery)

    def swap(self, steps: Sequence[Step]) -> None:
        """Deliver to these event steps from now on; what was stored for them is read."""
        for step in steps:
            if (dispatcher := self._dispatchers.get(step.id)) is None:
                dispatcher = self._dispatchers[step.id] = Dispatcher(step, self, self._window)
            dispatcher.step = step
        for gone in self._dispatchers.keys() - {step.id for step in steps}:
            self._dispatchers.pop(gone).stop()

    async def stop(self, timeout_s: float) -> None:
        """Hand out nothing more; wait for what runs."""
        self.stopped = True
        dispatchers = list(self._dispatchers.values())
        for dispatcher in dispatchers:
            dispatcher.stop()
        await asyncio.gather(*(d.tasks.finish(timeout_s) for d in dispatchers))
        for dispatcher in dispatchers:
            await dispatcher.tasks.cancel()

    @property
    def running(self) -> int:
        """Attempts that run now."""
        return sum(dispatcher.running for dispatcher in self._dispatchers.values())

    def _warn_unheard(self, topic: str) -> None:
        if topic not in self._unheard:
            self._unheard.add(topic)
            self.log.record("warn", f"topic '{topic}' has no subscriber: its events are dropped")


class Dispatcher:
    """Runs the deliveries of one step, as many at once as the step allows."""

    def __init__(self, step: Step, deliveries: Deliveries, window: int) -> None:
        self.step = step
        self.running = 0
        self.tasks = Tasks(self._broken)
        self._deliveries = deliveries
        self._window = window
        self._backlog = StepBacklog(fifo=step.queue.fifo, window=window)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_ms = 0
        self._losses: dict[int, int] = {}
        self._stopped = False
        self._reading = True
        self.tasks.start(self._read())

    def take(self, delivery: Delivery) -> None:
        """A delivery has been stored."""
        self._backlog.add(delivery, self._deliveries.clock.now_ms())
        self._pump()

    def take_again(self, delivery: Delivery) -> None:
        """A delivery has come back, with an id that was seen before."""
        self._backlog.add_again(delivery)
        self._pump()

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _pump(self) -> None:
        if self._stopped:
            return
        backlog = self._backlog
        self._set_timer(backlog.wake(self._deliveries.clock.now_ms()))
        while self.running < self.step.queue.concurrency and (delivery := backlog.next()) is not None:
            self.running += 1
            self.tasks.start(self._run(delivery))
        if not self._reading and backlog.wants_more:
            self._reading = True
            self.tasks.start(self._read())

    async def _run(self, delivery: Delivery) -> None:
        deliveries = self._deliveries
        invocation = deliveries.invoker.invocation(
            self.step,
            EventInput(delivery.topic, delivery.data, delivery.group_id, delivery.emitted_ms),
            deliveries.traces.child(delivery.trace, delivery.trace.parent_id),
            pool=Pool.BACKGROUND,
            attempt=delivery.attempt,
            max_attempts=self.step.queue.max_attempts,
        )
        try:
            outcome = await deliveries.invoker.run(invocation)
        except MotiaError as error:  # not started: no sidecar, or shutting down
            self.running -= 1
            delivery.due_ms = deliveries.clock.now_ms() + int(STORE_RETRY_S * 1000)
            self._backlog.put_back(delivery, delivery.due_ms - 1)
            if not deliveries.stopped:
                deliveries.log.record("warn", f"{delivery.topic} → {self.step.name} waits: {error.message}")
            self._pump()
            return
        self.running -= 1
        if type(outcome) is Failure:
            await self._failed(delivery, invocation, outcome)
            return
        self._losses.pop(delivery.id, None)
        self._backlog.done(delivery)
        self._pump()
        await self._store(deliveries.queue.complete, delivery.id)
        deliveries.invoker.acknowledge(invocation)

    async def _failed(self, delivery: Delivery, invocation: Invocation, failure: Failure) -> None:
        deliveries = self._deliveries
        losses = 0
        if failure.kind is FailureKind.SIDECAR_LOST:
            losses = self._losses[delivery.id] = self._losses.get(delivery.id, 0) + 1
        now_ms = deliveries.clock.now_ms()
        decision = after_failure(self.step.queue, delivery.attempt, failure, losses)
        match decision:
            case TryAgain(attempt, delay_ms):
                of = f"attempt {delivery.attempt} of {self.step.queue.max_attempts}"
                what = f"{delivery.topic}: {of} failed, again in {delay_ms / 1000:g} s: {failure.message}"
                report_failure(deliveries.log, "warn", what, invocation, failure)
                delivery.attempt, delivery.due_ms = attempt, now_ms + delay_ms if delay_ms else 0
                await self._store(deliveries.queue.retry, delivery, failure, now_ms)
                self._backlog.put_back(delivery, deliveries.clock.now_ms())
            case GiveUp():
                what = (
                    f"{delivery.topic}: given up after attempt {delivery.attempt} (motia-core dlq show {delivery.id})"
                )
                report_failure(deliveries.log, "error", f"{what}: {failure.message}", invocation, failure)
                await self._store(deliveries.queue.bury, delivery, failure, now_ms)
                self._losses.pop(delivery.id, None)
                self._backlog.done(delivery)
            case _:
                assert_never(decision)
        deliveries.invoker.acknowledge(invocation)
        self._pump()

    async def _read(self) -> None:
        """Read on in the store until the window is full or there is nothing more."""
        backlog, more = self._backlog, True
        while more and not self._stopped:
            skipped = backlog.begin_read()
            read = await self._store(self._read_page)
            if read is None:
                return
            now_ms = self._deliveries.clock.now_ms()
            backlog.extend(read, now_ms, complete=len(read) < self._window, skipped=skipped)
            more = backlog.wants_more
        self._reading = False
        self._pump()

    async def _read_page(self) -> list[Delivery]:
        return await self._deliveries.queue.read(self.step.id, after_id=self._backlog.tail, limit=self._window)

    async def _store(self, operation: Callable[..., Awaitable[T]], *args: object) -> T | None:
        """Do something in the store, again and again until it works: what happened must not be lost.

        None: the core stops; what is on disk is picked up by the next start.
        """
        while True:
            try:
                return await operation(*args)
            except StoreError as error:
                log = self._deliveries.log
                log.record("error", f"{self.step.name}: {error.message}; again in {STORE_RETRY_S:g} s")
                if self._deliveries.stopped:
                    return None
                await asyncio.sleep(STORE_RETRY_S)

    def _set_timer(self, due_ms: int) -> None:
        if due_ms == 0 or (self._timer is not None and self._timer_ms <= due_ms):
            return
        if self._timer is not None:
            self._timer.cancel()
        wait_s = max(0, due_ms - self._deliveries.clock.now_ms()) / 1000
        self._timer_ms = due_ms
        self._timer = self._loop.call_later(wait_s, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self._pump()

    def _broken(self, error: BaseException) -> None:
        self._deliveries.log.record("error", f"{self.step.name}: delivery stopped by a fault of motia-core: {error!r}")
