"""WebSocket connections. None are served yet: this is where the edge of the streams will be."""

from __future__ import annotations

from motia_core.ingress.interface import Receive, Scope, Send

POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the handshake; the server answers 403."""
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "no streams are served here"})
