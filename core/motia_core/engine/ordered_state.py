"""State whose writes of one key take effect in the order in which they were asked for, with updates that never lose
each other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from motia_core.engine.ports import Log, StateStore
from motia_core.engine.tasks import Tasks
from motia_core.errors import InternalError, MotiaError, PatchError
from motia_core.model.ids import IdSource
from motia_core.model.patch import apply

T = TypeVar("T")

Stored = tuple[bytes | None, int]  # value and version; (None, 0): there is none


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """Operations on a value, and who waits for the new value."""

    operations: bytes
    done: asyncio.Future[bytes | None]


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """Another write, which waits for the updates before it, and who waits for its answer."""

    run: Callable[[], Awaitable[Any]]
    done: asyncio.Future[Any]


Lane = deque[Update | Write]  # of one key


class OrderedState:
    """Implements `StateStore`, over one. A key has a lane only while it is updated; all else goes straight through.

    Args:
        max_value_bytes: What an update may make of a value at most.
    """

    def __init__(self, store: StateStore, ids: IdSource, log: Log, *, max_value_bytes: int) -> None:
        self._store = store
        self._ids = ids
        self._log = log
        self._max_value_bytes = max_value_bytes
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._clears: dict[str, asyncio.Event] = {}  # groups that are to be cleared; set when they are
        self._tasks = Tasks(self._broken)
        self.get = store.get
        self.get_group = store.get_group
        self.page = store.page

    async def update(self, group: str, key: str, operations: bytes) -> bytes | None:
        """Apply operations, all or none; the new value, None: there is none.

        Raises:
            PatchError: One of them cannot be done; nothing is.
        """
        done: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        lane = self._lanes.get((group, key))
        if lane is None:
            lane = self._new_lane(group, key)
        lane.append(Update(operations, done))
        return await done

    async def set(self, group: str, key: str, value: bytes, *, version: int, expires_ms: int = 0) -> None:
        """See `ports.StateStore.set`."""
        write = partial(self._store.set, group, key, value, version=version, expires_ms=expires_ms)
        await self._in_turn(group, key, write)

    async def compare_and_set(
        self, group: str, key: str, value: bytes | None, *, expected: int, version: int, expires_ms: int | None = None
    ) -> bool:
        """See `ports.StateStore.compare_and_set`."""
        compare_and_set = self._store.compare_and_set
        write = partial(compare_and_set, group, key, value, expected=expected, version=version, expires_ms=expires_ms)
        return await self._in_turn(group, key, write)

    async def delete(self, group: str, key: str) -> bytes | None:
        """See `ports.StateStore.delete`."""
        return await self._in_turn(group, key, partial(self._store.delete, group, key))

    async def clear(self, group: str) -> None:
        """See `ports.StateStore.clear`. What was asked for before comes before, on every key."""
        lanes = [lane for (of_group, _), lane in self._lanes.items() if of_group == group]
        if not lanes:
            return await self._store.clear(group)
        loop = asyncio.get_running_loop()
        cleared = self._clears[group] = asyncio.Event()
        reached = [asyncio.Event() for _ in lanes]
        for lane, here in zip(lanes, reached, strict=True):
            lane.append(Write(partial(_hold, here, cleared), loop.create_future()))
        try:
            for here in reached:
                await here.wait()
            return await self._store.clear(group)
        finally:
            cleared.set()
            if self._clears.get(group) is cleared:
                del self._clears[group]

    async def _in_turn(self, group: str, key: str, write: Callable[[], Awaitable[T]]) -> T:
        lane = self._lanes.get((group, key))
        if lane is None:
            if group not in self._clears:
                return await write()
            lane = self._new_lane(group, key)
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        lane.append(Write(write, done))
        return await done

    def _new_lane(self, group: str, key: str) -> Lane:
        lane: Lane = deque()
        if (cleared := self._clears.get(group)) is not None:
            lane.append(Write(cleared.wait, asyncio.get_running_loop().create_future()))
        self._lanes[group, key] = lane
        self._tasks.start(self._work(group, key, lane))
        return lane

    async def _work(self, group: str, key: str, lane: Lane) -> None:
        """Do what is in the lane, in order, until it is empty. Updates that have accumulated go together."""
        known: Stored | None = None  # what we have written and nobody else, so far as we know
        while lane:
            turn = lane[0]
            batch: list[Update] = []
            try:
                if isinstance(turn, Write):
                    known = None
                    lane.popleft()
                    if not turn.done.done():
                        _settle(turn.done, await turn.run())
                    continue
                while lane and isinstance(lane[0], Update):
                    batch.append(lane.popleft())  # type: ignore[arg-type]  # it is one
                known = await self._update(group, key, batch, known)
            except Exception as error:  # boundary: who waits must hear of it, and those behind must get their turn
                known = None
                waiting: Sequence[Update | Write] = batch or [turn]
                for one in waiting:
                    _settle(one.done, self._reported(error))
        del self._lanes[group, key]

    async def _update(self, group: str, key: str, batch: list[Update], known: Stored | None) -> Stored:
        """Apply updates one after the other and write the result once; again if somebody else has written.

        Args:
            known: What is there, unless somebody else has written; None: it is to be read.
        """
        while True:
            is_read = known is None
            value, version = known = known or await self._store.get(group, key) or (None, 0)
            results: list[tuple[Update, bytes | PatchError | None]] = []
            for update in batch:
                if not update.done.done():  # else its caller has gone
                    try:
                        value = self.applied(value, update.operations)
                        results.append((update, value))
                    except PatchError as error:
                        results.append((update, error))
            if value == known[0]:
                if is_read:
                    break
            else:
                expected, version = version, self._ids.next() if value is not None else 0
                expires_ms = None if expected else 0
                if await self._store.compare_and_set(
                    group, key, value, expected=expected, version=version, expires_ms=expires_ms
                ):
                    break
            known = None
        for update, result in results:
            _settle(update.done, result)
        return value, version

    def applied(self, value: bytes | None, operations: bytes) -> bytes | None:
        """What operations make of a value. Raises PatchError."""
        updated = apply(value, operations)
        if updated is not None and len(updated) > self._max_value_bytes:
            limit = f"max_payload_bytes is {self._max_value_bytes:,}"
            raise PatchError(f"the updated value would have {len(updated):,} bytes, {limit}: keep it in several keys")
        return updated

    def _reported(self, error: Exception) -> MotiaError:
        if isinstance(error, MotiaError):
            return error
        self._broken(error)
        return InternalError(f"a write of state was stopped by a fault of motia-core: {error!r}")

    def _broken(self, error: BaseException) -> None:
        self._log.record("error", f"a write of state was stopped by a fault of motia-core: {error!r}")


def _settle(done: asyncio.Future[Any], result: object) -> None:
    if done.done():
        return
    if isinstance(result, MotiaError):
        done.set_exception(result)
    else:
        done.set_result(result)


async def _hold(here: asyncio.Event, cleared: asyncio.Event) -> None:
    here.set()
    await cleared.wait()
