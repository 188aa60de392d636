"""Pages of runs: what is recorded, joined with what runs and waits at this moment. A filter means what the answer shows
of a run, so a run of which something runs is looked at as it is now, and not as far as it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from motia_core.engine.records import TraceStore
from motia_core.model.trace import AttemptRecord, RunFilter, RunRecord

Running = Mapping[str, Sequence[AttemptRecord]]  # by trace id, oldest first
MOST_LOOKED_UP = 1_000  # runs that wait; where there are more, a search among all soon finds some
MOST_ROUNDS = 20  # of a search for what is in memory; then a page is shorter, and its cursor goes on from there
SMALLEST_ROUND = 100
REST = "rest-"  # begins the cursors of what comes after the errors


class Page(NamedTuple):
    """Runs as they are now, and where the next page begins."""

    runs: list[RunRecord]
    cursor: str  # empty: this was the last


class Reach(NamedTuple):
    """What is asked of a page."""

    limit: int
    before_id: int = 0  # first ids are below this; 0: all are


class _Part(NamedTuple):
    runs: list[RunRecord]
    next_id: int  # `before_id` of what follows; 0: nothing does


class RunPages:
    """Runs at one moment.

    Args:
        running: Attempts that run now.
        waiting: Traces of which something waits, whether or not something of them runs.
    """

    def __init__(self, traces: TraceStore, running: Running, waiting: Collection[str]) -> None:
        self._traces = traces
        self._running = running
        self._waiting = waiting

    async def newest_first(self, wanted: RunFilter, reach: Reach) -> Page:
        """Runs of this status, or of any."""
        if wanted.status == "running":
            part = _cut(await self._now_running(wanted), reach)
        elif wanted.status == "waiting":
            part = await self._now_waiting(wanted._replace(status=""), reach)
        elif wanted.status:
            part = await self._search(wanted, reach, lambda run: not self._goes_on(run))
        else:
            part = await self._with_running(wanted, reach, await self._now_running(wanted))
        return Page(part.runs, str(part.next_id or ""))

    async def errors_first(self, wanted: RunFilter, reach: Reach, *, is_rest: bool) -> Page:
        """Runs with a failure after which nothing was tried again, or not yet; then the others.

        Args:
            is_rest: The page begins in the others.
        """
        if wanted.status:  # they are all alike
            return await self.newest_first(wanted, reach)
        running, runs = await self._now_running(wanted), list[RunRecord]()
        if not is_rest:
            failed = [run for run in running if run.unresolved]
            runs, next_id = await self._with_running(wanted._replace(status="failed"), reach, failed)
            if next_id or len(runs) == reach.limit:
                return Page(runs, str(next_id or f"{REST}0"))
            reach = Reach(reach.limit - len(runs))
        others = [run for run in running if not run.unresolved]
        rest, next_id = await self._with_running(wanted._replace(status="completed"), reach, others)
        return Page(runs + rest, f"{REST}{next_id}" if next_id else "")

    async def _with_running(self, wanted: RunFilter, reach: Reach, running: list[RunRecord]) -> _Part:
        """What is recorded, with these where they belong."""
        found, next_id = await self._search(wanted, reach, lambda run: run.trace_id not in self._running)
        runs = found + [run for run in running if run.first_id >= next_id]
        part = _cut(runs, reach)
        return part if part.next_id else part._replace(next_id=next_id)

    async def _search(self, wanted: RunFilter, reach: Reach, is_wanted: Callable[[RunRecord], bool]) -> _Part:
        """What is recorded, as far as a page reaches."""
        runs: list[RunRecord] = []
        before_id, size = reach.before_id, max(reach.limit, SMALLEST_ROUND)
        for _ in range(MOST_ROUNDS):
            found = await self._traces.runs(wanted, before_id=before_id, limit=size)
            for run in filter(is_wanted, found):
                runs.append(run)
                if len(runs) == reach.limit:
                    return _Part(runs, run.first_id)
            if len(found) < size:
                return _Part(runs, 0)
            before_id = found[-1].first_id
        return _Part(runs, before_id)

    async def _now_waiting(self, wanted: RunFilter, reach: Reach) -> _Part:
        ids = [trace_id for trace_id in self._waiting if trace_id not in self._running]
        if len(ids) > MOST_LOOKED_UP:
            known = frozenset(ids)
            return await self._search(wanted, reach, lambda run: run.trace_id in known)
        return _cut(await self._traces.runs_of(ids, wanted), reach)

    async def _now_running(self, wanted: RunFilter) -> list[RunRecord]:
        ids = list(self._running)
        recorded = {run.trace_id: run for run in await self._traces.runs_of(ids, RunFilter())}
        with_step = await self._matching(ids, RunFilter(step=wanted.step))
        with_text = await self._matching(ids, RunFilter(text=wanted.text))
        runs = []
        for trace_id, attempts in self._running.items():
            run = as_it_runs(recorded.get(trace_id), attempts)
            took_part = not wanted.step or any(one.step == wanted.step for one in attempts)
            text = f"{run.trace_id} {run.step} {run.label}".lower()
            if (
                (took_part or trace_id in with_step)
                and (wanted.text.lower() in text or trace_id in with_text)
                and wanted.trigger in ("", run.trigger)
                and run.ended_ms >= wanted.since_ms
                and (not wanted.until_ms or run.started_ms <= wanted.until_ms)
                and run.ended_ms - run.started_ms >= wanted.least_ms
            ):
                runs.append(run)
        return runs

    async def _matching(self, trace_ids: Sequence[str], wanted: RunFilter) -> frozenset[str]:
        if wanted == RunFilter():
            return frozenset()  # nobody asks
        return frozenset(run.trace_id for run in await self._traces.runs_of(trace_ids, wanted))

    def _goes_on(self, run: RunRecord) -> bool:
        return run.trace_id in self._running or run.trace_id in self._waiting


def as_it_runs(run: RunRecord | None, running: Sequence[AttemptRecord]) -> RunRecord:
    """A run with attempts that run; without a record: nothing of it has ended, or not its first attempt."""
    ended_ms = max(one.started_ms + one.duration_us // 1000 for one in running)
    if run is not None:
        return run._replace(ended_ms=max(run.ended_ms, ended_ms))
    first, started_ms = running[0], min(one.started_ms for one in running)
    replay_of = max(0, -first.parent_id)
    what = (first.trace_id, first.id, first.step, first.trigger, first.label, replay_of)
    return RunRecord(*what, started_ms, ended_ms, len(running), failed=0, unresolved=0, error="")


def _cut(runs: list[RunRecord], reach: Reach) -> _Part:
    """Of all that there are, those of a page."""
    reached = (run for run in runs if not reach.before_id or run.first_id < reach.before_id)
    ordered = sorted(reached, key=lambda run: -run.first_id)
    page = ordered[: reach.limit]
    return _Part(page, page[-1].first_id if len(ordered) > len(page) else 0)
