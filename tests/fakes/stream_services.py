"""Fakes of what the engine offers to clients of streams: a feed whose items the test sets, and an access that says what
the test wants."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from motia_core.engine.services import Joined, Watcher
from motia_core.errors import NotAvailableError, StreamAccessError, StreamAuthError, UnauthorizedError
from motia_core.model.stream import Address, Change, ChangeKind, Member, Snapshot, StoredItem, Stream, StreamMessage
from motia_core.model.stream_frame import of_change, of_snapshot

CHAT = Stream("chat", "chat.stream.ts", "typescript", "node", has_presence=True)
PLAIN = Stream("plain", "plain.stream.ts", "typescript", "node")


class FixedStreams:
    """Implements `StreamCatalog`."""

    def __init__(self, *streams: Stream) -> None:
        self.streams: Mapping[str, Stream] = {stream.name: stream for stream in streams}


class FakeFeed:
    """Implements `motia_core.engine.services.Feed`."""

    def __init__(self) -> None:
        self.items: dict[Address, bytes] = {}
        self.sequence = 1_000
        self.watchers: dict[Address, list[Watcher]] = {}
        self.members: dict[str, Member] = {}
        self.joined: list[tuple[Address, int]] = []
        self.error: Exception | None = None
        self.missed: list[Change] = []  # what those get who come back

    async def join(self, watcher: Watcher, address: Address, *, after: int = 0, member: Member | None = None) -> Joined:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.joined.append((address, after))
        if member is not None:
            self.members[member.member_id] = member
        if after and self.missed:
            for change in self.missed:
                watcher.deliver(of_change(change))
        else:
            frame = of_snapshot(address, self._snapshot(address))
            if frame is not None:
                watcher.deliver(frame)
        watchers = self.watchers.setdefault(address, [])
        if watcher not in watchers:
            watchers.append(watcher)
        members = () if member is None else tuple(self.members.values())
        return Joined(self.sequence, bool(after and self.missed), members)

    async def leave(self, watcher: Watcher, address: Address, member_id: str = "") -> None:
        await asyncio.sleep(0)
        watchers = self.watchers.get(address, [])
        if watcher in watchers:
            watchers.remove(watcher)
        self.members.pop(member_id, None)

    def set(self, address: Address, item: bytes) -> None:
        """An item is set: tell who watches it or its group."""
        kind = ChangeKind.UPDATE if address in self.items else ChangeKind.CREATE
        self.items[address] = item
        self.tell(self.change(address, kind, item))

    def change(self, address: Address, kind: ChangeKind, data: bytes) -> Change:
        self.sequence += 1
        return Change(self.sequence, *address, kind, data, 0)

    def tell(self, change: Change) -> None:
        frame = of_change(change)
        group = change.address._replace(item_id="")
        for watcher in dict.fromkeys([*self.watchers.get(group, []), *self.watchers.get(change.address, [])]):
            watcher.deliver(frame)

    def watching(self) -> int:
        """How many watch how many addresses."""
        return sum(map(len, self.watchers.values()))

    def _snapshot(self, address: Address) -> Snapshot:
        found = {key: item for key, item in self.items.items() if key == address or key[:2] == address[:2]}
        if address.item_id:
            found = {key: item for key, item in found.items() if key == address}
        items = [StoredItem(key.item_id, item, 0, self.sequence) for key, item in found.items()]
        return Snapshot(self.sequence, items)


class FakeInternal(FakeFeed):
    """Implements `InternalStreams`: there is one, `inside`, for those who know the word."""

    def __init__(self, streams: FixedStreams) -> None:
        super().__init__()
        self.streams = streams

    def has(self, stream: str) -> bool:
        return stream == "inside" and stream not in self.streams.streams

    def check(self, url: str, headers: list[str]) -> None:
        if "word=sesame" not in url:
            raise UnauthorizedError("Say the word.")


class FakeAccess:
    """Implements `motia_core.engine.services.StreamAccess`."""

    def __init__(self, streams: FixedStreams) -> None:
        self.streams = streams
        self.asked: list[tuple[str, list[str]]] = []
        self.refused_groups = {"secret"}
        self.shown = b""  # what onJoin wants the others to see
        self.inside: Counter[Address] = Counter()
        self.messages: list[tuple[Address, bytes, StreamMessage]] = []
        self.on_send: Exception | None = None
        self.on_admit: Callable[[Address], Awaitable[None]] | None = None

    async def authenticate(self, url: str, headers: list[str]) -> bytes:
        await asyncio.sleep(0)
        self.asked.append((url, headers))
        if "token=wrong" in url:
            raise StreamAuthError("Authentication failed")
        return b'{"user":1}'

    async def admit(self, address: Address, auth: bytes, connection_id: str) -> bytes:
        await asyncio.sleep(0)
        if address.stream not in self.streams.streams:
            raise NotAvailableError(f"Stream {address.stream} not found")
        if self.on_admit is not None:
            await self.on_admit(address)
        if address.group in self.refused_groups:
            raise StreamAccessError
        self.inside[address] += 1
        return self.shown

    async def left(self, address: Address, auth: bytes, connection_id: str) -> None:
        await asyncio.sleep(0)
        self.inside[address] -= 1

    async def send(self, address: Address, auth: bytes, connection_id: str, message: StreamMessage) -> None:
        await asyncio.sleep(0)
        if self.on_send is not None:
            raise self.on_send
        self.messages.append((address, auth, message))
