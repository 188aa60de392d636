"""What is counted, kept and told of what runs: numbers by step, log records, and the live feed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from motia_core.engine import live as live_module
from motia_core.engine.live import Batch, Live
from motia_core.engine.logs import BATCH, MOST_FIELD_BYTES, RecordedLog
from motia_core.engine.stats import BOUNDS_US, BUCKET_MS, Stats, quantile_ms
from motia_core.model.ids import IdSource
from motia_core.model.trace import LogRecord
from tests.fakes.sidecars import FakeClock, FakeLog
from tests.fakes.store import FakeTraces
from tests.fakes.values import an_attempt

NOW = 1_700_000_000_000 - 1_700_000_000_000 % BUCKET_MS + 5_000


# --- numbers


def test_attempts_are_counted_by_step_and_trigger() -> None:
    stats = Stats()
    done = an_attempt(1)._replace(status="completed", trigger="http")
    stats.count([done, done, done._replace(status="failed"), done._replace(attempt=2), done._replace(trigger="event")])
    http, event = stats.totals["Work", "http"], stats.totals["Work", "event"]
    assert (http.completed, http.failed, http.retries, http.sum_us) == (3, 1, 1, 1_000)
    assert sum(http.durations) == 4
    assert (event.completed, event.waited_ms, event.waits) == (1, 7, 1)
    assert stats.emitted == {"work": 1}


def test_numbers_are_of_the_time_that_is_asked_for() -> None:
    stats = Stats()
    for ago_ms, status in ((10 * 60_000, "completed"), (60_000, "completed"), (0, "completed"), (0, "failed")):
        stats.count([an_attempt(1)._replace(status=status, started_ms=NOW - ago_ms, duration_us=2_000)])
    stats.count([an_attempt(2, step="Old", started_ms=NOW - 30 * 60_000)])
    found = stats.of_steps(NOW, minutes=2)
    assert set(found) == {"Work"}
    work = found["Work"]
    assert (work.completed, work.failed) == (2, 1)
    assert len(work.completed_by) == 2 * 60_000 // BUCKET_MS
    assert (work.completed_by[-1], work.failed_by[-1]) == (1, 1)
    assert stats.of_steps(NOW, minutes=15)["Work"].completed == 3


def test_events_are_counted_by_topic_where_they_arrive() -> None:
    stats = Stats()
    event = an_attempt(1)._replace(status="completed", trigger="event", label="made", started_ms=NOW, duration_us=0)
    failed = event._replace(status="failed")
    stats.count([event._replace(started_ms=NOW - 3 * 60_000)])
    stats.count([event, failed._replace(attempt=2), failed._replace(label="other"), event._replace(trigger="http")])
    topics = stats.of_steps(NOW, minutes=2)["Work"].topics
    assert topics == {"made": {"events": 1, "failed": 1}, "other": {"events": 1, "failed": 1}}
    assert stats.of_steps(NOW, minutes=15)["Work"].topics["made"]["events"] == 2


def test_quantiles_lie_within_their_bucket() -> None:
    durations = [0] * (len(BOUNDS_US) + 1)
    assert quantile_ms(durations, 0.5) == 0
    durations[1] = 10  # 0.5 to 1 ms
    assert 0.5 < quantile_ms(durations, 0.5) <= 1
    durations[-1] = 90
    assert quantile_ms(durations, 0.95) == BOUNDS_US[-1] / 1000


# --- log records


def recorded(script: Callable[[RecordedLog, FakeTraces, FakeLog], Awaitable[None]], *, is_on: bool = True) -> None:
    async def main() -> None:
        traces, console, clock = FakeTraces(), FakeLog(), FakeClock()
        await script(RecordedLog(console, traces, IdSource(clock), clock.now_ms, is_on=is_on), traces, console)

    asyncio.run(main())


def test_log_records_are_shown_at_once_and_kept_in_batches() -> None:
    async def script(log: RecordedLog, traces: FakeTraces, console: FakeLog) -> None:
        log.record("warn", "slow \ud800", step="Work", trace_id="A", time_ms=5, fields=b'{"a":1}')
        log.record("odd", "x" * 20_000, fields=b"x" * (MOST_FIELD_BYTES + 1))
        assert len(console.records) == 2
        assert traces.records == []
        log.flush()
        first, second = traces.records
        assert first[1:] == (5, 2, "Work", "A", "slow \\ud800", b'{"a":1}')
        assert (second.level, len(second.message), second.fields) == (1, 16 * 1024, b"")
        assert second.id > first.id
        for number in range(BATCH):
            log.record("info", str(number))
        assert len(traces.records) == BATCH + 2

    recorded(script)


def test_log_records_are_not_kept_when_that_is_off() -> None:
    async def script(log: RecordedLog, traces: FakeTraces, console: FakeLog) -> None:
        log.record("info", "x")
        log.flush()
        assert (len(console.records), traces.records) == (1, [])

    recorded(script, is_on=False)


# --- the feed


def watched(script: Callable[[Live], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "PAUSE_S", 0.01)

    async def main() -> None:
        async with asyncio.timeout(5):
            await script(Live())

    asyncio.run(main())


LOG = LogRecord(1, 0, 1, "", "", "x", b"")


def test_several_things_are_told_together_as_they_are_now(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(live: Live) -> None:
        watcher = live.watch()
        coming = asyncio.ensure_future(anext(watcher))
        await asyncio.sleep(0)
        assert live.is_watched
        live.attempts([an_attempt(1)._replace(status="running")])
        live.attempts([an_attempt(1), an_attempt(2)])
        live.logs([LOG])
        live.changed("state")
        batch = await coming
        assert [attempt.status for attempt in batch.attempts.values()] == ["failed", "failed"]
        assert (batch.logs, batch.changed, batch.missed) == ([LOG], {"state"}, False)
        await watcher.aclose()  # type: ignore[attr-defined]  # it is a generator
        assert not live.is_watched

    watched(script, monkeypatch)


def test_nothing_is_gathered_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(live: Live) -> None:
        live.attempts([an_attempt(1)])
        live.logs([LOG])
        live.changed("state")
        assert live._batch == Batch()

    watched(script, monkeypatch)


def test_one_who_does_not_read_gets_the_latest_and_knows_that_something_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def script(live: Live) -> None:
        watcher = live.watch()
        coming = asyncio.ensure_future(anext(watcher))
        await asyncio.sleep(0)
        for number in range(live_module.MOST_WAITING + 5):
            live.logs([LOG._replace(id=number)] * (live_module.MOST_ATTEMPTS + 1 if number == 0 else 1))
            await asyncio.sleep(0.02)
        first = await coming
        assert len(first.logs) == live_module.MOST_ATTEMPTS
        assert first.missed
        rest = [await anext(watcher) for _ in range(live_module.MOST_WAITING)]
        assert rest[-1].logs[0].id == live_module.MOST_WAITING + 4
        assert rest[-1].missed
        await watcher.aclose()  # type: ignore[attr-defined]  # as above

    watched(script, monkeypatch)
