"""A core whose Python sidecar is this test: a stand-in for the interpreter hands over the address and the token."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2, sidecar_pb2
from tests.conformance.core import COMMAND

METHOD = "/motia.v1.SidecarService/Session"
STEP = "steps/hello_step.py"
# Says what it was given, and then does nothing until the core closes its stdin.
INTERPRETER = """#!/bin/sh
printf '%s\\n' "$MOTIA_SIDECAR_ADDRESS" "$MOTIA_SIDECAR_TOKEN" > "$HANDOVER.part"
mv "$HANDOVER.part" "$HANDOVER"
exec cat > /dev/null
"""

Frame = sidecar_pb2.SidecarFrame
Stream = grpc.aio.StreamStreamCall[sidecar_pb2.SessionRequest, sidecar_pb2.SessionResponse]


class LaunchedCore:
    """A core that waits for its sidecar to dial."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, token: str) -> None:
        self.process = process
        self.address = address
        self.token = token

    def hello(self, **changes: object) -> Frame:
        """A Hello that would be welcome, with changes."""
        hello = {
            "token": self.token,
            "revisions": [1],
            "sdk_name": "wire-test",
            "sdk_version": "1",
            "language": "python",
            "language_version": "3",
            "pid": os.getpid(),
        }
        return Frame(hello=lifecycle_pb2.Hello(**{**hello, **changes}))  # type: ignore[arg-type]  # fields by name

    @asynccontextmanager
    async def dialled(self) -> AsyncIterator[Peer]:
        """An open stream to the core."""
        async with grpc.aio.insecure_channel(self.address) as channel:
            call = channel.stream_stream(
                METHOD,
                request_serializer=_encode,
                response_deserializer=sidecar_pb2.SessionResponse.FromString,
            )
            yield Peer(call())


class Peer:
    """The sidecar's end of a stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._heard: list[sidecar_pb2.CoreFrame] = []

    async def say(self, *frames: Frame) -> None:
        await self.stream.write(sidecar_pb2.SessionRequest(frames=frames))

    async def say_bytes(self, message: bytes) -> None:
        await self.stream.write(message)  # type: ignore[arg-type]  # not a message, on purpose

    async def hear(self, kind: str) -> sidecar_pb2.CoreFrame:
        """The next frame of a kind; others before it are passed over."""
        async with asyncio.timeout(10):
            while True:
                while self._heard:
                    frame = self._heard.pop(0)
                    if frame.WhichOneof("frame") == kind:
                        return frame
                message = await self.stream.read()
                assert isinstance(message, sidecar_pb2.SessionResponse), f"the stream ended before a {kind}"
                self._heard.extend(message.frames)

    async def refused(self) -> failure_pb2.ProtocolError:
        """The ProtocolError that ends the stream."""
        error = (await self.hear("protocol_error")).protocol_error
        async with asyncio.timeout(10):
            assert await self.stream.read() is grpc.aio.EOF
        return error


@asynccontextmanager
async def launched(folder: Path) -> AsyncIterator[LaunchedCore]:
    """A core in a process of its own, up to where its sidecar should dial."""
    project, handover, interpreter = folder / "project", folder / "handover", folder / "interpreter"
    (project / "steps").mkdir(parents=True)
    (project / STEP).write_text("")
    interpreter.write_text(INTERPRETER)
    interpreter.chmod(stat.S_IRWXU)
    environment = {**os.environ, "HANDOVER": str(handover), "MOTIA_SIDECARS_PYTHON": str(interpreter)}
    devnull = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        COMMAND, "serve", project, "--port", "0", "--data-dir", folder / "data", env=environment, stdout=devnull
    )
    try:
        async with asyncio.timeout(20):
            while not handover.exists():
                await asyncio.sleep(0.02)
        address, token = handover.read_text().split()
        yield LaunchedCore(process, address, token)
    finally:
        process.kill()
        await process.wait()


def _encode(message: sidecar_pb2.SessionRequest | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()
