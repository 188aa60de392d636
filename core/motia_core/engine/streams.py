"""Streams for handlers: items of groups, dressed as they expect them (contract 4.4, 5.4)."""

from __future__ import annotations

from functools import partial

import orjson

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.dress import dress
from motia_core.engine.ports import StreamStore
from motia_core.engine.staged_items import StagedItems
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.engine.turns import Turns
from motia_core.engine.validation import Validation
from motia_core.engine.watched_items import WatchedItems
from motia_core.engine.watching import Watching
from motia_core.errors import NotAvailableError, StreamItemError
from motia_core.model.invocation import Invocation
from motia_core.model.patch import apply
from motia_core.model.staged import Staged
from motia_core.model.stream import OWN_KEYS, Address, StoredItem, Stream, to_stored

NULL = b"null"
PAGE = 100  # items of a listing, when nothing is said
MOST = 1000


class Streams:
    """Reads and writes stream items; those of an atomic step in what it has staged. `by` is who writes; None: somebody
    outside."""

    def __init__(
        self,
        store: StreamStore,
        catalog: Catalog,
        clock: Clock,
        validation: Validation,
        expiry: StreamExpiry,
        watching: Watching | None = None,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._validation = validation
        self._expiry = expiry
        self._watching = watching
        self._turns = Turns()  # of those that update the same item: only one of them could win
        self._watched_turns = Turns()  # of those that write one that steps watch

    async def get(self, address: Address, staged: Staged | None = None) -> bytes:
        """The item, or null."""
        self.check(address.stream)
        found = await self._items(staged).get(address)
        return NULL if found is None else dress(address, found)

    async def set(
        self, address: Address, data: bytes, staged: Staged | None = None, by: Invocation | None = None
    ) -> bytes:
        """Store an item and return it. Falsy data stores nothing (contract 4.4)."""
        stream = self.check(address.stream)
        item = orjson.loads(data) if data else None
        if not item and not isinstance(item, dict):
            return NULL
        text = self._checked(stream, address, item, data.strip())
        stored = await self._writes(address.stream, staged, by).set(
            address, text, ttl_ms=stream.ttl_ms, max_items=stream.max_items
        )
        self._expiry.note(stream.ttl_ms)
        return dress(address, stored)

    async def update(
        self, address: Address, operations: bytes, staged: Staged | None = None, by: Invocation | None = None
    ) -> bytes:
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
            return NULL if updated is None else dress(address, updated)
        async with self._turns.of([address]):
            return await self._update(stream, address, operations, by)

    async def delete(self, address: Address, staged: Staged | None = None, by: Invocation | None = None) -> bytes:
        """Remove an item and return it, or null."""
        self.check(address.stream)
        found = await self._writes(address.stream, staged, by).delete(address)
        return NULL if found is None else dress(address, found)

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

    async def send(
        self, address: Address, event_type: str, data: bytes, staged: Staged | None = None, by: Invocation | None = None
    ) -> bytes:
        """Push an event to those who watch; null."""
        self.check(address.stream)
        event = b'{"type":' + orjson.dumps(event_type) + (b',"data":' + data if data else b"") + b"}"
        await self._writes(address.stream, staged, by).send(address, event)
        return NULL

    def check(self, stream: str) -> Stream:
        """The stream; raises NotAvailableError when the project has none of that name."""
        found = self._catalog.streams.get(stream)
        if found is None:
            names = ", ".join(sorted(self._catalog.streams)) or "none"
            raise NotAvailableError(f"there is no stream '{stream}' (streams of this project: {names})")
        return found

    async def _update(self, stream: Stream, address: Address, operations: bytes, by: Invocation | None) -> bytes:
        items = self._writes(stream.name, None, by)
        assert not isinstance(items, StagedItems)  # those are updated elsewhere
        while True:
            found = await items.get(address)
            text = apply(found.item if found else None, operations)
            if text is None and found is None:
                return NULL
            stored = await items.compare_and_set(
                address,
                None if text is None else self._checked_text(stream, address, text),
                expected=found.version if found else 0,
                ttl_ms=stream.ttl_ms,
                max_items=stream.max_items,
            )
            if stored is not None:  # else another core was faster
                self._expiry.note(stream.ttl_ms)
                return NULL if text is None else dress(address, stored)

    def _checked_text(self, stream: Stream, address: Address, text: bytes) -> bytes:
        return self._checked(stream, address, orjson.loads(text), text)

    def _checked(self, stream: Stream, address: Address, item: object, text: bytes) -> bytes:
        """The item's text as it is stored."""
        if not isinstance(item, dict):
            what = f"an item of stream '{stream.name}' must be an object, not {type(item).__name__}"
            raise StreamItemError(f"{what} (group '{address.group}')")
        self._validation.item(stream, address.group, address.item_id, item)
        return text if OWN_KEYS.isdisjoint(item) else to_stored(text)

    def _writes(
        self, stream: str, staged: Staged | None, by: Invocation | None
    ) -> StreamStore | StagedItems | WatchedItems:
        """For one write."""
        watching = self._watching
        if staged is not None or watching is None or not watching.of_stream(stream):
            return self._items(staged)
        return WatchedItems(self._store, watching, self._watched_turns, self._clock, watching.trace(by))

    def _items(self, staged: Staged | None) -> StreamStore | StagedItems:
        return self._store if staged is None else StagedItems(self._store, staged, self._clock)


def _list(stream: str, group: str, items: list[StoredItem]) -> bytes:
    return b"[" + b",".join([dress(Address(stream, group, item.item_id), item) for item in items]) + b"]"
