"""How often steps ran, failed and how long they took: since the start, for metrics, and by minute, for those who look.
Counted from what is recorded, so that an attempt costs nothing more while it runs."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypedDict

from motia_core.model.failure import FailureKind
from motia_core.model.trace import AttemptRecord

LOST = FailureKind.SIDECAR_LOST.value
BUCKET_MS = 15_000
KEPT = 240  # buckets: an hour
# Upper ends in microseconds; the last takes everything longer.
BOUNDS_US = (
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
)  # fmt: skip


@dataclass(slots=True)
class Totals:
    """Of one step and trigger, since the start."""

    completed: int = 0
    failed: int = 0
    retries: int = 0
    sum_us: int = 0
    durations: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_US) + 1))
    waited_ms: int = 0  # from emits to starts of first attempts, in sum
    waits: int = 0
    latest_wait_ms: int = 0  # of the first attempt that was recorded last
    statuses: dict[int, int] = field(default_factory=dict)  # of HTTP: how many responses


class TopicCount(TypedDict):
    """What came to one step with one topic."""

    events: int
    failed: int  # attempts


@dataclass(slots=True)
class Bucket:
    """Of one step, within BUCKET_MS."""

    start_ms: int
    completed: int = 0
    failed: int = 0
    durations: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_US) + 1))
    topics: dict[str, TopicCount] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepStats:
    """Of one step, within a time that was asked for."""

    completed: int
    failed: int
    p50_ms: float
    p95_ms: float
    completed_by: list[int]  # bucket by bucket, oldest first
    failed_by: list[int]
    topics: dict[str, TopicCount]


class Stats:
    """The counts of all steps."""

    def __init__(self) -> None:
        self.totals: dict[tuple[str, str], Totals] = {}  # by step and trigger
        self.emitted: dict[str, int] = {}  # deliveries that began, by topic
        self.handled: dict[tuple[str, str], int] = {}  # events that were completed, by step and topic
        self._buckets: dict[str, deque[Bucket]] = {}
        self._latest: dict[str, Bucket] = {}

    def count(self, records: Iterable[AttemptRecord]) -> None:
        """Attempts have ended."""
        for record in records:
            key = (record.step, record.trigger)
            totals = self.totals.get(key)
            if totals is None:
                totals = self.totals[key] = Totals()
            place = bisect_left(BOUNDS_US, record.duration_us)
            now_ms = record.started_ms + record.duration_us // 1000
            bucket = self._latest.get(record.step)
            if bucket is None or now_ms >= bucket.start_ms + BUCKET_MS:
                bucket = self._latest[record.step] = self._bucket(record.step, now_ms)
            if record.status == "failed":
                totals.failed += 1
                bucket.failed += 1
            else:
                totals.completed += 1
                bucket.completed += 1
                if record.trigger == "event":
                    handled = record.step, record.label
                    self.handled[handled] = self.handled.get(handled, 0) + 1
            totals.sum_us += record.duration_us
            totals.durations[place] += 1
            bucket.durations[place] += 1
            if record.attempt > 1:
                totals.retries += 1
            elif record.trigger in ("event", "cron"):
                totals.waited_ms += record.waited_ms
                totals.waits += 1
                totals.latest_wait_ms = record.waited_ms
            if status := record.http_status:
                totals.statuses[status] = totals.statuses.get(status, 0) + 1
            if record.trigger == "event":
                self._count_topic(record, bucket)

    def of_steps(self, now_ms: int, minutes: int) -> dict[str, StepStats]:
        """All steps that ran within the last minutes, in buckets of BUCKET_MS."""
        last = now_ms // BUCKET_MS
        first = last - minutes * 60_000 // BUCKET_MS + 1
        found = {}
        for step, buckets in self._buckets.items():
            recent = [bucket for bucket in buckets if bucket.start_ms // BUCKET_MS >= first]
            if not recent:
                continue
            completed_by, failed_by = [0] * (last - first + 1), [0] * (last - first + 1)
            durations = [0] * (len(BOUNDS_US) + 1)
            topics: dict[str, TopicCount] = {}
            for bucket in recent:
                place = min(bucket.start_ms // BUCKET_MS, last) - first
                completed_by[place] += bucket.completed
                failed_by[place] += bucket.failed
                durations = list(map(int.__add__, durations, bucket.durations))
                for topic, count in bucket.topics.items():
                    known = topics.setdefault(topic, {"events": 0, "failed": 0})
                    known["events"] += count["events"]
                    known["failed"] += count["failed"]
            found[step] = StepStats(
                sum(completed_by),
                sum(failed_by),
                quantile_ms(durations, 0.5),
                quantile_ms(durations, 0.95),
                completed_by,
                failed_by,
                topics,
            )
        return found

    def _count_topic(self, record: AttemptRecord, bucket: Bucket) -> None:
        topic = record.label
        count = bucket.topics.get(topic)
        if count is None:
            count = bucket.topics[topic] = {"events": 0, "failed": 0}
        if record.attempt == 1 and record.error_kind != LOST:  # what lost its sidecar begins once more
            self.emitted[topic] = self.emitted.get(topic, 0) + 1
            count["events"] += 1
        if record.status == "failed":
            count["failed"] += 1

    def _bucket(self, step: str, now_ms: int) -> Bucket:
        buckets = self._buckets.get(step)
        if buckets is None:
            buckets = self._buckets[step] = deque(maxlen=KEPT)
        start_ms = now_ms - now_ms % BUCKET_MS
        if not buckets or buckets[-1].start_ms < start_ms:  # a clock that was set back adds to the latest
            buckets.append(Bucket(start_ms))
        return buckets[-1]


def quantile_ms(durations: list[int], part: float) -> float:
    """A quantile of a histogram with BOUNDS_US, taken as evenly spread within its bucket."""
    wanted = part * sum(durations)
    below = 0
    for place, count in enumerate(durations):
        if count and below + count >= wanted:
            low = BOUNDS_US[place - 1] if place else 0
            high = BOUNDS_US[place] if place < len(BOUNDS_US) else low
            return (low + (high - low) * (wanted - below) / count) / 1000
        below += count
    return 0.0
