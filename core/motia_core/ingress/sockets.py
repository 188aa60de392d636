"""WebSocket steps: a handshake, messages one after the other, an end; each is an attempt of the step."""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus

import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.router import SOCKETS, RouteMatch
from motia_core.engine.services import Requests
from motia_core.engine.sockets import Sockets
from motia_core.errors import BodyInvalidError, MotiaError
from motia_core.ingress import websocket
from motia_core.ingress.headers import flat, of_handshake
from motia_core.ingress.interface import App, Message, Receive, Scope, Send
from motia_core.ingress.places import Places
from motia_core.ingress.problem import internal, problem
from motia_core.ingress.query import query_json
from motia_core.ingress.reply import UnusableResponseError, reply_to
from motia_core.ingress.routing import Catalog, trace_of
from motia_core.ingress.socket_connection import OpenSocket
from motia_core.model.http import (
    BodyFormat,
    BodyKind,
    HttpRequest,
    HttpResponse,
    SocketEvent,
    SocketEventKind,
    SocketMessage,
)
from motia_core.model.trace import TraceSource

GOING_AWAY, TOO_BIG, INTERNAL_ERROR, ABNORMAL = 1001, 1009, 1011, 1006  # RFC 6455, 7.4.1
_HANDSHAKE = frozenset(b"connection upgrade sec-websocket-accept sec-websocket-protocol content-length".split())


class SocketsApp:
    """ASGI 3 application for the websocket scope.

    Args:
        places: For how many connections.
        max_message_bytes: Largest message from a client.
        otherwise: Serves paths that are no step's.
    """

    def __init__(
        self,
        catalog: Catalog,
        requests: Requests,
        traces: TraceSource,
        clock: Clock,
        sockets: Sockets,
        log: Log,
        places: Places,
        *,
        max_message_bytes: int,
        otherwise: App = websocket.refuse,
    ) -> None:
        self._catalog, self._requests, self._traces, self._clock = catalog, requests, traces, clock
        self._sockets, self._log, self._places = sockets, log, places
        self._max_message_bytes, self._otherwise = max_message_bytes, otherwise

    def leave(self) -> None:
        """The core shuts down: every client is to go elsewhere."""
        self._sockets.close_all(GOING_AWAY, "the core is shutting down")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("latin-1")
        match = self._catalog.router.match_socket(path)
        if not isinstance(match, RouteMatch):
            await self._otherwise(scope, receive, send)
            return
        if (await receive())["type"] == "websocket.connect":
            await _Serving(self, match, scope, path, receive, send).run()


class _Serving:
    """One connection."""

    def __init__(
        self, app: SocketsApp, match: RouteMatch, scope: Scope, path: str, receive: Receive, send: Send
    ) -> None:
        self._app, self._step, self._scope, self._receive, self._send = app, match.step, scope, receive, send
        self._path, self._params = path, match.params
        self._headers = of_handshake(scope)
        self._id = secrets.token_urlsafe(12)
        task = asyncio.current_task()
        assert task is not None
        self._task: asyncio.Task[object] = task
        self._socket = OpenSocket(path, send, task)

    async def run(self) -> None:
        """Serve it from its handshake to its end."""
        sockets = self._app._sockets
        try:
            self._app._places.take()
        except MotiaError as error:
            await websocket.answer(self._scope, self._send, problem(error))
            return
        sockets.add(self._id, self._socket)
        writing: asyncio.Task[None] | None = None
        code, reason, is_open = ABNORMAL, "", False
        try:
            is_open = await self._handshake()
            if is_open:
                writing = asyncio.create_task(self._socket.write())
                code, reason = await self._messages()
        except asyncio.CancelledError:
            if not self._socket.is_given_up:
                raise
            self._task.uncancel()
        finally:
            sockets.remove(self._id)
            self._app._places.leave()
            self._socket.ended()
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
        if is_open:
            if self._socket.is_slow:
                self._app._log.record("warn", f"{self._path}: a client that reads too slowly was sent away")
            await self._closed(code, reason)

    async def _handshake(self) -> bool:
        """Ask the step; whether the client is let in."""
        try:
            response = await self._event(SocketEvent(SocketEventKind.CONNECT, self._id))
            reply = reply_to(response, "GET", {})
            if response.status >= HTTPStatus.BAD_REQUEST:
                await websocket.answer(self._scope, self._send, reply)
                return False
            headers = reply.headers if response.headers else []
        except MotiaError as error:
            await websocket.answer(self._scope, self._send, problem(error))
            return False
        except UnusableResponseError as error:
            self._app._log.record("error", f"{self._step.name} returned a response that cannot be sent: {error}")
            await websocket.answer(self._scope, self._send, internal())
            return False
        chosen = next((value.decode("latin-1") for name, value in headers if name == b"sec-websocket-protocol"), "")
        await self._send(
            {
                "type": "websocket.accept",
                "subprotocol": chosen if chosen in self._scope.get("subprotocols", ()) else None,
                "headers": [pair for pair in headers if pair[0] not in _HANDSHAKE and pair[0] != b"content-type"],
            }
        )
        return True

    async def _messages(self) -> tuple[int, str]:
        """Handle messages, one after the other, until the client leaves; the code and reason of that."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return message.get("code") or ABNORMAL, message.get("reason") or ""
            if not self._socket.is_closing:
                await self._message(message)

    async def _message(self, message: Message) -> None:
        text = message.get("text")
        data: bytes = message.get("bytes") or b"" if text is None else text.encode()
        if len(data) > self._app._max_message_bytes:
            limit = self._app._max_message_bytes
            self._socket.close(TOO_BIG, f"a message may have {limit} bytes")
            return
        try:
            body_format = self._format(data, is_text=text is not None)
            event = SocketEvent(SocketEventKind.MESSAGE, self._id)
            response = await self._event(event, body_format, data)
        except MotiaError as error:
            if error.http_status != HTTPStatus.BAD_REQUEST:
                self._socket.close(INTERNAL_ERROR, "the step failed")
                return
            self._socket.send(
                SocketMessage(problem(error).body, is_text=True)
            )  # the client's fault, and only of this message
            return
        if response.chunks is not None:
            response.chunks.abandon()
        elif response.body_kind is not BodyKind.NONE:
            self._socket.send(SocketMessage(response.body, response.body_kind is not BodyKind.BINARY))

    def _format(self, data: bytes, *, is_text: bool) -> BodyFormat:
        if not is_text:
            return BodyFormat.BINARY
        if self._step.schema is None:
            return BodyFormat.TEXT
        try:
            orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise BodyInvalidError(f"The message is not valid JSON: {error}.") from error
        return BodyFormat.JSON

    async def _closed(self, code: int, reason: str) -> None:
        try:
            await self._event(SocketEvent(SocketEventKind.CLOSE, self._id, code, reason))
        except MotiaError as error:  # its client is gone; a failed handler is in the log already
            what = f"{self._step.name} was not told that a client of {self._path} has left: {error.message}"
            self._app._log.record("debug", what)

    async def _event(
        self, event: SocketEvent, body_format: BodyFormat = BodyFormat.NONE, body: bytes = b""
    ) -> HttpResponse:
        """An attempt of the step. Raises MotiaError."""
        app, query = self._app, self._scope["query_string"]
        request = HttpRequest(
            SOCKETS,
            self._path,
            self._params,
            query_json(query) if query else b"",
            flat(self._headers),
            body_format,
            body,
            b"",
            socket=event,
        )
        continued = self._headers if event.kind is SocketEventKind.CONNECT else {}  # each message is a run of its own
        trace = trace_of(continued, app._traces, app._clock.now_ms())
        return await app._requests.handle(self._step, request, trace)
