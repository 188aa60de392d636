"""Recorded attempts, bounded by count and age. They may be lost: nothing waits for them, and a full disk drops them."""

from __future__ import annotations

import asyncio
from functools import cache
from itertools import chain
from sqlite3 import Cursor

from sqlalchemy import Integer, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert

from motia_core.errors import StoreUnavailableError
from motia_core.model.trace import AttemptRecord
from motia_core.store.group_commit import GroupCommit, Verb
from motia_core.store.statements import ManyRows, at_most, sql
from motia_core.store.tables import attempts

MOST_WAITING = 100_000  # attempts held in memory while the disk is slow; more are dropped
RECORD_LANE, QUERY_LANE = 0, 1  # queries see what was recorded before them

_RECORD = ManyRows(
    insert(attempts)
    .values({name: bindparam(f"new_{name}") for name in AttemptRecord._fields})
    .on_conflict_do_nothing(index_elements=[attempts.c.id])
)
_COUNT = sql(select(func.count()).select_from(attempts))
_oldest_kept = select(attempts.c.id).order_by(attempts.c.id).limit(literal_column("1")).offset(literal_column("0"))
_DROP_SURPLUS = sql(
    delete(attempts).where(attempts.c.id < _oldest_kept.offset(bindparam("surplus", type_=Integer)).scalar_subquery())
)
# Ids grow with time, so this looks at what it deletes and no further.
_DROP_AGED = sql(
    delete(attempts).where(
        attempts.c.id < _oldest_kept.where(attempts.c.started_ms >= bindparam("since")).scalar_subquery()
    )
)
_records = select(*(attempts.c[name] for name in AttemptRecord._fields))
_TRACE = sql(_records.where(attempts.c.trace_id == bindparam("of_trace")).order_by(attempts.c.id))


@cache
def _recent_sql(by_step: bool) -> str:
    recent = _records.where(attempts.c.step == bindparam("of_step")) if by_step else _records
    return sql(at_most(recent.order_by(attempts.c.id.desc())))


def _trace(cursor: Cursor, calls: list[tuple[str]]) -> list[list[AttemptRecord]]:
    return [list(map(AttemptRecord._make, cursor.execute(_TRACE, call).fetchall())) for call in calls]


def _recent(cursor: Cursor, calls: list[tuple[str, int]]) -> list[list[AttemptRecord]]:
    answers = []
    for step_id, limit in calls:
        rows = cursor.execute(_recent_sql(bool(step_id)), (step_id, limit) if step_id else (limit,)).fetchall()
        answers.append(list(map(AttemptRecord._make, rows)))
    return answers


TRACE = Verb(QUERY_LANE, _trace)
RECENT = Verb(QUERY_LANE, _recent)


class Recorder:
    """Writes attempts, and deletes old ones now and then. Lives in the thread of its GroupCommit."""

    def __init__(self, max_attempts: int, max_age_ms: int) -> None:
        self._max_attempts = max_attempts
        self._max_age_ms = max_age_ms
        self._prune_every = max(1, max_attempts // 20)  # so many records more than allowed may be there
        self._until_prune = 0

    def run(self, cursor: Cursor, calls: list[list[AttemptRecord]]) -> None:
        """Write the attempts of several calls."""
        records = list(chain.from_iterable(calls))
        _RECORD.run(cursor, records)
        self._until_prune -= len(records)
        if self._until_prune <= 0:
            self._until_prune = self._prune_every
            self._prune(cursor, records[-1].started_ms)

    def _prune(self, cursor: Cursor, now_ms: int) -> None:
        cursor.execute(_DROP_AGED, (now_ms - self._max_age_ms,))
        [(count,)] = cursor.execute(_COUNT).fetchall()
        if count > self._max_attempts:
            cursor.execute(_DROP_SURPLUS, (count - self._max_attempts,))


class SqlTraces:
    """The TraceStore port on SQL."""

    def __init__(self, worker: GroupCommit, recorder: Recorder) -> None:
        self._submit = worker.submit
        self._record: Verb[list[AttemptRecord], None] = Verb(RECORD_LANE, recorder.run)
        self._waiting = 0
        self.dropped = 0  # attempts that were not recorded since the start

    def record(self, attempts: list[AttemptRecord]) -> None:
        count = len(attempts)
        if not count:
            return
        if self._waiting + count > MOST_WAITING:
            self.dropped += count
            return
        try:
            future = self._submit(self._record, attempts)
        except StoreUnavailableError:
            self.dropped += count
            return
        self._waiting += count

        def recorded(done: asyncio.Future[None]) -> None:
            self._waiting -= count
            if done.cancelled() or done.exception():
                self.dropped += count

        future.add_done_callback(recorded)

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        return await self._submit(TRACE, (trace_id,))

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        return await self._submit(RECENT, (step_id, limit))
