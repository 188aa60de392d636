"""Handlers that wait for events: `ctx.waitFor`.

An event on a topic that is waited for is kept a while as a signal, so that it may come before the wait. Whoever is
second finds the other: a wait that is stored looks for signals, a signal that is stored looks for waits; the answer
is a transaction whose condition is that the wait is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Queue
from motia_core.failpoints import passing
from motia_core.model.effects import Effects
from motia_core.model.event import NEVER_MS, Delivery, Remembered, Signal, Wait
from motia_core.model.ids import IdSource
from motia_core.model.invocation import Suspended

NULL = b"null"
MARK = "motia:since:"  # remembered beside an answer: which signal it was

Progress = Mapping[str, bytes]


def without_marks(remembered: Progress) -> dict[str, bytes]:
    """What is for the handler."""
    return {key: value for key, value in remembered.items() if not key.startswith(MARK)}


class Waits:
    """All waits of the deliveries that this core runs, and the signals that end them.

    Args:
        retention_ms: How long a signal is kept.
    """

    def __init__(self, queue: Queue, ids: IdSource, clock: Clock, *, retention_ms: int) -> None:
        self._queue = queue
        self._ids = ids
        self._clock = clock
        self._retention_ms = retention_ms
        self._topics: set[str] = set()
        self._waits: dict[int, Wait] = {}
        self._unstored: set[int] = set()  # waits that are being stored
        self._changed: set[int] | None = None  # came or went while the store was asked, whose answer may be older
        self.on_answer: Callable[[Wait, dict[str, bytes]], None] = lambda wait, remembered: None
        self.on_new_topic: Callable[[str], None] = lambda topic: None  # other cores must keep its events, too

    def __contains__(self, delivery_id: int) -> bool:
        return delivery_id in self._waits

    def declare(self, topics: Iterable[str]) -> None:
        """Somebody waits for these topics, or will: their events are kept from now on."""
        self._topics.update(topics)

    async def load(self) -> None:
        """Learn what the store knows, and answer what was left unanswered."""
        known = set(self._waits) - self._unstored
        self._topics.update(await self._queue.waited_topics())
        changed: set[int] = set()
        self._changed = changed
        stored = {wait.delivery_id: wait for wait in await self._queue.waits()}
        self._changed = None
        self._waits.update((number, wait) for number, wait in stored.items() if number not in changed)
        for delivery_id in known - stored.keys():  # answered by another core, or by a try of ours whose answer was lost
            if (wait := self._waits.get(delivery_id)) is not None:
                self.on_answer(wait, {})
        for wait in list(self._waits.values()):
            await self._look_back(wait)

    def signal(self, topic: str, data: bytes) -> Signal | None:
        """The signal of an event, to be stored with it; None: nobody waits for the topic."""
        if topic not in self._topics:
            return None
        return Signal(self._ids.next(), topic, data, self._clock.now_ms() + self._retention_ms)

    async def signalled(self, signal: Signal) -> None:
        """A signal is on disk: answer the waits that it matches."""
        data = orjson.loads(signal.data or NULL)
        for wait in await self._queue.waits(signal.topic):
            if signal.id > wait.since_id and matches(wait.match, data):
                await self._answer(wait, signal)

    async def suspend(self, delivery: Delivery, suspended: Suspended, known: Progress) -> dict[str, bytes]:
        """Store that a delivery waits, with its new due time; what it remembers from now on.

        The answer may come before this returns: the delivery is not among the waits then.
        """
        now_ms = self._clock.now_ms()
        if not suspended.topic:
            delivery.due_ms = max(1, now_ms + suspended.sleep_ms)
            await self._queue.suspend(delivery, Remembered(delivery.id, suspended.key, NULL))
            return {suspended.key: NULL}
        delivery.due_ms = now_ms + suspended.timeout_ms if suspended.timeout_ms else NEVER_MS
        since_id = max([delivery.id, *_seen(known, suspended.topic)])
        wait = Wait(
            delivery.id,
            delivery.step_id,
            suspended.key,
            suspended.topic,
            suspended.match,
            since_id,
            delivery.due_ms,
        )
        is_new_topic = wait.topic not in self._topics
        self._topics.add(wait.topic)
        self._keep(wait)
        self._unstored.add(delivery.id)
        try:
            if not await self._queue.suspend(delivery, wait):  # by a try of ours whose answer was lost, and answered
                self.forget(delivery.id)
        except BaseException:
            self.forget(delivery.id)
            if is_new_topic:
                self._topics.discard(wait.topic)
            raise
        finally:
            self._unstored.discard(delivery.id)
        if is_new_topic:
            self.on_new_topic(wait.topic)
        return {}

    async def look_back(self, delivery_id: int) -> None:
        """Answer a wait by a signal that came before it was stored."""
        if (wait := self._waits.get(delivery_id)) is not None:
            await self._look_back(wait)

    async def time_out(self, delivery_id: int) -> None:
        """The time of a wait is over: its answer is null, unless another has come."""
        wait = self._waits[delivery_id]
        self.forget(delivery_id)
        answer = Remembered(delivery_id, wait.key, NULL)
        try:
            await self._queue.commit(Effects(answers=[(delivery_id, wait.key)], remembered=[answer]))
        except BaseException:
            self._keep(wait)
            raise

    def forget(self, delivery_id: int) -> None:
        """The delivery waits no more."""
        self._waits.pop(delivery_id, None)
        self._note_change(delivery_id)

    def _keep(self, wait: Wait) -> None:
        self._waits[wait.delivery_id] = wait
        self._note_change(wait.delivery_id)

    def _note_change(self, delivery_id: int) -> None:
        if self._changed is not None:
            self._changed.add(delivery_id)

    async def _look_back(self, wait: Wait) -> None:
        for signal in await self._queue.signals(wait.topic, after_id=wait.since_id):
            if matches(wait.match, orjson.loads(signal.data or NULL)):
                await self._answer(wait, signal)
                return

    async def _answer(self, wait: Wait, signal: Signal) -> None:
        remembered = {wait.key: signal.data or NULL, MARK + wait.key: orjson.dumps([signal.topic, signal.id])}
        effects = Effects(
            answers=[(wait.delivery_id, wait.key)],
            remembered=[Remembered(wait.delivery_id, key, value) for key, value in remembered.items()],
            wakes=[wait.delivery_id],
        )
        passing("answer.storing")
        if await self._queue.commit(effects):
            passing("answer.stored")
            self.forget(wait.delivery_id)
            self.on_answer(wait, remembered)


def _seen(known: Progress, topic: str) -> list[int]:
    """The signals of a topic that the delivery was given."""
    marks = (orjson.loads(value) for key, value in known.items() if key.startswith(MARK))
    return [signal_id for of_topic, signal_id in marks if of_topic == topic]


def matches(match: bytes, data: object) -> bool:
    """Whether an event's data has all members of `match` (JSON object text; empty: any data will do)."""
    return not match or _has(data, orjson.loads(match))


def _has(data: object, wanted: object) -> bool:
    if isinstance(wanted, dict):
        return isinstance(data, dict) and all(key in data and _has(data[key], value) for key, value in wanted.items())
    return (type(data) is type(wanted) and data == wanted) or _same_number(data, wanted)


def _same_number(data: object, wanted: object) -> bool:
    """JSON does not tell 1 from 1.0."""
    numbers = (int, float)
    are_numbers = isinstance(data, numbers) and isinstance(wanted, numbers)
    return are_numbers and not isinstance(data, bool) and not isinstance(wanted, bool) and data == wanted
