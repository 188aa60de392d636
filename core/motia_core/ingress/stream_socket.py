"""Serves one WebSocket connection of a stream client, from its handshake to its end."""

from __future__ import annotations

import asyncio
import traceback

import orjson

from motia_core.errors import MotiaError
from motia_core.ingress import websocket
from motia_core.ingress.frame_rate import FLOOD, FrameRate, Verdict
from motia_core.ingress.headers import asked_with
from motia_core.ingress.interface import Receive, Scope, Send
from motia_core.ingress.problem import problem
from motia_core.ingress.stream_client import StreamClient
from motia_core.ingress.stream_connection import WEBSOCKET, AsgiConnection, StreamConnection
from motia_core.ingress.subscriptions import StreamServices, Subscriptions
from motia_core.settings import StreamSettings

GOING_AWAY, POLICY_VIOLATION, SHUTS_DOWN = 1001, 1008, "the core is shutting down"


async def authenticated(services: StreamServices, scope: Scope) -> bytes:
    """The auth context of whoever asks.

    Raises:
        StreamAuthError: It may not connect.
    """
    return await services.access.authenticate(*asked_with(scope))


class StreamSocket:
    """One connection. Without a task beside the server's own, if the server has a `StreamConnection`."""

    __slots__ = ("_connection", "_is_leaving", "_rate", "_receive", "_scope", "_send", "_services", "_settings")

    def __init__(
        self, services: StreamServices, settings: StreamSettings, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._services, self._settings = services, settings
        self._scope, self._receive, self._send = scope, receive, send
        self._is_leaving = False
        task = asyncio.current_task()
        assert task is not None
        own: StreamConnection | None = scope.get("state", {}).get(WEBSOCKET)
        self._connection = AsgiConnection(send, task) if own is None else own
        self._rate = FrameRate(settings.max_frames_per_s, services.clock.mono_s())

    async def run(self) -> None:
        """Serve it; `websocket.connect` has been received."""
        try:
            auth = await authenticated(self._services, self._scope)
        except MotiaError as error:
            await websocket.answer(self._scope, self._send, problem(error))
            return
        subscriptions = Subscriptions(self._services, self._connection, auth, self._scope)
        most = self._settings.max_subscriptions
        client = StreamClient(self._services, self._connection, subscriptions, max_subscriptions=most)
        try:
            await self._connection.accept(self._subprotocol(), self._settings.max_waiting_bytes)
            if self._is_leaving:
                self.leave()
            await self._messages(client)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not self._connection.is_given_up:
                raise
            task.uncancel()
        finally:
            await self._connection.ended()
            await client.end()
        if self._connection.is_slow:
            self._services.log.record("warn", "a client of streams that reads too slowly was sent away")

    def leave(self) -> None:
        """The core shuts down: the client is to go elsewhere."""
        self._is_leaving = True
        self._connection.close(GOING_AWAY, SHUTS_DOWN)

    def _subprotocol(self) -> str | None:
        """The first that is offered: browsers hang up when none is chosen, and what 0.x's clients offer after it may be
        a token."""
        offered: list[str] = self._scope.get("subprotocols") or []
        return offered[0] if offered else None

    async def _messages(self, client: StreamClient) -> None:
        """Handle messages until the client leaves. What it sends meanwhile waits with the server, which stops
        reading."""
        receive, connection, mono_s = self._receive, self._connection, self._services.clock.mono_s
        while (message := await receive())["type"] != "websocket.disconnect":
            if not connection.is_open:
                continue
            match self._rate.take(mono_s()):
                case Verdict.TAKEN:
                    await self._handle(client, message.get("text"))
                    await connection.taken()
                    continue
                case Verdict.DROPPED_ALOUD:
                    rate = self._settings.max_frames_per_s
                    client.refuse("RATE_LIMITED", f"A client may send {rate} frames a second.")
                case Verdict.FLOOD:
                    connection.close(POLICY_VIOLATION, f"more than {FLOOD} times the allowed rate")
                case Verdict.DROPPED:
                    pass
            await asyncio.sleep(0)  # messages that wait already come without a turn for others

    async def _handle(self, client: StreamClient, text: str | None) -> None:
        try:
            await client.handle(text)
        except Exception as error:  # the boundary of a message
            fields = orjson.dumps(
                {"error": {"message": str(error), "stack": "".join(traceback.format_exception(error))}}
            )
            what = f"unexpected error while serving a client of streams: {type(error).__name__}: {error}"
            self._services.log.record("error", what, fields=fields)
            client.refuse("UNAVAILABLE", "The core failed. Its log says how.")
