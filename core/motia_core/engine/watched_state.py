"""Writes of state while steps watch it: each is one transaction with what those steps get."""

from __future__ import annotations

from collections.abc import Callable

from motia_core.engine.ports import StateStore
from motia_core.engine.turns import Turns
from motia_core.engine.watching import Watching
from motia_core.model.effects import Effects, StateClear, StateWrite
from motia_core.model.ids import IdSource
from motia_core.model.trace import TraceContext

Change = Callable[[bytes | None], bytes | None]  # from the value that is there to the one that is to be
Apply = Callable[[bytes | None, bytes], bytes | None]


class WatchedState:
    """Implements `StateStore`, for one call.

    Args:
        turns: Of all who write watched state: only one write of a key could win.
        apply: What operations make of a value; raises PatchError.
        trace: Of who writes.
    """

    def __init__(
        self, store: StateStore, watching: Watching, turns: Turns, ids: IdSource, apply: Apply, trace: TraceContext
    ) -> None:
        self._store = store
        self._watching = watching
        self._turns = turns
        self._ids = ids
        self._apply = apply
        self._trace = trace
        self.get = store.get
        self.get_group = store.get_group
        self.page = store.page

    async def set(self, group: str, key: str, value: bytes, *, version: int, expires_ms: int = 0) -> None:
        await self._change(group, key, lambda _: value, version, expires_ms)

    async def compare_and_set(
        self, group: str, key: str, value: bytes | None, *, expected: int, version: int, expires_ms: int | None = None
    ) -> bool:
        done, _, _ = await self._change(group, key, lambda _: value, version, expires_ms, expected)
        return done

    async def update(self, group: str, key: str, operations: bytes) -> bytes | None:
        """Apply operations; the new value. Raises PatchError: one of them cannot be done; nothing is."""
        _, _, new = await self._change(group, key, lambda old: self._apply(old, operations), 0, None)
        return new

    async def delete(self, group: str, key: str) -> bytes | None:
        _, old, _ = await self._change(group, key, lambda _: None, 0, None)
        return old

    async def clear(self, group: str) -> None:
        # Who writes to the group between these two is cleared as well, and what was there then is not told.
        gone = await self._store.get_group(group)
        effects = Effects(state=[StateClear(group)])
        for key, value in gone:
            effects.deliveries += self._watching.state_changed(group, key, value, None, self._trace)
        await self._watching.commit(effects)

    async def _change(
        self, group: str, key: str, change: Change, version: int, expires_ms: int | None, expected: int | None = None
    ) -> tuple[bool, bytes | None, bytes | None]:
        """Whether it was done, what was there, and what is there."""
        async with self._turns.of([(group, key)]):
            while True:
                old, seen = await self._store.get(group, key) or (None, 0)
                if expected is not None and seen != expected:
                    return False, old, old
                new = change(old)
                if new is None and old is None:
                    return True, old, new
                gone_ms = expires_ms if seen else expires_ms or 0  # of what is new there is no time to keep
                write = StateWrite(group, key, new, version or self._ids.next(), gone_ms, seen)
                told = self._watching.state_changed(group, key, old, new, self._trace)
                if await self._watching.commit(Effects(state=[write], deliveries=told)):
                    return True, old, new
