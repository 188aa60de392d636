"""State and stream items as an atomic step sees them: what it staged, over what the store holds."""

from __future__ import annotations

from motia_core.clock import Clock
from motia_core.engine.ports import StateStore
from motia_core.model.ids import IdSource
from motia_core.model.patch import apply
from motia_core.model.staged import Operations, Staged, StagedValue


class StagedState:
    """Implements `StateStore`."""

    def __init__(self, store: StateStore, staged: Staged, ids: IdSource, clock: Clock) -> None:
        self._store = store
        self._staged = staged
        self._ids = ids
        self._clock = clock

    async def get(self, group: str, key: str) -> tuple[bytes, int] | None:
        own = self._own(group, key)
        if own is None:
            return await self._store.get(group, key)
        return None if own.value is None else (own.value, own.version)

    async def set(self, group: str, key: str, value: bytes, *, version: int, expires_ms: int = 0) -> None:
        own = self._staged.state.get((group, key))
        expected = own.expected_version if own is not None else None
        self._staged.state[group, key] = StagedValue(value, version, expires_ms, [], expected)

    async def compare_and_set(
        self, group: str, key: str, value: bytes | None, *, expected: int, version: int, expires_ms: int | None = None
    ) -> bool:
        own = self._own(group, key)
        if own is not None:
            if own.version != expected:
                return False
            own.value, own.version, own.updates = value, version if value is not None else 0, []
            own.expires_ms = own.expires_ms if expires_ms is None else expires_ms
            return True
        stored = await self._store.get(group, key)
        if (stored[1] if stored else 0) != expected:
            return False
        staged = StagedValue(value, version if value is not None else 0, expires_ms or 0, [], expected)
        self._staged.state[group, key] = staged
        return True

    async def update(self, group: str, key: str, operations: Operations) -> bytes | None:
        """Apply operations; they are applied again, at the end, on what the store holds then. The new value.

        Raises:
            PatchError: One of them cannot be done; nothing is.
        """
        own = self._own(group, key)
        if own is None:
            stored = await self._store.get(group, key)
            own = StagedValue(stored[0] if stored else None, 0)
            value = apply(own.value, operations)
            own.updates.append(operations)
        else:
            value = apply(own.value, operations)
            if own.updates:
                own.updates.append(operations)
        own.value, own.version = value, self._ids.next() if value is not None else 0
        self._staged.state[group, key] = own
        return value

    async def delete(self, group: str, key: str) -> bytes | None:
        found = await self.get(group, key)
        own = self._staged.state.get((group, key))
        self._staged.state[group, key] = StagedValue(None, 0, 0, [], own.expected_version if own else None)
        return found[0] if found else None

    async def get_group(self, group: str) -> list[tuple[str, bytes]]:
        stored = [] if group in self._staged.cleared else await self._store.get_group(group)
        values: dict[str, bytes | None] = dict(stored)
        for (of_group, key), own in self._staged.state.items():
            if of_group == group:
                values[key] = own.value
        return sorted((key, value) for key, value in values.items() if value is not None)

    async def page(self, group: str, *, prefix: str, after_key: str, limit: int) -> list[tuple[str, bytes]]:
        values = await self.get_group(group)
        found = [(key, value) for key, value in values if key.startswith(prefix) and (not after_key or key > after_key)]
        return found[:limit]

    async def clear(self, group: str) -> None:
        for address in [address for address in self._staged.state if address[0] == group]:
            del self._staged.state[address]
        self._staged.cleared.add(group)

    def _own(self, group: str, key: str) -> StagedValue | None:
        """What the step has written; the expired and the cleared is nothing."""
        own = self._staged.state.get((group, key))
        if own is None:
            return StagedValue(None, 0) if group in self._staged.cleared else None
        if own.expires_ms and own.expires_ms <= self._clock.now_ms():
            own.value, own.version = None, 0
        return own
