"""Stream items as an atomic step sees them: what it has written, over what the store holds."""

from __future__ import annotations

from collections.abc import Callable

from motia_core.clock import Clock
from motia_core.engine.ports import StreamStore
from motia_core.model.patch import apply
from motia_core.model.staged import Operations, Staged, StagedItem
from motia_core.model.stream import Address, StoredItem

STAGED_VERSION = -1  # of what only the step has seen


class StagedItems:
    """Writes are held back, in what the step has staged."""

    def __init__(self, store: StreamStore, staged: Staged, clock: Clock) -> None:
        self._store = store
        self._staged = staged
        self._clock = clock

    async def get(self, address: Address) -> StoredItem | None:
        own = self._staged.items.get(address)
        return await self._store.get(address) if own is None else _stored(address, own)

    async def set(self, address: Address, item: bytes, *, ttl_ms: int = 0, max_items: int = 0) -> StoredItem:
        found = await self.get(address)
        created_ms = found.created_ms if found else self._clock.now_ms()
        self._staged.items[address] = StagedItem(item, created_ms, ttl_ms, max_items)
        return StoredItem(address.item_id, item, created_ms, STAGED_VERSION)

    async def update(
        self, address: Address, operations: Operations, check: Callable[[bytes], bytes], *, ttl_ms: int, max_items: int
    ) -> StoredItem | None:
        """Apply operations; they are applied again, at the end, on what the store holds then. What the item is now.

        Args:
            check: What of the new text is stored; raises what is wrong with it.

        Raises:
            PatchError: One of them cannot be done; nothing is.
        """
        own = self._staged.items.get(address)
        found = await self.get(address)
        text = apply(found.item if found else None, operations)
        item = None if text is None else check(text)
        created_ms = found.created_ms if found else self._clock.now_ms()
        updates = [operations] if own is None else [*own.updates, operations] if own.updates else []
        own = self._staged.items[address] = StagedItem(item, created_ms, ttl_ms, max_items, updates)
        return _stored(address, own)

    async def delete(self, address: Address) -> StoredItem | None:
        found = await self.get(address)
        self._staged.items[address] = StagedItem(None)
        return found

    async def get_group(self, stream: str, group: str) -> list[StoredItem]:
        items = {item.item_id: item for item in await self._store.get_group(stream, group)}
        for address, own in self._staged.items.items():
            if address[:2] == (stream, group):
                stored = _stored(address, own)
                if stored is None:
                    items.pop(address.item_id, None)
                else:
                    items[address.item_id] = stored
        return list(items.values())

    async def page(self, stream: str, group: str, *, after: int, limit: int) -> list[tuple[int, StoredItem]]:
        """Places are numbers within what the step sees: it is all read for each page."""
        items = await self.get_group(stream, group)
        return list(enumerate(items, start=1))[after : after + limit]

    async def send(self, address: Address, event: bytes) -> None:
        self._staged.stream_events.append((address, event))


def _stored(address: Address, own: StagedItem) -> StoredItem | None:
    return None if own.item is None else StoredItem(address.item_id, own.item, own.created_ms, STAGED_VERSION)
