"""HTTP/1.1 over a unix socket, to the Express app of motia.config in a sidecar: both directions at the same time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import h11

from motia_core.ingress.interface import HeaderPair

CHUNK_BYTES = 64 * 1024
MAX_HEAD_BYTES = 256 * 1024  # of a response
MAX_IDLE = 64  # connections kept open for each sidecar


class UpstreamLostError(Exception):
    """The connection ended before the response did."""


class Link:
    """One connection; one exchange at a time."""

    def __init__(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.address = address
        self.is_body_wanted = asyncio.Event()  # the app reads the body that was held back
        self._reader = reader
        self._writer = writer
        self._http = self._fresh()

    @classmethod
    async def open(cls, address: str) -> Link:
        """Connect.

        Raises:
            OSError: Nobody answers there.
        """
        reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix://"), limit=4 * CHUNK_BYTES)
        return cls(address, reader, writer)

    @property
    def is_usable(self) -> bool:
        """Whether another exchange can begin."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    async def ask(self, request: h11.Request, body: bytes | None) -> None:
        """Send a request with its whole body; None: the body follows in `send`."""
        data = self._http.send(request) or b""
        if body is not None:
            if body:
                data += self._http.send(h11.Data(data=body)) or b""
            data += self._http.send(h11.EndOfMessage()) or b""
        self._write(data)
        await self.drain()

    def send(self, chunk: bytes) -> None:
        """Send a part of the body; then `drain`.

        Raises:
            UpstreamLostError: The connection is closed; there may be a response all the same.
        """
        self._write(self._http.send(h11.Data(data=chunk)) or b"")

    def end(self) -> None:
        """Say that the body is complete. Raises: as `send`."""
        self._write(self._http.send(h11.EndOfMessage()) or b"")

    async def drain(self) -> None:
        """Wait until the app takes more. Raises: as `send`."""
        try:
            await self._writer.drain()
        except OSError as error:
            raise UpstreamLostError from error

    async def head(self) -> h11.Response:
        """The status and headers of the response.

        Raises:
            UpstreamLostError: There is none.
        """
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
            if isinstance(event, h11.InformationalResponse) and event.status_code == 100:
                self.is_body_wanted.set()

    async def chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """The body of the response as it comes, and whether that was all.

        Raises:
            UpstreamLostError: It ended too early.
        """
        waiting, waits = b"", False  # what is not there at once is waited for when the head has gone out
        while True:
            event = await self._event(waits=waits)
            waits = event is None
            if event is None:
                yield waiting, False
                waiting = b""
            elif isinstance(event, h11.Data):
                waiting += event.data
            elif isinstance(event, h11.EndOfMessage):
                yield waiting, True
                return

    def renew(self) -> bool:
        """Prepare for another exchange; False: this connection cannot be used again, and is closed."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE or not self.is_usable:
            self.close()
            return False
        self._http = self._fresh()
        self.is_body_wanted = asyncio.Event()
        return True

    def close(self) -> None:
        """Close the connection; the app sees a client that left."""
        self._writer.transport.abort()

    async def _event(self, *, waits: bool = True) -> object:
        """The next event; None: nothing is there yet, and the caller does not wait."""
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                if not waits:
                    return None
                data = await self._reader.read(CHUNK_BYTES)
                self._http.receive_data(data)
        except (OSError, h11.RemoteProtocolError) as error:
            raise UpstreamLostError from error
        if isinstance(event, h11.ConnectionClosed):
            raise UpstreamLostError
        return event

    def _write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise UpstreamLostError
        self._writer.write(data)

    def _fresh(self) -> h11.Connection:
        return h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)


class Links:
    """The connections, kept open between exchanges."""

    def __init__(self) -> None:
        self._idle: dict[str, list[Link]] = defaultdict(list)

    async def take(self, address: str) -> Link:
        """A connection to this address.

        Raises:
            OSError: Nobody answers there.
        """
        idle = self._idle[address]
        while idle:
            link = idle.pop()
            if link.is_usable:
                return link
            link.close()
        del self._idle[address]  # of a sidecar that may have ended
        return await Link.open(address)

    def give_back(self, link: Link) -> None:
        """An exchange has ended, in whatever way."""
        if link.renew():
            idle = self._idle[link.address]
            if len(idle) < MAX_IDLE:
                idle.append(link)
            else:
                link.close()

    def close(self) -> None:
        """Close those that nobody uses."""
        for idle in self._idle.values():
            for link in idle:
                link.close()
        self._idle.clear()


def request_headers(raw: list[HeaderPair]) -> list[HeaderPair]:
    """Headers of a client's request that go on to the app: not those of the connection or of the body's framing."""
    own = {name.strip().lower() for key, value in raw if key == b"connection" for name in value.split(b",")}
    kept = [pair for pair in raw if pair[0] not in OF_CONNECTION and pair[0] not in own]
    host = next((value for name, value in kept if name == b"host"), b"localhost")
    return [(b"host", host), *(pair for pair in kept if pair[0] != b"host")]


def response_headers(response: h11.Response) -> list[HeaderPair]:
    """Headers of the app's response that go on to the client."""
    return [pair for pair in response.headers if pair[0] not in OF_CONNECTION or pair[0] == b"content-length"]


# between us and the sidecar only, in either direction
OF_CONNECTION = frozenset(
    b"connection content-length expect http2-settings keep-alive proxy-connection te trailer transfer-encoding "
    b"upgrade motia-front motia-pass motia-changes motia-body".split()
)
