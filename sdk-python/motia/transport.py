"""gRPC, and nothing else knows it: one connection to the core with its session stream and its telemetry stream."""

from __future__ import annotations

import asyncio
import os
from typing import Any

# Read by gRPC when it is imported. Its own log lines would end up among the user's, and its fork handlers can stop
# a handler that uses multiprocessing; a forked child has no use for this connection.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from motia._gen.motia.v1 import failure_pb2, sidecar_pb2, telemetry_pb2
from motia.errors import ConnectionLostError, ProtocolViolationError
from motia.settings import Settings
from motia.telemetry import Telemetry

SESSION = "/motia.v1.SidecarService/Session"
TELEMETRY = "/motia.v1.SidecarService/Telemetry"
REOPEN_TELEMETRY_S = 1.0
OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),  # the user's proxy is not on the way to the core
    ("grpc.enable_retries", 0),
)
PLAIN = ("grpc.default_authority", "localhost")  # a unix socket has no name
BROKEN = (grpc.RpcError, asyncio.InvalidStateError, grpc.aio.UsageError)


def dial(settings: Settings) -> grpc.aio.Channel:
    """A channel to the core."""
    if not settings.ca:
        return grpc.aio.insecure_channel(settings.address, options=(*OPTIONS, PLAIN))
    credentials = grpc.ssl_channel_credentials(settings.ca, settings.key or None, settings.certificate or None)
    named = (("grpc.ssl_target_name_override", settings.server_name),) if settings.server_name else ()
    return grpc.aio.secure_channel(settings.address, credentials, options=(*OPTIONS, *named))


class Connection:
    """One channel to the core. Frames go out as packed bytes and come in as messages."""

    def __init__(self, settings: Settings) -> None:
        self._channel = dial(settings)
        # Bytes both ways: frames are packed already, and what cannot be read is ours to report.
        self._session: Any = self._channel.stream_stream(SESSION)()

    async def read(self) -> sidecar_pb2.SessionResponse:
        """The next batch of frames."""
        try:
            data = await self._session.read()
        except BROKEN as error:
            raise ConnectionLostError(_reason(error)) from error
        if data is grpc.aio.EOF:
            raise ConnectionLostError("the core closed the stream")
        try:
            return sidecar_pb2.SessionResponse.FromString(data)
        except DecodeError as error:
            raise ProtocolViolationError(
                failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME,
                f"a SessionResponse of {len(data)} bytes is not valid protobuf: is this really a motia core?",
            ) from error

    async def write(self, frames: list[bytes], max_bytes: int = 0) -> None:
        """Send frames as one message, or as several when they are over the core's limit."""
        for message in messages(frames, max_bytes):
            try:
                await self._session.write(message)
            except BROKEN as error:
                raise ConnectionLostError(_reason(error)) from error

    async def done_writing(self) -> None:
        """Say that nothing follows."""
        try:
            await self._session.done_writing()
        except BROKEN as error:
            raise ConnectionLostError(_reason(error)) from error

    async def finish(self, timeout_s: float) -> None:
        """Say that nothing follows, and wait until the core has read it all and closes. Nobody else may be reading."""
        try:
            await self.done_writing()
            await asyncio.wait_for(self._read_to_end(), timeout_s)
        except (ConnectionLostError, ProtocolViolationError, asyncio.TimeoutError):
            pass

    async def _read_to_end(self) -> None:
        while True:
            await self.read()

    async def send_logs(self, session_id: str, telemetry: Telemetry) -> None:
        """Send log records for as long as the connection lives."""
        while True:
            try:
                await self._send_logs(session_id, telemetry)
            except BROKEN:
                telemetry.idle.set()
            await asyncio.sleep(REOPEN_TELEMETRY_S)

    async def _send_logs(self, session_id: str, telemetry: Telemetry) -> None:
        stream: Any = self._channel.stream_stream(TELEMETRY)()
        telemetry.restart()
        await stream.write(telemetry_pb2.TelemetryRequest(session_id=session_id).SerializeToString())
        while True:
            await telemetry.wait()
            telemetry.idle.clear()
            await stream.write(telemetry.take_batch())
            if telemetry.empty:
                telemetry.idle.set()

    async def close(self) -> None:
        """Drop the connection."""
        self._session.cancel()
        await self._channel.close()


def messages(frames: list[bytes], max_bytes: int) -> list[bytes]:
    """Join packed frames, in order, into as few messages of at most `max_bytes` as possible (0: no limit)."""
    whole = b"".join(frames)
    if not max_bytes or len(whole) <= max_bytes or len(frames) < 2:
        return [whole]
    half = len(frames) // 2
    return messages(frames[:half], max_bytes) + messages(frames[half:], max_bytes)


def _reason(error: BaseException) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name}: {error.details()}"
    return str(error) or type(error).__name__
