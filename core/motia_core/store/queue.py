"""Durable deliveries that wait. Ids are ordered, and never used again once a delivery was handled."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from sqlite3 import Cursor
from typing import Any

from sqlalchemy import Integer, bindparam, delete, func, insert, select, update

from motia_core.model.event import AttemptFailure, Backlog, Delivery
from motia_core.model.failure import Failure
from motia_core.model.trace import TraceContext
from motia_core.store.failure_lines import to_line
from motia_core.store.group_commit import GroupCommit, Verb
from motia_core.store.statements import ManyRows, Row, at_most, sql
from motia_core.store.tables import dead_letters, deliveries

ENQUEUE_LANE, QUEUE_LANE = 0, 1  # an enqueue comes before anything else that happens to its delivery

FIELDS = [column.name for column in deliveries.c if column.name != "failures"]  # in the order of to_row and from_row
INSERT = ManyRows(insert(deliveries).values({name: bindparam(f"new_{name}") for name in FIELDS}))
_DELETE = ManyRows(delete(deliveries).where(deliveries.c.id.in_([bindparam("delivery_id")])))
_RETRY = sql(
    update(deliveries)
    .ordered_values(
        (deliveries.c.attempt, bindparam("new_attempt")),
        (deliveries.c.due_ms, bindparam("new_due_ms")),
        (deliveries.c.failures, deliveries.c.failures.concat(bindparam("line"))),
    )
    .where(deliveries.c.id == bindparam("delivery_id"))
)
_BURY = sql(
    insert(dead_letters).from_select(
        [*FIELDS, "failures", "dead_ms"],
        select(
            *(bindparam("last", type_=Integer) if name == "attempt" else deliveries.c[name] for name in FIELDS),
            deliveries.c.failures.concat(bindparam("line")),
            bindparam("dead_ms", type_=Integer),
        ).where(deliveries.c.id == bindparam("delivery_id")),
    )
)
READ_SQL = sql(
    at_most(
        select(*(deliveries.c[name] for name in FIELDS))
        .where(deliveries.c.step_id == bindparam("step"), deliveries.c.id > bindparam("after"))
        .order_by(deliveries.c.id)
    )
)
_BACKLOGS = sql(select(deliveries.c.step_id, func.count()).group_by(deliveries.c.step_id))


def to_row(delivery: Delivery) -> Row:
    """What is stored of a delivery."""
    trace = delivery.trace
    return (
        delivery.id,
        delivery.topic,
        delivery.step_id,
        delivery.data,
        trace.trace_id,
        trace.traceparent,
        trace.tracestate,
        trace.baggage,
        trace.parent_id,
        delivery.emitted_ms,
        delivery.due_ms,
        delivery.attempt,
        delivery.group_id,
    )


def from_row(row: tuple[Any, ...]) -> Delivery:
    """The delivery of a stored row."""
    number, topic, step_id, data, trace_id, parent, state, baggage, parent_id, emitted_ms, due_ms, attempt, group = row
    trace = TraceContext(trace_id, parent, state, baggage, parent_id)
    return Delivery(number, topic, step_id, data, trace, emitted_ms, due_ms, attempt, group)


def _enqueue(cursor: Cursor, calls: list[list[Row]]) -> None:
    INSERT.run(cursor, list(chain.from_iterable(calls)))


def _complete(cursor: Cursor, ids: list[tuple[int]]) -> None:
    _DELETE.run(cursor, ids)


def _retry(cursor: Cursor, calls: list[Row]) -> None:
    cursor.executemany(_RETRY, calls)


def _bury(cursor: Cursor, calls: list[Row]) -> None:
    cursor.executemany(_BURY, calls)
    _DELETE.run(cursor, [call[-1:] for call in calls])


def _read(cursor: Cursor, calls: list[tuple[str, int, int]]) -> list[list[Delivery]]:
    return [[from_row(row) for row in cursor.execute(READ_SQL, call).fetchall()] for call in calls]


def _backlogs(cursor: Cursor, calls: list[tuple[()]]) -> list[list[Backlog]]:
    return [[Backlog(*row) for row in cursor.execute(_BACKLOGS).fetchall()] for _ in calls]


ENQUEUE: Verb[list[Row], None] = Verb(ENQUEUE_LANE, _enqueue)
COMPLETE: Verb[tuple[int], None] = Verb(QUEUE_LANE, _complete)
RETRY: Verb[Row, None] = Verb(QUEUE_LANE, _retry)
BURY: Verb[Row, None] = Verb(QUEUE_LANE, _bury)
READ = Verb(QUEUE_LANE, _read)
BACKLOGS = Verb(QUEUE_LANE, _backlogs)


class SqlQueue:
    """The Queue port on SQL."""

    def __init__(self, writer: GroupCommit, reader: GroupCommit) -> None:
        self._write = writer.submit
        self._query = reader.submit

    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._write(ENQUEUE, [to_row(delivery) for delivery in deliveries])

    async def complete(self, delivery_id: int) -> None:
        await self._write(COMPLETE, (delivery_id,))

    async def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        line = to_line(AttemptFailure(delivery.attempt - 1, failed_ms, failure))
        await self._write(RETRY, (delivery.attempt, delivery.due_ms, line, delivery.id))

    async def bury(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        line = to_line(AttemptFailure(delivery.attempt, failed_ms, failure))
        await self._write(BURY, (delivery.attempt, line, failed_ms, delivery.id))

    async def read(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        return await self._query(READ, (step_id, after_id, limit))

    async def backlogs(self) -> list[Backlog]:
        return await self._query(BACKLOGS, ())
