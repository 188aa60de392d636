"""Groups of keys that hold JSON text."""

from __future__ import annotations

from sqlite3 import Cursor

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from motia_core.store.group_commit import GroupCommit, Verb
from motia_core.store.statements import ManyRows, sql
from motia_core.store.tables import state

STATE_LANE = 2

_insert = insert(state).values({column.name: bindparam(f"new_{column.name}") for column in state.c})
_SET = ManyRows(
    _insert.on_conflict_do_update(
        index_elements=[state.c.group_id, state.c.key], set_={"value": _insert.excluded.value}
    )
)
_of_group = state.c.group_id == bindparam("of_group")
_of_key = _of_group & (state.c.key == bindparam("of_key"))
_GET = sql(select(state.c.value).where(_of_key))
_DELETE = sql(delete(state).where(_of_key).returning(state.c.value))
_GET_GROUP = sql(select(state.c.value).where(_of_group).order_by(state.c.key))
_CLEAR = sql(delete(state).where(_of_group))

Key = tuple[str, str]


def _values(cursor: Cursor, text: str, keys: list[Key]) -> list[bytes | None]:
    rows = [cursor.execute(text, key).fetchall() for key in keys]
    return [found[0][0] if found else None for found in rows]


def _get(cursor: Cursor, keys: list[Key]) -> list[bytes | None]:
    return _values(cursor, _GET, keys)


def _delete(cursor: Cursor, keys: list[Key]) -> list[bytes | None]:
    return _values(cursor, _DELETE, keys)


def _set(cursor: Cursor, calls: list[tuple[str, str, bytes]]) -> None:
    # Of several values for one key only the last is ever seen.
    last = {(group, key): value for group, key, value in calls}
    _SET.run(cursor, [(group, key, value) for (group, key), value in last.items()])


def _get_group(cursor: Cursor, groups: list[tuple[str]]) -> list[list[bytes]]:
    return [[value for (value,) in cursor.execute(_GET_GROUP, group).fetchall()] for group in groups]


def _clear(cursor: Cursor, groups: list[tuple[str]]) -> None:
    cursor.executemany(_CLEAR, groups)


GET = Verb(STATE_LANE, _get)
SET: Verb[tuple[str, str, bytes], None] = Verb(STATE_LANE, _set)
DELETE = Verb(STATE_LANE, _delete)
GET_GROUP = Verb(STATE_LANE, _get_group)
CLEAR: Verb[tuple[str], None] = Verb(STATE_LANE, _clear)


class SqlState:
    """The StateStore port on SQL."""

    def __init__(self, writer: GroupCommit, reader: GroupCommit) -> None:
        self._write = writer.submit
        self._query = reader.submit

    async def get(self, group: str, key: str) -> bytes | None:
        return await self._query(GET, (group, key))

    async def set(self, group: str, key: str, value: bytes) -> None:
        await self._write(SET, (group, key, value))

    async def delete(self, group: str, key: str) -> bytes | None:
        return await self._write(DELETE, (group, key))

    async def get_group(self, group: str) -> list[bytes]:
        return await self._query(GET_GROUP, (group,))

    async def clear(self, group: str) -> None:
        await self._write(CLEAR, (group,))
