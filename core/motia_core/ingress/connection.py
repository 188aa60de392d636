"""uvicorn's HTTP/1.1 connection with what `interface.Connection` promises, and with limits: the size of headers, the
time that headers and bodies take, and clients that take nothing of what they asked for."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from motia_core.ingress.interface import CONNECTION, Scope
from motia_core.ingress.limits import PROGRESS_BYTES, Limits
from motia_core.ingress.refused_upgrade import Rest

MAX_JOINED_BODY = 64 * 1024  # bytes; larger bodies are not copied behind the head
FREE_FRAMING = 64 * 1024  # bytes of chunk sizes, extensions and trailers in any body
FRAMING_PER_BYTE = 16  # and so many more for each byte of content: one-byte chunks are allowed


class IngressConnection(HttpToolsProtocol):
    """One client connection."""

    def __init__(
        self,
        limits: Limits,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.app_state = {CONNECTION: self}  # becomes scope["state"]
        self.task: asyncio.Task[Any] | None = None
        self.is_gone = False
        self._limits = limits
        self._is_upgraded = False
        self._rest_at: int | None = None  # where the rest begins of data with an upgrade that is not taken
        self.is_modest = True
        self._header_room = limits.max_header_bytes  # less those of a request whose headers have not ended
        self._modest_bytes = min(limits.least_excess_bytes, self._header_room)
        self._header_timer: asyncio.TimerHandle | None = None
        self._content_bytes = 0  # of all bodies so far
        self._body_cycle: RequestResponseCycle | None = None  # whose body has not ended
        self._body_bytes = self._framing_bytes = 0  # of that
        self._body_timer: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._untaken_bytes = 0  # of responses, at the last look
        self._has_resumed = False  # since then: the client has taken something, and more was sent

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
        if len(self.connections) > self._limits.max_connections:
            self._refuse(self._limits.crowded)
        self._idle_since = self.loop.time()
        self._idle_timer = self.loop.call_later(self._limits.keep_alive_s, self._check_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.app_state = {}  # no cycle for the garbage collector
        self._body_cycle = None
        self.is_gone = True
        for timer in (self._idle_timer, self._header_timer, self._body_timer):
            if timer is not None:
                timer.cancel()
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
            self._idle_timer = self.loop.call_later(self._limits.keep_alive_s, self._check_idle)

    def _check_idle(self) -> None:
        self._idle_timer = None
        keep_alive_s = self._limits.keep_alive_s
        left_s = self._idle_since + keep_alive_s - self.loop.time()
        untaken = self.transport.get_write_buffer_size()
        if untaken and untaken == self._untaken_bytes and not self._has_resumed:
            self.transport.abort()  # close() would wait until the client takes the rest
            return
        self._untaken_bytes, self._has_resumed = untaken, False
        if untaken or self._is_busy() or self._header_timer is not None:
            left_s = keep_alive_s
        if left_s > 0:
            self._idle_timer = self.loop.call_later(left_s, self._check_idle)
        elif not self.transport.is_closing():
            self.transport.close()

    def resume_writing(self) -> None:
        self._has_resumed = True
        super().resume_writing()

    def _is_busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def handle_websocket_upgrade(self) -> None:
        self._is_upgraded = True  # another protocol takes over the transport
        for timer in (self._idle_timer, self._header_timer):
            if timer is not None:
                timer.cancel()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        if len(data) > self._modest_bytes:
            self.is_modest = False
            if len(data) > self._header_room:
                self._take_in_pieces(data)
                return
        before, content = self.cycle, self._content_bytes
        super().data_received(data)
        if self._rest_at is not None:
            self._read_on(data)
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope:
            if self._header_timer is not None:
                self._end_headers()
            if cycle.more_body:
                self._take_body(cycle, len(data), self._content_bytes - content)
        elif not self._is_upgraded:
            # where they began is not known when something else came before them
            is_alone = cycle is before and self._body_cycle is None
            self._body_cycle = None
            self._take_headers(len(data) if is_alone else 0)

    def _take_in_pieces(self, data: bytes) -> None:
        """So that headers that are too large are not taken for complete ones."""
        while data and not self.transport.is_closing() and not self._is_upgraded:
            room = self._header_room
            self.data_received(data[:room])
            data = data[room:]

    def _unsupported_upgrade_warning(self) -> None:
        error = sys.exc_info()[1]  # uvicorn handles it when it calls this
        assert isinstance(error, httptools.HttpParserUpgrade)
        self._rest_at = error.args[0]

    def _read_on(self, data: bytes) -> None:
        """Read what follows the headers of requests whose upgrade is not taken."""
        while self._rest_at is not None and not self.transport.is_closing():
            data, self._rest_at = data[self._rest_at :], None
            rest = Rest(self)
            self.parser = rest.parser
            try:
                if rest.begin(self.headers):
                    self.cycle.more_body = True
            except httptools.HttpParserError:
                self._refuse(self._limits.malformed)
                return
            if data:
                super().data_received(data)

    # --- headers that have not ended with the data in which they began

    def _take_headers(self, size: int) -> None:
        if self.transport.is_closing():
            return
        if self._header_timer is None:
            self._header_timer = self.loop.call_later(self._limits.header_s, self._headers_late)
        self.is_modest = False
        self._header_room -= size
        self._modest_bytes = min(self._modest_bytes, self._header_room)
        if self._header_room <= 0:
            self._refuse(self._limits.headers_too_large)

    def _end_headers(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None
        self._header_room = self._limits.max_header_bytes
        self._modest_bytes = min(self._limits.least_excess_bytes, self._header_room)

    def _headers_late(self) -> None:
        self._header_timer = None
        if self._is_busy():  # with the request before: this one could not begin anyway
            self._header_timer = self.loop.call_later(self._limits.header_s, self._headers_late)
        else:
            self._refuse(self._limits.headers_late)

    # --- bodies that have not ended with the data in which they began

    def on_body(self, body: bytes) -> None:
        self._content_bytes += len(body)
        super().on_body(body)

    def _take_body(self, cycle: RequestResponseCycle, received: int, content: int) -> None:
        if self._body_cycle is not cycle:
            self._body_cycle = cycle
            self._body_bytes = self._framing_bytes = 0
        self._body_bytes += content
        self._framing_bytes += received - content
        free = FREE_FRAMING + self._limits.max_header_bytes  # those of the request are counted as well
        is_bloated = self._framing_bytes > free + FRAMING_PER_BYTE * self._body_bytes
        if cycle.response_complete:  # nobody wants the body any more; no more of it is taken than would have been
            if is_bloated or self._body_bytes > self._limits.max_body_bytes:
                self.transport.close()
        elif is_bloated:
            self._refuse(self._limits.framing)
        elif self._body_timer is None:
            self._body_timer = self.loop.call_later(self._limits.body_s, self._check_body, cycle, self._body_bytes)

    def _check_body(self, cycle: RequestResponseCycle, bytes_then: int) -> None:
        """Look whether enough has come since the timer began; it is not set anew for each request."""
        self._body_timer = None
        current = self._body_cycle
        if current is None or not current.more_body or current.response_complete or self.transport.is_closing():
            return
        is_slow = current is cycle and self._body_bytes - bytes_then < PROGRESS_BYTES
        if is_slow and not self.flow.read_paused:  # paused: it is the step that does not take it
            self._refuse(self._limits.body_late)
        else:
            self._body_timer = self.loop.call_later(self._limits.body_s, self._check_body, current, self._body_bytes)

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._limits.malformed)

    def _refuse(self, answer: bytes) -> None:
        """Close the connection, and say why where that can still be said."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(answer)
        self.transport.close()
