"""Items of streams, in the order in which they were first set."""

from __future__ import annotations

from sqlite3 import Cursor

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from motia_core.model.ids import IdSource
from motia_core.store.group_commit import GroupCommit, Verb
from motia_core.store.statements import sql
from motia_core.store.tables import stream_items

STREAM_LANE = 3

_insert = insert(stream_items).values({column.name: bindparam(f"new_{column.name}") for column in stream_items.c})
_SET = sql(
    _insert.on_conflict_do_update(
        index_elements=[stream_items.c.stream, stream_items.c.group_id, stream_items.c.item_id],
        set_={"item": _insert.excluded.item},
    ).returning(stream_items.c.created_ms, stream_items.c.created_id)
)
_of_group = (stream_items.c.stream == bindparam("of_stream")) & (stream_items.c.group_id == bindparam("of_group"))
_of_item = _of_group & (stream_items.c.item_id == bindparam("of_item"))
_item = (stream_items.c.item, stream_items.c.created_ms)
_GET = sql(select(*_item).where(_of_item))
_DELETE = sql(delete(stream_items).where(_of_item).returning(*_item))
_GET_GROUP = sql(select(stream_items.c.item_id, *_item).where(_of_group).order_by(stream_items.c.created_id))

ItemKey = tuple[str, str, str]
Item = tuple[bytes, int]


def _items(cursor: Cursor, text: str, keys: list[ItemKey]) -> list[Item | None]:
    rows = [cursor.execute(text, key).fetchall() for key in keys]
    return [found[0] if found else None for found in rows]


def _get(cursor: Cursor, keys: list[ItemKey]) -> list[Item | None]:
    return _items(cursor, _GET, keys)


def _delete(cursor: Cursor, keys: list[ItemKey]) -> list[Item | None]:
    return _items(cursor, _DELETE, keys)


def _set(cursor: Cursor, rows: list[tuple[str, str, str, bytes, int, int]]) -> list[tuple[bool, int]]:
    answers = []
    for row in rows:
        [(created_ms, created_id)] = cursor.execute(_SET, row).fetchall()
        answers.append((created_id == row[-1], created_ms))  # an item that was there keeps the id of its creation
    return answers


def _get_group(cursor: Cursor, groups: list[tuple[str, str]]) -> list[list[tuple[str, bytes, int]]]:
    return [cursor.execute(_GET_GROUP, group).fetchall() for group in groups]


GET = Verb(STREAM_LANE, _get)
SET = Verb(STREAM_LANE, _set)
DELETE = Verb(STREAM_LANE, _delete)
GET_GROUP = Verb(STREAM_LANE, _get_group)


class SqlStreams:
    """The StreamStore port on SQL."""

    def __init__(self, writer: GroupCommit, reader: GroupCommit, created_ids: IdSource) -> None:
        self._write = writer.submit
        self._query = reader.submit
        self._created_ids = created_ids

    async def get(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        return await self._query(GET, (stream, group, item_id))

    async def set(self, stream: str, group: str, item_id: str, item: bytes, now_ms: int) -> tuple[bool, int]:
        return await self._write(SET, (stream, group, item_id, item, now_ms, self._created_ids.next()))

    async def delete(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        return await self._write(DELETE, (stream, group, item_id))

    async def get_group(self, stream: str, group: str) -> list[tuple[str, bytes, int]]:
        return await self._query(GET_GROUP, (stream, group))
