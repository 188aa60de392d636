"""Hypercorn's connections with what it has not by itself: limits on the time that headers take and on how many of them
there are; and they are over when the client has gone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

import h11
from hypercorn.asyncio.tcp_server import MAX_RECV, TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import AppWrapper, LifespanState

from motia_core.ingress.limits import Limits


class ConnectionContext(WorkerContext):
    """That of one connection: what sleeps in it, the pings of a WebSocket, wakes when the connection is over.

    Otherwise the connection would be there, and be counted, until the next ping: up to 20 s after the client has gone.
    """

    def __init__(self, worker: WorkerContext) -> None:
        super().__init__(worker.max_requests)
        self.terminate, self.terminated = worker.terminate, worker.terminated
        self.over = asyncio.Event()

    async def sleep(self, wait: float) -> None:  # type: ignore[override]  # Hypercorn calls it on an instance
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self.over.wait()


class HypercornConnection(TCPServer):
    """One client connection."""

    def __init__(
        self,
        limits: Limits,
        app: AppWrapper,
        config: Config,
        context: WorkerContext,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._own = ConnectionContext(context)
        super().__init__(app, asyncio.get_running_loop(), config, self._own, LifespanState(), reader, writer)
        self._limits = limits
        self._is_over = False

    async def protocol_send(self, event: Event) -> None:
        """Send, and watch how long nothing comes; not when nothing can come any more."""
        if not (self._is_over and isinstance(event, Updated)):
            await super().protocol_send(event)

    async def _read_data(self) -> None:
        headers_until_s: float | None = None
        while not self.reader.at_eof():
            try:
                async with asyncio.timeout_at(headers_until_s):
                    data = await self.reader.read(MAX_RECV)
            except TimeoutError:
                self.writer.write(self._limits.headers_late)
                break
            except OSError:  # and those of TLS
                break
            await self.protocol.handle(RawData(data))
            if not self._is_within_headers():
                headers_until_s = None
            elif headers_until_s is None:
                headers_until_s = self.loop.time() + self._limits.header_s
        self._is_over = True
        await self.protocol.handle(Closed())
        self._own.over.set()
        await self.idle_task.stop()  # or this connection would be there until its time without a request is over

    def _is_within_headers(self) -> bool:
        """Whether the headers of an HTTP/1.1 request have begun and not ended; HTTP/2 has only the time without
        requests."""
        protocol = cast(Any, self.protocol).protocol
        if not isinstance(protocol, H11Protocol) or not isinstance(protocol.connection, h11.Connection):
            return False
        return protocol.connection.their_state is h11.IDLE and bool(protocol.connection.trailing_data[0])


class Crowd:
    """The open connections."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.writers: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def serve(
        self,
        app: AppWrapper,
        config: Config,
        context: WorkerContext,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Serve a new one, or turn it away when there are too many."""
        task = cast(asyncio.Task[Any], asyncio.current_task())
        if len(self.writers) >= self._limits.max_connections:
            tls = writer.get_extra_info("ssl_object")
            if tls is None or tls.selected_alpn_protocol() != "h2":
                writer.write(self._limits.crowded)
            writer.close()
            return
        self.writers[task] = writer
        try:
            await HypercornConnection(self._limits, app, config, context, reader, writer)
        except (asyncio.CancelledError, TimeoutError):
            pass  # cut off at the end, or no answer to the end of TLS; asyncio would log either as an error
        finally:
            del self.writers[task]
