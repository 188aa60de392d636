"""Recorded attempts."""

from __future__ import annotations

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
