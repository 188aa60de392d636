"""Items of streams, in the order in which they were first set."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from motia_core.model.ids import IdSource
from motia_core.store.statements import STREAM_LANE, Line, Statement, sql, upsert
from motia_core.store.tables import stream_items

_insert = upsert(stream_items).values({column.name: bindparam(f"new_{column.name}") for column in stream_items.c})
_upsert = _insert.on_conflict_do_update(
    index_elements=[stream_items.c.stream, stream_items.c.group_id, stream_items.c.item_id],
    set_={"item": _insert.excluded.item},
)
_of_group = (stream_items.c.stream == bindparam("of_stream")) & (stream_items.c.group_id == bindparam("of_group"))
_of_item = _of_group & (stream_items.c.item_id == bindparam("of_item"))
_item = (stream_items.c.item, stream_items.c.created_ms)
_items = select(stream_items.c.item_id, *_item).where(_of_group).order_by(stream_items.c.created_id)

GET = Statement(STREAM_LANE, sql(select(*_item).where(_of_item)))
SET = Statement(STREAM_LANE, sql(_upsert.returning(stream_items.c.created_ms, stream_items.c.created_id)))
DELETE = Statement(STREAM_LANE, sql(delete(stream_items).where(_of_item).returning(*_item)))
GET_GROUP = Statement(STREAM_LANE, sql(_items))


class SqlStreams:
    """The StreamStore port on SQL."""

    def __init__(self, writer: Line, reader: Line, created_ids: IdSource) -> None:
        self._write = writer.submit
        self._read = reader.submit
        self._created_ids = created_ids

    async def get(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        rows = await self._read(GET.operation(stream, group, item_id))
        return rows[0] if rows else None

    async def set(self, stream: str, group: str, item_id: str, item: bytes, now_ms: int) -> tuple[bool, int]:
        new_id = self._created_ids.next()
        rows = await self._write(SET.operation(stream, group, item_id, item, now_ms, new_id))
        [(created_ms, created_id)] = rows
        return created_id == new_id, created_ms  # an item that was there keeps the id of its creation

    async def delete(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        rows = await self._write(DELETE.operation(stream, group, item_id))
        return rows[0] if rows else None

    async def get_group(self, stream: str, group: str) -> list[tuple[str, bytes, int]]:
        rows: list[tuple[str, bytes, int]] = await self._read(GET_GROUP.operation(stream, group))
        return rows
