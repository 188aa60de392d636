"""Sends bodies that come piece by piece, no faster than the client takes them."""

from __future__ import annotations

from motia_core.errors import MotiaError
from motia_core.ingress.interface import Message, Receive, Scope, Send
from motia_core.ingress.leaving import while_client_stays
from motia_core.ingress.reply import Reply
from motia_core.model.http import Chunks


class BrokenOffError(Exception):
    """A response cannot be finished, and its beginning is with the client already."""


def start_of(reply: Reply, scope: Scope) -> Message:
    """The message with status and headers."""
    headers = reply.pairs()
    if reply.is_closing and scope["http_version"].startswith("1"):
        headers.append((b"connection", b"close"))
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def stream(reply: Reply, chunks: Chunks, scope: Scope, receive: Receive, send: Send, *, watches: bool) -> None:
    """Send a response piece by piece; the handler hears when the client leaves.

    Args:
        watches: The server tells only through `receive` that the client has left.

    Raises:
        ClientGoneError: The client has left.
        BrokenOffError: The handler failed half-way.
    """
    try:
        sending = _send_all(reply, chunks, scope, send)
        await (while_client_stays(receive, sending) if watches else sending)
    except BaseException:
        chunks.abandon()
        raise


async def _send_all(reply: Reply, chunks: Chunks, scope: Scope, send: Send) -> None:
    await send(start_of(reply, scope))
    try:
        while data := await chunks.next():
            await send({"type": "http.response.body", "body": data, "more_body": True})
    except MotiaError as error:
        raise BrokenOffError(error.message) from error
    await send({"type": "http.response.body", "body": b"", "more_body": False})
