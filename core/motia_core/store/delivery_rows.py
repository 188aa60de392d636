"""Deliveries as rows: what is stored of them, and how they are read again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, literal_column, select

from motia_core.model.event import Delivery
from motia_core.model.trace import TraceContext
from motia_core.store.statements import Row
from motia_core.store.tables import deliveries, progress

FIELDS = [column.name for column in deliveries.c if column.name != "failures"]  # in the order of to_row and from_row


def columns_of(table: Table) -> list[ColumnElement[Any]]:
    """What `from_row` takes, of deliveries or dead letters."""
    progressed = select(literal_column("1", Integer)).where(progress.c.delivery_id == table.c.id)
    has_progress = progressed.exists().label("has_progress")
    return [*(table.c[name] for name in FIELDS), has_progress]


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
        -delivery.priority,
        delivery.lane,
        delivery.shard,
    )


def from_row(row: tuple[Any, ...]) -> Delivery:
    """The delivery of a row of `columns_of`."""
    number, topic, step_id, data, trace_id, traceparent, tracestate, baggage, parent_id, *rest = row
    emitted_ms, due_ms, attempt, group_id, rank, lane, shard, has_progress = rest
    trace = TraceContext(trace_id, traceparent, tracestate, baggage, parent_id)
    return Delivery(
        number,
        topic,
        step_id,
        data,
        trace,
        emitted_ms,
        due_ms,
        attempt,
        group_id,
        -rank,
        lane,
        shard,
        bool(has_progress),
    )
