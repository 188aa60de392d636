"""Streams that show what the core keeps: its project, runs, logs and queues, as Motia 0.x gave them to its workbench
(contract 10.4). Nothing is stored for them, and nothing is done for them while nobody is subscribed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from motia_core.clock import Clock
from motia_core.engine.internal_room import InternalRoom, View
from motia_core.engine.live import Batch, Live
from motia_core.engine.ports import Log
from motia_core.engine.services import Joined, Watcher
from motia_core.model.stream import Address, Member

TICK_S = 1.0  # how often views are asked for news when nothing is heard


class ViewStreams:
    """Implements `InternalStreams` with views.

    Args:
        views: By the stream's name.
        is_taken: Whether the project has a stream of a name.
        check: See `InternalStreams.check`.
    """

    def __init__(
        self,
        views: Mapping[str, View],
        is_taken: Callable[[str], bool],
        check: Callable[[str, list[str]], None],
        live: Live,
        clock: Clock,
        log: Log,
    ) -> None:
        self.check = check
        self._views = views
        self._is_taken = is_taken
        self._live = live
        self._now_us = clock.now_us
        self._log = log
        self._rooms: dict[tuple[str, str], InternalRoom] = {}
        self._following: tuple[asyncio.Task[None], asyncio.Queue[Batch]] | None = None
        self._last_us = 0

    def has(self, stream: str) -> bool:
        """See `InternalStreams`."""
        return stream in self._views and not self._is_taken(stream)

    async def join(self, watcher: Watcher, address: Address, *, after: int = 0, member: Member | None = None) -> Joined:
        """See `Feed.join`."""
        if self._following is None:  # before anything is read, so that nothing happens between
            batches = self._live.open()
            self._following = asyncio.create_task(self._follow(batches)), batches
        place = address[:2]
        room = self._rooms.get(place)
        if room is None:
            room = self._rooms[place] = InternalRoom(Address(*place), self._views[address.stream], self._stamp)
        try:
            return Joined(await room.join(watcher, address), is_resumed=False)
        except BaseException:
            await self.leave(watcher, address)
            raise

    async def leave(self, watcher: Watcher, address: Address, member_id: str = "") -> None:
        """See `Feed.leave`."""
        place = address[:2]
        room = self._rooms.get(place)
        if room is None:
            return
        room.leave(watcher, address)
        if room.is_empty:
            del self._rooms[place]
        if not self._rooms and self._following is not None:
            (following, batches), self._following = self._following, None
            self._live.close(batches)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self, batches: asyncio.Queue[Batch]) -> None:
        while True:
            try:
                async with asyncio.timeout(TICK_S):
                    batch = await batches.get()
            except TimeoutError:
                batch = Batch()
            for room in list(self._rooms.values()):
                await self._bring(room, batch)

    async def _bring(self, room: InternalRoom, batch: Batch) -> None:
        try:
            await room.hear(batch)
        except Exception as error:  # the boundary of a room: the others go on, and it tries again
            stream = room.address.stream
            self._log.record("warn", f"the internal stream {stream} cannot be read: {type(error).__name__}: {error}")

    def _stamp(self) -> int:
        """Microseconds since the epoch, greater than all before: clients drop what is not newer."""
        self._last_us = max(self._last_us + 1, self._now_us())
        return self._last_us
