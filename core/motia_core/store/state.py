"""Groups of keys that hold JSON text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from motia_core.store.channel import Channel
from motia_core.store.server import Operation
from motia_core.store.statements import STATE_LANE, Joined, Statement, sql
from motia_core.store.tables import state

_insert = insert(state).values({column.name: bindparam(f"new_{column.name}") for column in state.c})
_upsert = _insert.on_conflict_do_update(
    index_elements=[state.c.group_id, state.c.key], set_={"value": _insert.excluded.value}
)
_of_group = state.c.group_id == bindparam("of_group")
_of_key = _of_group & (state.c.key == bindparam("of_key"))

GET = Statement(STATE_LANE, sql(select(state.c.value).where(_of_key)))
SET = Joined(STATE_LANE, sql(_upsert), last_counts=True)
DELETE = Statement(STATE_LANE, sql(delete(state).where(_of_key).returning(state.c.value)))
GET_GROUP = Statement(STATE_LANE, sql(select(state.c.value).where(_of_group).order_by(state.c.key)))
CLEAR = Statement(STATE_LANE, sql(delete(state).where(_of_group)))


def _value(rows: list[tuple[Any]]) -> bytes | None:
    return rows[0][0] if rows else None


class SqlState:
    """The StateStore port on SQL.

    Reads have a connection of their own, so that they need not wait for commits. One that follows a write of its group
    which is still under way goes behind that write, on the writer's connection.
    """

    def __init__(self, writer: Channel, reader: Channel) -> None:
        self._writer = writer.submit
        self._reader = reader.submit
        self._writing: dict[str, int] = {}  # writes under way, by group

    async def get(self, group: str, key: str) -> bytes | None:
        return _value(await self._read(group, GET.operation(group, key)))

    async def set(self, group: str, key: str, value: bytes) -> None:
        await self._write(group, SET.operation([(group, key, value)]))

    async def delete(self, group: str, key: str) -> bytes | None:
        return _value(await self._write(group, DELETE.operation(group, key)))

    async def get_group(self, group: str) -> list[bytes]:
        return [value for (value,) in await self._read(group, GET_GROUP.operation(group))]

    async def clear(self, group: str) -> None:
        await self._write(group, CLEAR.operation(group))

    async def _read(self, group: str, operation: Operation) -> Any:
        submit = self._writer if group in self._writing else self._reader
        return await submit(operation)

    async def _write(self, group: str, operation: Operation) -> Any:
        self._writing[group] = self._writing.get(group, 0) + 1
        try:
            return await self._writer(operation)
        finally:
            if self._writing[group] == 1:
                del self._writing[group]
            else:
                self._writing[group] -= 1
