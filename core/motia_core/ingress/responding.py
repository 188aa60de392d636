"""Sends responses whose bodies are there, also to clients that are still sending."""

from __future__ import annotations

import asyncio

from motia_core.ingress.interface import Receive, Scope, Send
from motia_core.ingress.reply import Reply
from motia_core.ingress.streaming import start_of

LINGER_S = 1.0  # how long an unread body is taken in after the response, so that the client gets to read it


async def respond(reply: Reply, scope: Scope, receive: Receive, send: Send, *, unread: bool) -> None:
    """Send a response.

    Args:
        unread: The request has, or may have, a body that nobody has read.
    """
    await send(start_of(reply, scope))
    if unread:
        # a client that is still sending would get a reset instead of the response if the connection closed now
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        await _take_rest(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        await send({"type": "http.response.body", "body": reply.body, "more_body": False})


async def _take_rest(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LINGER_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
