"""Connections of stream clients, as what serves them sees these; and those that any ASGI server can have."""

from __future__ import annotations

import asyncio
from typing import Protocol

from motia_core.ingress.backlog import Backlog
from motia_core.ingress.interface import Send
from motia_core.ingress.outbox import Outbox
from motia_core.model.stream_frame import Frame

WEBSOCKET = "motia.websocket"  # key in scope["state"] under which a server's own `StreamConnection` may be found
CLOSE_S = 5.0  # for a client to take what is on its way and to answer a close
TRY_AGAIN_LATER = 1013  # RFC 6455, 7.4.1


class StreamConnection(Protocol):
    """A WebSocket connection that takes frames without waiting. It is a `Watcher`.

    Attributes:
        is_open: What is sent may still arrive.
        is_slow: It was closed because the client took too little.
        is_given_up: The task that serves it was cancelled, because the client did not answer a close.
        backlog: From `accept` on.
    """

    is_slow: bool
    is_given_up: bool
    backlog: Backlog

    @property
    def is_open(self) -> bool: ...

    async def accept(self, subprotocol: str | None, max_waiting_bytes: int) -> None:
        """Complete the handshake."""
        ...

    def deliver(self, frame: Frame) -> None:
        """See `Watcher.deliver`."""
        ...

    async def taken(self) -> None:
        """Wait until the client has taken most of what it was sent."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End it after what has been sent; soon also when the client takes nothing."""
        ...

    async def ended(self) -> None:
        """Nobody uses it any more."""
        ...


class AsgiConnection:
    """Implements `StreamConnection` with what ASGI has: frames wait in an outbox, and a task sends them.

    Args:
        send: Of the server; waits while the client does not read.
        task: Serves the connection; it is cancelled when the client does not answer a close.
    """

    def __init__(self, send: Send, task: asyncio.Task[object]) -> None:
        self._send = send
        self._task = task
        self._outbox = Outbox()
        self._writing: asyncio.Task[None] | None = None
        self._goodbye: tuple[int, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.is_slow = False
        self.is_given_up = False

    @property
    def is_open(self) -> bool:
        return self._goodbye is None

    async def accept(self, subprotocol: str | None, max_waiting_bytes: int) -> None:
        self.backlog = Backlog(max_waiting_bytes, self._outbox.size, self._too_slow)
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})
        self._writing = asyncio.create_task(self._write())

    def deliver(self, frame: Frame) -> None:
        if self._goodbye is None:
            self._outbox.put(frame)
            self.backlog.sent(len(frame.text))

    async def taken(self) -> None:
        await self._outbox.settled()

    def close(self, code: int, reason: str) -> None:
        if self._goodbye is None:
            self._goodbye = code, reason
            self._outbox.close()
            self._timer = asyncio.get_running_loop().call_later(CLOSE_S, self._give_up)

    async def ended(self) -> None:
        self._goodbye = self._goodbye or (0, "")
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            self.backlog.end()
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while frames := await self._outbox.take():
                for frame in frames:
                    await self._send({"type": "websocket.send", "text": frame.text.decode()})
            assert self._goodbye is not None  # the outbox was closed
            code, reason = self._goodbye
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        finally:
            self._outbox.close()  # nobody is to wait until it is empty

    def _too_slow(self) -> None:
        self.is_slow = True
        self._outbox.clear()
        self.close(TRY_AGAIN_LATER, "the client reads too slowly")

    def _give_up(self) -> None:
        self.is_given_up = True
        self._task.cancel()
