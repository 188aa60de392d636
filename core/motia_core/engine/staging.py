"""Atomic steps: what a handler does is held back, and takes effect in one transaction with its completion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from motia_core.clock import Clock
from motia_core.engine.ports import Queue, StateStore, StreamStore
from motia_core.engine.telling import tell
from motia_core.engine.turns import Turns
from motia_core.errors import PatchError
from motia_core.failpoints import passing
from motia_core.model.effects import Effects, StateClear, StateWrite, StreamEvent, StreamWrite
from motia_core.model.event import Delivery
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.ids import IdSource
from motia_core.model.patch import apply
from motia_core.model.staged import Staged, StagedItem, StagedValue
from motia_core.model.stream import Address, to_stored

if TYPE_CHECKING:  # it needs deliveries, which need this
    from motia_core.engine.watching import Watching

MOST_TRIES = 100  # to apply updates on values that others keep changing


class Staging:
    """Commits what was staged."""

    def __init__(self, queue: Queue, state: StateStore, items: StreamStore, ids: IdSource, clock: Clock) -> None:
        self._queue = queue
        self._items = items
        self._clock = clock
        self._state = state
        self._ids = ids
        self._turns = Turns()  # of those that update the same state: only one of them could win
        self.watching: Watching | None = None  # who runs when something changes
        self.deliver: Callable[[Effects], Awaitable[bool]] = queue.commit  # and have what was stored run

    async def commit(self, staged: Staged, delivery: Delivery | None) -> Failure | None:
        """Do all of it, with the end of the delivery; or nothing, and why.

        Raises:
            StoreError: Nothing is known to be done; it may be tried again.
        """
        updated: list[tuple[str, ...]] = [address for address, value in staged.state.items() if value.updates]
        updated += [address for address, item in staged.items.items() if item.updates]
        if not updated:
            return await self._commit(staged, delivery)
        async with self._turns.of(sorted(updated)):
            return await self._commit(staged, delivery)

    async def _commit(self, staged: Staged, delivery: Delivery | None) -> Failure | None:
        _keep_first_of_keys(staged)
        for _ in range(MOST_TRIES):
            try:
                effects = await self._effects(staged, delivery)
            except PatchError as error:
                return _conflict(f"an update cannot be done any more: {error.message}")
            passing("effects.committing")
            if await self.deliver(effects):
                passing("effects.committed")
                return None
            if delivery is not None and not await self._queue.read([delivery.id]):
                return None  # it was done by a try whose answer was lost
            if (failure := await self._changed(staged)) is not None:
                return failure
            await self._drop_duplicates(staged)
        return _conflict("the state that the handler updates is changed by others all the time")

    async def _effects(self, staged: Staged, delivery: Delivery | None) -> Effects:
        effects = Effects(completes=delivery.id if delivery is not None else 0)
        writes = [
            await self._write(group, key, value, cleared=group in staged.cleared)
            for (group, key), value in staged.state.items()
        ]
        # Conditions come first. None of them is about a group that is cleared.
        effects.state += [write for write in writes if write.expected_version is not None]
        effects.state += [StateClear(group) for group in staged.cleared]
        effects.state += [write for write in writes if write.expected_version is None]
        effects.streams += [await self._item(address, item) for address, item in staged.items.items()]
        effects.streams += [StreamEvent(*event) for event in staged.stream_events]
        if self.watching is not None and staged.by is not None:
            await tell(effects, self._state, self._items, self.watching, staged.by)
        for emit in staged.emits:
            effects.deliveries += emit.deliveries
            effects.signals += [emit.signal] if emit.signal else []
            effects.unique += [emit.unique] if emit.unique else []
        return effects

    async def _write(self, group: str, key: str, value: StagedValue, *, cleared: bool) -> StateWrite:
        version = self._ids.next()
        if not value.updates:
            return StateWrite(group, key, value.value, version, value.expires_ms, value.expected_version)
        stored = None if cleared else await self._state.get(group, key)
        text, stored_version = stored or (None, 0)
        for operations in value.updates:
            text = apply(text, operations)
        if cleared:
            return StateWrite(group, key, text, version)
        return StateWrite(group, key, text, version, None, stored_version)

    async def _item(self, address: Address, own: StagedItem) -> StreamWrite:
        expires_ms = self._clock.now_ms() + own.ttl_ms if own.ttl_ms else 0
        if not own.updates:
            return StreamWrite(address, own.item, own.created_ms, expires_ms, own.max_items)
        found = await self._items.get(address)
        text = found.item if found else None
        for operations in own.updates:
            text = apply(text, operations)
        item = None if text is None else to_stored(text)
        return StreamWrite(address, item, own.created_ms, expires_ms, own.max_items, found.version if found else 0)

    async def _changed(self, staged: Staged) -> Failure | None:
        """Whether a value that the handler compared with is another now."""
        for (group, key), value in staged.state.items():
            if value.expected_version is not None:
                stored = await self._state.get(group, key)
                if (stored[1] if stored else 0) != value.expected_version:
                    return _conflict(f"state '{group}' / '{key}' was changed by another while the handler ran")
        return None

    async def _drop_duplicates(self, staged: Staged) -> None:
        """Events whose idempotency key was used meanwhile are not emitted."""
        for emit in [emit for emit in staged.emits if emit.unique is not None]:
            assert emit.unique is not None
            # A key that has expired already is used by nobody: this only asks whether it is free.
            if not await self._queue.commit(Effects(unique=[replace(emit.unique, expires_ms=1)])):
                staged.emits.remove(emit)


def _keep_first_of_keys(staged: Staged) -> None:
    """Of events that the handler emits with one idempotency key the first counts."""
    seen: set[tuple[str, str]] = set()
    for emit in [emit for emit in staged.emits if emit.unique is not None]:
        assert emit.unique is not None
        place = (emit.unique.scope, emit.unique.key)
        if place in seen:
            staged.emits.remove(emit)
        seen.add(place)


def _conflict(message: str) -> Failure:
    return Failure(FailureKind.CONFLICT, message, type="ConflictError")
