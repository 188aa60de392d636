"""A store in memory: the same ports, the same behaviour (tests/contract/store proves it), no disk and no process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from motia_core.model.event import AttemptFailure, Backlog, DeadLetter, Delivery
from motia_core.model.failure import Failure
from motia_core.model.trace import AttemptRecord


class FakeQueue:
    """Implements `Queue`. `failing` is raised, when set, by everything that writes."""

    def __init__(self) -> None:
        self.deliveries: dict[int, Delivery] = {}
        self.failures: dict[int, list[AttemptFailure]] = {}
        self.letters: dict[int, DeadLetter] = {}
        self.failing: Exception | None = None

    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        self._fail()
        for delivery in deliveries:
            assert delivery.id not in self.deliveries, delivery.id
        self.deliveries.update((delivery.id, replace(delivery)) for delivery in deliveries)

    async def complete(self, delivery_id: int) -> None:
        self._fail()
        self.deliveries.pop(delivery_id, None)
        self.failures.pop(delivery_id, None)

    async def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        self._fail()
        stored = self.deliveries.get(delivery.id)
        if stored:
            stored.attempt, stored.due_ms = delivery.attempt, delivery.due_ms
            failed = AttemptFailure(delivery.attempt - 1, failed_ms, failure)
            self.failures.setdefault(delivery.id, []).append(failed)

    async def bury(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        self._fail()
        stored = self.deliveries.pop(delivery.id, None)
        if stored:
            failures = [*self.failures.pop(delivery.id, []), AttemptFailure(delivery.attempt, failed_ms, failure)]
            letter = DeadLetter(replace(stored, attempt=delivery.attempt), tuple(failures), failed_ms)
            self.letters[delivery.id] = letter

    async def read(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        ids = sorted(delivery.id for delivery in self.deliveries.values() if delivery.step_id == step_id)
        return [replace(self.deliveries[number]) for number in ids if number > after_id][:limit]

    async def backlogs(self) -> list[Backlog]:
        step_ids = [delivery.step_id for delivery in self.deliveries.values()]
        return [Backlog(step_id, step_ids.count(step_id)) for step_id in sorted(set(step_ids))]

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


class FakeDeadLetters:
    """Implements `DeadLetters` of a FakeQueue."""

    def __init__(self, queue: FakeQueue) -> None:
        self._queue = queue

    async def page(
        self, *, topic: str = "", step_id: str = "", before_id: int = 0, limit: int = 100
    ) -> list[DeadLetter]:
        letters = [letter for _, letter in sorted(self._queue.letters.items(), reverse=True)]
        return [
            letter
            for letter in letters
            if topic in ("", letter.delivery.topic)
            and step_id in ("", letter.delivery.step_id)
            and (not before_id or letter.delivery.id < before_id)
        ][:limit]

    async def get(self, delivery_id: int) -> DeadLetter | None:
        return self._queue.letters.get(delivery_id)

    async def redrive(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        known = sorted(set(delivery_ids) & self._queue.letters.keys())
        revived = [replace(self._queue.letters.pop(number).delivery, attempt=1, due_ms=0) for number in known]
        await self._queue.enqueue(revived)
        return revived

    async def discard(self, delivery_ids: Sequence[int]) -> int:
        return sum(self._queue.letters.pop(number, None) is not None for number in delivery_ids)


class FakeState:
    """Implements `StateStore`."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, bytes]] = {}

    async def get(self, group: str, key: str) -> bytes | None:
        return self.groups.get(group, {}).get(key)

    async def set(self, group: str, key: str, value: bytes) -> None:
        self.groups.setdefault(group, {})[key] = value

    async def delete(self, group: str, key: str) -> bytes | None:
        return self.groups.get(group, {}).pop(key, None)

    async def get_group(self, group: str) -> list[bytes]:
        return [value for _, value in sorted(self.groups.get(group, {}).items())]

    async def clear(self, group: str) -> None:
        self.groups.pop(group, None)


class FakeStreams:
    """Implements `StreamStore`. Items are kept in the order in which they were first set."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str], dict[str, tuple[bytes, int]]] = {}

    async def get(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        return self.groups.get((stream, group), {}).get(item_id)

    async def set(self, stream: str, group: str, item_id: str, item: bytes, now_ms: int) -> tuple[bool, int]:
        items = self.groups.setdefault((stream, group), {})
        found = items.get(item_id)
        created_ms = found[1] if found else now_ms
        items[item_id] = (item, created_ms)
        return found is None, created_ms

    async def delete(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        return self.groups.get((stream, group), {}).pop(item_id, None)

    async def get_group(self, stream: str, group: str) -> list[tuple[str, bytes, int]]:
        return [(item_id, *item) for item_id, item in self.groups.get((stream, group), {}).items()]


class FakeTraces:
    """Implements `TraceStore`, without bounds."""

    def __init__(self) -> None:
        self.attempts: list[AttemptRecord] = []

    def record(self, attempts: list[AttemptRecord]) -> None:
        self.attempts += attempts

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        return sorted(attempt for attempt in self.attempts if attempt.trace_id == trace_id)

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        matching = [attempt for attempt in self.attempts if step_id in ("", attempt.step)]
        return sorted(matching, reverse=True)[:limit]


class FakeStore:
    """All of them, with the attributes of `motia_core.store.Store`."""

    def __init__(self) -> None:
        self.queue = FakeQueue()
        self.dead_letters = FakeDeadLetters(self.queue)
        self.state = FakeState()
        self.streams = FakeStreams()
        self.traces = FakeTraces()
