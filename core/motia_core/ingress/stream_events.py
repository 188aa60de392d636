"""Streams as server-sent events: a subscription that is a response without an end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qs

from motia_core.errors import PathInvalidError, QueryInvalidError, RouteNotFoundError
from motia_core.ingress.backlog import Backlog
from motia_core.ingress.headers import single
from motia_core.ingress.interface import HeaderPair, Scope, Send
from motia_core.ingress.outbox import Outbox
from motia_core.ingress.stream_connection import CLOSE_S
from motia_core.ingress.subscriptions import StreamServices, Subscriptions
from motia_core.model.route import decode_component
from motia_core.model.stream import Address
from motia_core.model.stream_frame import Frame, of_answer
from motia_core.settings import StreamSettings

PREFIX = "/__motia/streams"
COMMENT_S = 15.0
HEADERS: tuple[HeaderPair, ...] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # or nginx would keep events back
)
_COMMENT = b":\n\n"
# what a client may come back with: it has everything up to there
_POSITIONS = frozenset(("sync", "create", "update", "delete", "event"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    address: Address
    after: int  # the sequence that the client has; 0: it has nothing


def asked(scope: Scope) -> Asked:
    """Read a request.

    Raises:
        RouteNotFoundError, PathInvalidError, QueryInvalidError: It cannot be read.
    """
    path = scope["raw_path"].decode("latin-1")
    segments = path.partition(f"{PREFIX}/")[2].split("/")
    if len(segments) not in (2, 3) or not all(segments):
        raise RouteNotFoundError(
            f"Streams are at {PREFIX}/{{stream}}/{{group}} and {PREFIX}/{{stream}}/{{group}}/{{id}}."
        )
    names = [name for segment in segments if (name := decode_component(segment)) is not None]
    if len(names) != len(segments):
        raise PathInvalidError
    address = Address(*names)
    given = parse_qs(scope["query_string"].decode("latin-1")).get("sequence", [""])[-1]
    if given and not _is_sequence(given):
        raise QueryInvalidError("sequence must be a whole number.")
    last = single(scope["headers"]).get(b"last-event-id", b"").decode("latin-1").strip()
    # a browser that comes back has the same URL, and knows better by now
    after = last if _is_sequence(last) else given
    return Asked(address, int(after or 0))


class EventStream:
    """One client. It is a `Watcher`.

    Args:
        send: Of the server; waits while the client does not read.
        task: Serves the client; it is cancelled when the client takes nothing.
    """

    def __init__(
        self, services: StreamServices, settings: StreamSettings, send: Send, task: asyncio.Task[object]
    ) -> None:
        self._services, self._send, self._task = services, send, task
        self._outbox = Outbox()
        self._subscriptions: Subscriptions | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.backlog = Backlog(settings.max_waiting_bytes, self._outbox.size, self._too_slow)
        self.is_slow = False
        self.is_given_up = False

    def deliver(self, frame: Frame) -> None:
        """See `Watcher.deliver`."""
        self._outbox.put(frame)
        self.backlog.sent(len(frame.text))

    def leave(self) -> None:
        """The core shuts down: send what waits, and end."""
        self._outbox.close()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(CLOSE_S, self._give_up)

    async def join(self, ask: Asked, auth: bytes, scope: Scope) -> None:
        """Subscribe.

        Raises:
            NotAvailableError, StreamAccessError, UnauthorizedError, ForbiddenError, StoreError: As in `Subscriptions`.
        """
        self._subscriptions = Subscriptions(self._services, self, auth, scope)
        joined = await self._subscriptions.join(ask.address, "", after=ask.after)
        if ask.after:
            event = {"type": "joined", "subscriptionId": "", "sequence": joined.sequence, "resumed": joined.is_resumed}
            now_us = self._services.clock.now_us()
            first = of_answer(ask.address, event, at_us=now_us, sequence=joined.sequence)
            self._outbox.put(first, is_first=True)

    async def respond(self, headers: list[HeaderPair], *, is_head: bool) -> None:
        """Send what happens until the core leaves."""
        await self._send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *headers]})
        if not is_head:
            await self._write()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def end(self) -> None:
        """Nobody sends any more, or listens."""
        self.backlog.end()
        if self._timer is not None:
            self._timer.cancel()
        if self._subscriptions is not None:
            await self._subscriptions.end()

    async def _write(self) -> None:
        chunk = _COMMENT  # so that the client has the headers now
        while chunk:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            try:
                async with asyncio.timeout(COMMENT_S):
                    chunk = b"".join(map(_event, await self._outbox.take()))
            except TimeoutError:
                chunk = _COMMENT

    def _too_slow(self) -> None:
        self.is_slow = True
        self._give_up()

    def _give_up(self) -> None:
        self.is_given_up = True
        self._task.cancel()


def _is_sequence(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _event(frame: Frame) -> bytes:
    text = frame.text
    if b"\n" in text or b"\r" in text:  # only ever between the parts of a JSON text, never in them
        text = text.translate(_SPACES)
    if frame.sequence and frame.type in _POSITIONS:
        return b"event: %b\nid: %d\ndata: %b\n\n" % (frame.type.encode(), frame.sequence, text)
    return b"event: %b\ndata: %b\n\n" % (frame.type.encode(), text)


_SPACES = bytes.maketrans(b"\r\n", b"  ")
