"""What a client has of a group or an item, kept up to date."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from motia.client.wire import Frame, StreamError

T = TypeVar("T")
Parse = Callable[[dict[str, Any]], T]

MOST_UNREAD = 10_000  # changes that wait for who iterates over them


@dataclass(frozen=True)
class Change(Generic[T]):
    """Something that happened.

    `kind`: "sync" (what there is was read anew), "create", "update", "delete", or the type of an event that a step
    sent.
    """

    kind: str
    item: T | None  # of an event: None
    data: Any = None  # of an event


class Member(NamedTuple):
    """A client that watches the group, too."""

    member_id: str
    info: dict[str, Any]


class Owner(Protocol):
    """The client that a subscription belongs to."""

    async def leave(self, subscription: Subscription[Any]) -> None: ...

    async def send(self, subscription: Subscription[Any], type: str, data: Any, id: str) -> None: ...  # noqa: A002


class Subscription(Generic[T]):
    """Iterate over it for what happens: `async for change in subscription`.

    Attributes:
        status: "joining", "live", "offline" or "refused".
        error: Why it was refused.
        members: Who watches the group, when it was joined with `presence`.
    """

    def __init__(
        self, owner: Owner, address: Mapping[str, str], subscription_id: str, presence: Any, parse: Parse[T]
    ) -> None:
        self.address = address
        self.subscription_id = subscription_id
        self.presence = presence
        self.status = "joining"
        self.error: StreamError | None = None
        self.members: dict[str, Member] = {}
        self.member_id = ""
        self.sequence = 0
        self._owner = owner
        self._parse = parse
        self._has_heard = False  # anything since it was joined
        self._is_closed = False
        self._unread: deque[Change[T]] = deque()
        self._wake = asyncio.Event()
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def send(self, type: str, data: Any = None, *, id: str = "") -> None:  # noqa: A002
        """Hand a message to the project's steps, about an item when `id` is given; returns when it is safe there.

        Raises:
            StreamError: It was not taken; with the code UNCERTAIN nobody knows.
        """
        await self._owner.send(self, type, data, id or self.address.get("id", ""))

    async def close(self) -> None:
        """End it, and the iterations over it."""
        self._is_closed = True
        self._wake.set()
        await self._owner.leave(self)

    async def __aiter__(self) -> AsyncIterator[Change[T]]:
        while True:
            while self._unread:
                yield self._unread.popleft()
            if self._is_closed:
                return
            if self.error is not None and self.status == "refused":
                raise self.error
            self._wake.clear()
            await self._wake.wait()

    # --- for the client

    def joining(self) -> None:
        self._has_heard = False

    def receive(self, frame: Frame) -> None:
        """A frame of the group. On one connection they come in their order, a sync at its place among the changes."""
        event, sequence = frame["event"], frame["sequence"]
        kind = event["type"]
        if kind == "presence":
            self.members |= {one["memberId"]: Member(one["memberId"], one["info"]) for one in event["joined"]}
            for member_id in event["left"]:
                self.members.pop(member_id, None)
            return
        if kind == "sync":
            self.replace(event["data"])
            self.note(Change("sync", None))
        elif sequence <= self.sequence or (kind != "event" and not self.can_apply):
            return  # seen, or part of the sync that comes
        elif kind == "event":
            self.note(Change(event["event"]["type"], None, event["event"].get("data")))
        else:
            item = self._parse(event["data"])
            self.apply(kind, event["data"]["id"], item)
            self.note(Change(kind, item))
        self.sequence = sequence
        self._has_heard = True

    def accept(self, event: dict[str, Any]) -> None:
        """It was joined."""
        if event["resumed"] or self._has_heard:
            self.sequence = max(self.sequence, event["sequence"])
        else:
            self.replace(None)  # there is no such item
            self.sequence = event["sequence"]
        self.status, self.error = "live", None
        self.member_id = event.get("memberId", "")
        self.members = {one["memberId"]: Member(one["memberId"], one["info"]) for one in event.get("members", [])}
        if not self.joined.done():
            self.joined.set_result(None)

    def refuse(self, error: StreamError) -> None:
        self.status, self.error = "refused", error
        if not self.joined.done():
            self.joined.set_exception(error)
        self._wake.set()

    def note(self, change: Change[T]) -> None:
        """Something for who iterates. Whoever is too slow gets a sync instead of what is missing."""
        if len(self._unread) >= MOST_UNREAD:
            self._unread.clear()
            change = Change("sync", None)
        self._unread.append(change)
        self._wake.set()

    can_apply = True  # a change makes sense without what was there before

    def replace(self, data: Any) -> None:
        raise TypeError("use group() or item()")

    def apply(self, kind: str, item_id: str, item: T) -> None:
        raise TypeError("use group() or item()")


class GroupSubscription(Subscription[T]):
    """All items of a group."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._by_id: dict[str, T] = {}
        self.can_apply = False

    @property
    def items(self) -> list[T]:
        """What there is now, oldest first."""
        return list(self._by_id.values())

    def get(self, item_id: str) -> T | None:
        """One of them."""
        return self._by_id.get(item_id)

    def replace(self, data: Any) -> None:
        self._by_id = {item["id"]: self._parse(item) for item in data or []}
        self.can_apply = True

    def apply(self, kind: str, item_id: str, item: T) -> None:
        if kind == "delete":
            self._by_id.pop(item_id, None)
        else:
            self._by_id[item_id] = item


class ItemSubscription(Subscription[T]):
    """One item; `item` is None when there is none."""

    item: T | None = None

    def replace(self, data: Any) -> None:
        self.item = None if data is None else self._parse(data)

    def apply(self, kind: str, item_id: str, item: T) -> None:
        self.item = None if kind == "delete" else item
