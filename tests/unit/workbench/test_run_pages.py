"""Which runs a page shows: every combination of filters means what the page itself says of its runs."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from motia_core.model.trace import AttemptRecord, RunFilter, RunRecord
from motia_core.workbench import run_pages
from motia_core.workbench.run_pages import REST, Page, Reach, RunPages
from tests.fakes.sidecars import FakeClock
from tests.fakes.store import FakeStore
from tests.fakes.values import an_attempt

DONE = {"status": "completed", "error": "", "error_kind": ""}
STATUS = {  # of the runs below, newest first; W waits for a retry, R runs again after a failure, B has only begun
    "B": "running", "Z": "completed", "R": "running", "W": "waiting", "F": "failed", "Q": "waiting", "C": "completed",
    "E": "failed",
}  # fmt: skip
STEPS = {"B": {"Begin"}, "R": {"Retry", "Other"}, "Q": {"Quiet", "Other"}, "F": {"Fail", "Other"}}


def attempt(number: int, trace_id: str, step: str, **changes: object) -> AttemptRecord:
    made = an_attempt(number, step=step, trace_id=trace_id)
    return made._replace(**{"started_ms": number * 1_000, "duration_us": number * 10_000, **changes})  # type: ignore[arg-type]  # fields of the record


@pytest.fixture
def pages() -> RunPages:
    store = FakeStore(FakeClock())
    store.traces.record(
        [
            attempt(1, "E", "Early", trigger="cron"),
            attempt(2, "C", "Calm", trigger="http", **DONE),
            attempt(3, "Q", "Quiet", trigger="http", **DONE),
            attempt(4, "Q", "Other", parent_id=3, **DONE),
            attempt(5, "F", "Fail", trigger="http", label="POST /fail", **DONE),
            attempt(6, "F", "Other", parent_id=5, error="E: no such order"),
            attempt(7, "W", "Wait", trigger="http", error="E: come later", delivery_id=70),
            attempt(8, "R", "Retry", trigger="event", error="E: come later", delivery_id=80),
            attempt(9, "Z", "Calm", trigger="event", **DONE),
        ]
    )
    now = {
        "R": [attempt(20, "R", "Other", parent_id=8, status="running", duration_us=0)],
        "B": [attempt(21, "B", "Begin", trigger="http", status="running", duration_us=400_000)],
    }
    return RunPages(store.traces, now, {"W": 1, "Q": 1, "R": 1}.keys())


def all_pages(pages: RunPages, wanted: RunFilter, limit: int, *, errors_first: bool = False) -> list[RunRecord]:
    found: list[RunRecord] = []
    cursor = "0"
    while cursor:
        reach = Reach(limit, int(cursor.removeprefix(REST)))
        asked = pages.errors_first(wanted, reach, is_rest=cursor.startswith(REST)) if errors_first else (
            pages.newest_first(wanted, reach)
        )  # fmt: skip
        page: Page = asyncio.run(asked)
        assert len(page.runs) <= limit
        found += page.runs
        cursor = page.cursor
    return found


def ids(runs: Sequence[RunRecord]) -> str:
    return "".join(run.trace_id for run in runs)


def test_each_status_has_its_runs(pages: RunPages) -> None:
    for status in ("running", "waiting", "completed", "failed"):
        expected = "".join(trace_id for trace_id, its in STATUS.items() if its == status)
        assert ids(all_pages(pages, RunFilter(status=status), 10)) == expected
    assert ids(all_pages(pages, RunFilter(), 10)) == "BZRWFQCE"


def test_every_combination_of_filters_means_what_is_shown(pages: RunPages) -> None:
    every = all_pages(pages, RunFilter(), 10)
    given = {
        "status": ("", "running", "waiting", "completed", "failed"),
        "step": ("", "Other", "Begin"),
        "trigger": ("", "http"),
        "text": ("", "COME", "fail", "b"),
        "since_ms": (0, 7_000, 21_000),
        "until_ms": (0, 8_000),
        "least_ms": (0, 70, 400),
    }
    seen = set()
    for values in itertools.product(*given.values()):
        wanted = RunFilter(**dict(zip(given, values, strict=True)))
        expected = [run for run in every if _is_like(run, wanted)]
        seen.add(ids(expected))
        for limit in (1, 3, 10):
            assert all_pages(pages, wanted, limit) == expected, (wanted, limit)
            by_error = sorted(expected, key=lambda run: run.unresolved == 0)
            sorted_pages = all_pages(pages, wanted, limit, errors_first=True)
            assert sorted_pages == (expected if wanted.status else by_error), (wanted, limit)
    assert len(seen) > 20  # they do tell runs apart


def _is_like(run: RunRecord, wanted: RunFilter) -> bool:
    return (
        wanted.status in ("", STATUS[run.trace_id])
        and (not wanted.step or wanted.step in STEPS.get(run.trace_id, {run.step}))
        and wanted.trigger in ("", run.trigger)
        and wanted.text.lower() in f"{run.trace_id} {run.step} {run.label} {run.error}".lower()
        and run.ended_ms >= wanted.since_ms
        and (not wanted.until_ms or run.started_ms <= wanted.until_ms)
        and run.ended_ms - run.started_ms >= wanted.least_ms
    )


def test_errors_come_first_and_newest_first_among_them(pages: RunPages) -> None:
    assert ids(all_pages(pages, RunFilter(), 10, errors_first=True)) == "RWFEBZQC"


def test_what_runs_is_as_old_and_as_long_as_it_is_now(pages: RunPages) -> None:
    [begun, again] = all_pages(pages, RunFilter(status="running"), 10)
    assert (begun.started_ms, begun.ended_ms, begun.attempts) == (21_000, 21_400, 1)
    assert (again.started_ms, again.ended_ms, again.unresolved) == (8_000, 20_000, 1)


def test_where_much_waits_it_is_searched_for(pages: RunPages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_pages, "MOST_LOOKED_UP", 1)
    for limit in (1, 10):
        assert ids(all_pages(pages, RunFilter(status="waiting"), limit)) == "WQ"
        assert ids(all_pages(pages, RunFilter(status="waiting", step="Other"), limit)) == "Q"


def test_a_search_that_takes_long_goes_on_on_the_next_page(pages: RunPages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_pages, "SMALLEST_ROUND", 1)
    monkeypatch.setattr(run_pages, "MOST_ROUNDS", 2)
    page = asyncio.run(pages.newest_first(RunFilter(status="completed"), Reach(1)))
    assert (ids(page.runs), page.cursor) == ("Z", "9")
    page = asyncio.run(pages.newest_first(RunFilter(status="failed"), Reach(1)))
    assert (ids(page.runs), page.cursor) == ("", "7")
    assert ids(all_pages(pages, RunFilter(status="failed"), 1)) == "FE"
