"""Those who watch one group of a stream, or items of it, and what they get, in its order.

A room does one thing at a time: it brings a change to everybody, or it lets watchers in. Whoever comes gets what is
there, read from the store, and is let in at exactly that place of the order: every change up to it has been brought to
the others by then, and all later ones wait until it is in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from motia_core.engine.services import Joined, Watcher
from motia_core.model.stream import Address, Change, ChangeKind
from motia_core.model.stream_frame import Frame, of_change

AT_ONCE = 256  # watchers that get a frame before others get a turn of the loop
MOST_WAITING = 10_000  # changes that are to be brought; with more, everybody gets what is there instead

_OF_MEMBERS = (ChangeKind.JOIN, ChangeKind.LEAVE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a watcher gets when it comes: frames, and up to which sequence it has everything then."""

    sequence: int
    frames: list[Frame]
    is_resumed: bool = False


@dataclass(eq=False, slots=True)
class Coming:
    """Somebody wants in."""

    watcher: Watcher
    address: Address
    after: int
    is_member: bool
    done: asyncio.Future[Joined]


class Room:
    """One group.

    Args:
        address: Of the group.
        arrive: Reads what is there, or what happened since; see `Feed`.
        reached: Waits until every change up to a sequence was brought to the rooms.
        emptied: Called when nobody is here any more.
    """

    def __init__(
        self,
        address: Address,
        arrive: Callable[[Address, int], Awaitable[Arrival]],
        reached: Callable[[int], Awaitable[None]],
        emptied: Callable[[], None],
    ) -> None:
        self._address = address
        self._arrive = arrive
        self._reached = reached
        self._emptied = emptied
        self._whole: dict[Watcher, None] = {}  # of the whole group
        self._items: dict[str, dict[Watcher, None]] = {}  # of items
        self._members: set[Watcher] = set()
        self._changes: deque[Change] = deque()  # to be brought
        self._coming: list[Coming] = []
        self._work: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._whole) + sum(map(len, self._items.values()))

    def hear(self, change: Change) -> None:
        """Something happened in the group."""
        if self._work is None and len(self._whole) <= AT_ONCE:
            self._bring_now(change)
            return
        if len(self._changes) < MOST_WAITING:
            self._changes.append(change)
        else:
            self._start_over()
        self._go_on()

    async def join(self, watcher: Watcher, address: Address, after: int, *, is_member: bool) -> Joined:
        """See `services.Feed.join`."""
        done: asyncio.Future[Joined] = asyncio.get_running_loop().create_future()
        self._coming.append(Coming(watcher, address, after, is_member, done))
        self._go_on()
        return await done

    def leave(self, watcher: Watcher, address: Address) -> None:
        """It gets no more of this."""
        for coming in self._coming:
            if coming.watcher is watcher and coming.address == address:
                coming.done.cancel()
        if not address.item_id:
            self._whole.pop(watcher, None)
            self._members.discard(watcher)
        elif (of_item := self._items.get(address.item_id)) is not None:
            of_item.pop(watcher, None)
            if not of_item:
                del self._items[address.item_id]
        self._look_around()

    def _look_around(self) -> None:
        if not (self._whole or self._items or self._coming or self._work):
            self._emptied()

    def _start_over(self) -> None:
        """There is more to bring than can be: let everybody in again."""
        self._changes.clear()
        loop = asyncio.get_running_loop()
        for watcher in self._whole:
            self._coming.append(Coming(watcher, self._address, 0, watcher in self._members, loop.create_future()))
        for item_id, watchers in self._items.items():
            address = self._address._replace(item_id=item_id)
            self._coming += [Coming(watcher, address, 0, False, loop.create_future()) for watcher in watchers]
        self._whole, self._items, self._members = {}, {}, set()

    def _go_on(self) -> None:
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._coming or self._changes:
                if self._coming:
                    coming, self._coming = self._coming, []
                    await self._let_in(coming)
                else:
                    await self._bring(self._changes.popleft())
        finally:
            self._work = None
            self._look_around()

    # --- letting in

    async def _let_in(self, coming: list[Coming]) -> None:
        """All who have come meanwhile, each at its place of the order."""
        try:
            await self._let_in_ordered(coming)
        except Exception as error:  # boundary: who waits must hear of it
            for one in coming:
                if not one.done.done():
                    one.done.set_exception(error)

    async def _let_in_ordered(self, coming: list[Coming]) -> None:
        asked = dict.fromkeys((one.address, one.after) for one in coming)
        answers = await asyncio.gather(*(self._arrive(*each) for each in asked), return_exceptions=True)
        arrivals = dict(zip(asked, answers, strict=True))
        ready: list[tuple[int, Coming, Arrival]] = []
        for one in coming:
            arrival = arrivals[one.address, one.after]
            if isinstance(arrival, Arrival):
                ready.append((arrival.sequence, one, arrival))
            elif not one.done.done():
                one.done.set_exception(arrival)
        ready.sort(key=lambda place: place[0])
        for count, (sequence, one, arrival) in enumerate(ready, start=1):
            await self._reached(sequence)
            while self._changes and self._changes[0].sequence <= sequence:
                await self._bring(self._changes.popleft())
            self._admit(one, arrival)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _admit(self, one: Coming, arrival: Arrival) -> None:
        if one.done.done():  # it has left meanwhile, or nobody waits for it
            return
        for frame in arrival.frames:
            one.watcher.deliver(frame)
        if one.address.item_id:
            self._items.setdefault(one.address.item_id, {})[one.watcher] = None
        else:
            self._whole[one.watcher] = None
            if one.is_member:
                self._members.add(one.watcher)
        one.done.set_result(Joined(arrival.sequence, arrival.is_resumed))

    # --- bringing changes

    def _bring_now(self, change: Change) -> None:
        watchers = self._watchers(change)
        if watchers:
            frame = of_change(change)
            for watcher in watchers:
                watcher.deliver(frame)

    async def _bring(self, change: Change) -> None:
        watchers = self._watchers(change)
        if not watchers:
            return
        frame = of_change(change)
        for count, watcher in enumerate(watchers, start=1):
            watcher.deliver(frame)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _watchers(self, change: Change) -> list[Watcher]:
        """Who gets it, each once."""
        if change.kind in _OF_MEMBERS:
            return list(self._members)
        of_item = self._items.get(change.item_id)
        if of_item is None:
            return list(self._whole)
        return [*self._whole, *(watcher for watcher in of_item if watcher not in self._whole)]
