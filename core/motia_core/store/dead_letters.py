"""Deliveries that were given up: shown, brought back, or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, delete, insert, literal_column, select

from motia_core.model.event import DeadLetter, Delivery
from motia_core.store.channel import Channel
from motia_core.store.failure_lines import from_lines
from motia_core.store.queue import FIELDS, from_row
from motia_core.store.statements import QUEUE_LANE, Joined, Row, Statement, at_most, sql, steps
from motia_core.store.tables import dead_letters, deliveries

ABOVE_ALL_IDS = 2**53
_AFRESH = {"attempt": 1, "due_ms": 0}  # what a delivery that is brought back starts with
_columns = [dead_letters.c[name] for name in FIELDS]
_letters = select(*_columns, dead_letters.c.failures, dead_letters.c.dead_ms)
_given = dead_letters.c.id.in_([bindparam("delivery_id")])
_afresh = [literal_column(str(_AFRESH[name]), Integer) if name in _AFRESH else dead_letters.c[name] for name in FIELDS]

GET = Statement(QUEUE_LANE, sql(_letters.where(dead_letters.c.id == bindparam("delivery_id"))))
REVIVE = Joined(QUEUE_LANE, sql(insert(deliveries).from_select(FIELDS, select(*_afresh).where(_given))))
TAKE = Joined(QUEUE_LANE, sql(delete(dead_letters).where(_given).returning(*_columns)))
DISCARD = Joined(QUEUE_LANE, sql(delete(dead_letters).where(_given).returning(dead_letters.c.id)))


@cache
def page_statement(by_topic: bool, by_step: bool) -> Statement:
    """Newest first, below an id; then the filters' values, and the number of rows."""
    page = _letters.where(dead_letters.c.id < bindparam("before"))
    if by_topic:
        page = page.where(dead_letters.c.topic == bindparam("of_topic"))
    if by_step:
        page = page.where(dead_letters.c.step_id == bindparam("of_step"))
    return Statement(QUEUE_LANE, sql(at_most(page.order_by(dead_letters.c.id.desc()))))


def _to_letter(row: tuple[Any, ...]) -> DeadLetter:
    *delivery, failures, dead_ms = row
    return DeadLetter(from_row(tuple(delivery)), from_lines(failures), dead_ms)


def _distinct(ids: Sequence[int]) -> list[Row]:
    return [(delivery_id,) for delivery_id in dict.fromkeys(ids)]


class SqlDeadLetters:
    """The DeadLetters port on SQL."""

    def __init__(self, writer: Channel, reader: Channel) -> None:
        self._write = writer.submit
        self._read = reader.submit

    async def page(
        self, *, topic: str = "", step_id: str = "", before_id: int = 0, limit: int = 100
    ) -> list[DeadLetter]:
        statement = page_statement(bool(topic), bool(step_id))
        filters = filter(None, (topic, step_id))
        rows = await self._read(statement.operation(before_id or ABOVE_ALL_IDS, *filters, limit))
        return [_to_letter(row) for row in rows]

    async def get(self, delivery_id: int) -> DeadLetter | None:
        rows = await self._read(GET.operation(delivery_id))
        return _to_letter(rows[0]) if rows else None

    async def redrive(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        ids = _distinct(delivery_ids)
        rows = await self._write(steps(REVIVE.operation(ids), TAKE.fetch(ids)))
        revived = [from_row(row) for row in sorted(rows)]
        for delivery in revived:
            delivery.attempt, delivery.due_ms = _AFRESH["attempt"], _AFRESH["due_ms"]
        return revived

    async def discard(self, delivery_ids: Sequence[int]) -> int:
        return len(await self._write(DISCARD.fetch(_distinct(delivery_ids))))
