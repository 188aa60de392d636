"""What is kept for a time only, and removed a little at a time when it is over."""

from __future__ import annotations

from sqlalchemy import BigInteger, Table, bindparam, delete, literal_column, select, tuple_

from motia_core.store.dead_letters import SqlDeadLetters
from motia_core.store.statements import QUEUE_LANE, STATE_LANE, Line, Statement, at_most, sql
from motia_core.store.tables import signals, state, unique_keys


def _expire(table: Table, lane: int) -> Statement:
    """Takes the time twice: a value that is set again meanwhile stays."""
    key = tuple_(*table.primary_key.columns)
    is_over = (table.c.expires_ms != literal_column("0")) & (table.c.expires_ms <= bindparam("now", type_=BigInteger))
    first = at_most(select(*table.primary_key.columns).where(is_over).order_by(table.c.expires_ms))
    return Statement(lane, sql(delete(table).where(is_over, key.in_(first)).returning(table.c.expires_ms)))


EXPIRE = [_expire(state, STATE_LANE), _expire(unique_keys, QUEUE_LANE), _expire(signals, QUEUE_LANE)]


class SqlRetention:
    """The Retention port on SQL."""

    def __init__(self, writer: Line, dead_letters: SqlDeadLetters) -> None:
        self._write = writer.submit
        self._dead_letters = dead_letters

    async def expire(self, now_ms: int, *, limit: int = 1000) -> int:
        removed = 0
        for statement in EXPIRE:
            removed += len(await self._write(statement.operation(now_ms, now_ms, limit - removed)))
        return removed

    async def trim_dead_letters(self, *, keep: int, oldest_ms: int, limit: int = 1000) -> int:
        return await self._dead_letters.trim(keep=keep, oldest_ms=oldest_ms, limit=limit)
