"""Writes of stream items while steps watch the stream: each is one transaction with what those steps get."""

from __future__ import annotations

from motia_core.clock import Clock
from motia_core.engine.dress import dress
from motia_core.engine.ports import StreamStore
from motia_core.engine.turns import Turns
from motia_core.engine.watching import Watching
from motia_core.model.effects import Effects, StreamEvent, StreamWrite
from motia_core.model.stream import Address, StoredItem
from motia_core.model.trace import TraceContext


class WatchedItems:
    """What `Streams` asks of a `StreamStore`, for one call.

    Args:
        turns: Of all who write to watched streams: only one write of an item could win.
        trace: Of who writes.
    """

    def __init__(self, store: StreamStore, watching: Watching, turns: Turns, clock: Clock, trace: TraceContext) -> None:
        self._store = store
        self._watching = watching
        self._turns = turns
        self._clock = clock
        self._trace = trace
        self.get = store.get
        self.get_group = store.get_group
        self.page = store.page

    async def set(self, address: Address, item: bytes, *, ttl_ms: int = 0, max_items: int = 0) -> StoredItem:
        async with self._turns.of([address]):
            while True:
                found = await self._store.get(address)
                if stored := await self._put(address, found, item, ttl_ms, max_items):
                    return stored

    async def compare_and_set(
        self, address: Address, item: bytes | None, *, expected: int, ttl_ms: int = 0, max_items: int = 0
    ) -> StoredItem | None:
        found = await self._store.get(address)
        if (found.version if found else 0) != expected:
            return None
        return await self._put(address, found, item, ttl_ms, max_items)

    async def delete(self, address: Address) -> StoredItem | None:
        async with self._turns.of([address]):
            while found := await self._store.get(address):
                if await self._put(address, found, None, 0, 0):
                    break
            return found

    async def send(self, address: Address, event: bytes) -> None:
        told = self._watching.stream_changed("event", address, event, self._trace)
        await self._watching.commit(Effects(streams=[StreamEvent(address, event)], deliveries=told))

    async def _put(
        self, address: Address, found: StoredItem | None, item: bytes | None, ttl_ms: int, max_items: int
    ) -> StoredItem | None:
        """What is there now; None: another has written meanwhile, and nothing was done."""
        now_ms = self._clock.now_ms()
        created_ms = found.created_ms if found else now_ms
        new = StoredItem(address.item_id, item or b"", created_ms, 0)
        kind = "delete" if item is None else "update" if found else "create"
        shown = found if item is None and found else new
        told = self._watching.stream_changed(kind, address, dress(address, shown), self._trace)
        expires_ms = now_ms + ttl_ms if ttl_ms else 0
        write = StreamWrite(address, item, created_ms, expires_ms, max_items, found.version if found else 0)
        return new if await self._watching.commit(Effects(streams=[write], deliveries=told)) else None
