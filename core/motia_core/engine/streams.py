"""Streams for handlers: items of groups, dressed as they expect them (contract 4.4, 5.4)."""

from __future__ import annotations

from functools import partial

import orjson

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.ports import StreamStore
from motia_core.engine.staged_items import StagedItems
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.engine.turns import Turns
from motia_core.engine.validation import Validation
from motia_core.errors import NotAvailableError, StreamItemError
from motia_core.model.patch import apply
from motia_core.model.staged import Staged
from motia_core.model.stream import OWN_KEYS, Address, StoredItem, Stream, to_stored

NULL = b"null"
PAGE = 100  # items of a listing, when nothing is said
MOST = 1000


class Streams:
    """Reads and writes stream items; those of an atomic step in what it has staged."""

    def __init__(
        self, store: StreamStore, catalog: Catalog, clock: Clock, validation: Validation, expiry: StreamExpiry
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._validation = validation
        self._expiry = expiry
        self._turns = Turns()  # of those that update the same item: only one of them could win

    async def get(self, address: Address, staged: Staged | None = None) -> bytes:
        """The item, or null."""
        self.check(address.stream)
        found = await self._items(staged).get(address)
        return NULL if found is None else _dress(address, found)

    async def set(self, address: Address, data: bytes, staged: Staged | None = None) -> bytes:
        """Store an item and return it. Falsy data stores nothing (contract 4.4)."""
        stream = self.check(address.stream)
        item = orjson.loads(data) if data else None
        if not item and not isinstance(item, dict):
            return NULL
        text = self._checked(stream, address, item, data.strip())
        stored = await self._items(staged).set(address, text, ttl_ms=stream.ttl_ms, max_items=stream.max_items)
        self._expiry.note(stream.ttl_ms)
        return _dress(address, stored)

    async def update(self, address: Address, operations: bytes, staged: Staged | None = None) -> bytes:
        """Change an item by operations, all or none; the item, or null when it was removed.

        Raises:
            PatchError: One of them cannot be done; nothing was.
        """
        stream = self.check(address.stream)
        if staged is not None:
            check = partial(self._checked_text, stream, address)
            ttl_ms, max_items = stream.ttl_ms, stream.max_items
            items = StagedItems(self._store, staged, self._clock)
            updated = await items.update(address, operations, check, ttl_ms=ttl_ms, max_items=max_items)
            return NULL if updated is None else _dress(address, updated)
        async with self._turns.of([address]):
            return await self._update(stream, address, operations)

    async def delete(self, address: Address, staged: Staged | None = None) -> bytes:
        """Remove an item and return it, or null."""
        self.check(address.stream)
        found = await self._items(staged).delete(address)
        return NULL if found is None else _dress(address, found)

    async def get_group(self, stream: str, group: str, staged: Staged | None = None) -> bytes:
        """All items of a group, oldest first."""
        self.check(stream)
        return _list(stream, group, await self._items(staged).get_group(stream, group))

    async def list_items(self, stream: str, group: str, cursor: str, limit: int, staged: Staged | None = None) -> bytes:
        """{"items": [item], "cursor"}, oldest first."""
        self.check(stream)
        after = int(cursor) if cursor.isascii() and cursor.isdecimal() else 0
        limit = min(limit or PAGE, MOST)
        found = await self._items(staged).page(stream, group, after=after, limit=limit + 1)
        page = found[:limit]
        following = b"%d" % page[-1][0] if len(found) > limit else b""
        return b'{"items":%b,"cursor":"%b"}' % (_list(stream, group, [item for _, item in page]), following)

    async def send(self, address: Address, event_type: str, data: bytes, staged: Staged | None = None) -> bytes:
        """Push an event to those who watch; null."""
        self.check(address.stream)
        event = b'{"type":' + orjson.dumps(event_type) + (b',"data":' + data if data else b"") + b"}"
        await self._items(staged).send(address, event)
        return NULL

    def check(self, stream: str) -> Stream:
        """The stream; raises NotAvailableError when the project has none of that name."""
        found = self._catalog.streams.get(stream)
        if found is None:
            names = ", ".join(sorted(self._catalog.streams)) or "none"
            raise NotAvailableError(f"there is no stream '{stream}' (streams of this project: {names})")
        return found

    async def _update(self, stream: Stream, address: Address, operations: bytes) -> bytes:
        while True:
            found = await self._store.get(address)
            text = apply(found.item if found else None, operations)
            if text is None and found is None:
                return NULL
            stored = await self._store.compare_and_set(
                address,
                None if text is None else self._checked_text(stream, address, text),
                expected=found.version if found else 0,
                ttl_ms=stream.ttl_ms,
                max_items=stream.max_items,
            )
            if stored is not None:  # else another core was faster
                self._expiry.note(stream.ttl_ms)
                return NULL if text is None else _dress(address, stored)

    def _checked_text(self, stream: Stream, address: Address, text: bytes) -> bytes:
        return self._checked(stream, address, orjson.loads(text), text)

    def _checked(self, stream: Stream, address: Address, item: object, text: bytes) -> bytes:
        """The item's text as it is stored."""
        if not isinstance(item, dict):
            what = f"an item of stream '{stream.name}' must be an object, not {type(item).__name__}"
            raise StreamItemError(f"{what} (group '{address.group}')")
        self._validation.item(stream, address.group, address.item_id, item)
        return text if OWN_KEYS.isdisjoint(item) else to_stored(text)

    def _items(self, staged: Staged | None) -> StreamStore | StagedItems:
        return self._store if staged is None else StagedItems(self._store, staged, self._clock)


def _list(stream: str, group: str, items: list[StoredItem]) -> bytes:
    return b"[" + b",".join([_dress(Address(stream, group, item.item_id), item) for item in items]) + b"]"


def _dress(address: Address, stored: StoredItem) -> bytes:
    """The item's text with id, _createdAt and __motia appended, so that it need not be parsed."""
    stream, group, item_id = address
    marker = {"type": "state-stream", "streamName": stream, "groupId": group, "id": item_id}
    extra = orjson.dumps({"id": item_id, "_createdAt": stored.created_ms, "__motia": marker})
    inside = stored.item[1:-1].strip()
    return b"{" + inside + b"," + extra[1:] if inside else extra
