"""Recorded attempts, their runs, and log records, bounded by count, age and size. They may be lost: nothing waits for
them, and a full disk drops them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    select,
    text,
)

from motia_core.engine.records import Write
from motia_core.errors import StoreError, StoreUnavailableError
from motia_core.model.recording import Details, Packed, from_bytes, to_bytes
from motia_core.model.trace import AttemptRecord, LogFilter, LogRecord, RunFilter, RunRecord, SpanRecord
from motia_core.settings import TracingSettings
from motia_core.store.channel import Channel
from motia_core.store.server import Operation
from motia_core.store.statements import TRACE_LANE, Joined, Statement, at_most, sql, steps, upsert
from motia_core.store.tables import attempts, details, logs, spans, state_writes
from motia_core.store.trace_queries import logs_statement, named, of_trace, runs_statement

MOST_SPANS = 2_000  # of a trace that are shown
MOST_DROPS = 100  # of a tenth each: then nothing is left
NEWEST = 2**63 - 1
MOST_WAITING = 100_000  # records held in memory while the disk is slow; more are dropped

_fields = AttemptRecord._fields
_records = select(*(attempts.c[name] for name in _fields))


def _insert(table: Table, fields: Sequence[str]) -> Joined:
    insert = upsert(table).values({name: bindparam(f"new_{name}") for name in fields})
    return Joined(TRACE_LANE, sql(insert.on_conflict_do_nothing(index_elements=list(table.primary_key))))


def _drop_surplus(table: Table) -> Statement:
    """Takes the number of rows to keep, twice."""
    most = bindparam("most", type_=Integer)
    count = select(func.count()).select_from(table).scalar_subquery()
    surplus = case((count > most, count - most), else_=literal_column("0"))
    first = select(table.c.id).order_by(table.c.id).limit(literal_column("1")).offset(surplus)
    return Statement(TRACE_LANE, sql(delete(table).where(table.c.id < first.scalar_subquery())))


def _drop_aged(table: Table, time: str) -> Statement:
    # Ids grow with time, so this looks at what it deletes and no further.
    young = select(table.c.id).where(table.c[time] >= bindparam("since", type_=BigInteger)).order_by(table.c.id)
    first = young.limit(literal_column("1")).offset(literal_column("0"))
    return Statement(TRACE_LANE, sql(delete(table).where(table.c.id < first.scalar_subquery())))


def _drop_tenth(table: Table) -> Operation:
    count = select(func.count()).select_from(table).scalar_subquery()
    first = (
        select(table.c.id)
        .order_by(table.c.id)
        .limit(literal_column("1"))
        .offset(count // literal_column("10") + literal_column("1"))
    )
    return Statement(TRACE_LANE, sql(delete(table).where(table.c.id < first.scalar_subquery()))).operation()


RECORD = _insert(attempts, _fields)
DETAIL = _insert(details, ("id", "latest_ms", "body"))
WRITE = _insert(state_writes, ("target", "attempt_id"))
LOG = _insert(logs, LogRecord._fields)
SPAN = _insert(spans, SpanRecord._fields)
_oldest = func.coalesce(select(func.min(attempts.c.id)).scalar_subquery(), literal_column("9223372036854775807"))
_first = select(attempts.c.started_ms).order_by(attempts.c.id).limit(literal_column("1")).offset(literal_column("0"))
_oldest_ms = func.coalesce(_first.scalar_subquery(), literal_column("9223372036854775807"))
FOLLOW = steps(
    Statement(TRACE_LANE, sql(delete(details).where(details.c.latest_ms < _oldest_ms))).operation(),
    Statement(TRACE_LANE, sql(delete(state_writes).where(state_writes.c.attempt_id < _oldest))).operation(),
)
DROP_AGED = {
    table: _drop_aged(table, time) for table, time in ((attempts, "started_ms"), (logs, "time_ms"), (spans, "time_ms"))
}
DROP_SURPLUS = {table: _drop_surplus(table) for table in DROP_AGED}
DROP_TENTH = steps(*map(_drop_tenth, DROP_AGED), FOLLOW)
CLEAR = steps(
    *(Statement(TRACE_LANE, sql(delete(table))).operation() for table in (attempts, details, state_writes, spans))
)
CLEAR_LOGS = Statement(TRACE_LANE, sql(delete(logs))).operation()
SIZE = Statement(
    TRACE_LANE,
    sql(
        text(
            "SELECT (count.page_count - free.freelist_count) * size.page_size FROM pragma_page_count count, "
            "pragma_freelist_count free, pragma_page_size size"
        )
    ),
).operation()
_of_trace = of_trace(attempts, bindparam("of_trace"))
TRACE = Statement(TRACE_LANE, sql(_records.where(_of_trace).order_by(attempts.c.id)))
_spans = select(*(spans.c[name] for name in SpanRecord._fields)).where(of_trace(spans, bindparam("of_trace")))
SPANS = Statement(TRACE_LANE, sql(at_most(_spans.order_by(spans.c.id))))
_written = and_(
    state_writes.c.target == bindparam("target"), state_writes.c.attempt_id < bindparam("before_id", type_=BigInteger)
)
_writers = _records.join(state_writes, state_writes.c.attempt_id == attempts.c.id).where(_written)
WRITERS = Statement(TRACE_LANE, sql(at_most(_writers.order_by(state_writes.c.attempt_id.desc()))))
ATTEMPT = Statement(TRACE_LANE, sql(_records.where(attempts.c.id == bindparam("of_id"))))
RECENT = Statement(TRACE_LANE, sql(at_most(_records.order_by(attempts.c.id.desc()))))
RECENT_OF_STEP = Statement(
    TRACE_LANE, sql(at_most(_records.where(attempts.c.step == bindparam("of_step")).order_by(attempts.c.id.desc())))
)
SINCE = Statement(
    TRACE_LANE,
    sql(at_most(_records.where(attempts.c.started_ms >= bindparam("since")).order_by(attempts.c.id.desc()))),
)
BATCHES = Joined(TRACE_LANE, sql(select(attempts.c.batch).where(attempts.c.id.in_([bindparam("of_id")]))))
DETAILS = Joined(TRACE_LANE, sql(select(details.c.body).where(details.c.id.in_([bindparam("of_id")]))))


class SqlTraces:
    """The TraceStore port on SQL.

    Args:
        writer: To `traces.db`.
        reader: The same; a long search must not keep what is recorded waiting.
    """

    def __init__(self, writer: Channel, reader: Channel, settings: TracingSettings) -> None:
        self._submit = writer.submit
        self._reader = reader
        self._settings = settings
        self._prune_every = max(1, min(settings.max_attempts, settings.max_logs) // 20)  # so many too many may be there
        self._until_prune = 0
        self._waiting = 0
        self._latest: asyncio.Future[object] | None = None  # what is recorded is there when this is done
        self._pruning: asyncio.Task[None] | None = None
        self.dropped = 0  # attempts and log records that were not recorded since the start

    def record(
        self, attempts: list[AttemptRecord], details: Details | None = None, writes: Sequence[Write] = ()
    ) -> None:
        if not attempts:
            return
        operations = [
            RECORD.operation([tuple(attempt) for attempt in attempts]),  # marshal: no subclasses
        ]
        if details:
            latest_ms = max(attempt.started_ms for attempt in attempts)
            operations.append(DETAIL.operation([(attempts[0].batch, latest_ms, to_bytes(details))]))
        if writes:
            operations.append(WRITE.operation(list(writes)))
        self._keep(operations, len(attempts), attempts[-1].started_ms)

    def log(self, records: list[LogRecord]) -> None:
        if records:
            self._keep([LOG.operation([tuple(record) for record in records])], len(records), records[-1].time_ms)

    def spans(self, records: list[SpanRecord]) -> None:
        if records:
            self._keep([SPAN.operation([tuple(record) for record in records])], len(records), records[-1].time_ms)

    def _keep(self, operations: list[Operation], count: int, now_ms: int) -> None:
        if self._waiting + count > MOST_WAITING:
            self.dropped += count
            return
        try:
            futures = [self._submit(operation) for operation in operations]
            self._prune(count, now_ms)
        except StoreUnavailableError:
            self.dropped += count
            return
        self._waiting += count

        def recorded(done: asyncio.Future[object]) -> None:
            self._waiting -= count
            if done.cancelled() or done.exception():
                self.dropped += count

        self._latest = futures[-1]
        futures[0].add_done_callback(recorded)
        for future in futures[1:]:
            future.add_done_callback(_forgotten)

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        return list(map(AttemptRecord._make, await self._read(named(TRACE, {"of_trace": trace_id}))))

    async def writers(self, targets: Sequence[str], *, before_id: int = 0, limit: int = 100) -> list[AttemptRecord]:
        found: set[AttemptRecord] = set()
        for target in targets:
            found.update(
                map(AttemptRecord._make, await self._read(WRITERS.operation(target, before_id or NEWEST, limit)))
            )
        return sorted(found, reverse=True)[:limit]

    async def spans_of(self, trace_id: str) -> list[SpanRecord]:
        return list(map(SpanRecord._make, await self._read(named(SPANS, {"of_trace": trace_id, "most": MOST_SPANS}))))

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        operation = RECENT_OF_STEP.operation(step_id, limit) if step_id else RECENT.operation(limit)
        return list(map(AttemptRecord._make, await self._read(operation)))

    async def since(self, started_ms: int, *, limit: int) -> list[AttemptRecord]:
        return list(map(AttemptRecord._make, await self._read(SINCE.operation(started_ms, limit))))

    async def attempt(self, attempt_id: int) -> AttemptRecord | None:
        rows = await self._read(ATTEMPT.operation(attempt_id))
        return AttemptRecord._make(rows[0]) if rows else None

    async def details(self, attempt_ids: Sequence[int]) -> dict[int, Packed]:
        batches = await self._read(BATCHES.fetch([(attempt_id,) for attempt_id in attempt_ids]))
        wanted = frozenset(attempt_ids)
        found = await self._read(DETAILS.fetch(list(dict.fromkeys(batches))))
        return {number: packed for (body,) in found for number, packed in from_bytes(body) if number in wanted}

    async def runs(self, wanted: RunFilter, *, before_id: int = 0, limit: int = 100) -> list[RunRecord]:
        return await self._runs(wanted, limit, before_id=before_id)

    async def runs_of(self, trace_ids: Sequence[str], wanted: RunFilter) -> list[RunRecord]:
        found = await asyncio.gather(*(self._runs(wanted, 1, trace_id=trace_id) for trace_id in trace_ids))
        return [run for runs in found for run in runs]

    async def run(self, trace_id: str) -> RunRecord | None:
        return next(iter(await self.runs_of([trace_id], RunFilter())), None)

    async def _runs(self, wanted: RunFilter, most: int, **place: object) -> list[RunRecord]:
        asked: dict[str, object] = {**wanted._asdict(), **place}
        statement = runs_statement(frozenset(name for name, value in asked.items() if value), wanted.status)
        values = {**asked, "text": wanted.text.lower(), "most": most}
        return list(map(RunRecord._make, await self._read(named(statement, values))))

    async def logs(self, wanted: LogFilter, *, before_id: int = 0, limit: int = 100) -> list[LogRecord]:
        asked = {**wanted._asdict(), "before_id": before_id}
        statement = logs_statement(frozenset(name for name, value in asked.items() if value))
        values = {**asked, "text": wanted.text.lower(), "most": limit}
        return list(map(LogRecord._make, await self._read(named(statement, values))))

    async def clear(self) -> None:
        await self._submit(CLEAR)

    async def clear_logs(self) -> None:
        await self._submit(CLEAR_LOGS)

    async def _read(self, operation: Operation) -> Any:
        """What the store holds, with everything that was recorded before."""
        if self._latest is not None and not self._latest.done():
            await asyncio.wait([self._latest])
        return await self._reader.submit(operation)

    def _prune(self, count: int, now_ms: int) -> None:
        """Delete what is too much or too old, now and then."""
        self._until_prune -= count
        if self._until_prune > 0:
            return
        self._until_prune = self._prune_every
        settings = self._settings
        oldest_ms = now_ms - settings.max_age_ms
        most = {attempts: settings.max_attempts, logs: settings.max_logs, spans: settings.max_logs}
        too_old = [drop.operation(oldest_ms) for drop in DROP_AGED.values()]
        too_many = [drop.operation(most[table], most[table]) for table, drop in DROP_SURPLUS.items()]
        too_much = steps(*too_old, *too_many, FOLLOW)
        self._submit(too_much).add_done_callback(_pruned)
        if self._pruning is None or self._pruning.done():
            self._pruning = asyncio.get_running_loop().create_task(self._prune_size())

    async def _prune_size(self) -> None:
        try:
            for _ in range(MOST_DROPS):  # even an empty file may be larger than allowed
                if (await self._submit(SIZE))[0][0] <= self._settings.max_bytes:
                    return
                await self._submit(DROP_TENTH)
        except StoreError:
            return  # the disk's trouble is counted by what is recorded


def _pruned(done: asyncio.Future[object]) -> None:
    error = None if done.cancelled() else done.exception()
    if error and not isinstance(error, StoreError):  # the disk's trouble is counted by what is recorded
        raise error


def _forgotten(done: asyncio.Future[object]) -> None:
    """It belongs to what is counted already."""
    if not done.cancelled():
        done.exception()
