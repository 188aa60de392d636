"""One WebSocket connection: what is to be sent waits here, within bounds, and no handler waits for a slow client."""

from __future__ import annotations

import asyncio
from collections import deque

from motia_core.ingress.interface import Message, Send
from motia_core.model.http import SocketMessage

MAX_WAITING_BYTES = 1024 * 1024  # that a client has not taken yet
CLOSE_S = 5.0  # for a client to answer a close
TRY_AGAIN_LATER = 1013
LONGEST_REASON = 123  # bytes, RFC 6455, 5.5


class OpenSocket:
    """Implements `engine.sockets.SocketConnection`.

    Args:
        path: As the client asked for it.
        send: Of the server; waits while the client does not read.
        task: Serves the connection; it is cancelled when the client does not answer a close.
    """

    def __init__(self, path: str, send: Send, task: asyncio.Task[object]) -> None:
        self.path = path
        self.is_closing = False
        self.is_given_up = False
        self.is_slow = False  # it was closed for that
        self._send = send
        self._task = task
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def send(self, message: SocketMessage) -> bool:
        """See `SocketConnection.send`."""
        data, is_text = message
        if self.is_closing:
            return False
        if self._bytes + len(data) > MAX_WAITING_BYTES and self._waiting:
            self.is_slow = True
            self._waiting.clear()
            self.close(TRY_AGAIN_LATER, "the client reads too slowly")
            return False
        content = {"text": data.decode(errors="replace")} if is_text else {"bytes": data}
        self._bytes += len(data)
        self._waiting.append({"type": "websocket.send", **content})
        self._wake.set()
        return True

    def close(self, code: int, reason: str) -> None:
        """See `SocketConnection.close`."""
        if self.is_closing:
            return
        self.is_closing = True
        cut = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
        self._waiting.append({"type": "websocket.close", "code": code, "reason": cut})
        self._wake.set()
        self._timer = asyncio.get_running_loop().call_later(CLOSE_S, self._give_up)

    async def write(self) -> None:
        """Send what is to be sent, until the connection is closed."""
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                await self._send(message)
                if message["type"] == "websocket.close":
                    return
                self._bytes -= len(message.get("text") or message.get("bytes") or b"")
            self._bytes = 0
            self._wake.clear()
            await self._wake.wait()

    def ended(self) -> None:
        """The client has left."""
        self.is_closing = True
        if self._timer is not None:
            self._timer.cancel()

    def _give_up(self) -> None:
        self.is_given_up = True
        self._task.cancel()
