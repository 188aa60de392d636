"""State for handlers: what the store offers, as the JSON text of the answers in call.proto."""

from __future__ import annotations

import orjson

from motia_core.clock import Clock
from motia_core.engine.ordered_state import OrderedState
from motia_core.engine.ports import Log, StateStore
from motia_core.engine.staged_store import StagedState
from motia_core.engine.turns import Turns
from motia_core.engine.watched_state import WatchedState
from motia_core.engine.watching import Watching
from motia_core.model.ids import IdSource
from motia_core.model.invocation import Invocation
from motia_core.model.staged import Staged
from motia_core.settings import MIB

NULL = b"null"
PAGE = 100  # items of a listing, when nothing is said
MOST = 1000
MOST_BYTES = 16 * MIB  # of the values of a page: the next one has the rest


class State:
    """Groups of keys. With `staged`, an atomic step's: its writes are held back there. `by` is who writes; None:
    somebody outside."""

    def __init__(
        self,
        store: StateStore,
        ids: IdSource,
        clock: Clock,
        log: Log,
        watching: Watching | None = None,
        *,
        max_value_bytes: int = 16 * MIB,
    ) -> None:
        self._plain = store
        self._store = OrderedState(store, ids, log, max_value_bytes=max_value_bytes)
        self._watching = watching
        self._watched_turns = Turns()
        self._ids = ids
        self._clock = clock

    async def get(self, group: str, key: str, staged: Staged | None = None) -> bytes:
        """The value, or null."""
        found = await self._of(staged).get(group, key)
        return NULL if found is None else found[0]

    async def get_versioned(self, group: str, key: str, staged: Staged | None = None) -> bytes:
        """{"value", "version"}."""
        value, version = await self._of(staged).get(group, key) or (NULL, 0)
        return b'{"value":%b,"version":%d}' % (value, version)

    async def set(
        self,
        group: str,
        key: str,
        value: bytes,
        ttl_ms: int,
        staged: Staged | None = None,
        by: Invocation | None = None,
    ) -> bytes:
        """Write a value; null."""
        version, expires_ms = self._ids.next(), self._expires_ms(ttl_ms)
        await self._writes(staged, by).set(group, key, value, version=version, expires_ms=expires_ms)
        return NULL

    async def compare_and_set(
        self,
        group: str,
        key: str,
        expected: int,
        value: bytes,
        ttl_ms: int,
        staged: Staged | None = None,
        by: Invocation | None = None,
    ) -> bytes:
        """Write a value if its version is the expected one; {"ok", "version"}."""
        store, version, expires_ms = self._writes(staged, by), self._ids.next(), self._expires_ms(ttl_ms)
        if await store.compare_and_set(group, key, value, expected=expected, version=version, expires_ms=expires_ms):
            return b'{"ok":true,"version":%d}' % version
        found = await store.get(group, key)
        return b'{"ok":false,"version":%d}' % (found[1] if found else 0)

    async def update(
        self, group: str, key: str, operations: bytes, staged: Staged | None = None, by: Invocation | None = None
    ) -> bytes:
        """Apply operations, all or none; the new value, or null.

        Raises:
            PatchError: One of them cannot be done; nothing was.
        """
        value = await self._writes(staged, by).update(group, key, operations)
        return NULL if value is None else value

    async def delete(self, group: str, key: str, staged: Staged | None = None, by: Invocation | None = None) -> bytes:
        """Remove a value and return it, or null."""
        found = await self._writes(staged, by).delete(group, key)
        return NULL if found is None else found

    async def get_group(self, group: str, staged: Staged | None = None) -> bytes:
        """A JSON array of the group's values, ordered by key."""
        return b"[" + b",".join([value for _, value in await self._of(staged).get_group(group)]) + b"]"

    async def list_keys(self, group: str, prefix: str, cursor: str, limit: int, staged: Staged | None = None) -> bytes:
        """{"items": [{"key", "value"}], "cursor"}."""
        limit = min(limit or PAGE, MOST)
        after_key = cursor[1:]  # a cursor is the last key behind a mark: a key may be empty
        page = await self._of(staged).page(group, prefix=prefix, after_key=after_key, limit=limit + 2)
        if cursor and not after_key:
            page = [(key, value) for key, value in page if key]
        items: list[bytes] = []
        size = 0
        for key, value in page[:limit]:
            if items and size + len(value) > MOST_BYTES:
                break
            size += len(value)
            items.append(b'{"key":%b,"value":%b}' % (orjson.dumps(key), value))
        more = len(items) < len(page)
        cursor = f"={page[len(items) - 1][0]}" if more else ""
        return b'{"items":[%b],"cursor":%b}' % (b",".join(items), orjson.dumps(cursor))

    async def clear(self, group: str, staged: Staged | None = None, by: Invocation | None = None) -> bytes:
        """Remove a group; null."""
        await self._writes(staged, by).clear(group)
        return NULL

    def _expires_ms(self, ttl_ms: int) -> int:
        return self._clock.now_ms() + ttl_ms if ttl_ms else 0

    def _writes(self, staged: Staged | None, by: Invocation | None) -> OrderedState | StagedState | WatchedState:
        """For one write."""
        watching = self._watching
        if staged is not None or watching is None or not watching.of_state:
            return self._of(staged)
        trace = watching.trace(by)
        return WatchedState(self._plain, watching, self._watched_turns, self._ids, self._store.applied, trace)

    def _of(self, staged: Staged | None) -> OrderedState | StagedState:
        return self._store if staged is None else StagedState(self._store, staged, self._ids, self._clock)
