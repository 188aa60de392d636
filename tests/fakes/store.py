"""A store in memory: the same ports, the same behaviour (tests/contract/store proves it), no disk and no process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from motia_core.clock import Clock, SystemClock
from motia_core.engine.ports import Key
from motia_core.engine.records import Write
from motia_core.model.effects import Effects, StateClear, StateWrite
from motia_core.model.event import AttemptFailure, Backlog, DeadLetter, Delivery, Remembered, Signal, Wait
from motia_core.model.failure import Failure
from motia_core.model.recording import Details, Packed
from motia_core.model.trace import AttemptRecord, LogFilter, LogRecord, RunFilter, RunRecord, SpanRecord
from motia_core.store.alone import Alone
from tests.fakes.memory import Memory, reads, writes
from tests.fakes.streams import FakeStreams


class FakeQueue:
    """Implements `Queue`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.on_streams: Callable[[], None] = lambda: None

    @property
    def letters(self) -> dict[int, DeadLetter]:
        return self.memory.letters

    @property
    def failing(self) -> Exception | None:
        return self.memory.failing

    @failing.setter
    def failing(self, error: Exception | None) -> None:
        self.memory.failing = error

    @writes
    def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        self.memory.enqueue(deliveries)

    @writes
    def commit(self, effects: Effects) -> bool:
        done = self.memory.commit(effects)
        self.on_streams()
        return done

    @writes
    def complete(self, delivery: Delivery) -> None:
        self.memory.end(delivery.id, has_progress=delivery.has_progress)

    @writes
    def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        stored = self.memory.deliveries.get(delivery.id)
        if stored:
            stored.attempt, stored.due_ms = delivery.attempt, delivery.due_ms
            failed = AttemptFailure(delivery.attempt - 1, failed_ms, failure)
            self.memory.failures.setdefault(delivery.id, []).append(failed)

    @writes
    def bury(self, delivery: Delivery, failure: Failure, failed_ms: int, heard: Sequence[Delivery] = ()) -> None:
        stored = self.memory.deliveries.get(delivery.id)
        if stored:
            self.memory.enqueue(heard)
            del self.memory.deliveries[delivery.id]
            failures = self.memory.failures.pop(delivery.id, [])
            failures.append(AttemptFailure(delivery.attempt, failed_ms, failure))
            letter = DeadLetter(replace(stored, attempt=delivery.attempt), tuple(failures), failed_ms)
            self.memory.letters[delivery.id] = letter

    @writes
    def suspend(self, delivery: Delivery, until: Remembered | Wait) -> bool:
        stored = self.memory.deliveries.get(delivery.id)
        if stored is None or until.key in self.memory.progress.get(delivery.id, {}):
            return False
        stored.due_ms = delivery.due_ms
        if isinstance(until, Remembered):
            self.memory.remember(until)
        else:
            self.memory.waits[delivery.id] = until
            self.memory.waited_topics.add(until.topic)
        return True

    @reads
    def remembered(self, delivery_id: int) -> list[Remembered]:
        return [Remembered(delivery_id, *entry) for entry in sorted(self.memory.progress.get(delivery_id, {}).items())]

    @reads
    def read_due(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        found = [delivery for delivery in self._without_lane(step_id, shards) if not delivery.due_ms]
        found.sort(key=lambda delivery: (-delivery.priority, delivery.id))
        return [delivery for delivery in found if (-delivery.priority, delivery.id) > after][:limit]

    @reads
    def read_later(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        found = [delivery for delivery in self._without_lane(step_id, shards) if delivery.due_ms]
        found.sort(key=lambda delivery: (delivery.due_ms, delivery.id))
        return [delivery for delivery in found if (delivery.due_ms, delivery.id) > after][:limit]

    @reads
    def read_lanes(self, step_id: str, *, after_lane: str, limit: int) -> list[str]:
        lanes = {delivery.lane for delivery in self._of_step(step_id)}
        return sorted(lane for lane in lanes if lane > after_lane)[:limit]

    @reads
    def read_lane(self, step_id: str, lane: str, *, after_id: int, limit: int) -> list[Delivery]:
        found = [delivery for delivery in self._of_step(step_id) if delivery.lane and delivery.lane == lane]
        return [delivery for delivery in found if delivery.id > after_id][:limit]

    @reads
    def read(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        known = sorted(self.memory.deliveries.keys() & set(delivery_ids))
        return [self.memory.as_read(self.memory.deliveries[number]) for number in known]

    @reads
    def backlogs(self) -> list[Backlog]:
        counts = Counter(delivery.step_id for delivery in self.memory.deliveries.values())
        return [Backlog(*counted) for counted in counts.items()]

    @reads
    def waits(self, topic: str = "") -> list[Wait]:
        return [wait for _, wait in sorted(self.memory.waits.items()) if topic in ("", wait.topic)]

    @reads
    def waited_topics(self) -> list[str]:
        return sorted(self.memory.waited_topics)

    @reads
    def signals(self, topic: str, *, after_id: int) -> list[Signal]:
        now_ms = self.memory.clock.now_ms()
        found = [signal for number, signal in sorted(self.memory.signals.items()) if number > after_id]
        return [signal for signal in found if signal.topic == topic and signal.expires_ms > now_ms]

    def _of_step(self, step_id: str) -> list[Delivery]:
        found = [delivery for delivery in self.memory.deliveries.values() if delivery.step_id == step_id]
        return [self.memory.as_read(delivery) for delivery in sorted(found, key=lambda delivery: delivery.id)]

    def _without_lane(self, step_id: str, shards: Sequence[int]) -> list[Delivery]:
        return [one for one in self._of_step(step_id) if not one.lane and one.shard in shards]


class FakeDeadLetters:
    """Implements `DeadLetters`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    @reads
    def page(self, *, topic: str = "", step_id: str = "", before_id: int = 0, limit: int = 100) -> list[DeadLetter]:
        matching = reversed(self._matching(topic, step_id))
        return [letter for letter in matching if not before_id or letter.delivery.id < before_id][:limit]

    @reads
    def get(self, delivery_id: int) -> DeadLetter | None:
        letter = self.memory.letters.get(delivery_id)
        return replace(letter, delivery=self.memory.as_read(letter.delivery)) if letter else None

    @reads
    def ids(self, *, topic: str = "", step_id: str = "", after_id: int = 0, limit: int = 1000) -> list[int]:
        ids = [letter.delivery.id for letter in self._matching(topic, step_id)]
        return [number for number in ids if number > after_id][:limit]

    @reads
    def count(self, *, topic: str = "", step_id: str = "") -> int:
        return len(self._matching(topic, step_id))

    @writes
    def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> list[Delivery]:
        known = sorted(set(delivery_ids) & self.memory.letters.keys())
        revived = [replace(self.memory.letters.pop(number).delivery, attempt=1, due_ms=0, shard=0) for number in known]
        for delivery in revived:
            delivery.data = delivery.data if data is None else data
        self.memory.enqueue(revived)
        self.memory.revived.update(known)
        return [self.memory.as_read(delivery) for delivery in revived]

    @writes
    def discard(self, delivery_ids: Sequence[int]) -> int:
        return self._discard(delivery_ids)

    def trim(self, keep: int, oldest_ms: int, limit: int) -> int:
        by_age = sorted((letter.dead_ms, number) for number, letter in self.memory.letters.items())
        aged = sum(dead_ms < oldest_ms for dead_ms, _ in by_age)
        surplus = min(max(aged, len(by_age) - keep), limit)
        return self._discard([number for _, number in by_age[: max(surplus, 0)]])

    def _discard(self, delivery_ids: Iterable[int]) -> int:
        known = set(delivery_ids) & self.memory.letters.keys()
        for number in known:
            del self.memory.letters[number]
            self.memory.progress.pop(number, None)
        return len(known)

    def _matching(self, topic: str, step_id: str) -> list[DeadLetter]:
        letters = [replace(one, delivery=self.memory.as_read(one.delivery)) for one in self.memory.letters.values()]
        matching = [
            letter
            for letter in letters
            if topic in ("", letter.delivery.topic) and step_id in ("", letter.delivery.step_id)
        ]
        return sorted(matching, key=lambda letter: letter.delivery.id)


class FakeState:
    """Implements `StateStore`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    @reads
    def get(self, group: str, key: str) -> tuple[bytes, int] | None:
        stored = self.memory.live(group, key)
        return stored[:2] if stored else None

    @writes
    def set(self, group: str, key: str, value: bytes, *, version: int, expires_ms: int = 0) -> None:
        self.memory.write_state(StateWrite(group, key, value, version, expires_ms))

    @writes
    def compare_and_set(
        self, group: str, key: str, value: bytes | None, *, expected: int, version: int, expires_ms: int | None = None
    ) -> bool:
        if self.memory.version(group, key) != expected:
            return False
        if expires_ms is None:
            stored = self.memory.live(group, key)
            expires_ms = stored[2] if stored else 0
        self.memory.write_state(StateWrite(group, key, value, version, expires_ms))
        return True

    @writes
    def delete(self, group: str, key: str) -> bytes | None:
        stored = self.memory.live(group, key)
        self.memory.write_state(StateWrite(group, key, None))
        return stored[0] if stored else None

    @reads
    def get_group(self, group: str) -> list[tuple[str, bytes]]:
        return self._pairs(group)

    @reads
    def page(self, group: str, *, prefix: str, after_key: str, limit: int) -> list[tuple[str, bytes]]:
        pairs = [(key, value) for key, value in self._pairs(group) if key.startswith(prefix)]
        return [(key, value) for key, value in pairs if not after_key or key > after_key][:limit]

    @writes
    def clear(self, group: str) -> None:
        self.memory.write_state(StateClear(group))

    def _pairs(self, group: str) -> list[tuple[str, bytes]]:
        pairs = []
        for of_group, key in sorted(self.memory.state):
            if of_group == group and (stored := self.memory.live(group, key)):
                pairs.append((key, stored[0]))
        return pairs


class FakeTraces:
    """Implements `TraceStore`, without bounds."""

    def __init__(self) -> None:
        self.attempts: list[AttemptRecord] = []
        self.kept: dict[int, Packed] = {}
        self.records: list[LogRecord] = []
        self.span_records: list[SpanRecord] = []
        self.written: list[Write] = []

    def record(
        self, attempts: list[AttemptRecord], details: Details | None = None, writes: Sequence[Write] = ()
    ) -> None:
        self.attempts += attempts
        self.written += writes
        self.kept.update(details or [])

    def log(self, records: list[LogRecord]) -> None:
        self.records += records

    def spans(self, records: list[SpanRecord]) -> None:
        self.span_records += records

    async def writers(self, targets: Sequence[str], *, before_id: int = 0, limit: int = 100) -> list[AttemptRecord]:
        ids = {attempt_id for target, attempt_id in self.written if target in targets}
        found = [one for one in self.attempts if one.id in ids and (not before_id or one.id < before_id)]
        return sorted(found, reverse=True)[:limit]

    async def spans_of(self, trace_id: str) -> list[SpanRecord]:
        return sorted(span for span in self.span_records if span.trace_id == trace_id)

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        return sorted(attempt for attempt in self.attempts if attempt.trace_id == trace_id)

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        matching = [attempt for attempt in self.attempts if step_id in ("", attempt.step)]
        return sorted(matching, reverse=True)[:limit]

    async def since(self, started_ms: int, *, limit: int) -> list[AttemptRecord]:
        return sorted((one for one in self.attempts if one.started_ms >= started_ms), reverse=True)[:limit]

    async def attempt(self, attempt_id: int) -> AttemptRecord | None:
        return next((attempt for attempt in self.attempts if attempt.id == attempt_id), None)

    async def details(self, attempt_ids: Sequence[int]) -> dict[int, Packed]:
        return {number: self.kept[number] for number in attempt_ids if number in self.kept}

    async def runs(self, wanted: RunFilter, *, before_id: int = 0, limit: int = 100) -> list[RunRecord]:
        traces = {attempt.trace_id for attempt in self.attempts}
        found = [run for trace_id in traces if (run := self._run(trace_id)) is not None]
        return sorted(
            (run for run in found if self._matches(run, wanted) and (not before_id or run.first_id < before_id)),
            key=lambda run: -run.first_id,
        )[:limit]

    async def runs_of(self, trace_ids: Sequence[str], wanted: RunFilter) -> list[RunRecord]:
        found = (self._run(trace_id) for trace_id in trace_ids)
        return [run for run in found if run is not None and self._matches(run, wanted)]

    async def run(self, trace_id: str) -> RunRecord | None:
        return self._run(trace_id)

    async def logs(self, wanted: LogFilter, *, before_id: int = 0, limit: int = 100) -> list[LogRecord]:
        def matches(record: LogRecord) -> bool:
            text = f"{record.message} {record.fields.decode()} {record.step} {record.trace_id}".lower()
            return (
                record.level >= wanted.level
                and wanted.step in ("", record.step)
                and wanted.trace_id in ("", record.trace_id)
                and wanted.text.lower() in text
                and record.time_ms >= wanted.since_ms
                and (not wanted.until_ms or record.time_ms <= wanted.until_ms)
                and (not before_id or record.id < before_id)
            )

        return sorted(filter(matches, self.records), reverse=True)[:limit]

    async def clear(self) -> None:
        self.attempts.clear()
        self.kept.clear()
        self.span_records.clear()

    async def clear_logs(self) -> None:
        self.records.clear()

    def _run(self, trace_id: str) -> RunRecord | None:
        of_run = sorted(attempt for attempt in self.attempts if attempt.trace_id == trace_id)
        if not of_run:
            return None
        first, failed, unresolved, error = of_run[0], 0, 0, ""
        for attempt in self.attempts:
            if attempt.trace_id != trace_id:
                continue
            is_failed = attempt.status == "failed"
            failed += is_failed
            again = (one for one in of_run if one.delivery_id == attempt.delivery_id > 0 and one.id > attempt.id)
            unresolved += is_failed and not any(again)
            error = attempt.error if is_failed else error
        ended_ms = max(attempt.started_ms + attempt.duration_us // 1000 for attempt in of_run)
        started_ms = min(attempt.started_ms for attempt in of_run)
        return RunRecord(
            trace_id, first.id, first.step, first.trigger, first.label, max(0, -first.parent_id), started_ms, ended_ms,
            len(of_run), failed, unresolved, error,
        )  # fmt: skip

    def _matches(self, run: RunRecord, wanted: RunFilter) -> bool:
        steps = {attempt.step for attempt in self.attempts if attempt.trace_id == run.trace_id}
        return (
            (not wanted.status or (wanted.status == "failed") == (run.unresolved > 0))
            and (not wanted.step or wanted.step in steps)
            and wanted.trigger in ("", run.trigger)
            and wanted.text.lower() in f"{run.trace_id} {run.step} {run.label} {run.error}".lower()
            and run.ended_ms >= wanted.since_ms
            and (not wanted.until_ms or run.started_ms <= wanted.until_ms)
            and run.ended_ms - run.started_ms >= wanted.least_ms
        )


class FakeRetention:
    """Implements `Retention`."""

    def __init__(self, memory: Memory, dead_letters: FakeDeadLetters) -> None:
        self.memory = memory
        self._dead_letters = dead_letters

    @writes
    def expire(self, now_ms: int, *, limit: int = 1000) -> int:
        over = sorted((value[2], key) for key, value in self.memory.state.items() if 0 < value[2] <= now_ms)[:limit]
        for _, key in over:
            del self.memory.state[key]
        used = sorted((ms, key) for key, ms in self.memory.used.items() if 0 < ms <= now_ms)[: limit - len(over)]
        for _, key in used:
            del self.memory.used[key]
        removed = len(over) + len(used)
        signals = sorted((one.expires_ms, one.id) for one in self.memory.signals.values() if one.expires_ms <= now_ms)
        for _, number in signals[: limit - removed]:
            del self.memory.signals[number]
        return removed + len(signals[: limit - removed])

    @writes
    def trim_dead_letters(self, *, keep: int, oldest_ms: int, limit: int = 1000) -> int:
        return self._dead_letters.trim(keep, oldest_ms, limit)


class FakeStore:
    """All of them, with the attributes of `motia_core.store.Store`. What it holds, and its hooks, are in `memory`."""

    def __init__(self, clock: Clock | None = None, memory: Memory | None = None) -> None:
        self.memory = memory or Memory(clock or SystemClock())
        self.queue = FakeQueue(self.memory)
        self.dead_letters = FakeDeadLetters(self.memory)
        self.state = FakeState(self.memory)
        self.streams = FakeStreams(self.memory)
        self.queue.on_streams = self.streams.look
        self.retention = FakeRetention(self.memory, self.dead_letters)
        self.cluster = Alone()
        self.traces = FakeTraces()
