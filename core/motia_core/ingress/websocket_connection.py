"""uvicorn's WebSocket connection with what `StreamConnection` promises, and without what a client could abuse."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import wsproto
from uvicorn.config import Config
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from uvicorn.server import ServerState
from wsproto import events
from wsproto.connection import ConnectionState

from motia_core.ingress.backlog import Backlog
from motia_core.ingress.stream_connection import CLOSE_S, TRY_AGAIN_LATER, WEBSOCKET
from motia_core.model.stream_frame import Frame

MAX_EARLY_BYTES = 256 * 1024  # from a client until its handshake is answered, that included
_FINAL_TEXT = 0x81  # RFC 6455, 5.2: the first byte of a message in one frame


class WebSocketConnection(WSProtocol):
    """One client connection, of a WebSocket step or of streams.

    To one of streams, frames are written as they come: one change is encoded once for ten thousand clients, and none of
    them has a task or a queue.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {WEBSOCKET: self}, _loop)
        self.is_slow = False
        self._early_bytes = 0

    # --- StreamConnection

    is_given_up = False  # its transport is cut off instead

    @property
    def is_open(self) -> bool:
        return self.handshake_complete and not self.close_sent and not self.transport.is_closing()

    async def accept(self, subprotocol: str | None, max_waiting_bytes: int) -> None:
        self.backlog = Backlog(max_waiting_bytes, self.transport.get_write_buffer_size, self._too_slow)
        if self.transport.is_closing():
            return
        # without permessage-deflate: its windows would take some 300 KiB for each client, and every frame would have to
        # be compressed for each of them
        answer = events.AcceptConnection(subprotocol=subprotocol)
        self.transport.write(self.conn.send(answer))
        self.handshake_complete = True
        self.start_keepalive()
        # the parser of the handshake is not needed any more
        self.conn = cast(wsproto.WSConnection, self.conn.connection)
        self.handle_events()  # of what came with the handshake

    def deliver(self, frame: Frame) -> None:
        if self.is_open:
            wire = frame.wire or _wire(frame)
            self.transport.write(wire)
            self.backlog.sent(len(wire))

    async def taken(self) -> None:
        await self.writable.wait()

    def close(self, code: int, reason: str) -> None:
        if not self.is_open:
            return
        self.close_sent = True
        self.transport.write(self.conn.send(events.CloseConnection(code=code, reason=reason)))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.writable.set()  # nobody waits for this client any more
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()  # for its answer
        self._abort_soon()

    async def ended(self) -> None:
        self.backlog.end()

    def _too_slow(self) -> None:
        self.is_slow = True
        self.close(TRY_AGAIN_LATER, "the client reads too slowly")

    # --- what uvicorn leaves open

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.app_state.clear()  # no cycles for the garbage collector
        if (scope := getattr(self, "scope", None)) is not None:
            scope["state"].clear()

    def data_received(self, data: bytes) -> None:
        if not self.handshake_complete:
            self._early_bytes += len(data)
            if self._early_bytes > MAX_EARLY_BYTES:
                self.transport.abort()
                return
        super().data_received(data)

    def handle_ping(self, event: events.Ping) -> None:
        if (
            self.writable.is_set()
        ):  # otherwise there would be one more pong for each ping of a client that does not read
            super().handle_ping(event)

    def handle_close(self, event: events.CloseConnection) -> None:
        if self.conn.state is ConnectionState.OPEN and not self.close_sent:  # it broke the protocol: it is told how
            self.transport.write(self.conn.send(event))
        super().handle_close(event)
        self._abort_soon()

    def keepalive_timeout(self) -> None:
        if self.read_paused and self.writable.is_set():
            # the pong may be behind a message that nobody has taken yet
            self.pong_timer = self.loop.call_later(self.config.ws_ping_timeout or 0, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        self._abort_soon()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._abort_soon()

    def _abort_soon(self) -> None:
        """A transport that is closed waits until the client has taken what it was sent: perhaps for ever."""
        if self.close_timer is None and not self.disconnected:
            self.close_timer = self.loop.call_later(CLOSE_S, self.transport.abort)


def _wire(frame: Frame) -> bytes:
    """The frame as RFC 6455 has it; made for the first client."""
    size = len(frame.text)
    if size < 126:
        head = bytes((_FINAL_TEXT, size))
    elif size < 1 << 16:
        head = bytes((_FINAL_TEXT, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((_FINAL_TEXT, 127)) + size.to_bytes(8, "big")
    frame.wire = head + frame.text
    return frame.wire
