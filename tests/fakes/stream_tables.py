"""What a store in memory holds of streams: items, the log of their changes, members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from motia_core.clock import Clock
from motia_core.model.effects import StreamEvent, StreamWrite
from motia_core.model.stream import Address, Change, ChangeKind, StoredItem


class Item(NamedTuple):
    """A stored item."""

    item: bytes
    created_ms: int
    version: int
    expires_ms: int
    place: int


@dataclass
class StreamTables:
    """What is stored of streams."""

    clock: Clock
    sequence: int = 0
    forgotten: int = 0
    places: int = 0
    items: dict[Address, Item] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    members: dict[tuple[Address, str], bytes] = field(default_factory=dict)

    def live(self, address: Address) -> StoredItem | None:
        found = self.items.get(address)
        if found is None or (found.expires_ms and found.expires_ms <= self.clock.now_ms()):
            return None
        return StoredItem(address.item_id, *found[:3])

    def version(self, address: Address) -> int:
        found = self.live(address)
        return found.version if found else 0

    def group(self, stream: str, group: str) -> list[tuple[int, StoredItem]]:
        of_group = [address for address in self.items if address[:2] == (stream, group)]
        found = [(self.items[address].place, self.live(address)) for address in of_group]
        return sorted((place, item) for place, item in found if item is not None)

    def write(self, write: StreamWrite | StreamEvent) -> StoredItem | None:
        """Do it; what was removed or is there now."""
        address = write.address
        if isinstance(write, StreamEvent):
            self._log(address, ChangeKind.EVENT, write.event)
            return None
        if write.item is None:
            found = self.items.pop(address, None)
            if found is not None:
                self._log(address, ChangeKind.DELETE, found.item, found.created_ms)
            return StoredItem(address.item_id, *found[:3]) if found else None
        if address not in self.items:
            self._make_room(address, write.max_items)
        before = self.items.get(address)
        self.places += before is None
        created_ms, place = (before.created_ms, before.place) if before else (write.created_ms, self.places)
        self._log(address, ChangeKind.UPDATE if before else ChangeKind.CREATE, write.item, created_ms)
        self.items[address] = Item(write.item, created_ms, self.sequence, write.expires_ms, place)
        return self.live(address)

    def expire(self, limit: int) -> int:
        now_ms = self.clock.now_ms()
        expired = {key: item for key, item in self.items.items() if 0 < item.expires_ms <= now_ms}
        first = sorted(item.expires_ms for item in expired.values())[:limit]
        for _, address in sorted((item.place, key) for key, item in expired.items()):
            if expired[address].expires_ms <= first[-1]:
                self.write(StreamWrite(address, None))
        return len(first)

    def trim(self, keep: int, oldest_ms: int, limit: int) -> int:
        over = self.changes[-keep - 1].sequence if len(self.changes) > keep else 0
        old = [change for change in self.changes if change.sequence <= max(oldest_ms * 1_000, over)][:limit]
        if old:
            self.forgotten = max(self.forgotten, old[-1].sequence)
            self.changes = self.changes[len(old) :]
        return len(old)

    def note_member(self, address: Address, member_id: str, info: bytes | None) -> None:
        of_member = Address(*address[:2], member_id)
        if info is None:
            self.members.pop((Address(*address[:2]), member_id), None)
            self._log(of_member, ChangeKind.LEAVE, b"null")
        else:
            self.members[Address(*address[:2]), member_id] = info
            self._log(of_member, ChangeKind.JOIN, info)

    def _make_room(self, address: Address, max_items: int) -> None:
        if not max_items:
            return
        of_group = sorted((item.place, key) for key, item in self.items.items() if key[:2] == address[:2])
        for _, oldest in of_group[: max(len(of_group) - max_items + 1, 0)]:
            self.write(StreamWrite(oldest, None))

    def _log(self, address: Address, kind: ChangeKind, data: bytes, created_ms: int = 0) -> None:
        self.take()
        self.changes.append(Change(self.sequence, *address, kind, data, created_ms))

    def take(self) -> None:
        if not self.sequence:  # of what was before nothing is known
            self.forgotten = self.clock.now_us() - 1
        self.sequence = max(self.sequence + 1, self.clock.now_us())
