"""What people look at: lists of groups, queues and deliveries. Everything goes over the reading line."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, Integer, Table, bindparam, case, func, literal_column, or_, select

from motia_core.model.event import Delivery, QueueCount
from motia_core.store.delivery_rows import columns_of, from_row
from motia_core.store.statements import QUEUE_LANE, STATE_LANE, STREAM_LANE, Line, Statement, at_most, sql
from motia_core.store.tables import dead_letters, deliveries, state, stream_items
from motia_core.store.trace_queries import named

_none: ColumnElement[int] = literal_column("0")
_one: ColumnElement[int] = literal_column("1")


def _groups(table: Table, lane: int, *conditions: ColumnElement[bool]) -> Statement:
    group = table.c.group_id
    is_live = or_(table.c.expires_ms == _none, table.c.expires_ms > bindparam("now", type_=BigInteger))
    starts = func.substr(group, _one, func.length(bindparam("prefix"))) == bindparam("prefix")
    query = select(group, func.count()).where(group > bindparam("after"), starts, is_live, *conditions)
    return Statement(lane, sql(at_most(query.group_by(group).order_by(group))))


STATE_GROUPS = _groups(state, STATE_LANE)
STREAM_GROUPS = _groups(stream_items, STREAM_LANE, stream_items.c.stream == bindparam("stream"))
_is_later = deliveries.c.due_ms > bindparam("now", type_=BigInteger)
_later = func.sum(case((_is_later, literal_column("1", Integer)), else_=literal_column("0", Integer)))


def _counts(*names: str) -> tuple[Statement, Statement]:
    """What is there by these columns: deliveries, and dead letters."""
    by, dead_by = [deliveries.c[name] for name in names], [dead_letters.c[name] for name in names]
    there = select(*by, func.count(), _later, func.min(deliveries.c.emitted_ms)).group_by(*by)
    dead = select(*dead_by, func.count()).group_by(*dead_by)
    return Statement(QUEUE_LANE, sql(there)), Statement(QUEUE_LANE, sql(dead))


QUEUES, DEAD = _counts("step_id")
TOPICS, DEAD_TOPICS = _counts("step_id", "topic")
_page = (
    select(*columns_of(deliveries))
    .where(deliveries.c.step_id == bindparam("step_id"), deliveries.c.id > bindparam("after_id", type_=BigInteger))
    .order_by(deliveries.c.id)
)
DELIVERIES = Statement(QUEUE_LANE, sql(at_most(_page)))


class SqlInspection:
    """The Inspection port on SQL."""

    def __init__(self, reader: Line) -> None:
        self._read = reader.submit

    async def state_groups(self, now_ms: int, *, prefix: str, after: str, limit: int) -> list[tuple[str, int]]:
        values = {"now": now_ms, "prefix": prefix, "after": after, "most": limit}
        return [(group, count) for group, count in await self._read(named(STATE_GROUPS, values))]

    async def stream_groups(
        self, stream: str, now_ms: int, *, prefix: str, after: str, limit: int
    ) -> list[tuple[str, int]]:
        values = {"stream": stream, "now": now_ms, "prefix": prefix, "after": after, "most": limit}
        return [(group, count) for group, count in await self._read(named(STREAM_GROUPS, values))]

    async def queues(self, now_ms: int) -> list[QueueCount]:
        dead = dict(await self._read(DEAD.operation()))
        found = [
            QueueCount(step_id, int(count) - int(later), int(later), oldest_ms, dead.pop(step_id, 0))
            for step_id, count, later, oldest_ms in await self._read(named(QUEUES, {"now": now_ms}))
        ]
        return [*found, *(QueueCount(step_id, 0, 0, 0, count) for step_id, count in dead.items())]

    async def queues_by_topic(self, now_ms: int) -> list[QueueCount]:
        dead = {(step_id, topic): count for step_id, topic, count in await self._read(DEAD_TOPICS.operation())}
        found = [
            QueueCount(step_id, int(count) - int(later), int(later), oldest_ms, dead.pop((step_id, topic), 0), topic)
            for step_id, topic, count, later, oldest_ms in await self._read(named(TOPICS, {"now": now_ms}))
        ]
        return [*found, *(QueueCount(step_id, 0, 0, 0, count, topic) for (step_id, topic), count in dead.items())]

    async def deliveries(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        values = {"step_id": step_id, "after_id": after_id, "most": limit}
        return [from_row(row) for row in await self._read(named(DELIVERIES, values))]
