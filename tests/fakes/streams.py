"""The stream port of a store in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motia_core.model.effects import StreamEvent, StreamWrite
from motia_core.model.stream import Address, Change, ChangeKind, Member, Snapshot, StoredItem
from tests.fakes.memory import Memory, reads, writes

Hear = Callable[[Sequence[Change], int], None]


class FakeStreams:
    """Implements `StreamStore`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.tables = memory.streams
        self._hear: Hear | None = None
        self._told = 0

    @reads
    def get(self, address: Address) -> StoredItem | None:
        return self.tables.live(address)

    async def set(self, address: Address, item: bytes, *, ttl_ms: int = 0, max_items: int = 0) -> StoredItem:
        stored = await self._write(self._new(address, item, ttl_ms, max_items))
        assert stored is not None
        return stored

    async def compare_and_set(
        self, address: Address, item: bytes | None, *, expected: int, ttl_ms: int = 0, max_items: int = 0
    ) -> StoredItem | None:
        return await self._write_if(self._new(address, item, ttl_ms, max_items), expected)

    async def delete(self, address: Address) -> StoredItem | None:
        return await self._write(StreamWrite(address, None))

    @reads
    def get_group(self, stream: str, group: str) -> list[StoredItem]:
        return [item for _, item in self.tables.group(stream, group)]

    @reads
    def page(self, stream: str, group: str, *, after: int, limit: int) -> list[tuple[int, StoredItem]]:
        return [(place, item) for place, item in self.tables.group(stream, group) if place > after][:limit]

    async def send(self, address: Address, event: bytes) -> None:
        await self._write(StreamEvent(address, event))

    @reads
    def snapshot(self, address: Address) -> Snapshot:
        if address.item_id:
            found = self.tables.live(address)
            return Snapshot(self.tables.sequence, [found] if found else [])
        return Snapshot(self.tables.sequence, [item for _, item in self.tables.group(*address[:2])])

    @reads
    def changes(self, address: Address, *, after: int, limit: int) -> tuple[int, list[Change]] | None:
        if not self.tables.forgotten <= after <= self.tables.sequence:
            return None
        found = [
            change
            for change in self.tables.changes
            if change.sequence > after
            and change.address[:2] == address[:2]
            and (not address.item_id or change.item_id == address.item_id)
            and change.kind not in (ChangeKind.JOIN, ChangeKind.LEAVE)
        ]
        return (self.tables.sequence, found) if len(found) <= limit else None

    async def join(self, address: Address, member: Member) -> None:
        await self._note_member(address, member.member_id, member.info)

    async def leave(self, address: Address, member_id: str) -> None:
        await self._note_member(address, member_id, None)

    @reads
    def members(self, address: Address) -> list[Member]:
        of_group = sorted((key[1], info) for key, info in self.tables.members.items() if key[0][:2] == address[:2])
        return [Member(member_id, info) for member_id, info in of_group]

    async def follow(self, hear: Hear) -> int:
        self.tables.take()
        self._hear, self._told = hear, self.tables.sequence
        return self._told

    async def unfollow(self) -> None:
        self._hear = None

    def look(self) -> None:
        if self._hear is not None and self._told < self.tables.sequence:
            after, self._told = self._told, self.tables.sequence
            self._hear([change for change in self.tables.changes if change.sequence > after], self._told)

    async def expire(self, *, limit: int) -> tuple[int, int]:
        count = await self._expire(limit)
        return count, min((item.expires_ms for item in self.tables.items.values() if item.expires_ms), default=0)

    @writes
    def trim(self, *, keep: int, oldest_ms: int, limit: int) -> int:
        return self.tables.trim(keep, oldest_ms, limit)

    @writes
    def _expire(self, limit: int) -> int:
        count = self.tables.expire(limit)
        self.look()
        return count

    @writes
    def _write(self, write: StreamWrite | StreamEvent) -> StoredItem | None:
        stored = self.tables.write(write)
        self.look()
        return stored

    @writes
    def _write_if(self, write: StreamWrite, expected: int) -> StoredItem | None:
        if self.tables.version(write.address) != expected:
            return None
        stored = self.tables.write(write)
        self.look()
        return stored if write.item is not None else StoredItem(write.address.item_id, b"", 0, 0)

    @writes
    def _note_member(self, address: Address, member_id: str, info: bytes | None) -> None:
        self.tables.note_member(address, member_id, info)
        self.look()

    def _new(self, address: Address, item: bytes | None, ttl_ms: int, max_items: int) -> StreamWrite:
        now_ms = self.memory.clock.now_ms()
        return StreamWrite(address, item, now_ms, now_ms + ttl_ms if ttl_ms else 0, max_items)
