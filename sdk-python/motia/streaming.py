"""Bodies that a handler gives piece by piece: generators, async generators, files."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from motia._gen.motia.v1 import invoke_pb2, sidecar_pb2
from motia.errors import BadResultError
from motia.middleware import in_thread
from motia.payload import encode
from motia.response import Answer, fill_head
from motia.wire import pack

if TYPE_CHECKING:
    from motia.attempt import Attempt
    from motia.runtime import Runtime

CHUNK_BYTES = 128 * 1024  # longest piece of one frame
CONTENT_TYPES = {
    invoke_pb2.BODY_KIND_TEXT: "text/plain; charset=utf-8",
    invoke_pb2.BODY_KIND_BINARY: "application/octet-stream",
    invoke_pb2.BODY_KIND_JSON: "application/x-ndjson",
}


def is_streamed(body: Any) -> bool:
    """Whether a body is to be sent piece by piece: an iterator, an async iterable or a file."""
    return isinstance(body, (Iterator, AsyncIterable, io.IOBase))


class ResponseStream:
    """Sends one response piece by piece, as fast as its client takes them.

    A piece is bytes, a str, or anything else as one line of JSON. Status and headers go out with the first piece,
    or at once when the headers name the content type.
    """

    def __init__(self, attempt: Attempt, answer: Answer, runtime: Runtime) -> None:
        if not runtime.can_stream:
            raise BadResultError("this core does not take bodies piece by piece: upgrade motia-core")
        self._attempt = attempt
        self._answer = answer
        self._outbox = runtime.outbox
        self._threads = runtime.nested_threads
        self._window_bytes = runtime.chunk_window_bytes
        self._sent_bytes = 0
        self._acknowledged_bytes = 0
        self._has_started = False
        self.is_left = False  # the client has
        self._wake: Callable[[], object] = lambda: None
        self._room: asyncio.Event | None = None  # of who waits for room on a loop
        attempt.stream = self
        attempt.on_cancel.append(self._leave)
        if any(name.lower() == "content-type" for name in answer.headers[::2]):
            self._start(invoke_pb2.BODY_KIND_BINARY)

    # On the protocol thread.

    def acknowledge(self, total_bytes: int) -> None:
        """So much has gone on to the client."""
        self._acknowledged_bytes = total_bytes
        self._wake()

    def _leave(self) -> None:
        self.is_left = True
        self._wake()

    # On the loop of the handler.

    async def send(self) -> None:
        """Send everything. Returns early when the client leaves."""
        body = self._answer.body
        if not isinstance(body, AsyncIterable):
            await in_thread(self._threads, self.send_blocking)
            return
        loop = asyncio.get_running_loop()
        pump = asyncio.ensure_future(self._pump(body))
        self._wake = lambda: loop.call_soon_threadsafe(self._look, pump)
        self._look(pump)  # the client may have left before
        try:
            await pump
        except asyncio.CancelledError:
            if not self.is_left:
                pump.cancel()
                raise
        finally:
            if (close := getattr(body, "aclose", None)) is not None:
                await close()

    async def _pump(self, body: AsyncIterable[Any]) -> None:
        async for piece in body:
            for data in self._pieces(piece):
                while not self._has_room(data):
                    self._room = asyncio.Event()
                    if not self._has_room(data):  # it may have come just before
                        await self._room.wait()
                self._send(data)
        self._finish()

    def _look(self, pump: asyncio.Future[None]) -> None:
        if self.is_left:
            pump.cancel()
        elif self._room is not None:
            self._room.set()

    # In a thread.

    def send_blocking(self) -> None:
        """Send everything of a body that is no async iterable. Returns early when the client leaves."""
        body = self._answer.body
        woken = threading.Event()
        self._wake = woken.set
        try:
            for piece in _blocks(body) if isinstance(body, io.IOBase) else body:
                for data in self._pieces(piece):
                    while not self.is_left and not self._has_room(data):
                        woken.wait()
                        woken.clear()
                    if self.is_left:
                        return
                    self._send(data)
            self._finish()
        finally:
            if (close := getattr(body, "close", None)) is not None:
                close()

    # Anywhere.

    def _has_room(self, data: bytes) -> bool:
        on_the_way = self._sent_bytes - self._acknowledged_bytes
        return on_the_way == 0 or on_the_way + len(data) <= self._window_bytes

    def _pieces(self, piece: Any) -> Iterable[bytes]:
        """A piece as bytes, none too long for a frame."""
        if isinstance(piece, str):
            kind, data = invoke_pb2.BODY_KIND_TEXT, piece.encode(errors="replace")
        elif isinstance(piece, (bytes, bytearray, memoryview)):
            kind, data = invoke_pb2.BODY_KIND_BINARY, bytes(piece)
        else:
            kind, data = invoke_pb2.BODY_KIND_JSON, encode(piece, "a piece of the body") + b"\n"
        if not self._has_started:
            self._start(kind)
        if len(data) <= CHUNK_BYTES:
            return (data,) if data else ()
        return (data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES))

    def _start(self, kind: invoke_pb2.BodyKind) -> None:
        frame = sidecar_pb2.SidecarFrame()
        start = frame.response_start
        start.invocation_id = self._attempt.id
        start.lease_token = self._attempt.lease_token
        fill_head(start.response, self._answer)
        start.response.body_kind = invoke_pb2.BODY_KIND_BINARY
        if not any(name.lower() == "content-type" for name in self._answer.headers[::2]):
            start.response.headers.extend(("content-type", CONTENT_TYPES[kind]))
        self._has_started = True
        self._outbox.free(self._attempt)
        self._outbox.send(pack(frame))

    def _send(self, data: bytes) -> None:
        frame = sidecar_pb2.SidecarFrame()
        chunk = frame.response_chunk
        chunk.invocation_id = self._attempt.id
        chunk.lease_token = self._attempt.lease_token
        chunk.data = data
        self._sent_bytes += len(data)
        self._outbox.send(pack(frame))

    def _finish(self) -> None:
        if not self._has_started:
            self._start(invoke_pb2.BODY_KIND_BINARY)


def _blocks(file: Any) -> Iterator[Any]:
    while block := file.read(CHUNK_BYTES):
        yield block
