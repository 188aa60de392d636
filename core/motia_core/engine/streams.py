"""Streams as a store: items of groups, dressed as handlers expect them (contract 4.4, 5.4).

Nobody listens yet: the browser's side comes with the streams edge, so `send` has no receivers.
"""

from __future__ import annotations

import json

import orjson

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.ports import StreamStore
from motia_core.engine.staged_store import StagedItems
from motia_core.engine.validation import Validation
from motia_core.errors import NotAvailableError, StreamItemError
from motia_core.model.staged import Staged

NULL = b"null"
OWN_KEYS = frozenset({"id", "_createdAt", "__motia"})  # added to every item that is read


class Streams:
    """Reads and writes stream items; those of an atomic step in what it has staged."""

    def __init__(self, store: StreamStore, catalog: Catalog, clock: Clock, validation: Validation) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._validation = validation

    async def get(self, stream: str, group: str, item_id: str, staged: Staged | None = None) -> bytes:
        """The item, or null."""
        self.check(stream)
        found = await self._items(staged).get(stream, group, item_id)
        return NULL if found is None else _dress(found[0], found[1], stream, group, item_id)

    async def set(self, stream: str, group: str, item_id: str, data: bytes, staged: Staged | None = None) -> bytes:
        """Store an item and return it. Falsy data stores nothing (contract 4.4)."""
        self.check(stream)
        item = orjson.loads(data) if data else None
        if not isinstance(item, dict):
            if not item:
                return NULL
            kind = type(item).__name__
            raise StreamItemError(f"an item of stream '{stream}' must be an object, not {kind} (group '{group}')")
        self._validation.item(self._catalog.streams[stream], group, item_id, item)
        text = data.strip() if OWN_KEYS.isdisjoint(item) else _without_own_keys(data)
        _, created_ms = await self._items(staged).set(stream, group, item_id, text, self._clock.now_ms())
        return _dress(text, created_ms, stream, group, item_id)

    async def delete(self, stream: str, group: str, item_id: str, staged: Staged | None = None) -> bytes:
        """Remove an item and return it, or null."""
        self.check(stream)
        found = await self._items(staged).delete(stream, group, item_id)
        return NULL if found is None else _dress(found[0], found[1], stream, group, item_id)

    async def get_group(self, stream: str, group: str, staged: Staged | None = None) -> bytes:
        """All items of a group, oldest first."""
        self.check(stream)
        items = await self._items(staged).get_group(stream, group)
        return b"[" + b",".join(_dress(item, at, stream, group, item_id) for item_id, item, at in items) + b"]"

    def _items(self, staged: Staged | None) -> StreamStore:
        return self._store if staged is None else StagedItems(self._store, staged)

    def check(self, stream: str) -> None:
        """Raise NotAvailableError when the project has no such stream."""
        if stream not in self._catalog.streams:
            names = ", ".join(sorted(self._catalog.streams)) or "none"
            raise NotAvailableError(f"there is no stream '{stream}' (streams of this project: {names})")


def _without_own_keys(data: bytes) -> bytes:
    # The standard library's parser on purpose: it keeps integers of any size.
    item = json.loads(data)
    return json.dumps({key: value for key, value in item.items() if key not in OWN_KEYS}).encode()


def _dress(item: bytes, created_ms: int, stream: str, group: str, item_id: str) -> bytes:
    """The item's text with id, _createdAt and __motia appended, so that it need not be parsed."""
    marker = {"type": "state-stream", "streamName": stream, "groupId": group, "id": item_id}
    extra = orjson.dumps({"id": item_id, "_createdAt": created_ms, "__motia": marker})
    inside = item[1:-1].strip()
    return b"{" + inside + b"," + extra[1:] if inside else extra
