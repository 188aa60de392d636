"""The connection of the sidecar in two files: it dials, says hello, reads, writes, and comes back when it was lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import grpc
import grpc.aio

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2, sidecar_pb2

API, BACKGROUND = lifecycle_pb2.POOL_API, lifecycle_pb2.POOL_BACKGROUND
OPTIONS = [("grpc.max_receive_message_length", 64 * 1024 * 1024), ("grpc.enable_http_proxy", 0)]


class LostError(Exception):
    """The connection has ended."""


class RefusedError(Exception):
    """The core has sent a ProtocolError, or must be sent one; the session is over."""


def frame(**content: Any) -> sidecar_pb2.SidecarFrame:
    """One frame, by its field."""
    return sidecar_pb2.SidecarFrame(**content)


class Link(ABC):
    """One connection after another."""

    def __init__(self) -> None:
        self.address = os.environ["MOTIA_SIDECAR_ADDRESS"]
        self.token = os.environ.pop("MOTIA_SIDECAR_TOKEN")
        self.language = os.environ["MOTIA_SIDECAR_LANGUAGE"]
        self.is_external = os.environ.get("MOTIA_SIDECAR_EXTERNAL") == "1"
        self.limits = lifecycle_pb2.Welcome()
        self.connected_s = 0.0
        self.outbox: list[sidecar_pb2.SidecarFrame] = []
        self.woken = asyncio.Event()
        self.digest = ""
        self.tasks: set[asyncio.Task[Any]] = set()
        self.finished = False  # Drained is in the outbox

    @abstractmethod
    def resume_frames(self) -> list[sidecar_pb2.SidecarFrame]:
        """What may have been lost with the connection, and is not in the outbox anyway."""

    @abstractmethod
    def begin_anew(self) -> None:
        """The core has forgotten the session: what ran in it is over."""

    @abstractmethod
    def grant(self, pool: int, slots: int = 1) -> None:
        """Take more work."""

    @abstractmethod
    async def beat(self) -> None:
        """Show that it lives."""

    @abstractmethod
    async def send_logs(self, channel: grpc.aio.Channel) -> None:
        """Send log records."""

    async def run(self) -> int:
        """Serve until drained, refused, or lost for too long; the exit code."""
        if self.is_external:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.leave)
        else:
            threading.Thread(target=self.watch_stdin, daemon=True).start()
        give_up_s = time.monotonic() + 5
        while True:
            try:
                await self.serve()
                return 0
            except RefusedError as error:
                print(error, file=sys.stderr)
                return 1
            except LostError as error:
                now_s = time.monotonic()
                if self.digest and self.connected_s:
                    give_up_s = now_s + self.limits.resume_window_ms / 1000
                self.connected_s = 0.0
                if self.finished or (now_s >= give_up_s and not self.is_external):
                    print(f"the core is lost: {error}", file=sys.stderr)
                    return 1
                await asyncio.sleep(0.02)

    def leave(self) -> None:
        """An external sidecar that is asked to end asks for a Drain."""
        self.put(leaving=lifecycle_pb2.Leaving())

    def watch_stdin(self) -> None:
        """The core lives as long as standard input is open."""
        sys.stdin.buffer.read()
        os._exit(0)

    async def serve(self) -> None:
        """One connection."""
        async with grpc.aio.insecure_channel(self.address, options=OPTIONS) as channel:
            stream = channel.stream_stream("/motia.v1.SidecarService/Session")()
            await self.write(stream, self.first_frames())
            core_frames = await self.greeting(stream)
            self.connected_s = time.monotonic()
            tasks = [
                asyncio.ensure_future(work)
                for work in (self.read(stream, core_frames), self.send(stream), self.beat(), self.send_logs(channel))
            ]
            try:
                done, _ = await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
                if self.finished and tasks[1] in done:
                    await stream.done_writing()
                    await asyncio.wait(tasks[:1], timeout=1)  # until the core has read it all, and closes
                    return
                await asyncio.wait(tasks[:1], timeout=1)  # what the core said last is why it went
                for task in tasks[:2]:
                    if task.done():
                        task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def first_frames(self) -> list[sidecar_pb2.SidecarFrame]:
        """Hello, alone."""
        return [frame(hello=self.hello())]

    def hello(self) -> lifecycle_pb2.Hello:
        """Who this is."""
        return lifecycle_pb2.Hello(
            token=self.token,
            revisions=[1, 2],
            sdk_name="tiny",
            sdk_version="1",
            language=self.language,
            pid=os.getpid(),
            capabilities=["streamed-responses", "reload"],
            resume_session_id=self.limits.session_id,
        )

    async def greeting(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        """Read Welcome; what has come with it."""
        while not (frames := await self.next_frames(stream)):
            pass
        first, *others = frames
        if first.HasField("protocol_error"):
            raise RefusedError(first.protocol_error.message)
        if not first.HasField("welcome"):
            await self.refuse(stream, failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME, "something came before Welcome")
        if first.welcome.revision not in (1, 2):
            await self.refuse(stream, failure_pb2.PROTOCOL_ERROR_CODE_REVISION, "Welcome.revision was not named")
        is_resumed = bool(self.limits.session_id)
        self.limits = first.welcome
        if is_resumed and not first.welcome.resumed and self.is_external:
            is_resumed = False
            self.begin_anew()
        if is_resumed and not first.welcome.resumed:
            raise RefusedError("the core does not know this session any more")
        if is_resumed:
            self.outbox[:0] = self.resume_frames()
            self.woken.set()
        else:
            self.grant(API, first.welcome.api_slots)
            self.grant(BACKGROUND, first.welcome.background_slots)
        return others

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        """The frames of one message."""
        try:
            data = await stream.read()
        except grpc.aio.AioRpcError as error:
            raise LostError(error.details()) from error
        if data is grpc.aio.EOF:
            raise LostError("the core has closed the stream")
        return list(sidecar_pb2.SessionResponse.FromString(data).frames)

    async def write(self, stream: Any, frames: Iterable[sidecar_pb2.SidecarFrame]) -> None:
        """Send frames as one message."""
        try:
            await stream.write(sidecar_pb2.SessionRequest(frames=frames).SerializeToString())
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise LostError(str(error)) from error

    async def refuse(self, stream: Any, code: int, message: str) -> None:
        """Tell the core which rule it broke, as the last frame."""
        await self.write(stream, [frame(protocol_error=failure_pb2.ProtocolError(code=code, message=message))])
        await stream.done_writing()
        with contextlib.suppress(LostError, TimeoutError):
            async with asyncio.timeout(1):  # until the core has read it, and closes
                while True:
                    await self.next_frames(stream)
        raise RefusedError(message)

    async def read(self, stream: Any, frames: list[sidecar_pb2.CoreFrame]) -> None:
        """Act on frames, in their order."""
        while True:
            for each in frames:
                kind = each.WhichOneof("frame")
                if kind is not None:
                    react = getattr(self, f"on_{kind}", None)
                    if react is not None and (broken := react(getattr(each, kind))) is not None:
                        await self.refuse(stream, *broken)
                elif each.must_understand:
                    what = "a frame that must be understood is not known: upgrade the SDK"
                    await self.refuse(stream, failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD, what)
            frames = await self.next_frames(stream)

    async def send(self, stream: Any) -> None:
        """Send what has accumulated, in as few messages as the core's limit allows."""
        while True:
            await self.woken.wait()
            self.woken.clear()
            frames, self.outbox = self.outbox, []
            for batch in self.batches(frames):
                await self.write(stream, batch)
            if self.finished and not self.outbox:
                return

    def batches(self, frames: list[sidecar_pb2.SidecarFrame]) -> list[list[sidecar_pb2.SidecarFrame]]:
        """Frames as messages that are not too large."""
        batches: list[list[sidecar_pb2.SidecarFrame]] = []
        size = 0
        for each in frames:
            bytes_more = each.ByteSize() + 8
            if not batches or (self.limits.max_message_bytes and size + bytes_more > self.limits.max_message_bytes):
                batches.append([])
                size = 0
            batches[-1].append(each)
            size += bytes_more
        return batches

    def put(self, **content: Any) -> None:
        """Send a frame with the next message."""
        self.outbox.append(frame(**content))
        self.woken.set()

    def begin(self, work: Any) -> asyncio.Task[Any]:
        """Run something beside."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task
