"""The served half of the scripted core: a gRPC server with one sidecar as its client, and witnesses of what is said."""

from __future__ import annotations

import asyncio
import tempfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import grpc
import grpc.aio

from motia_core._gen.motia.v1 import sidecar_pb2, telemetry_pb2
from motia_core.conformance.wire.process import Process

ENDED_S = 0.2  # what a process that has ended said last may still be on its way


class Witness(Protocol):
    """Sees everything that is said, as it is said."""

    def connected(self) -> None:
        """A Session stream was opened."""

    def disconnected(self) -> None:
        """It has ended."""

    def heard(self, request: sidecar_pb2.SessionRequest, size: int) -> None:
        """The sidecar has sent a message of this many bytes."""

    def said(self, response: sidecar_pb2.SessionResponse) -> None:
        """The core sends a message."""

    def telemetry_opened(self) -> None:
        """A Telemetry stream was opened."""

    def telemetry(self, request: telemetry_pb2.TelemetryRequest) -> None:
        """The sidecar has sent records."""

    def telemetry_closed(self) -> None:
        """A Telemetry stream has ended."""


class SidecarEndedError(AssertionError):
    """The sidecar ended while something was expected of it."""


class Served(ABC):
    """Serves one sidecar on a unix socket."""

    def __init__(self, witnesses: Sequence[Witness] = ()) -> None:
        self.witnesses = list(witnesses)
        self.messages: list[list[str]] = []  # the kinds of frames in each message
        self.message_bytes: list[int] = []
        self.frames: list[sidecar_pb2.SidecarFrame] = []
        self.logs: list[telemetry_pb2.LogRecord] = []
        self.telemetry_sessions: list[str] = []  # what the first message of each Telemetry stream names
        self.dropped = 0
        self.connections = 0
        self.process: Process | None = None
        self.on_frame: Callable[[sidecar_pb2.SidecarFrame], None] = lambda _frame: None  # told when it was reacted to
        self.reading = asyncio.Event()  # not set: the core has stopped to read
        self.reading.set()
        self.read_telemetry = asyncio.Event()
        self.read_telemetry.set()
        self._arrived = asyncio.Event()
        self._outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])

    async def __aenter__(self) -> Any:
        handlers: dict[str, Any] = {
            "Session": grpc.stream_stream_rpc_method_handler(self._session),
            "Telemetry": grpc.stream_stream_rpc_method_handler(self._telemetry),
        }
        service = grpc.method_handlers_generic_handler("motia.v1.SidecarService", handlers)
        self._server.add_generic_rpc_handlers((service,))
        self._folder = tempfile.TemporaryDirectory(prefix="motia-")  # short: socket paths are limited to 107 bytes
        self.socket = Path(self._folder.name) / "core.sock"
        self._server.add_insecure_port(f"unix://{self.socket}")
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.reading.set()
        self.read_telemetry.set()
        if self.process is not None:
            await self.process.output()
        await self._server.stop(grace=None)
        self._folder.cleanup()

    @abstractmethod
    def react(self, frame: sidecar_pb2.SidecarFrame) -> None:
        """Do what a core does by itself when it gets a frame."""

    # Streams.

    async def _session(self, requests: AsyncIterator[bytes], context: Any) -> None:
        self.connections += 1
        for witness in self.witnesses:
            witness.connected()
        outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._outgoing = outgoing
        self._notify()
        reader = asyncio.create_task(self._read(requests))
        writer = asyncio.create_task(self._write(outgoing, context))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)
            for witness in self.witnesses:
                witness.disconnected()
            self._notify()

    async def _read(self, requests: AsyncIterator[bytes]) -> None:
        async for data in requests:
            await self.reading.wait()
            request = sidecar_pb2.SessionRequest.FromString(data)
            self.message_bytes.append(len(data))
            self.messages.append([frame.WhichOneof("frame") or "unknown" for frame in request.frames])
            for witness in self.witnesses:
                witness.heard(request, len(data))
            for frame in request.frames:
                self.react(frame)
                self.on_frame(frame)
            self.frames += request.frames
            self._notify()

    async def _write(self, outgoing: asyncio.Queue[bytes | None], context: Any) -> None:
        while (message := await outgoing.get()) is not None:
            if self.witnesses:
                response = sidecar_pb2.SessionResponse.FromString(message)
                for witness in self.witnesses:
                    witness.said(response)
            await context.write(message)

    async def _telemetry(self, requests: AsyncIterator[bytes], _context: Any) -> None:
        for witness in self.witnesses:
            witness.telemetry_opened()
        first = True
        try:
            async for data in requests:
                await self.read_telemetry.wait()
                request = telemetry_pb2.TelemetryRequest.FromString(data)
                if first:
                    self.telemetry_sessions.append(request.session_id)
                    first = False
                for witness in self.witnesses:
                    witness.telemetry(request)
                self.logs += request.logs
                self.dropped = request.dropped
                self._notify()
        finally:
            for witness in self.witnesses:
                witness.telemetry_closed()

    def send_raw(self, message: bytes) -> None:
        """Send anything as a message."""
        self._outgoing.put_nowait(message)

    def hang_up(self) -> None:
        """End the connection."""
        self._outgoing.put_nowait(None)

    # Waiting.

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what has arrived satisfies a condition.

        Raises:
            SidecarEndedError: The sidecar ended before; says what it wrote.
        """
        while not condition():
            if self.process is not None and self.process.returncode is not None:
                await asyncio.sleep(ENDED_S)
                if not condition():
                    raise SidecarEndedError(await self.output())
                return
            await self._arrived.wait()

    def _notify(self) -> None:
        self._arrived.set()
        self._arrived = asyncio.Event()

    async def exit_code(self) -> int:
        """Wait for the sidecar to end."""
        assert self.process is not None
        return await self.process.wait()

    async def output(self) -> str:
        """What the sidecar wrote; ends it if it still runs."""
        stdout, stderr = await self.output_bytes()
        assert self.process is not None
        return f"exit {self.process.returncode}\n{stdout.decode(errors='replace')}\n{stderr.decode(errors='replace')}"

    async def output_bytes(self) -> tuple[bytes, bytes]:
        """What the sidecar wrote to stdout and stderr; ends it if it still runs."""
        assert self.process is not None
        return await self.process.output()

    def close_stdin(self) -> None:
        """Let go of the sidecar, as a core that dies does."""
        assert self.process is not None
        self.process.close_stdin()
