"""uvicorn's HTTP/1.1 connection with what `interface.Connection` promises, and a limit for headers."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from motia_core.ingress.interface import CONNECTION, Scope

MAX_HEADER_BYTES = 64 * 1024
MAX_JOINED_BODY = 64 * 1024  # bytes; larger bodies are not copied behind the head
_HEADERS_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class IngressConnection(HttpToolsProtocol):
    """One client connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.app_state = {CONNECTION: self}  # becomes scope["state"]
        self.task: asyncio.Task[Any] | None = None
        self.is_gone = False
        self._header_bytes = 0
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def respond(self, scope: Scope, head: bytes, body: bytes) -> bool:
        cycle = self.cycle
        if cycle.scope is not scope or cycle.response_started or self.flow.write_paused:
            return False
        if cycle.disconnected:
            return True
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        if len(body) <= MAX_JOINED_BODY:
            self.transport.write(b"%b%b%b" % (head, end, body))
        else:
            self.transport.write(head + end)
            self.transport.write(body)
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.app_state = {}  # no cycle for the garbage collector
        self.is_gone = True
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if self.task is not None:
            self.task.cancel()

    def on_response_complete(self) -> None:
        # uvicorn starts a timer after each response and cancels it with the next request; one that is looked at
        # when it ends is enough
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        if self.flow.read_paused:
            self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    def _check_idle(self) -> None:
        self._idle_timer = None
        left_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if self.cycle is not None and not self.cycle.response_complete:
            left_s = self.timeout_keep_alive  # busy
        if left_s > 0:
            self._idle_timer = self.loop.call_later(left_s, self._check_idle)
        elif not self.transport.is_closing():
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()  # another protocol takes over the transport
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope:
            self._header_bytes = 0
            return
        # a request has begun, but its headers have not ended with this data
        self._header_bytes += len(data)
        if self._header_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.transport.write(_HEADERS_TOO_LARGE)
            self.transport.close()
