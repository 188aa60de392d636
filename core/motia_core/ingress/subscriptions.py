"""What one client of streams is subscribed to. It does not know how the client says so."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import Feed, InternalStreams, Joined, StreamAccess, Watcher
from motia_core.errors import ForbiddenError, MotiaError, UnauthorizedError
from motia_core.ingress.backlog import Backlog
from motia_core.ingress.headers import asked_with
from motia_core.ingress.interface import Scope
from motia_core.model.stream import Address, Member, Stream, StreamMessage


class StreamCatalog(Protocol):
    """Where the current streams are."""

    @property
    def streams(self) -> Mapping[str, Stream]: ...


@dataclass(frozen=True, slots=True)
class StreamServices:
    """What there is for clients of streams."""

    catalog: StreamCatalog
    feed: Feed
    access: StreamAccess
    clock: Clock
    log: Log
    internal: InternalStreams


def may_look_inside(services: StreamServices, scope: Scope) -> bool:
    """Whether there is something for a client when the project has no streams: internal ones, at `/`, where clients of
    0.x are. On another path it is looking for a step that is not there."""
    if scope["path"] != "/":
        return False
    try:
        services.internal.check(*asked_with(scope))
    except (UnauthorizedError, ForbiddenError):
        return False
    return True


class StreamWatcher(Watcher, Protocol):
    """How a client is reached."""

    @property
    def backlog(self) -> Backlog: ...


class NoPresenceError(Exception):
    """The members of this stream's groups do not see each other."""


@dataclass(slots=True)
class _Watched:
    """An address, watched once for all subscriptions."""

    feed: Feed
    subscriptions: set[str] = field(default_factory=set)
    member_id: str = ""


class Subscriptions:
    """Those of one client.

    Args:
        services: What there is.
        watcher: Gets the changes.
        auth: The client's auth context.
        scope: What it has connected with.
    """

    __slots__ = ("_auth", "_id", "_scope", "_services", "_watched", "_watcher", "count")

    def __init__(self, services: StreamServices, watcher: StreamWatcher, auth: bytes, scope: Scope) -> None:
        self._services, self._watcher, self._auth, self._scope = services, watcher, auth, scope
        self._id = secrets.token_urlsafe(12)
        self._watched: dict[Address, _Watched] | None = None  # made when needed: most clients may be idle ones
        self.count = 0

    def __contains__(self, key: tuple[Address, str]) -> bool:
        watched = (self._watched or {}).get(key[0])
        return watched is not None and key[1] in watched.subscriptions

    def member_id(self, address: Address) -> str:
        """As whom the others see the client; empty: not at all."""
        return watched.member_id if (watched := (self._watched or {}).get(address)) is not None else ""

    async def join(self, address: Address, name: str, *, after: int = 0, info: bytes | None = None) -> Joined:
        """Subscribe; once more when there is such a subscription: the client gets what is there again.

        Args:
            name: Of the subscription.
            after: The sequence that the client has.
            info: What the others are to see of it; None: it is no member.

        Raises:
            NoPresenceError: The stream has no members.
            NotAvailableError, StreamAccessError: The project says no.
            UnauthorizedError, ForbiddenError: It is an internal stream, and not for this client.
            StoreError: It cannot be done now.
        """
        internal = self._services.internal
        if internal.has(address.stream):
            if info is not None:
                raise NoPresenceError
            internal.check(*asked_with(self._scope))
            return await self._join(internal, address, name, 0, None)
        access = self._services.access
        said = await access.admit(address, self._auth, self._id)
        try:
            if info is not None and not self._services.catalog.streams[address.stream].has_presence:
                raise NoPresenceError
            is_again = (address, name) in self
            joined = await self._join(self._services.feed, address, name, after, None if info is None else said or info)
        except BaseException:
            await access.left(address, self._auth, self._id)
            raise
        if is_again:
            await access.left(address, self._auth, self._id)  # what was admitted before has ended
        return joined

    async def leave(self, address: Address, name: str) -> None:
        """End a subscription; nothing happens when there is none."""
        if (address, name) not in self or self._watched is None:
            return
        watched = self._watched[address]
        watched.subscriptions.remove(name)
        self.count -= 1
        if not watched.subscriptions:
            del self._watched[address]
            await watched.feed.leave(self._watcher, address, watched.member_id)
        await self._left(address, watched)

    async def end(self) -> None:
        """The client has left."""
        watched, self._watched, self.count = self._watched or {}, None, 0
        for address, each in watched.items():  # first of all, so that nothing more is sent
            await each.feed.leave(self._watcher, address, each.member_id)
        for address, each in watched.items():
            for _ in each.subscriptions:
                await self._left(address, each)

    async def send(self, address: Address, message: StreamMessage) -> None:
        """See `StreamAccess.send`."""
        await self._services.access.send(address, self._auth, self._id, message)

    def may_send(self, address: Address) -> bool:
        """Whether the client has joined the group, or the item that it means."""
        watched = self._watched or {}
        return address in watched or address._replace(item_id="") in watched

    async def _left(self, address: Address, watched: _Watched) -> None:
        if watched.feed is not self._services.internal:  # of those the project knows nothing
            await self._services.access.left(address, self._auth, self._id)

    async def _join(self, feed: Feed, address: Address, name: str, after: int, info: bytes | None) -> Joined:
        if self._watched is None:
            self._watched = {}
        # before the feed is asked: whatever happens meanwhile, it is left at the end
        watched = self._watched.get(address)
        if watched is None:
            watched = self._watched[address] = _Watched(feed)
        member = None
        if info is not None:
            watched.member_id = watched.member_id or secrets.token_urlsafe(12)
            member = Member(watched.member_id, info)
        self._watcher.backlog.is_asking = True
        try:
            joined = await watched.feed.join(self._watcher, address, after=after, member=member)
        except MotiaError:
            if not watched.subscriptions:
                del self._watched[address]
            raise
        finally:
            self._watcher.backlog.is_asking = False
        if name not in watched.subscriptions:
            watched.subscriptions.add(name)
            self.count += 1
        return joined
