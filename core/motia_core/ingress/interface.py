"""The types of ASGI 3, and what our own server connection offers beyond it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
HeaderPair = tuple[bytes, bytes]

PARSED_BODY = "motia.parsed_body"  # key in a scope for a `ParsedBody` that was made before, by the app hook

CONNECTION = "motia.connection"  # key in scope["state"] under which a `Connection` may be found


class ServedApp(Protocol):
    """An ASGI 3 application that a server can bring to rest."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]: ...

    def leave(self) -> None:
        """Nobody new comes any more: have those who are here go elsewhere with their next request."""
        ...

    async def drain(self, grace_s: float) -> None:
        """Refuse new requests, and return when the running ones have ended; after the grace, cut them off."""
        ...


class Connection(Protocol):
    """A client connection that takes a whole response at once and says by itself when the client leaves.

    Plain ASGI needs two `send` calls, and a task that waits in `receive` to notice a client that leaves.
    """

    task: asyncio.Task[Any] | None  # runs the current request; cancelled when the client leaves
    is_gone: bool  # the client has left
    is_modest: bool  # so little has come at once that no request had too long a URL or too many headers

    def respond(self, scope: Scope, head: bytes, body: bytes) -> bool:
        """Write a response; False: nothing was written, use `send`. `head` ends before the empty line."""
        ...


class ClientGoneError(Exception):
    """The client closed the connection; nobody waits for a response."""
