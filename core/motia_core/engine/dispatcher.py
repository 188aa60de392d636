"""Runs the deliveries of one step: as many at once as its policy allows, again when they fail, until they end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, assert_never

from motia_core.clock import Alarm
from motia_core.engine.backlog import Backlog, Held
from motia_core.engine.delivering import Delivering, Office
from motia_core.engine.invoker import report_failure
from motia_core.engine.lanes import Lanes
from motia_core.engine.rate import RateLimiter
from motia_core.engine.tasks import Tasks
from motia_core.engine.waits import without_marks
from motia_core.errors import MotiaError, StoreError
from motia_core.failpoints import passing
from motia_core.model.event import Delivery
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.invocation import CronTick, EventInput, Invocation, Pool, Suspended
from motia_core.model.retry import GiveUp, TryAgain, after_failure
from motia_core.model.staged import Staged
from motia_core.model.step import Step, StepType

T = TypeVar("T")

STORE_RETRY_S = 1.0  # pause before an outcome that could not be stored is stored again


class Dispatcher:
    """The deliveries of one step. Nothing here polls: what is stored is handed over, and read when there is room.

    Args:
        office: Where to turn to for what concerns other steps.
    """

    def __init__(self, step: Step, delivering: Delivering, office: Office) -> None:
        self.step = step
        self.running = 0
        self.tasks = Tasks(self._broken)
        self.stopped = False
        self._is_paused = False
        self._with = delivering
        self._office = office
        self._held = Held()
        self._backlog = Backlog(self._held, delivering.window)
        self._lanes = Lanes(self._held, delivering.window, step.queue.lane_concurrency, in_order=step.queue.fifo)
        self._limiter = _limiter(step)
        self._timer: Alarm | None = None
        self._timer_ms = 0
        self._losses: dict[int, int] = {}
        self._burying: set[int] = set()
        self._progress: dict[int, dict[str, bytes]] = {}  # what is remembered, by delivery id
        self._reading = False
        self._shards: Sequence[int] = ()
        self.rearrange()

    def change(self, step: Step) -> None:
        """Run another version of the step from now on."""
        if step.queue.rate_limit != self.step.queue.rate_limit:
            self._limiter = _limiter(step)
        self._lanes.concurrency, self._lanes.in_order = step.queue.lane_concurrency, step.queue.fifo
        self.step = step
        self.rearrange()
        self._pump()

    def pause(self, is_paused: bool) -> None:
        """Start nothing while it is paused; what runs goes on."""
        self._is_paused = is_paused
        self._pump()

    def rearrange(self) -> None:
        """Which shards this core runs may have changed, and something may have been missed: read from the start."""
        cluster = self._with.cluster
        at_home = cluster.is_home(self.step.id)
        self._shards = [*(shard for shard in cluster.shards if shard), *([0] if at_home else [])]
        self._backlog.restart()
        self._lanes.shared = bool(cluster.peers())
        if at_home:
            self._lanes.restart()
        self._read_if_wanted()

    def runs(self, delivery: Delivery) -> bool:
        """Whether the delivery is for this core."""
        return delivery.shard in self._shards

    @property
    def unfinished(self) -> int:
        """Deliveries in memory, running or not."""
        return len(self._held)

    def waiting(self) -> Iterable[Delivery]:
        """Those that are in memory and do not run."""
        return (*self._backlog, *self._lanes)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While deliveries are read for `take` and `resume`, which come before this ends."""
        self._held.begin_read()
        try:
            yield
        finally:
            self._held.end_read()

    def expect(self, delivery: Delivery) -> None:
        """A delivery is being stored; `stored` or `not_stored` follows."""
        self._held.expect(delivery.id)

    def stored(self, delivery: Delivery) -> bool:
        """A delivery that was expected is in the store. False: look what is true of it now."""
        return self._held.arrived(delivery.id) and self.take(delivery)

    def not_stored(self, delivery: Delivery) -> None:
        """A delivery that was expected is not in the store, or nobody knows."""
        self._held.arrived(delivery.id)

    def take(self, delivery: Delivery) -> bool:
        """A delivery was read. False: whether it is in the store is in doubt; look again a little later."""
        if delivery.id in self._burying or self._held.is_in_doubt(delivery.id):
            return False
        now_ms = self._with.clock.now_ms()
        if delivery.lane:
            self._lanes.add(delivery, now_ms)
        else:
            self._backlog.add(delivery, now_ms)
        self._pump()
        return True

    def is_waiting(self, delivery: Delivery) -> bool:
        """Whether it waits in memory for its due time, which is on disk."""
        return self._lanes.is_waiting(delivery) if delivery.lane else self._backlog.is_waiting(delivery.id)

    def resume(self, delivery: Delivery, remembered: dict[str, bytes]) -> bool:
        """What the delivery waited for has come, and is on disk. False: as with `take`."""
        now_ms = self._with.clock.now_ms()
        if (known := self._progress.get(delivery.id)) is not None:
            known.update(remembered)
        in_memory = self._lanes.hurry(delivery, now_ms) if delivery.lane else self._backlog.hurry(delivery.id)
        if not in_memory:
            return self.take(delivery)
        self._pump()
        return True

    def stop(self) -> None:
        """Start nothing more."""
        self.stopped = True
        if self._timer is not None:
            self._timer.cancel()

    # --- choosing

    def _pump(self) -> None:
        if self.stopped or self._is_paused:
            return
        now_ms = self._with.clock.now_ms()
        backlog, lanes = self._backlog, self._lanes
        due_ms = earlier(backlog.wake(now_ms), lanes.wake(now_ms))
        while self.running < self.step.queue.concurrency and (backlog.has_ready or lanes.has_ready):
            if self._limiter is not None and (wait_ms := self._limiter.take(now_ms)):
                due_ms = earlier(due_ms, now_ms + wait_ms)
                break
            delivery = backlog.next() if backlog.has_ready else lanes.next(now_ms)
            if delivery is not None:
                self.running += 1
                self.tasks.start(self._run(delivery))
        if due_ms:
            self._set_timer(due_ms)
        if not self._reading:
            self._read_if_wanted()

    def _read_if_wanted(self) -> None:
        if not self._reading and not self.stopped and (self._backlog.wants_more or self._lanes.wants_more):
            self._reading = True
            self.tasks.start(self._read())

    async def _read(self) -> None:
        """Read on in the store until the window is full or there is nothing more."""
        try:
            while not self.stopped and (self._backlog.wants_more or self._lanes.wants_more):
                if await self._store(self._read_page) is None:
                    return
        finally:
            self._reading = False
        if woken := [*self._backlog.perhaps_woken, *self._lanes.perhaps_woken]:
            self._backlog.perhaps_woken.clear()
            self._lanes.perhaps_woken.clear()
            self._office.look(woken)
        self._pump()

    async def _read_page(self) -> bool:
        delivering, step_id = self._with, self.step.id
        if self._backlog.wants_more:
            await self._backlog.read_on(delivering.queue, step_id, self._shards, delivering.clock.now_ms())
        else:
            await self._lanes.read_on(delivering.queue, step_id, delivering.clock.now_ms())
        return True

    def _set_timer(self, due_ms: int) -> None:
        if self._timer is not None:
            if self._timer_ms <= due_ms:
                return
            self._timer.cancel()
        self._timer_ms = due_ms
        self._timer = self._with.clock.call_at(due_ms, self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        self._pump()

    # --- running

    async def _run(self, delivery: Delivery) -> None:
        delivering = self._with
        remembered: dict[str, bytes] = {}
        if delivery.has_progress or delivery.id in delivering.waits:
            known = await self._store(self._recall, delivery)
            if known is None:
                return
            remembered = known
        invocation = self._invocation(delivery, remembered)
        try:
            outcome = await delivering.invoker.run(invocation)
        except MotiaError as error:  # not started: no sidecar, or shutting down
            self._not_started(delivery, error)
            return
        self.running -= 1
        if invocation.in_doubt:
            delivery.has_progress = True
            self._progress.pop(delivery.id, None)  # what is there is read again
        elif invocation.remembered:
            delivery.has_progress = True
            self._progress.setdefault(delivery.id, {}).update(invocation.remembered)
        pumped = False
        if type(outcome) is Failure:
            await self._failed(delivery, invocation, outcome)
        elif type(outcome) is Suspended:
            await self._suspended(delivery, outcome, staged=invocation.staged)
        else:
            pumped = await self._completed(delivery, invocation)
        delivering.invoker.acknowledge(invocation)
        if not pumped:
            self._pump()

    def _invocation(self, delivery: Delivery, remembered: dict[str, bytes]) -> Invocation:
        delivering, step = self._with, self.step
        trigger: EventInput | CronTick
        if step.type is StepType.CRON:
            trigger = CronTick(delivery.emitted_ms)
        else:
            trigger = EventInput(delivery.topic, delivery.data, delivery.group_id, delivery.emitted_ms)
        invocation = delivering.invoker.invocation(
            step,
            trigger,
            delivering.traces.child(delivery.trace, delivery.trace.parent_id),
            pool=Pool.BACKGROUND,
            attempt=delivery.attempt,
            max_attempts=step.queue.max_attempts,
        )
        invocation.delivery_id = delivery.id
        if remembered:
            invocation.remembered = remembered
        if step.atomic:
            invocation.staged = Staged(by=invocation.producer())
        return invocation

    async def _recall(self, delivery: Delivery) -> dict[str, bytes]:
        """What is remembered of a delivery; a wait that nothing came for is over now."""
        delivering = self._with
        if delivery.id in delivering.waits:
            await delivering.waits.time_out(delivery.id)
            self._progress.pop(delivery.id, None)
        known = self._progress.get(delivery.id)
        if known is None:
            known = {entry.key: entry.value for entry in await delivering.queue.remembered(delivery.id)}
            self._progress[delivery.id] = known
        return without_marks(known)

    def _not_started(self, delivery: Delivery, error: MotiaError) -> None:
        delivering = self._with
        self.running -= 1
        delivery.due_ms = delivering.clock.now_ms() + int(STORE_RETRY_S * 1000)
        self._put_back(delivery)
        if not self.stopped:
            delivering.log.record("warn", f"{delivery.topic} → {self.step.name} waits: {error.message}")
        self._pump()

    async def _completed(self, delivery: Delivery, invocation: Invocation) -> bool:
        """Whether what may follow was started already."""
        delivering = self._with
        self._pump()  # others may run while this is written
        passing("completion.storing")
        if invocation.staged is None:
            await self._store(delivering.queue.complete, delivery)
        else:
            failure = await self._store(delivering.staging.commit, invocation.staged, delivery)
            if failure is not None:
                await self._failed(delivery, invocation, failure)
                return False
        passing("completion.stored")
        self._let_go(delivery)
        return not delivery.lane

    async def _failed(self, delivery: Delivery, invocation: Invocation, failure: Failure) -> None:
        delivering = self._with
        losses = 0
        if failure.kind is FailureKind.SIDECAR_LOST:
            losses = self._losses[delivery.id] = self._losses.get(delivery.id, 0) + 1
        now_ms = delivering.clock.now_ms()
        decision = after_failure(self.step.queue, delivery.attempt, failure, losses, delivering.random)
        match decision:
            case TryAgain(attempt, delay_ms):
                of = f"attempt {delivery.attempt} of {self.step.queue.max_attempts}"
                what = f"{delivery.topic}: {of} failed, again in {delay_ms / 1000:g} s: {failure.message}"
                report_failure(delivering.log, "warn", what, invocation, failure)
                delivery.attempt, delivery.due_ms = attempt, now_ms + delay_ms if delay_ms else 0
                passing("retry.storing")
                await self._store(delivering.queue.retry, delivery, failure, now_ms)
                passing("retry.stored")
                self._put_back(delivery)
            case GiveUp():
                what = (
                    f"{delivery.topic}: given up after attempt {delivery.attempt} (motia-core dlq show {delivery.id})"
                )
                report_failure(delivering.log, "error", f"{what}: {failure.message}", invocation, failure)
                passing("burial.storing")
                self._burying.add(delivery.id)  # it may be brought back before we hear that it is buried
                mourners = self._office.mourners(delivery, failure, now_ms)  # once, however often it is tried
                with self._office.expecting(mourners):
                    await self._store(delivering.queue.bury, delivery, failure, now_ms, mourners)
                    self._office.take(mourners)
                self._burying.discard(delivery.id)
                passing("burial.stored")
                self._let_go(delivery)
            case _:
                assert_never(decision)

    async def _suspended(self, delivery: Delivery, suspended: Suspended, *, staged: Staged | None) -> None:
        delivering = self._with
        if staged:
            what = "nothing of what it did before takes effect until it completes (atomic: true)"
            delivering.log.record("debug", f"'{self.step.name}' waits for '{suspended.key}': {what}")
        passing("suspension.storing")
        slept = await self._store(delivering.waits.suspend, delivery, suspended, self._progress.get(delivery.id, {}))
        passing("suspension.stored")
        if slept is not None:
            if delivery.id in self._progress or not delivery.has_progress:  # else it is read when it is needed
                self._progress.setdefault(delivery.id, {}).update(slept)
            delivery.has_progress = True
            if suspended.topic and delivery.id not in delivering.waits:
                delivery.due_ms = 0  # answered already
                self._progress.pop(delivery.id, None)  # it is read again, with the answer
            self._put_back(delivery)
            await self._store(delivering.waits.look_back, delivery.id)

    def _put_back(self, delivery: Delivery) -> None:
        now_ms = self._with.clock.now_ms()
        if delivery.lane:
            self._lanes.put_back(delivery, now_ms)
        else:
            self._backlog.put_back(delivery, now_ms)

    def _let_go(self, delivery: Delivery) -> None:
        """Its end is on disk."""
        self._losses.pop(delivery.id, None)
        self._progress.pop(delivery.id, None)
        if delivery.lane:
            self._lanes.let_go(delivery, self._with.clock.now_ms())
        else:
            self._backlog.let_go(delivery)

    async def _store(self, operation: Callable[..., Awaitable[T]], *args: object) -> T | None:
        """Do something in the store, again and again until it works: what happened must not be lost.

        None: the core stops; what is on disk is picked up by the next start.
        """
        while True:
            try:
                return await operation(*args)
            except StoreError as error:
                log = self._with.log
                log.record("error", f"{self.step.name}: {error.message}; again in {STORE_RETRY_S:g} s")
                if self._office.stopped:
                    return None
                await asyncio.sleep(STORE_RETRY_S)

    def _broken(self, error: BaseException) -> None:
        self._with.log.record("error", f"{self.step.name}: delivery stopped by a fault of motia-core: {error!r}")


def earlier(one_ms: int, other_ms: int) -> int:
    """The earlier of two times; 0: there is none."""
    return min(one_ms, other_ms) if one_ms and other_ms else one_ms or other_ms


def _limiter(step: Step) -> RateLimiter | None:
    return RateLimiter(step.queue.rate_limit) if step.queue.rate_limit else None
