"""Durable deliveries that wait. Ids are ordered, and never used again once a delivery was handled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, delete, func, insert, select, update

from motia_core.model.event import AttemptFailure, Backlog, Delivery
from motia_core.model.failure import Failure
from motia_core.model.trace import TraceContext
from motia_core.store.channel import Channel
from motia_core.store.failure_lines import to_line
from motia_core.store.statements import ENQUEUE_LANE, QUEUE_LANE, Joined, Row, Statement, at_most, sql, steps
from motia_core.store.tables import dead_letters, deliveries

FIELDS = [column.name for column in deliveries.c if column.name != "failures"]  # in the order of to_row and from_row
ENQUEUE = Joined(ENQUEUE_LANE, sql(insert(deliveries).values({name: bindparam(f"new_{name}") for name in FIELDS})))
COMPLETE = Joined(QUEUE_LANE, sql(delete(deliveries).where(deliveries.c.id.in_([bindparam("delivery_id")]))))
RETRY = Statement(
    QUEUE_LANE,
    sql(
        update(deliveries)
        .ordered_values(
            (deliveries.c.attempt, bindparam("new_attempt")),
            (deliveries.c.due_ms, bindparam("new_due_ms")),
            (deliveries.c.failures, deliveries.c.failures.concat(bindparam("line"))),
        )
        .where(deliveries.c.id == bindparam("delivery_id"))
    ),
)
BURY = Statement(
    QUEUE_LANE,
    sql(
        insert(dead_letters).from_select(
            [*FIELDS, "failures", "dead_ms"],
            select(
                *(bindparam("last", type_=Integer) if name == "attempt" else deliveries.c[name] for name in FIELDS),
                deliveries.c.failures.concat(bindparam("line")),
                bindparam("dead_ms", type_=Integer),
            ).where(deliveries.c.id == bindparam("delivery_id")),
        )
    ),
)
READ = Statement(
    QUEUE_LANE,
    sql(
        at_most(
            select(*(deliveries.c[name] for name in FIELDS))
            .where(deliveries.c.step_id == bindparam("step"), deliveries.c.id > bindparam("after"))
            .order_by(deliveries.c.id)
        )
    ),
)
BACKLOGS = Statement(QUEUE_LANE, sql(select(deliveries.c.step_id, func.count()).group_by(deliveries.c.step_id)))


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


class SqlQueue:
    """The Queue port on SQL."""

    def __init__(self, writer: Channel, reader: Channel) -> None:
        self._write = writer.submit
        self._read = reader.submit

    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._write(ENQUEUE.operation([to_row(delivery) for delivery in deliveries]))

    async def complete(self, delivery_id: int) -> None:
        await self._write(COMPLETE.operation([(delivery_id,)]))

    async def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        line = to_line(AttemptFailure(delivery.attempt - 1, failed_ms, failure))
        await self._write(RETRY.operation(delivery.attempt, delivery.due_ms, line, delivery.id))

    async def bury(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        line = to_line(AttemptFailure(delivery.attempt, failed_ms, failure))
        move = BURY.operation(delivery.attempt, line, failed_ms, delivery.id)
        await self._write(steps(move, COMPLETE.operation([(delivery.id,)])))

    async def read(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        return [from_row(row) for row in await self._read(READ.operation(step_id, after_id, limit))]

    async def backlogs(self) -> list[Backlog]:
        return [Backlog(*row) for row in await self._read(BACKLOGS.operation())]
