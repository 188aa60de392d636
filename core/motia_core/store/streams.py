"""Items of streams, and the log of what happens to them."""

from __future__ import annotations

from typing import Any

from motia_core.clock import Clock
from motia_core.model.ids import US_PER_MS, IdSource
from motia_core.model.stream import Address, Change, ChangeKind, Member, Snapshot, StoredItem
from motia_core.store import stream_sql as sql
from motia_core.store.server import Operation
from motia_core.store.statements import Line, steps
from motia_core.store.stream_log import StreamLog


class SqlStreams:
    """The StreamStore port on SQL.

    Args:
        created_ids: Order the items of a group.
        core_id: Of the cores that share the store.
    """

    def __init__(self, writer: Line, reader: Line, clock: Clock, created_ids: IdSource, core_id: int = 0) -> None:
        self._writer = writer.submit
        self._read = reader.submit
        self._clock = clock
        self._created_ids = created_ids
        self._core_id = core_id
        self._log = StreamLog(writer, reader, clock)
        self.follow = self._log.follow
        self.unfollow = self._log.unfollow
        self.look = self._log.look

    async def get(self, address: Address) -> StoredItem | None:
        rows = await self._read(sql.GET.operation(*address, self._clock.now_ms()))
        return StoredItem(*rows[0]) if rows else None

    async def set(self, address: Address, item: bytes, *, ttl_ms: int = 0, max_items: int = 0) -> StoredItem:
        now_ms, now_us = self._now()
        [(created_ms, version)] = await self._write(
            sql.set_item(
                address,
                item,
                now_ms=now_ms,
                now_us=now_us,
                created_id=self._created_ids.next(),
                expires_ms=now_ms + ttl_ms if ttl_ms else 0,
                max_items=max_items,
            )
        )
        return StoredItem(address.item_id, item, created_ms, version)

    async def compare_and_set(
        self, address: Address, item: bytes | None, *, expected: int, ttl_ms: int = 0, max_items: int = 0
    ) -> StoredItem | None:
        now_ms, now_us = self._now()
        rows = await self._write(
            sql.compare_and_set(
                address,
                item,
                expected=expected,
                now_ms=now_ms,
                now_us=now_us,
                created_id=self._created_ids.next(),
                expires_ms=now_ms + ttl_ms if ttl_ms else 0,
                max_items=max_items,
            )
        )
        if not rows:
            return None
        if item is None:
            return StoredItem(address.item_id, b"", 0, 0)
        [(created_ms, version)] = rows
        return StoredItem(address.item_id, item, created_ms, version)

    async def delete(self, address: Address) -> StoredItem | None:
        rows = await self._write(sql.delete_item(address, self._clock.now_us()))
        return StoredItem(*rows[0]) if rows else None

    async def get_group(self, stream: str, group: str) -> list[StoredItem]:
        return [
            StoredItem(*row) for row in await self._read(sql.GET_GROUP.operation(stream, group, self._clock.now_ms()))
        ]

    async def page(self, stream: str, group: str, *, after: int, limit: int) -> list[tuple[int, StoredItem]]:
        rows = await self._read(sql.PAGE.operation(stream, group, after, self._clock.now_ms(), limit))
        return [(place, StoredItem(*stored)) for place, *stored in rows]

    async def send(self, address: Address, event: bytes) -> None:
        await self._write(sql.log_event(address, ChangeKind.EVENT, event, self._clock.now_us()))

    # --- for those who watch

    async def snapshot(self, address: Address) -> Snapshot:
        now_ms = self._clock.now_ms()
        if address.item_id:
            operation = sql.SNAPSHOT_OF_ITEM.operation(*address, now_ms)
        else:
            operation = sql.SNAPSHOT_OF_GROUP.operation(*address[:2], now_ms)
        rows = await self._read(operation)
        return Snapshot(rows[0][0], [StoredItem(*row[1:]) for row in rows if row[1] is not None])

    async def changes(self, address: Address, *, after: int, limit: int) -> tuple[int, list[Change]] | None:
        if address.item_id:
            operation = sql.CHANGES_OF_ITEM.operation(after, *address, limit + 1)
        else:
            operation = sql.CHANGES_OF_GROUP.operation(after, *address[:2], limit + 1)
        position, forgotten, found = sql.read_changes(await self._read(operation))
        is_known = forgotten <= after <= position  # beyond: of another database, or one that was restored
        return (position, found) if is_known and len(found) <= limit else None

    async def join(self, address: Address, member: Member) -> None:
        key = (*address[:2], member.member_id)
        log = sql.log_event(Address(*key), ChangeKind.JOIN, member.info, self._clock.now_us())
        await self._write(steps(log, sql.JOIN.operation(*key, self._core_id, member.info)))

    async def leave(self, address: Address, member_id: str) -> None:
        key = (*address[:2], member_id)
        log = sql.log_event(Address(*key), ChangeKind.LEAVE, b"null", self._clock.now_us())
        await self._write(steps(log, sql.LEAVE.operation(*key)))

    async def members(self, address: Address) -> list[Member]:
        return [Member(*row) for row in await self._read(sql.MEMBERS.operation(*address[:2]))]

    # --- what is kept for a time only

    async def expire(self, *, limit: int) -> tuple[int, int]:
        now_ms, now_us = self._now()
        [(count, until_ms)] = await self._read(sql.EXPIRED.operation(now_ms, limit))
        if count:
            await self._write(sql.expire(until_ms, now_us))
        [(next_ms,)] = await self._read(sql.NEXT_EXPIRY.operation())
        return count, next_ms or 0

    async def trim(self, *, keep: int, oldest_ms: int, limit: int) -> int:
        over = await self._read(sql.NEWEST_OVER.operation(keep))
        until = max(oldest_ms * US_PER_MS, over[0][0] if over else 0)
        [(count, last)] = await self._read(sql.OLD.operation(until, limit))
        if count:
            await self._writer(sql.forget(last))
        return int(count)

    def _now(self) -> tuple[int, int]:
        now_us = self._clock.now_us()
        return now_us // US_PER_MS, now_us

    async def _write(self, operation: Operation) -> Any:
        try:
            return await self._writer(operation)
        finally:
            self.look()  # whatever became of it
