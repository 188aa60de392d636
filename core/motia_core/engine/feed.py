"""Brings what happens in streams, on all cores, to those who watch here."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from motia_core.engine.ports import Log, StreamStore
from motia_core.engine.room import Arrival, Room
from motia_core.engine.services import Joined, Watcher
from motia_core.errors import StoreError
from motia_core.model.stream import Address, Change, Member
from motia_core.model.stream_frame import of_change, of_snapshot

MOST_MISSED = 5_000  # changes that a watcher gets one by one when it comes back; for more it gets a sync


class StreamFeed:
    """Implements `Feed`."""

    def __init__(self, store: StreamStore, log: Log) -> None:
        self._store = store
        self._log = log
        self._rooms: dict[tuple[str, str], Room] = {}
        self._position = 0  # every change up to here was brought to its room
        self._awaiting: list[tuple[int, int, asyncio.Future[None]]] = []  # heap: by the position that is awaited
        self._count = 0  # makes its entries comparable

    async def start(self) -> None:
        """Hear of everything that happens from now on."""
        self._position = await self._store.follow(self._hear)

    async def stop(self) -> None:
        """Hear of nothing any more."""
        await self._store.unfollow()

    async def join(self, watcher: Watcher, address: Address, *, after: int = 0, member: Member | None = None) -> Joined:
        """See `services.Feed.join`."""
        if member is not None:
            await self._store.join(address, member)
        place = address[:2]
        room = self._rooms.get(place)
        if room is None:
            emptied = partial(self._forget, place)
            room = self._rooms[place] = Room(Address(*place), self._arrive, self._reached, emptied)
        try:
            joined = await room.join(watcher, address, after, is_member=member is not None)
            if member is None:
                return joined
            return replace(joined, members=tuple(await self._store.members(address)))
        except BaseException:
            await self.leave(watcher, address, member.member_id if member else "")
            raise

    async def leave(self, watcher: Watcher, address: Address, member_id: str = "") -> None:
        """See `services.Feed.leave`."""
        room = self._rooms.get(address[:2])
        if room is not None:
            room.leave(watcher, address)
        if member_id:
            try:
                await self._store.leave(address, member_id)
            except StoreError as error:  # it leaves with its core at the latest
                self._log.record("warn", f"a member of '{address.group}' could not leave: {error.message}")

    def watchers(self, stream: str) -> int:
        """Subscriptions to a stream, on this core."""
        return sum(len(room) for place, room in self._rooms.items() if place[0] == stream)

    def _forget(self, place: tuple[str, str]) -> None:
        self._rooms.pop(place, None)

    def _hear(self, changes: Sequence[Change], position: int) -> None:
        rooms = self._rooms
        if rooms:
            for change in changes:
                room = rooms.get((change.stream, change.group))
                if room is not None:
                    room.hear(change)
        self._position = position
        while self._awaiting and self._awaiting[0][0] <= position:
            reached = heapq.heappop(self._awaiting)[2]
            if not reached.done():
                reached.set_result(None)

    async def _reached(self, sequence: int) -> None:
        """Wait until every change up to there was brought to its room."""
        if self._position >= sequence:
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._awaiting, (sequence, self._count, reached))
        self._store.look()
        await reached

    async def _arrive(self, address: Address, after: int) -> Arrival:
        """What a watcher gets that comes now."""
        if after:
            missed = await self._store.changes(address, after=after, limit=MOST_MISSED)
            if missed is not None:
                position, changes = missed
                return Arrival(position, [of_change(change) for change in changes], is_resumed=True)
        snapshot = await self._store.snapshot(address)
        frame = of_snapshot(address, snapshot)
        return Arrival(snapshot.sequence, [] if frame is None else [frame])
