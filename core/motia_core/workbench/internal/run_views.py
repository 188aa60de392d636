"""Runs and their attempts: what 0.x called trace groups and traces (contract 10.1)."""

from __future__ import annotations

from collections.abc import Container, Sequence

from motia_core.engine.internal_room import Item
from motia_core.engine.live import Batch
from motia_core.engine.tracing import Tracer, to_record
from motia_core.model.recording import facts
from motia_core.model.trace import AttemptRecord, LogFilter, RunFilter
from motia_core.workbench.describe import text_of_json
from motia_core.workbench.internal.project_views import GROUP
from motia_core.workbench.internal.trace_items import describe_trace
from motia_core.workbench.mount import Management

MOST = 1_000


class RunView:
    """Implements `View`: the latest runs. What else is to be known of them clients see in their traces."""

    is_window = True

    def __init__(self, management: Management) -> None:
        self._tracer = management.tracer
        self._traces = management.traces
        self._project = management.project

    async def items(self, group: str) -> Sequence[Item]:
        """See `View`."""
        if group != GROUP:
            return []
        self._tracer.flush()
        begun = _running(self._tracer)  # before anything is awaited: one that ends meanwhile is not left out
        stored = await self._traces.runs(RunFilter(), limit=MOST)
        found = {run.trace_id: (run.step, run.started_ms) for run in reversed(stored)}
        for record in begun:
            found.setdefault(record.trace_id, (record.step, record.started_ms))
        return self._describe(found)[-MOST:]

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        """See `View`."""
        if group != GROUP:
            return []
        if "runs" in batch.changed:
            return None
        begun: dict[str, tuple[str, int]] = {}
        for record in batch.attempts.values():
            is_first = record.parent_id <= 0 and record.attempt == 1
            if is_first and record.trace_id not in known:
                begun.setdefault(record.trace_id, (record.step, record.started_ms))
        return self._describe(begun)

    def _describe(self, runs: dict[str, tuple[str, int]]) -> list[Item]:
        names = {step.id: step.name for step in self._project().steps}
        return [
            (trace_id, text_of_json({"id": trace_id, "name": names.get(step_id, step_id), "startTime": started_ms}))
            for trace_id, (step_id, started_ms) in runs.items()
        ]


class TraceView:
    """Implements `View`: the attempts of a run. The group is its trace id."""

    is_window = False

    def __init__(self, management: Management) -> None:
        self._tracer = management.tracer
        self._logs = management.recorded_log
        self._traces = management.traces
        self._project = management.project
        self._latest: tuple[Batch, frozenset[str]] | None = None

    async def items(self, group: str) -> Sequence[Item]:
        """See `View`."""
        self._tracer.flush()
        self._logs.flush()
        running = [record for record in _running(self._tracer) if record.trace_id == group]
        recorded = {record.id: record for record in await self._traces.trace(group)}
        attempts = sorted({record.id: record for record in running} | recorded)[-MOST:]
        records = {record.id: record for record in running} | recorded
        kept = await self._traces.details([attempt for attempt in attempts if attempt in recorded])
        details = {attempt_id: facts(packed) for attempt_id, packed in kept.items()}
        logs = list(reversed(await self._traces.logs(LogFilter(trace_id=group), limit=MOST)))
        steps = {step.id: step for step in self._project().steps}
        shown = describe_trace([records[attempt] for attempt in attempts], details, logs, steps)
        return [(str(trace["id"]), text_of_json(trace)) for trace in shown]

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        """See `View`. What an attempt has done is read when it has ended, so all of it is read again."""
        is_cleared = not batch.changed.isdisjoint(("runs", "logs"))
        return None if is_cleared or group in self._of(batch) else []

    def _of(self, batch: Batch) -> frozenset[str]:
        """The trace ids in a batch; found once for all groups, as clients of 0.x watch each run that they show."""
        if self._latest is None or self._latest[0] is not batch:
            attempts = {record.trace_id for record in batch.attempts.values()}
            self._latest = batch, frozenset(attempts | {record.trace_id for record in batch.logs})
        return self._latest[1]


def _running(tracer: Tracer) -> list[AttemptRecord]:
    return [to_record(invocation, None, tracer.age_us(invocation)) for invocation in tracer.running.values()]
