"""Deliveries that were given up: shown, brought back, or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from sqlite3 import Cursor
from typing import Any

from sqlalchemy import bindparam, delete, select

from motia_core.model.event import DeadLetter, Delivery
from motia_core.store.failure_lines import from_lines
from motia_core.store.group_commit import GroupCommit, Verb
from motia_core.store.queue import FIELDS, INSERT, QUEUE_LANE, from_row, to_row
from motia_core.store.statements import ManyRows, at_most, sql
from motia_core.store.tables import dead_letters

ABOVE_ALL_IDS = 2**53
_columns = [dead_letters.c[name] for name in FIELDS]
_letters = select(*_columns, dead_letters.c.failures, dead_letters.c.dead_ms)
_GET = sql(_letters.where(dead_letters.c.id == bindparam("delivery_id")))
_delete = delete(dead_letters).where(dead_letters.c.id.in_([bindparam("delivery_id")]))
_DISCARD = ManyRows(_delete)
_TAKE = ManyRows(_delete.returning(*_columns))


@cache
def _page_sql(by_topic: bool, by_step: bool) -> str:
    page = _letters.where(dead_letters.c.id < bindparam("before"))
    if by_topic:
        page = page.where(dead_letters.c.topic == bindparam("of_topic"))
    if by_step:
        page = page.where(dead_letters.c.step_id == bindparam("of_step"))
    return sql(at_most(page.order_by(dead_letters.c.id.desc())))


def _to_letter(row: tuple[Any, ...]) -> DeadLetter:
    *delivery, failures, dead_ms = row
    return DeadLetter(from_row(tuple(delivery)), from_lines(failures), dead_ms)


def _page(cursor: Cursor, calls: list[tuple[str, str, int, int]]) -> list[list[DeadLetter]]:
    pages = []
    for topic, step_id, before_id, limit in calls:
        text = _page_sql(bool(topic), bool(step_id))
        parameters = [before_id or ABOVE_ALL_IDS, *filter(None, (topic, step_id)), limit]
        pages.append([_to_letter(row) for row in cursor.execute(text, parameters).fetchall()])
    return pages


def _get(cursor: Cursor, ids: list[tuple[int]]) -> list[DeadLetter | None]:
    rows = [cursor.execute(_GET, delivery_id).fetchone() for delivery_id in ids]
    return [row and _to_letter(row) for row in rows]


def _redrive(cursor: Cursor, calls: list[list[tuple[int]]]) -> list[list[Delivery]]:
    answers = []
    for ids in calls:
        revived = sorted(map(from_row, _TAKE.fetch(cursor, ids)), key=lambda delivery: delivery.id)
        for delivery in revived:
            delivery.attempt, delivery.due_ms = 1, 0
        INSERT.run(cursor, [to_row(delivery) for delivery in revived])
        answers.append(revived)
    return answers


def _discard(cursor: Cursor, calls: list[list[tuple[int]]]) -> list[int]:
    return [_DISCARD.run(cursor, ids) for ids in calls]


PAGE = Verb(QUEUE_LANE, _page)
GET = Verb(QUEUE_LANE, _get)
REDRIVE = Verb(QUEUE_LANE, _redrive)
DISCARD = Verb(QUEUE_LANE, _discard)


def _distinct(ids: Sequence[int]) -> list[tuple[int]]:
    return [(delivery_id,) for delivery_id in dict.fromkeys(ids)]


class SqlDeadLetters:
    """The DeadLetters port on SQL."""

    def __init__(self, writer: GroupCommit, reader: GroupCommit) -> None:
        self._write = writer.submit
        self._query = reader.submit

    async def page(
        self, *, topic: str = "", step_id: str = "", before_id: int = 0, limit: int = 100
    ) -> list[DeadLetter]:
        return await self._query(PAGE, (topic, step_id, before_id, limit))

    async def get(self, delivery_id: int) -> DeadLetter | None:
        return await self._query(GET, (delivery_id,))

    async def redrive(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        return await self._write(REDRIVE, _distinct(delivery_ids))

    async def discard(self, delivery_ids: Sequence[int]) -> int:
        return await self._write(DISCARD, _distinct(delivery_ids))
