"""Handshakes of WebSocket connections that are not completed."""

from __future__ import annotations

from contextlib import suppress

from motia_core.ingress.interface import Receive, Scope, Send
from motia_core.ingress.reply import Reply

POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the handshake: nothing is served there. The server answers 403."""
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "nothing is served here"})


async def answer(scope: Scope, send: Send, reply: Reply) -> None:
    """Refuse the handshake, which has been received, with a response."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "refused"})
        return
    start = {"type": "websocket.http.response.start", "status": reply.status, "headers": reply.pairs()}
    with suppress(OSError):  # the client has left
        await send(start)
        await send({"type": "websocket.http.response.body", "body": reply.body, "more_body": False})
