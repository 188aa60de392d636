"""Recorded attempts."""

from __future__ import annotations

from motia_core.model.trace import LogFilter, LogRecord, RunFilter, RunRecord, SpanRecord
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.fakes.values import an_attempt


async def record(store: Store, *numbers: int, step: str = "Work", trace_id: str = "A") -> None:
    store.traces.record([an_attempt(number, step=step, trace_id=trace_id) for number in numbers])


def test_trace_is_read_as_it_was_recorded_oldest_first(store: Store, run: Run) -> None:
    run(record(store, 3, 1))
    run(record(store, 2))
    run(record(store, 4, trace_id="B"))
    assert run(store.traces.trace("A")) == [an_attempt(1), an_attempt(2), an_attempt(3)]
    assert run(store.traces.trace("C")) == []


def test_recent_is_newest_first(store: Store, run: Run) -> None:
    run(record(store, 1, 2, 3))
    run(record(store, 4, step="Other"))
    assert [attempt.id for attempt in run(store.traces.recent())] == [4, 3, 2, 1]
    assert [attempt.id for attempt in run(store.traces.recent(limit=2))] == [4, 3]
    assert [attempt.id for attempt in run(store.traces.recent(step_id="Work", limit=2))] == [3, 2]
    assert run(store.traces.recent(step_id="None")) == []


def test_nothing_recorded_is_nothing(store: Store, run: Run) -> None:
    run(record(store))
    assert run(store.traces.recent()) == []


def test_details_are_kept_beside_their_attempts(store: Store, run: Run) -> None:
    async def keep() -> None:
        for first in (1, 3):
            attempts = [an_attempt(number)._replace(batch=first) for number in (first, first + 1)]
            store.traces.record(attempts, [(number, (("event", b"{}", 2), (), number, [], 0)) for number in (first,)])

    run(keep())
    assert run(store.traces.details([1, 2, 9])) == {1: (("event", b"{}", 2), (), 1, [], 0)}
    assert run(store.traces.details([1, 3])).keys() == {1, 3}
    assert run(store.traces.attempt(2)) == an_attempt(2)._replace(batch=1)
    assert run(store.traces.attempt(9)) is None


async def of_run(store: Store, number: int, **changes: object) -> None:
    store.traces.record([an_attempt(number)._replace(**changes)])  # type: ignore[arg-type]  # fields of the record


def test_run_is_the_sum_of_its_attempts(store: Store, run: Run) -> None:
    done = {"status": "completed", "error": "", "error_kind": ""}
    run(of_run(store, 5, step="Second", trigger="event", label="b", parent_id=3, started_ms=2_000, delivery_id=40))
    run(of_run(store, 3, step="First", trigger="http", label="POST /a", started_ms=1_000, duration_us=50_000, **done))
    [found] = run(store.traces.runs(RunFilter()))
    assert found == RunRecord("A", 3, "First", "http", "POST /a", 0, 1_000, 2_000, 2, 1, 1, "T: ü")
    second = {"step": "Second", "parent_id": 3, "attempt": 2, "delivery_id": 40}
    run(of_run(store, 7, started_ms=4_000, duration_us=1_500, **second, **done))
    assert run(store.traces.run("A")) == found._replace(ended_ms=4_001, attempts=3, unresolved=0)
    assert run(store.traces.run("B")) is None


def test_what_was_tried_again_has_failed_when_its_last_attempt_has(store: Store, run: Run) -> None:
    done = {"status": "completed", "error": "", "error_kind": ""}

    def unresolved() -> int:
        found = run(store.traces.run("A"))
        assert found is not None
        return found.unresolved

    run(of_run(store, 1, trigger="http"))
    assert unresolved() == 1  # nothing is tried again
    run(of_run(store, 2, delivery_id=40, error_kind="sidecar_lost"))
    run(of_run(store, 3, delivery_id=41, attempt=4))
    assert unresolved() == 3
    run(of_run(store, 4, delivery_id=40, **done))  # that cost it no attempt
    assert unresolved() == 2
    run(of_run(store, 5, delivery_id=41))  # it was brought back: it counts afresh, and fails again
    assert unresolved() == 2
    run(of_run(store, 6, delivery_id=41, **done))
    assert unresolved() == 1


def test_a_replay_knows_of_what(store: Store, run: Run) -> None:
    run(of_run(store, 9, parent_id=-3))
    [found] = run(store.traces.runs(RunFilter()))
    assert found.replay_of == 3


def test_runs_are_filtered_and_paged(store: Store, run: Run) -> None:
    run(of_run(store, 1, trace_id="A", step="One", trigger="http", label="GET /Ä", started_ms=1_000))
    run(of_run(store, 2, trace_id="B", step="Two", started_ms=2_000, duration_us=900_000, status="completed", error=""))
    run(of_run(store, 3, trace_id="B", step="Three", parent_id=2, started_ms=2_100, status="completed", error=""))
    run(of_run(store, 4, trace_id="C", step="Four", started_ms=3_000))

    def ids(before_id: int = 0, limit: int = 100, **wanted: object) -> list[str]:
        asked = RunFilter(**wanted)  # type: ignore[arg-type]  # as below
        return [found.trace_id for found in run(store.traces.runs(asked, before_id=before_id, limit=limit))]

    assert ids() == ["C", "B", "A"]
    assert ids(limit=2) == ["C", "B"]
    assert ids(before_id=2) == ["A"]
    assert ids(status="failed") == ["C", "A"]
    assert ids(status="completed") == ["B"]
    assert ids(step="Three") == ["B"]
    assert ids(trigger="http") == ["A"]
    assert ids(text="get /") == ["A"]
    assert ids(text="FOUR") == ["C"]
    assert ids(since_ms=2_500, until_ms=2_900) == ["B"]
    assert ids(least_ms=800) == ["B"]
    assert ids(text="nothing") == []

    def of(*trace_ids: str, **wanted: object) -> list[str]:
        asked = RunFilter(**wanted)  # type: ignore[arg-type]  # as below
        return [found.trace_id for found in run(store.traces.runs_of(trace_ids, asked))]

    assert of("B", "D", "A") == ["B", "A"]
    assert of("A", "B", step="Three") == ["B"]
    assert of("A", "B", "C", status="failed", since_ms=2_000) == ["C"]
    assert of() == []


def test_logs_are_filtered_and_paged(store: Store, run: Run) -> None:
    async def log() -> None:
        store.traces.log(
            [
                LogRecord(1, 100, 1, "One", "A", "begun", b""),
                LogRecord(2, 200, 3, "One", "A", "Broken", b'{"code":"E7"}'),
                LogRecord(3, 300, 2, "Two", "B", "slow", b""),
            ]
        )

    def ids(before_id: int = 0, limit: int = 100, **wanted: object) -> list[int]:
        asked = LogFilter(**wanted)  # type: ignore[arg-type]  # as below
        return [found.id for found in run(store.traces.logs(asked, before_id=before_id, limit=limit))]

    run(log())
    assert ids() == [3, 2, 1]
    assert ids(level=2) == [3, 2]
    assert ids(step="One") == [2, 1]
    assert ids(trace_id="B") == [3]
    assert ids(text="e7") == [2]
    assert ids(text="broken") == [2]
    assert ids(since_ms=200, until_ms=250) == [2]
    assert ids(before_id=3, limit=1) == [2]
    run(store.traces.clear_logs())
    assert ids() == []


def a_span(number: int, *, trace_id: str = "A") -> SpanRecord:
    return SpanRecord(number, 7, trace_id, "1" * 16, "2" * 16, "price", "client", 1_000, 250, 3, "no", b'{"a":1}')


def test_spans_of_a_trace(store: Store, run: Run) -> None:
    async def keep() -> None:
        store.traces.spans([a_span(2), a_span(1), a_span(3, trace_id="B")])

    run(keep())
    assert run(store.traces.spans_of("A")) == [a_span(1), a_span(2)]
    assert run(store.traces.spans_of("C")) == []
    run(store.traces.clear())
    assert run(store.traces.spans_of("A")) == []


def test_who_has_written_what(store: Store, run: Run) -> None:
    async def keep() -> None:
        attempts = [an_attempt(number) for number in (1, 2, 3, 4)]
        store.traces.record(attempts, None, [("a/x", 1), ("a/x", 2), ("a/y", 2), ("a", 3), ("a/x", 4)])

    def ids(*targets: str, before_id: int = 0, limit: int = 10) -> list[int]:
        found = run(store.traces.writers(targets, before_id=before_id, limit=limit))
        return [attempt.id for attempt in found]

    run(keep())
    assert ids("a/x") == [4, 2, 1]
    assert ids("a/x", "a") == [4, 3, 2, 1]
    assert ids("a/x", "a", limit=2) == [4, 3]
    assert ids("a/x", "a", before_id=3) == [2, 1]
    assert ids("b/x") == []
    run(store.traces.clear())
    assert ids("a/x") == []


def test_what_is_cleared_is_gone(store: Store, run: Run) -> None:
    run(record(store, 1))
    run(store.traces.clear())
    assert run(store.traces.recent()) == []
    assert run(store.traces.runs(RunFilter())) == []
