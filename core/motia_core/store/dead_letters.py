"""Deliveries that were given up: shown, brought back, or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, bindparam, delete, func, insert, literal_column, select

from motia_core.model.event import DeadLetter, Delivery
from motia_core.store.delivery_rows import FIELDS, columns_of, from_row
from motia_core.store.failure_lines import from_lines
from motia_core.store.statements import QUEUE_LANE, Joined, Line, Row, Statement, at_most, sql, steps
from motia_core.store.tables import dead_letters, deliveries, progress

ABOVE_ALL_IDS = 2**53
# What a delivery that is brought back starts with. The core that ran it may be gone: the home of its step takes it.
_AFRESH = {"attempt": 1, "due_ms": 0, "shard": 0}
_id = bindparam("delivery_id", type_=BigInteger)
_letters = select(*columns_of(dead_letters), dead_letters.c.failures, dead_letters.c.dead_ms)
_listed = dead_letters.c.id.in_([_id])
_afresh = [literal_column(str(_AFRESH[name]), Integer) if name in _AFRESH else dead_letters.c[name] for name in FIELDS]
_remembered = progress.c.delivery_id.in_(select(dead_letters.c.id).where(_listed))
_oldest = select(dead_letters.c.id).order_by(dead_letters.c.dead_ms, dead_letters.c.id)
_aged = select(func.count()).where(dead_letters.c.dead_ms < bindparam("before", type_=BigInteger))

GET = Statement(QUEUE_LANE, sql(_letters.where(dead_letters.c.id == _id)))
EDIT = Statement(
    QUEUE_LANE, sql(dead_letters.update().values(data=bindparam("new_data")).where(dead_letters.c.id == _id))
)
REVIVE = Joined(QUEUE_LANE, sql(insert(deliveries).from_select(FIELDS, select(*_afresh).where(_listed))))
TAKE = Joined(QUEUE_LANE, sql(delete(dead_letters).where(_listed).returning(*columns_of(dead_letters))))
FORGET = Joined(QUEUE_LANE, sql(delete(progress).where(_remembered)))  # of live deliveries nothing
DISCARD = Joined(QUEUE_LANE, sql(delete(dead_letters).where(_listed).returning(dead_letters.c.id)))
OLDEST = Statement(QUEUE_LANE, sql(at_most(_oldest)))
COUNT_AGED = Statement(QUEUE_LANE, sql(_aged))


def _filtered(query: Select[Any], by_topic: bool, by_step: bool) -> Select[Any]:
    if by_topic:
        query = query.where(dead_letters.c.topic == bindparam("of_topic"))
    return query.where(dead_letters.c.step_id == bindparam("of_step")) if by_step else query


@cache
def page_statement(by_topic: bool, by_step: bool) -> Statement:
    """Newest first, below an id; then the filters' values, and the number of rows."""
    page = _filtered(_letters.where(dead_letters.c.id < bindparam("before")), by_topic, by_step)
    return Statement(QUEUE_LANE, sql(at_most(page.order_by(dead_letters.c.id.desc()))))


@cache
def ids_statement(by_topic: bool, by_step: bool) -> Statement:
    """Oldest first, above an id; then the filters' values, and the number of rows."""
    page = _filtered(select(dead_letters.c.id).where(dead_letters.c.id > bindparam("after")), by_topic, by_step)
    return Statement(QUEUE_LANE, sql(at_most(page.order_by(dead_letters.c.id))))


@cache
def count_statement(by_topic: bool, by_step: bool) -> Statement:
    """The filters' values."""
    return Statement(QUEUE_LANE, sql(_filtered(select(func.count()).select_from(dead_letters), by_topic, by_step)))


def _to_letter(row: tuple[Any, ...]) -> DeadLetter:
    *delivery, failures, dead_ms = row
    return DeadLetter(from_row(tuple(delivery)), from_lines(failures), dead_ms)


def _distinct(ids: Sequence[int]) -> list[Row]:
    return [(delivery_id,) for delivery_id in dict.fromkeys(ids)]


class SqlDeadLetters:
    """The DeadLetters port on SQL."""

    def __init__(self, writer: Line, reader: Line) -> None:
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

    async def ids(self, *, topic: str = "", step_id: str = "", after_id: int = 0, limit: int = 1000) -> list[int]:
        statement = ids_statement(bool(topic), bool(step_id))
        rows = await self._read(statement.operation(after_id, *filter(None, (topic, step_id)), limit))
        return [number for (number,) in rows]

    async def count(self, *, topic: str = "", step_id: str = "") -> int:
        statement = count_statement(bool(topic), bool(step_id))
        [(count,)] = await self._read(statement.operation(*filter(None, (topic, step_id))))
        return int(count)

    async def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> list[Delivery]:
        ids = _distinct(delivery_ids)
        edits = [] if data is None else [EDIT.operation(data, delivery_id) for (delivery_id,) in ids]
        rows = await self._write(steps(*edits, REVIVE.operation(ids), TAKE.fetch(ids)))
        revived = [from_row(row) for row in sorted(rows)]
        for delivery in revived:
            delivery.attempt, delivery.due_ms, delivery.shard = _AFRESH.values()
        return revived

    async def discard(self, delivery_ids: Sequence[int]) -> int:
        ids = _distinct(delivery_ids)
        return len(await self._write(steps(FORGET.operation(ids), DISCARD.fetch(ids))))

    async def trim(self, *, keep: int, oldest_ms: int, limit: int) -> int:
        """Remove the oldest above a number, and those from before a time; how many."""
        [(aged,)] = await self._read(COUNT_AGED.operation(oldest_ms))
        surplus = min(max(aged, await self.count() - keep), limit)
        if surplus <= 0:
            return 0
        return await self.discard([number for (number,) in await self._read(OLDEST.operation(surplus))])
