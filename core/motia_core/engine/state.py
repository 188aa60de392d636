"""State for handlers, as JSON text: what the store offers, and updates that never lose each other."""

from __future__ import annotations

import asyncio

import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Log, StateStore
from motia_core.engine.staged_store import StagedState
from motia_core.engine.tasks import Tasks
from motia_core.errors import MotiaError, PatchError
from motia_core.model.ids import IdSource
from motia_core.model.patch import apply
from motia_core.model.staged import Staged

NULL = b"null"
PAGE = 100  # items of a listing, when nothing is said
MOST = 1000

Update = tuple[bytes, "asyncio.Future[bytes | None]"]  # operations, and the new value


class State:
    """Groups of keys. With `staged`, an atomic step's: its writes are held back there."""

    def __init__(self, store: StateStore, ids: IdSource, clock: Clock, log: Log) -> None:
        self._store = store
        self._ids = ids
        self._clock = clock
        self._log = log
        self._tasks = Tasks(self._broken)
        self._updates: dict[tuple[str, str], list[Update]] = {}  # that wait for the write that is under way

    async def get(self, group: str, key: str, staged: Staged | None = None) -> bytes:
        """The value, or null."""
        found = await self._of(staged).get(group, key)
        return NULL if found is None else found[0]

    async def get_versioned(self, group: str, key: str, staged: Staged | None = None) -> bytes:
        """{"value", "version"}."""
        value, version = await self._of(staged).get(group, key) or (NULL, 0)
        return b'{"value":' + value + b',"version":' + str(version).encode() + b"}"

    async def set(self, group: str, key: str, value: bytes, ttl_ms: int, staged: Staged | None = None) -> bytes:
        """Write a value; null."""
        store = self._of(staged)
        await store.set(group, key, value, version=self._ids.next(), expires_ms=self._expires_ms(ttl_ms) or 0)
        return NULL

    async def compare_and_set(
        self, group: str, key: str, expected: int, value: bytes, ttl_ms: int, staged: Staged | None = None
    ) -> bytes:
        """Write a value if its version is the expected one; {"ok", "version"}."""
        store, version = self._of(staged), self._ids.next()
        expires_ms = self._expires_ms(ttl_ms) or 0
        is_written = await store.compare_and_set(
            group, key, value, expected=expected, version=version, expires_ms=expires_ms
        )
        if not is_written:
            found = await store.get(group, key)
            version = found[1] if found else 0
        return orjson.dumps({"ok": is_written, "version": version})

    async def update(self, group: str, key: str, operations: bytes, staged: Staged | None = None) -> bytes:
        """Apply operations, all or none; the new value, or null.

        Raises:
            PatchError: One of them cannot be done; nothing was.
        """
        if staged is not None:
            return await StagedState(self._store, staged, self._ids, self._clock).update(group, key, operations) or NULL
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        waiting = self._updates.get((group, key))
        if waiting is None:
            self._updates[group, key] = [(operations, future)]
            self._tasks.start(self._write_all(group, key))
        else:
            waiting.append((operations, future))
        return await future or NULL

    async def delete(self, group: str, key: str, staged: Staged | None = None) -> bytes:
        """Remove a value and return it, or null."""
        found = await self._of(staged).delete(group, key)
        return NULL if found is None else found

    async def get_group(self, group: str, staged: Staged | None = None) -> bytes:
        """A JSON array of the group's values, ordered by key."""
        return b"[" + b",".join([value for _, value in await self._of(staged).get_group(group)]) + b"]"

    async def list_keys(self, group: str, prefix: str, cursor: str, limit: int, staged: Staged | None = None) -> bytes:
        """{"items": [{"key", "value"}], "cursor"}; the cursor is the last key of a page that more may follow."""
        limit = min(limit or PAGE, MOST)
        page = await self._of(staged).page(group, prefix=prefix, after_key=cursor, limit=limit + 1)
        more = len(page) > limit
        items = b",".join(b'{"key":' + orjson.dumps(key) + b',"value":' + value + b"}" for key, value in page[:limit])
        return b'{"items":[' + items + b'],"cursor":' + orjson.dumps(page[limit - 1][0] if more else "") + b"}"

    async def clear(self, group: str, staged: Staged | None = None) -> bytes:
        """Remove a group; null."""
        await self._of(staged).clear(group)
        return NULL

    async def _write_all(self, group: str, key: str) -> None:
        """Write what waits for this key. What comes while a write is under way goes together with the next one."""
        while batch := self._updates[group, key]:
            self._updates[group, key] = []
            try:
                await self._write(group, key, batch)
            except MotiaError as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
        del self._updates[group, key]

    async def _write(self, group: str, key: str, batch: list[Update]) -> None:
        """Apply updates one after the other and write the result once; again if somebody else has written."""
        while True:
            value, expected = await self._store.get(group, key) or (None, 0)
            done: list[tuple[asyncio.Future[bytes | None], bytes | None]] = []
            for operations, future in batch:
                if future.done():
                    continue  # refused before, or its caller has gone: nobody has seen it happen
                try:
                    value = apply(value, operations)
                    done.append((future, value))
                except PatchError as error:
                    future.set_exception(error)
            nothing = not done or (value is None and expected == 0)
            version = self._ids.next()
            if nothing or await self._store.compare_and_set(group, key, value, expected=expected, version=version):
                break
        for future, result in done:
            if not future.done():
                future.set_result(result)

    def _expires_ms(self, ttl_ms: int) -> int | None:
        return self._clock.now_ms() + ttl_ms if ttl_ms else None

    def _of(self, staged: Staged | None) -> StateStore:
        return self._store if staged is None else StagedState(self._store, staged, self._ids, self._clock)

    def _broken(self, error: BaseException) -> None:
        self._log.record("error", f"a state update stopped by a fault of motia-core: {error!r}")
