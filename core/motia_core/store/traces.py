"""Recorded attempts, bounded by count and age. They may be lost: nothing waits for them, and a full disk drops them."""

from __future__ import annotations

import asyncio
from functools import cache

from sqlalchemy import Integer, bindparam, case, delete, func, literal_column, select

from motia_core.errors import StoreError, StoreUnavailableError
from motia_core.model.trace import AttemptRecord
from motia_core.settings import StoreSettings
from motia_core.store.channel import Channel
from motia_core.store.statements import TRACE_LANE, Joined, Row, Statement, at_most, sql, steps, upsert
from motia_core.store.tables import attempts

MOST_WAITING = 100_000  # attempts held in memory while the disk is slow; more are dropped

_fields = AttemptRecord._fields
_insert = upsert(attempts).values({name: bindparam(f"new_{name}") for name in _fields})
_records = select(*(attempts.c[name] for name in _fields))
_first = select(attempts.c.id).order_by(attempts.c.id).limit(literal_column("1"))
_count = select(func.count()).select_from(attempts).scalar_subquery()
_most = bindparam("most", type_=Integer)
_surplus = case((_count > _most, _count - _most), else_=literal_column("0"))
# Ids grow with time, so this looks at what it deletes and no further.
_first_young = _first.where(attempts.c.started_ms >= bindparam("since")).offset(literal_column("0"))

RECORD = Joined(TRACE_LANE, sql(_insert.on_conflict_do_nothing(index_elements=[attempts.c.id])))
DROP_AGED = Statement(TRACE_LANE, sql(delete(attempts).where(attempts.c.id < _first_young.scalar_subquery())))
DROP_SURPLUS = Statement(
    TRACE_LANE, sql(delete(attempts).where(attempts.c.id < _first.offset(_surplus).scalar_subquery()))
)
TRACE = Statement(TRACE_LANE, sql(_records.where(attempts.c.trace_id == bindparam("of_trace")).order_by(attempts.c.id)))


@cache
def recent_statement(by_step: bool) -> Statement:
    """Newest first: the step's, when asked, and the number of rows."""
    recent = _records.where(attempts.c.step == bindparam("of_step")) if by_step else _records
    return Statement(TRACE_LANE, sql(at_most(recent.order_by(attempts.c.id.desc()))))


class SqlTraces:
    """The TraceStore port on SQL."""

    def __init__(self, channel: Channel, settings: StoreSettings) -> None:
        self._submit = channel.submit
        self._settings = settings
        self._prune_every = max(1, settings.max_attempts // 20)  # so many more than allowed may be there
        self._until_prune = 0
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
            future = self._submit(RECORD.operation([tuple(attempt) for attempt in attempts]))  # marshal: no subclasses
            self._prune(count, attempts[-1].started_ms)
        except StoreUnavailableError:
            self.dropped += count
            return
        self._waiting += count

        def recorded(done: asyncio.Future[object]) -> None:
            self._waiting -= count
            if done.cancelled() or done.exception():
                self.dropped += count

        future.add_done_callback(recorded)

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        return list(map(AttemptRecord._make, await self._submit(TRACE.operation(trace_id))))

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        parameters: Row = (step_id, limit) if step_id else (limit,)
        rows = await self._submit(recent_statement(bool(step_id)).operation(*parameters))
        return list(map(AttemptRecord._make, rows))

    def _prune(self, count: int, now_ms: int) -> None:
        """Delete what is too much or too old, now and then."""
        self._until_prune -= count
        if self._until_prune > 0:
            return
        self._until_prune = self._prune_every
        most = self._settings.max_attempts
        too_old = DROP_AGED.operation(now_ms - self._settings.max_age_ms)
        pruned = self._submit(steps(too_old, DROP_SURPLUS.operation(most, most)))
        pruned.add_done_callback(_pruned)


def _pruned(done: asyncio.Future[object]) -> None:
    error = None if done.cancelled() else done.exception()
    if error and not isinstance(error, StoreError):  # the disk's trouble is counted by what is recorded
        raise error
