"""Those who watch one group of an internal stream, and what they were shown of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from typing import Protocol

import orjson

from motia_core.engine.live import Batch
from motia_core.engine.services import Watcher
from motia_core.model.stream import Address
from motia_core.model.stream_frame import Frame

MOST_KNOWN = 5_000  # items whose ids are remembered; older ones are new again if something happens to them


Item = tuple[str, bytes]  # id, and JSON object text that has it


class View(Protocol):
    """What one internal stream shows.

    Attributes:
        is_window: `items` are only the latest: one that is not among them any more is not gone.
    """

    is_window: bool

    async def items(self, group: str) -> Sequence[Item]:
        """What is there now, oldest first."""
        ...

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        """What is new or different, and None: ask for all `items` again.

        Args:
            batch: What has happened; nothing at all, once a second.
            known: Ids of items that were shown.
        """
        ...


class InternalRoom:
    """One group.

    Args:
        address: Of the group.
        view: What it shows.
        stamp: Says the time of a frame, in microseconds; it grows.
    """

    def __init__(self, address: Address, view: View, stamp: Callable[[], int]) -> None:
        self.address = address
        self._view = view
        self._stamp = stamp
        self._watchers: dict[Address, dict[Watcher, None]] = {}  # of the group, and of items
        self._known: dict[str, int] = {}  # hashes of what was shown, by id
        self._turn = asyncio.Lock()  # one thing at a time, so that frames have the order of what happened
        self._is_stale = False  # something was heard and could not be read
        self._coming = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody watches, or is about to."""
        return not self._watchers and not self._coming

    async def join(self, watcher: Watcher, address: Address) -> int:
        """Show what is there, and from then on what changes; the sequence of that."""
        self._coming += 1
        try:
            async with self._turn:
                items = await self._view.items(self.address.group)
                self._tell(items)  # whoever is here already may not have heard of all of it
                at_us = self._stamp()
                self._deliver_sync(items, address, [watcher], at_us)
                self._watchers.setdefault(address, {})[watcher] = None
                return at_us
        finally:
            self._coming -= 1

    def leave(self, watcher: Watcher, address: Address) -> None:
        """It gets no more of this."""
        watchers = self._watchers.get(address, {})
        watchers.pop(watcher, None)
        if not watchers:
            self._watchers.pop(address, None)

    async def hear(self, batch: Batch) -> None:
        """Bring what has happened to those who watch."""
        async with self._turn:
            was_stale, self._is_stale = self._is_stale, True
            news = await self._view.news(self.address.group, batch, self._known)
            if was_stale or batch.missed:
                news = None
            if news is not None:
                self._tell(news)
            else:
                self._look_again(await self._view.items(self.address.group))
            self._is_stale = False

    def _look_again(self, items: Sequence[Item]) -> None:
        if not self._view.is_window:
            for item_id in self._known.keys() - {item_id for item_id, _ in items}:
                del self._known[item_id]
                self._send("delete", item_id, b'{"id":%b}' % orjson.dumps(item_id))
            self._tell(items)
            return
        self._known.clear()
        self._remember(items)
        at_us = self._stamp()
        for address, watchers in self._watchers.items():
            self._deliver_sync(items, address, list(watchers), at_us)

    def _tell(self, items: Sequence[Item]) -> None:
        for item_id, text in items:
            shown = self._known.get(item_id)
            if shown != hash(text):
                self._send("create" if shown is None else "update", item_id, text)
        self._remember(items)

    def _remember(self, items: Sequence[Item]) -> None:
        for item_id, text in items:
            self._known[item_id] = hash(text)
        for item_id in list(self._known)[: max(0, len(self._known) - MOST_KNOWN)]:
            del self._known[item_id]

    def _send(self, kind: str, item_id: str, text: bytes) -> None:
        address = self.address._replace(item_id=item_id)
        watchers = self._watchers.get(self.address, {}) | self._watchers.get(address, {})
        if watchers:
            frame = Frame(address, kind, b'{"type":"%b","data":%b}' % (kind.encode(), text), at_us=self._stamp())
            for watcher in watchers:
                watcher.deliver(frame)

    def _deliver_sync(self, items: Sequence[Item], address: Address, watchers: list[Watcher], at_us: int) -> None:
        """As of any stream: of a group a list, of an item the item, if it is there."""
        if address.item_id:
            data = next((text for item_id, text in items if item_id == address.item_id), b"")
        else:
            data = b"[" + b",".join([text for _, text in items]) + b"]"
        if data:
            frame = Frame(address, "sync", b'{"type":"sync","data":' + data + b"}", at_us=at_us)
            for watcher in watchers:
                watcher.deliver(frame)
