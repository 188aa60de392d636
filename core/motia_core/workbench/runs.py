"""Runs, their attempts and their logs in the management API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from quart import Response, request

from motia_core.engine.logs import LEVELS
from motia_core.engine.tracing import to_record
from motia_core.errors import NotAvailableError, QueryInvalidError, ReplayError
from motia_core.model.recording import Packed, facts
from motia_core.model.trace import AttemptRecord, LogFilter, RunFilter, RunRecord
from motia_core.workbench.audit import Audit
from motia_core.workbench.describe import Facts, describe_attempt, describe_log, describe_span
from motia_core.workbench.exchange import read_body, read_number, to_json
from motia_core.workbench.mount import Management
from motia_core.workbench.run_pages import REST, Reach, RunPages, as_it_runs

ORDERS = ("newest", "errors")
CURSOR = re.compile(rf"({REST})?([0-9]{{1,16}})")
STATUSES = ("running", "waiting", "completed", "failed")
BIGGEST_ID = 2**63 - 1


class Runs:
    """The endpoints."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._admin = management.admin
        self._traces = management.traces
        self._tracer = management.tracer
        self._logs = management.recorded_log
        self._project = management.project
        self._replayer = management.replayer
        self._audit = audit
        self._live = management.live

    async def page(self) -> Response:
        """Runs, newest first, or those with errors before the others."""
        status, order = _one_of("status", STATUSES), _one_of("order", ORDERS)
        wanted = RunFilter(
            status=status,
            step=request.args.get("step", ""),
            trigger=request.args.get("trigger", ""),
            text=request.args.get("text", ""),
            since_ms=read_number("since", 0, at_most=BIGGEST_ID),
            until_ms=read_number("until", 0, at_most=BIGGEST_ID),
            least_ms=read_number("minMs", 0, at_most=BIGGEST_ID),
        )
        limit, cursor = read_number("limit", 50), request.args.get("cursor", "0")
        found = CURSOR.fullmatch(cursor)
        if found is None or (found[1] and order != "errors"):
            raise QueryInvalidError(f"cursor must be that of a page in the same order, found {cursor!r}.")
        reach = Reach(limit, int(found[2]))
        self._tracer.flush()
        running, waiting = self._running(), self._admin.waiting()
        pages = RunPages(self._traces, running, waiting.keys())
        if order == "errors":
            page = await pages.errors_first(wanted, reach, is_rest=bool(found[1]))
        else:
            page = await pages.newest_first(wanted, reach)
        shown = [_as_it_is(run, running, waiting) for run in page.runs]
        return to_json({"runs": shown, "cursor": page.cursor})

    async def one(self, trace_id: str) -> Response:
        """A run with everything that is known of it."""
        self._tracer.flush()
        self._logs.flush()
        recorded = await self._traces.trace(trace_id)
        running = self._running().get(trace_id, [])
        if not recorded and not running:
            raise NotAvailableError(f"There is no trace {trace_id!r}; it may be older than what is kept.")
        details = await self._traces.details([attempt.id for attempt in recorded])
        spans: dict[int, list[Facts]] = {}
        for span in await self._traces.spans_of(trace_id):
            spans.setdefault(span.attempt_id, []).append(describe_span(span))
        attempts = [self._attempt(attempt, details.get(attempt.id), spans) for attempt in recorded]
        attempts += [self._attempt(attempt, None, spans) for attempt in running]
        stored = await self._traces.run(trace_id)
        now = {trace_id: running} if running else {}
        run = as_it_runs(stored, running or recorded) if running or stored is None else stored
        logs = await self._traces.logs(LogFilter(trace_id=trace_id), limit=1_000)
        shown_logs = [describe_log(record) for record in reversed(logs)]
        shown = _as_it_is(run, now, self._admin.waiting())
        return to_json({"traceId": trace_id, "run": shown, "attempts": attempts, "logs": shown_logs})

    async def replay(self) -> Response:
        """An attempt's step once more."""
        body = await read_body()
        attempt_id = body.get("attemptId")
        attempt = await self._traces.attempt(attempt_id) if isinstance(attempt_id, int) else None
        if attempt is None:
            raise NotAvailableError(f"There is no attempt {attempt_id!r}; it may be older than what is kept.")
        kept = (await self._traces.details([attempt.id])).get(attempt.id)
        given = {"input": body["input"]} if "input" in body else {}
        replayed = await self._replayer.replay(attempt, facts(kept) if kept else {}, given)
        trace_id = replayed.trace_id
        self._audit.note("run.replay", attempt.step, attemptId=attempt.id, traceId=trace_id)
        self._tracer.flush()
        if replayed.answer and trace_id not in self._running() and await self._traces.run(trace_id) is None:
            raise ReplayError(f"The request was refused before its step began: {replayed.answer}")
        return to_json({"traceId": trace_id})

    async def clear(self) -> Response:
        """Forget all runs."""
        self._tracer.flush()
        await self._traces.clear()
        self._audit.note("traces.clear", "")
        self._live.changed("runs")
        return to_json({"message": "Traces cleared"})

    async def logs(self) -> Response:
        """Log records, newest first."""
        limit, level = read_number("limit", 100), request.args.get("level", "")
        if level and level not in LEVELS:
            raise QueryInvalidError(f"level must be one of {', '.join(LEVELS)}, found {level!r}.")
        wanted = LogFilter(
            level=LEVELS.get(level, 0),
            step=request.args.get("step", ""),
            trace_id=request.args.get("traceId", ""),
            text=request.args.get("text", ""),
            since_ms=read_number("since", 0, at_most=BIGGEST_ID),
            until_ms=read_number("until", 0, at_most=BIGGEST_ID),
        )
        self._logs.flush()
        before_id = read_number("cursor", 0, at_most=BIGGEST_ID)
        found = await self._traces.logs(wanted, before_id=before_id, limit=limit)
        more = str(found[-1].id) if len(found) == limit else ""
        return to_json({"logs": [describe_log(record) for record in found], "cursor": more})

    async def clear_logs(self) -> Response:
        """Forget all log records."""
        self._logs.flush()
        await self._traces.clear_logs()
        self._audit.note("logs.clear", "")
        self._live.changed("logs")
        return to_json({"message": "Logs cleared"})

    def _running(self) -> dict[str, list[AttemptRecord]]:
        running: dict[str, list[AttemptRecord]] = {}
        for invocation in self._tracer.running.values():
            record = to_record(invocation, None, self._tracer.age_us(invocation))
            running.setdefault(record.trace_id, []).append(record)
        return running

    def _attempt(self, attempt: AttemptRecord, kept: Packed | None, spans: Mapping[int, list[Facts]]) -> Facts:
        known = {step.id: step for step in self._project().steps}.get(attempt.step)
        shown = describe_attempt(attempt)
        shown |= {"name": known.name if known else attempt.step, "language": known.language if known else ""}
        shown |= {"input": None, "output": None, "calls": [], "callsDropped": 0, "spans": spans.get(attempt.id, [])}
        if kept is not None:
            detail = facts(kept)
            error = detail.pop("error")
            shown |= detail
            shown["error"] = error or shown["error"]
        return shown


def _as_it_is(run: RunRecord, running: Mapping[str, list[AttemptRecord]], waiting: Mapping[str, int]) -> Facts:
    """A run, of which something may run or wait now."""
    status = "failed" if run.unresolved else "completed"
    if run.trace_id in running:
        status = "running"
    elif run.trace_id in waiting:
        status = "waiting"
    return {
        "traceId": run.trace_id,
        "name": run.step,
        "trigger": run.trigger,
        "label": run.label,
        "status": status,
        "startedMs": run.started_ms,
        "durationMs": run.ended_ms - run.started_ms,
        "attempts": run.attempts,
        "failed": run.failed,
        "waiting": waiting.get(run.trace_id, 0),
        "error": run.error or None,
        "replayOf": run.replay_of or None,
    }


def _one_of(name: str, words: Sequence[str]) -> str:
    """A query parameter that is one of a few words, or not given."""
    word = request.args.get(name, "")
    if word and word not in words:
        raise QueryInvalidError(f"{name} must be one of {', '.join(words)}, found {word!r}.")
    return word
