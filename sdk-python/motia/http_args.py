"""What http handlers of Motia 1.0 get: the request, and a response that they may write piece by piece instead of
returning one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from typing import Any

from motia.payload import Record

MOST_BUFFERED = 1024 * 1024  # bytes; who awaits `write` waits while there are more
CHUNK = 64 * 1024


class Done:
    """What need not be awaited, and may be."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


class ChannelReader:
    """The body of a request as it arrived, in pieces: `async for` and `for` both read it."""

    def __init__(self, body: str | bytes) -> None:
        self._body = body.encode() if isinstance(body, str) else bytes(body)
        self.stream = self

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), CHUNK):
            yield self._body[start : start + CHUNK]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    async def read_all(self) -> bytes:
        """All of it."""
        return self._body


class ChannelWriter:
    """Where the pieces of a response go."""

    def __init__(self, response: MotiaHttpResponse) -> None:
        self._response = response
        self.stream = self

    def write(self, data: Any) -> Any:
        """Send a piece: bytes or text."""
        return self._response.write(data.encode() if isinstance(data, str) else bytes(data))

    def close(self) -> Done:
        """Nothing more comes."""
        return self._response.close()

    end = close


class MotiaHttpResponse:
    """A response that is written. Used by one handler; from the loop, or all from one thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self.status_code = 200
        self.header_values: dict[str, Any] = {}
        self.writer = ChannelWriter(self)
        self.stream = self.writer
        self.is_used = False
        self.pieces: deque[bytes] = deque()
        self.is_closed = False
        self._size = 0
        self._written = asyncio.Event() if loop is not None else None  # something is there to be sent, or closed
        self._taken = asyncio.Event() if loop is not None else None

    def status(self, code: int) -> Done:
        """The status; 200 otherwise."""
        self.status_code, self.is_used = code, True
        return Done()

    def headers(self, headers: Mapping[str, Any]) -> Done:
        """Further headers."""
        self.header_values.update(headers)
        self.is_used = True
        return Done()

    def write(self, data: bytes) -> Any:
        """See `ChannelWriter.write`."""
        self.is_used = True
        self.pieces.append(data)
        self._size += len(data)
        if self._written is None:
            return Done()
        self._written.set()
        return self._room() if self._size > MOST_BUFFERED else Done()

    def close(self) -> Done:
        """Nothing more comes."""
        self.is_used = self.is_closed = True
        if self._written is not None:
            self._written.set()
        return Done()

    async def begun(self) -> None:
        """Until there is something to send."""
        assert self._written is not None  # only on a loop
        await self._written.wait()

    def head(self) -> dict[str, Any]:
        """Status and headers, as a handler returns them."""
        return {"status": self.status_code, "headers": self.header_values}

    async def sent(self, handler: asyncio.Task[Any]) -> AsyncIterator[bytes]:
        """The pieces, until the handler has ended; raises what it raises."""
        assert self._written is not None  # only on a loop
        assert self._taken is not None
        handler.add_done_callback(lambda _: self._written.set() if self._written else None)
        try:
            while True:
                while self.pieces:
                    piece = self.pieces.popleft()
                    self._size -= len(piece)
                    self._taken.set()
                    yield piece
                if handler.done():
                    handler.result()
                    return
                self._written.clear()
                await self._written.wait()
        finally:
            handler.cancel()

    async def _room(self) -> None:
        while self._size > MOST_BUFFERED:
            assert self._taken is not None  # only on a loop
            self._taken.clear()
            await self._taken.wait()


class MotiaHttpArgs(Record):
    """`request` and `response`; and what the request has, by its Python names: `body`, `path_params`, …"""

    __slots__ = ()


def http_args(request: Record, method: str, response: MotiaHttpResponse) -> MotiaHttpArgs:
    """What the handler gets."""
    own = Record(
        body=request["body"],
        path_params=request["pathParams"],
        query_params=request["queryParams"],
        headers=request["headers"],
        method=method,
        request_body=ChannelReader(request["rawBody"]),
    )
    both = Record(own, pathParams=own.path_params, queryParams=own.query_params, requestBody=own.request_body)
    return MotiaHttpArgs(own, request=both, response=response)
