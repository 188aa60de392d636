"""One request that the Express app of motia.config sees before any step: it answers, or it passes the request on."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass

import h11
import orjson

from motia_core.ingress.interface import ClientGoneError, HeaderPair, Send
from motia_core.ingress.tap import Tap
from motia_core.ingress.upstream import Link, UpstreamLostError, response_headers

LINGER_S = 1.0  # how long a body that the app did not read is taken in after its response
STALL_S = 30.0  # a body that the app does not take, beside a response that the client does not take, is given up
EAGER_BYTES = 64 * 1024  # shorter bodies are sent at once; longer ones when the app begins to read


@dataclass(frozen=True, slots=True)
class Passed:
    """The app did not answer. What it left for the step that does; names in lower case."""

    headers: list[HeaderPair]  # for the response
    changes: dict[str, object]  # of the request: method, url, headers
    body_kind: str  # "json" or "text": `body` is what a parser made of the request's body
    body: bytes


class Exchange:
    """A request on its way.

    Args:
        link: A connection to the app; given back by the caller.
        tap: The request's body.
        secret: What tells that a response is none, but means that the request goes on.
        watches: Whether somebody has to look out for the client's leaving; some servers tell in another way.
    """

    def __init__(self, link: Link, tap: Tap, secret: str, *, watches: bool) -> None:
        self._link = link
        self._tap = tap
        self._secret = secret
        self._watches = watches
        self._pump: asyncio.Task[None] | None = None
        self._is_gone = False
        self._sending_since_s = 0.0  # loop time; 0: the client waits for us
        self._body_is_over = asyncio.Event()  # nothing more of it will be read
        self.is_started = False  # the client has got a part of the response

    async def ask(self, request: h11.Request, *, body: bytes | None) -> h11.Response:
        """Send the request; the head of what comes back. `body` is None when it is sent once the app reads it.

        Raises:
            UpstreamLostError: The app's process went away.
            ClientGoneError: The client left.
        """
        await self._link.ask(request, body)
        if body is None or self._watches:
            self._pump = asyncio.create_task(self._feed())
        try:
            return await self._link.head()
        except UpstreamLostError:
            self._raise_if_gone()
            raise

    def passes(self, head: h11.Response) -> bool:
        """Whether the app did not answer."""
        return (b"motia-pass", self._secret.encode()) in head.headers

    async def passed(self, head: h11.Response) -> Passed:
        """What the app left for the step. Nothing reads the request's body from now on but the caller.

        Raises:
            UpstreamLostError, ClientGoneError: As above.
        """
        try:
            body = b"".join([chunk async for chunk, _ in self._link.chunks()])
        except UpstreamLostError:
            self._raise_if_gone()
            raise
        await self.stop()
        self._raise_if_gone()
        given = dict(head.headers)
        encoded = given.get(b"motia-changes", b"")
        changes = orjson.loads(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))) if encoded else {}
        headers = [pair for pair in response_headers(head) if pair[0] not in _OF_NO_BODY]
        return Passed(headers, changes, given.get(b"motia-body", b"").decode(), body)

    async def forward(self, head: h11.Response, send: Send, *, is_closing: bool, date: HeaderPair) -> None:
        """Give the client the app's response as it comes.

        Raises:
            UpstreamLostError, ClientGoneError: As above; the response is not complete.
        """
        is_read = self._pump is None or self._tap.is_ended or self._link.is_body_wanted.is_set()
        self._tap.forget()
        self._link.is_body_wanted.set()  # it may read on now, and cannot ask any more
        headers = response_headers(head)
        if not any(name == b"date" for name, _ in headers):
            headers.append(date)
        if is_closing or not is_read:
            headers.append((b"connection", b"close"))
        self.is_started = True
        await send({"type": "http.response.start", "status": head.status_code, "headers": headers})
        try:
            async for chunk, is_last in self._link.chunks():
                if is_last and self._pump is not None and not self._tap.is_ended:
                    # after the end of the response, servers let nobody read what the client still sends
                    await self._send(send, chunk, more=True)
                    await self._take_rest(None if is_read else LINGER_S)
                    chunk = b""
                await self._send(send, chunk, more=not is_last)
        except UpstreamLostError:
            self._raise_if_gone()
            raise

    async def stop(self) -> None:
        """End what still runs."""
        pump, self._pump = self._pump, None
        if pump is None:
            return
        pump.cancel()
        await asyncio.wait([pump])
        if not pump.cancelled() and (error := pump.exception()) is not None:
            raise error

    def _raise_if_gone(self) -> None:
        if self._is_gone:
            raise ClientGoneError

    async def _feed(self) -> None:
        """Send the body when it is wanted, and notice when the client leaves."""
        try:
            if not self._tap.is_ended:
                await self._link.is_body_wanted.wait()
                await self._send_body()
            self._body_is_over.set()
            if self._watches:
                await self._tap.until_gone()
        except ClientGoneError:
            self._is_gone = True
            self._body_is_over.set()
            self._link.close()  # whoever reads from it hears of it there

    async def _send_body(self) -> None:
        try:
            while (chunk := await self._tap.chunk()) is not None:
                self._link.send(chunk)
                await self._drain()
            self._link.end()
            await self._drain()
        except (UpstreamLostError, h11.LocalProtocolError):
            # the app has answered without the rest, or is gone: reading its response tells
            while await self._tap.chunk() is not None:
                pass

    async def _drain(self) -> None:
        """Wait until the app takes more of the body.

        A client that leaves while it is given no time to be heard (nobody reads, nobody can write) would be waited for
        for ever: some servers can tell only those who read.
        """
        while True:
            try:
                async with asyncio.timeout(STALL_S):
                    return await self._link.drain()
            except TimeoutError:
                if self._sending_since_s and asyncio.get_running_loop().time() - self._sending_since_s >= STALL_S:
                    self._link.close()
                    raise UpstreamLostError from None

    async def _send(self, send: Send, chunk: bytes, *, more: bool) -> None:
        self._sending_since_s = asyncio.get_running_loop().time()
        await send({"type": "http.response.body", "body": chunk, "more_body": more})
        self._sending_since_s = 0.0

    async def _take_rest(self, limit_s: float | None) -> None:
        """Let the client finish its body: the app reads on, or (for a while) nobody does."""
        try:
            async with asyncio.timeout(limit_s):
                await self._body_is_over.wait()
        except TimeoutError:
            pass


_OF_NO_BODY = frozenset((b"content-length", b"content-type", b"date"))
