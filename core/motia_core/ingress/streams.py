"""Streams for clients: over WebSocket on any path that no step serves, and as server-sent events."""

from __future__ import annotations

import asyncio
from typing import Protocol

from motia_core.errors import DrainingError, MethodNotAllowedError, MotiaError
from motia_core.ingress import websocket
from motia_core.ingress.date import DateHeader
from motia_core.ingress.finishing import Finishing
from motia_core.ingress.headers import single
from motia_core.ingress.interface import ClientGoneError, Receive, Scope, Send
from motia_core.ingress.leaving import while_client_stays
from motia_core.ingress.places import Places
from motia_core.ingress.problem import problem
from motia_core.ingress.reply import Reply
from motia_core.ingress.responding import respond
from motia_core.ingress.stream_events import EventStream, asked
from motia_core.ingress.stream_socket import StreamSocket, authenticated
from motia_core.ingress.subscriptions import StreamServices, may_look_inside
from motia_core.settings import HttpSettings, StreamSettings

ALLOWED = ("GET", "HEAD", "OPTIONS")


class _Client(Protocol):
    def leave(self) -> None: ...


class StreamsApp:
    """ASGI 3 application.

    Args:
        services: What there is for clients.
        places: For how many of them.
        settings: What they may do.
        http: CORS of event streams.
    """

    def __init__(
        self, services: StreamServices, places: Places, settings: StreamSettings, *, http: HttpSettings
    ) -> None:
        self._services, self._places, self._settings = services, places, settings
        self._finishing = Finishing(http)
        self._date = DateHeader(services.clock)
        self._clients: dict[asyncio.Task[object], _Client] = {}
        self._is_leaving = False

    @property
    def tasks(self) -> set[asyncio.Task[object]]:
        """Those that serve clients."""
        return set(self._clients)

    def leave(self) -> None:
        """The core shuts down: every client is to go elsewhere."""
        self._is_leaving = True
        for client in list(self._clients.values()):
            client.leave()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        if scope["type"] == "websocket":
            await self._socket(task, scope, receive, send)
        else:
            await self._http(task, scope, receive, send)

    async def _socket(self, task: asyncio.Task[object], scope: Scope, receive: Receive, send: Send) -> None:
        if not self._services.catalog.streams and not may_look_inside(self._services, scope):
            await websocket.refuse(scope, receive, send)
            return
        if (await receive())["type"] != "websocket.connect":
            return
        try:
            self._enter()
        except MotiaError as error:
            await websocket.answer(scope, send, problem(error))
            return
        client = self._clients[task] = StreamSocket(self._services, self._settings, scope, receive, send)
        try:
            await client.run()
        finally:
            self._exit(task)

    async def _http(self, task: asyncio.Task[object], scope: Scope, receive: Receive, send: Send) -> None:
        method, headers = scope["method"], single(scope["headers"])
        try:
            if method == "OPTIONS":
                reply = Reply(204, [], b"")
            elif method not in ALLOWED:
                raise MethodNotAllowedError(f"Streams do not take {method}.", allowed=ALLOWED)
            else:
                await self._events(task, scope, receive, send)
                return
        except ClientGoneError:
            return
        except MotiaError as error:
            reply = problem(error, method=method)
        if reply.status in (204, 405):
            reply.headers.append((b"allow", ", ".join(ALLOWED).encode()))
        reply.headers.append(self._date.pair())
        await self._finishing.apply(reply, method, headers)
        has_body = b"content-length" in headers or b"transfer-encoding" in headers or scope["http_version"] > "1.1"
        await respond(reply, scope, receive, send, unread=has_body)

    async def _events(self, task: asyncio.Task[object], scope: Scope, receive: Receive, send: Send) -> None:
        ask = asked(scope)
        self._enter()
        client = self._clients[task] = EventStream(self._services, self._settings, send, task)
        headers = [self._date.pair(), *self._finishing.cors(single(scope["headers"]))]
        try:
            await client.join(ask, await authenticated(self._services, scope), scope)
            await while_client_stays(receive, client.respond(headers, is_head=scope["method"] == "HEAD"))
        except asyncio.CancelledError:
            if not client.is_given_up:
                raise
            task.uncancel()
        finally:
            # not while the client is watched: it counts as gone when it has the whole response
            await client.end()
            self._exit(task)
            if client.is_slow:
                self._services.log.record("warn", "a client of streams that reads too slowly was cut off")

    def _enter(self) -> None:
        """Raises DrainingError, OverloadedError."""
        if self._is_leaving:
            raise DrainingError
        self._places.take()

    def _exit(self, task: asyncio.Task[object]) -> None:
        del self._clients[task]
        self._places.leave()
