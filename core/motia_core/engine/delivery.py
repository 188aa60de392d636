"""The way in for events: who gets them, what is stored of them, and which dispatcher runs them."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import orjson

from motia_core.engine.catalog import Catalog
from motia_core.engine.delivering import Delivering
from motia_core.engine.dispatcher import STORE_RETRY_S, Dispatcher
from motia_core.engine.letters import as_event
from motia_core.engine.tasks import Tasks
from motia_core.errors import StoreError
from motia_core.failpoints import passing
from motia_core.model.effects import Effects, UniqueKey
from motia_core.model.event import Delivery, EmitOptions, Wait
from motia_core.model.failure import Failure
from motia_core.model.ids import IdSource
from motia_core.model.staged import StagedEmit
from motia_core.model.step import QueuePolicy, Step, StepType
from motia_core.model.trace import TraceContext
from motia_core.settings import QueueSettings

T = TypeVar("T")

MOST_PRIORITY = 100
LOOK_AGAIN_S = 0.05
MOST_COUNTED = 50_000  # deliveries, when somebody asks what waits
PLAIN = EmitOptions()


class Deliveries:
    """All dispatchers, and what is handed to them."""

    def __init__(self, delivering: Delivering, catalog: Catalog, ids: IdSource, settings: QueueSettings) -> None:
        self._with = delivering
        self._catalog = catalog
        self._ids = ids
        self._settings = settings
        self._dispatchers: dict[str, Dispatcher] = {}
        self._leaving: dict[str, Dispatcher] = {}  # of steps that are gone, while they still run something
        self._unheard: set[str] = set()  # topics that were warned about
        self._tasks = Tasks(self._broken)
        self._waits_changed = False
        self._is_learning = False
        self._paused: frozenset[str] = frozenset()
        self.stopped = False
        delivering.waits.on_answer = self._answered
        delivering.waits.on_new_topic = self._announce
        delivering.cluster.listen(self.look, self._rearrange, lambda topic: delivering.waits.declare([topic]))

    async def load(self) -> None:
        """Learn from the store who waits for what; before the first `swap`."""
        await self._with.waits.load()

    # --- events

    def check(self, topic: str, data: bytes) -> None:
        """Whether an event may be emitted.

        Raises:
            EmitInvalidError: It is not what a subscriber asks for.
        """
        self._with.validation.emit(topic, data, self._catalog.subscribers(topic))

    def plan(self, topic: str, data: bytes, trace: TraceContext, options: EmitOptions = PLAIN) -> StagedEmit:
        """What an event will store; nothing is done yet.

        Args:
            data: JSON text; empty: none.
            trace: Of the producer; `parent_id` is the producing attempt.
        """
        now_ms = self._with.clock.now_ms()
        subscribers = self._catalog.subscribers(topic)
        signal = self._with.waits.signal(topic, data)
        if not subscribers and signal is None:
            self._warn_unheard(topic)
        deliveries = [self._delivery(step, topic, data, trace, options, now_ms) for step in subscribers]
        unique = None
        if options.idempotency_key:
            window_ms = options.idempotency_window_ms or self._settings.idempotency_window_ms
            unique = UniqueKey(topic, options.idempotency_key, now_ms + window_ms)
        return StagedEmit(deliveries, signal, unique)

    async def publish(self, topic: str, data: bytes, trace: TraceContext, options: EmitOptions = PLAIN) -> int:
        """Store an event for each subscriber and return when it is on disk; how many subscribers there are.

        Raises:
            EmitInvalidError, StoreError: Nothing was stored.
        """
        self.check(topic, data)
        emit = self.plan(topic, data, trace, options)
        passing("emit.storing")
        if emit.unique is None and emit.signal is None:
            if emit.deliveries:
                with self.expecting(emit.deliveries):
                    await self._with.queue.enqueue(emit.deliveries)
                    passing("emit.stored")
                    self.take(emit.deliveries)
            return len(emit.deliveries)
        effects = Effects(
            unique=[emit.unique] if emit.unique else [],
            deliveries=emit.deliveries,
            signals=[emit.signal] if emit.signal else [],
        )
        await self.deliver(effects)
        return len(emit.deliveries)

    def plan_for(self, step: Step, topic: str, data: bytes, trace: TraceContext) -> Delivery:
        """What an event for one step only will store; nothing is done yet."""
        return self._delivery(step, topic, data, trace, PLAIN, self._with.clock.now_ms())

    async def deliver_to(self, step: Step, topic: str, data: bytes, trace: TraceContext) -> None:
        """Store an event for one step only, and run it.

        Raises:
            StoreError: Nothing was stored.
        """
        deliveries = [self.plan_for(step, topic, data, trace)]
        with self.expecting(deliveries):
            await self._with.queue.enqueue(deliveries)
            self.take(deliveries)

    async def deliver(self, effects: Effects) -> bool:
        """Commit, run what was stored, answer who waits; False: a condition did not hold, nothing was done."""
        with self.expecting(effects.deliveries):
            if not await self._with.queue.commit(effects):
                return False
            self.take(effects.deliveries)
        for signal in effects.signals:
            self._tasks.start(self._stored(self._with.waits.signalled, signal))
        return True

    @contextmanager
    def expecting(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        """While these are being stored; `take` comes before this ends."""
        expecting = [
            (dispatcher, delivery)
            for delivery in deliveries
            if (dispatcher := self._dispatchers.get(delivery.step_id)) is not None
        ]
        for dispatcher, delivery in expecting:
            dispatcher.expect(delivery)
        try:
            yield
        finally:
            for dispatcher, delivery in expecting:
                dispatcher.not_stored(delivery)  # does nothing when it was taken

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Hand stored deliveries to the dispatchers of their steps, or to the cores that run them."""
        elsewhere, unexpected = [], []
        for delivery in deliveries:
            dispatcher = self._dispatchers.get(delivery.step_id)
            if dispatcher is None:
                continue
            if not dispatcher.runs(delivery):
                elsewhere.append(delivery)
            elif not dispatcher.stored(delivery):
                unexpected.append(delivery.id)
        if elsewhere:
            self._tasks.start(self._with.cluster.tell(elsewhere))
        if unexpected:
            self.look(unexpected)

    async def undisturbed(self, work: Coroutine[object, object, T]) -> T:
        """Store something and hand it on: whoever asks for it may leave in between."""
        return await self._tasks.undisturbed(work)

    def mourners(self, delivery: Delivery, failure: Failure, failed_ms: int) -> list[Delivery]:
        """The deliveries to those who subscribe to dead letters such as this; nothing is done yet."""
        heard: list[Delivery] = []
        for topic in (f"{delivery.topic}.dlq", f"{delivery.topic}.{delivery.step_id}.dlq"):
            if self._catalog.subscribers(topic):
                heard += self.plan(topic, as_event(delivery, failure, failed_ms), delivery.trace).deliveries
        return heard

    # --- steps

    def swap(self, steps: Sequence[Step]) -> None:
        """Deliver to these event and cron steps from now on; what was stored for them is read."""
        self._with.waits.declare(topic for step in steps for topic in step.waits_for)
        for step in steps:
            if (dispatcher := self._dispatchers.get(step.id)) is None:
                dispatcher = self._dispatchers[step.id] = self._dispatcher(step)
                dispatcher.pause(self._is_paused(step))
            else:
                dispatcher.change(step)
        self._leaving = {name: leaving for name, leaving in self._leaving.items() if leaving.running}
        for gone in self._dispatchers.keys() - {step.id for step in steps}:
            self._leaving[gone] = self._dispatchers.pop(gone)
            self._leaving[gone].stop()

    def _dispatcher(self, step: Step) -> Dispatcher:
        """A new one; or the one that the step had before it went, which knows what is still running."""
        before = self._leaving.pop(step.id, None)
        if before is None or not before.running:
            return Dispatcher(step, self._with, self)
        before.stopped = False
        before.change(step)
        return before

    def pause(self, step_ids: frozenset[str]) -> None:
        """Start nothing of these steps, and of the others again."""
        self._paused = step_ids
        for dispatcher in self._dispatchers.values():
            dispatcher.pause(self._is_paused(dispatcher.step))

    def _is_paused(self, step: Step) -> bool:
        # Schedules are paused by the scheduler: what is in the queue of a cron step was due before, or asked for.
        return step.id in self._paused and step.type is not StepType.CRON

    def unfinished(self, step_id: str) -> int:
        """Deliveries of a step that this core has in memory, running or not."""
        dispatcher = self._dispatchers.get(step_id)
        return dispatcher.unfinished if dispatcher is not None else 0

    def waiting_traces(self) -> Counter[str]:
        """How many deliveries of each trace wait, of those that this core has in memory."""
        return Counter(delivery.trace.trace_id for delivery in itertools.islice(self.waiting(), MOST_COUNTED))

    def quiesce(self) -> None:
        """Hand out nothing more."""
        self.stopped = True
        for dispatcher in self._dispatchers.values():
            dispatcher.stop()

    async def stop(self, timeout_s: float) -> None:
        """Hand out nothing more; wait for what runs."""
        self.quiesce()
        dispatchers = [*self._dispatchers.values(), *self._leaving.values()]
        await asyncio.gather(*(d.tasks.finish(timeout_s) for d in dispatchers), self._tasks.finish(timeout_s))
        for tasks in (*(dispatcher.tasks for dispatcher in dispatchers), self._tasks):
            await tasks.cancel()

    def tasks(self) -> Iterator[Tasks]:
        """Owners of everything that is being done."""
        yield self._tasks
        for dispatcher in (*self._dispatchers.values(), *self._leaving.values()):
            yield dispatcher.tasks

    def waiting(self) -> Iterator[Delivery]:
        """Deliveries that this core has in memory and does not run."""
        return itertools.chain.from_iterable(dispatcher.waiting() for dispatcher in self._dispatchers.values())

    @property
    def running(self) -> int:
        """Attempts that run now."""
        return sum(dispatcher.running for dispatcher in (*self._dispatchers.values(), *self._leaving.values()))

    def _delivery(
        self, step: Step, topic: str, data: bytes, trace: TraceContext, options: EmitOptions, now_ms: int
    ) -> Delivery:
        policy = step.queue
        priority = max(-MOST_PRIORITY, min(MOST_PRIORITY, options.priority or policy.priority))
        return Delivery(
            self._ids.next(),
            topic,
            step.id,
            data,
            trace,
            now_ms,
            _due_ms(policy, options, now_ms),
            1,
            options.group_id,
            priority,
            _lane(policy, data, options.group_id) if policy.has_lanes else "",
            0 if policy.needs_home else self._with.cluster.shard,
        )

    def _announce(self, topic: str) -> None:
        self._tasks.start(self._with.cluster.announce(topic))

    def _answered(self, wait: Wait, remembered: dict[str, bytes]) -> None:
        self._tasks.start(self._stored(self._resume, wait, remembered))

    async def _stored(self, operation: Callable[..., Awaitable[None]], *args: object) -> None:
        """Do something in the store, again until it works or the core stops: the next start looks for it."""
        while not self.stopped:
            try:
                await operation(*args)
                return
            except StoreError as error:
                self._with.log.record("error", f"{error.message}; again in {STORE_RETRY_S:g} s")
                await asyncio.sleep(STORE_RETRY_S)

    async def _resume(self, wait: Wait, remembered: dict[str, bytes]) -> None:
        with self._reading():
            found = await self._with.queue.read([wait.delivery_id])
            if not found:
                self._with.waits.forget(wait.delivery_id)
            for delivery in found:
                dispatcher = self._dispatchers.get(delivery.step_id)
                if dispatcher is None or not dispatcher.runs(delivery):
                    self._tasks.start(self._with.cluster.tell([delivery]))
                elif not delivery.due_ms and not dispatcher.resume(delivery, remembered):
                    # A due time says that it has gone on, and waits again.
                    self._tasks.start(self._stored(self._look_again, [delivery.id]))

    def look(self, delivery_ids: Sequence[int]) -> None:
        """Have the store say what is true of deliveries that this core may run."""
        self._tasks.start(self._stored(self._heard, delivery_ids))

    async def _heard(self, delivery_ids: Sequence[int], waiting: Sequence[int] = ()) -> None:
        """Look at deliveries of which others have told us.

        Args:
            waiting: Those of them that wait for their due times. When the store says now that they are due, somebody
                has woken them; when it said so before, that was perhaps older than the due time.
        """
        in_doubt, may_be_woken = [], []
        with self._reading():
            for delivery in await self._with.queue.read(delivery_ids):
                dispatcher = self._dispatchers.get(delivery.step_id)
                if dispatcher is None or not dispatcher.runs(delivery):
                    continue
                if not delivery.due_ms and delivery.id in waiting:
                    taken = dispatcher.resume(delivery, {})
                elif not delivery.due_ms and dispatcher.is_waiting(delivery):
                    may_be_woken.append(delivery.id)
                    continue
                else:
                    taken = dispatcher.take(delivery)
                if not taken:
                    in_doubt.append(delivery.id)
        if may_be_woken:
            await self._heard(may_be_woken, may_be_woken)
        if in_doubt:
            self._tasks.start(self._stored(self._look_again, in_doubt))

    async def _look_again(self, delivery_ids: Sequence[int]) -> None:
        """When the reads of now are over, the store says whether they have come back."""
        await asyncio.sleep(LOOK_AGAIN_S)
        await self._heard(delivery_ids)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with ExitStack() as stack:
            for dispatcher in self._dispatchers.values():
                stack.enter_context(dispatcher.reading())
            yield

    def _rearrange(self) -> None:
        self._waits_changed = True
        if not self._is_learning:
            self._is_learning = True
            self._tasks.start(self._learn())
        for dispatcher in self._dispatchers.values():
            dispatcher.rearrange()

    async def _learn(self) -> None:
        """Read again who waits, once however often somebody said that it may have changed."""
        while self._waits_changed and not self.stopped:
            self._waits_changed = False
            await self._stored(self._with.waits.load)
        self._is_learning = False

    def _warn_unheard(self, topic: str) -> None:
        if topic not in self._unheard:
            self._unheard.add(topic)
            self._with.log.record("warn", f"topic '{topic}' has no subscriber: its events are dropped")

    def _broken(self, error: BaseException) -> None:
        self._with.log.record("error", f"an event could not be handed on: {error!r}")


def _due_ms(policy: QueuePolicy, options: EmitOptions, now_ms: int) -> int:
    if options.at_ms:
        return options.at_ms if options.at_ms > now_ms else 0
    delay_ms = int(policy.delay_s * 1000) if options.delay_ms is None else options.delay_ms
    return now_ms + delay_ms if delay_ms else 0


def _lane(policy: QueuePolicy, data: bytes, group_id: str) -> str:
    if policy.fifo:
        return f"f:{group_id}"
    value = orjson.loads(data or b"null")
    for name in policy.concurrency_key:
        value = value.get(name) if isinstance(value, dict) else None
    return f"k:{value if isinstance(value, str) else orjson.dumps(value).decode()}"
