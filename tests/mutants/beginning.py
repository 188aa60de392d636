"""Mutants that go wrong when they dial and say hello."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Any

from motia_core._gen.motia.v1 import lifecycle_pb2, manifest_pb2, sidecar_pb2
from tests.mutants import sidecar
from tests.mutants.mutant import breaks
from tests.mutants.sidecar import Sidecar, frame


@breaks("SHAPE-1", "logs")
class TwoTelemetryStreams(Sidecar):
    """Opens two."""

    async def send_logs(self, channel: Any) -> None:
        await asyncio.gather(super().send_logs(channel), super().send_logs(channel))


@breaks("SHAPE-1", "heartbeats")
class TwoSessions(Sidecar):
    """Has two Session streams open."""

    async def serve(self) -> None:
        async def second() -> None:
            await asyncio.sleep(0.2)
            async with sidecar.grpc.aio.insecure_channel(self.address) as channel:
                stream = channel.stream_stream("/motia.v1.SidecarService/Session")()
                while True:
                    await self.write(stream, [frame(heartbeat=lifecycle_pb2.Heartbeat())])
                    await asyncio.sleep(0.3)

        task = asyncio.ensure_future(second())
        try:
            await super().serve()
        finally:
            task.cancel()


@breaks("SHAPE-2", "work")
class EmptyMessages(Sidecar):
    """Sends messages without frames."""

    def batches(self, frames: list[sidecar_pb2.SidecarFrame]) -> list[list[sidecar_pb2.SidecarFrame]]:
        return [[], *super().batches(frames)]


@breaks("SHAPE-2", "empty_messages")
class RefusesEmptyMessages(Sidecar):
    """Takes an empty message for the end."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        if not (frames := await super().next_frames(stream)):
            raise sidecar.RefusedError("an empty message")
        return frames


@breaks("SHAPE-3", "cancel_crosses_complete")
class SortsFrames(Sidecar):
    """Acts on each kind of frame together."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        return sorted(await super().next_frames(stream), key=lambda each: each.HasField("cancel"))

    def on_cancel(self, cancel: Any) -> None:
        super().on_cancel(cancel)
        if attempt := self.attempts.get(cancel.invocation_id):
            self.complete(attempt, {"failure": self.stopped(attempt)})


@breaks("SHAPE-5", "large_batches")
class OneFramePerMessage(Sidecar):
    """Reads the first hundred frames of a message."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        return (await super().next_frames(stream))[:100]


@breaks("SHAPE-6", "unknown_fields")
class DiesOfUnknownFrames(Sidecar):
    """Takes a frame that it does not know for an error."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        frames = await super().next_frames(stream)
        if self.digest and any(each.WhichOneof("frame") is None for each in frames):
            raise sidecar.RefusedError("an unknown frame")
        return frames


@breaks("SHAPE-6", "must_understand")
class IgnoresMustUnderstand(Sidecar):
    """Passes over what must be understood."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        return [each for each in await super().next_frames(stream) if each.WhichOneof("frame")]


@breaks("SHAPE-7", "unknown_fields")
class DiesOfUnknownEnums(Sidecar):
    """Looks enum values up in a table of those that it knows."""

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        if invoke.http.body_format > 4:
            raise sidecar.RefusedError("an unknown body format")
        return super().on_invoke(invoke)


@breaks("LAUNCH-3", "stdin_closed")
class OutlivesTheCore(Sidecar):
    """Does not watch standard input."""

    def watch_stdin(self) -> None:
        pass

    async def run(self) -> int:
        while True:
            code = await super().run()
            if self.finished:
                return code
            await asyncio.sleep(60)


@breaks("LAUNCH-4", "prints")
class SwallowsPrints(Sidecar):
    """Keeps what user code prints."""

    async def run(self) -> int:
        sys.stdout = io.StringIO()
        return await super().run()


@breaks("LAUNCH-5", "handshake")
class NeverDials(Sidecar):
    """Thinks about it."""

    async def serve(self) -> None:
        await asyncio.sleep(60)


@breaks("HELLO-2", "handshake")
class NeverSaysHello(Sidecar):
    """Waits for the core to begin."""

    async def write(self, stream: Any, frames: Any) -> None:
        await asyncio.sleep(60)


@breaks("LAUNCH-7", "large_welcome")
class SmallMessages(Sidecar):
    """Reads what gRPC reads by default."""

    async def serve(self) -> None:
        sidecar.OPTIONS[:] = [("grpc.enable_http_proxy", 0)]
        await super().serve()


@breaks("LAUNCH-8", "prints")
class AlwaysMarks(Sidecar):
    """Marks what is printed, whether it was asked to or not."""

    def context(self, attempt: Any) -> Any:
        print(f"\x1f{attempt.invoke.trace_id}\x1f{attempt.invoke.step}\x1f", end="")
        return super().context(attempt)


@breaks("HELLO-1", "handshake")
class CreditWithHello(Sidecar):
    """Is in a hurry."""

    def first_frames(self) -> list[sidecar_pb2.SidecarFrame]:
        return [*super().first_frames(), self.credit(1)]


@breaks("HELLO-3", "handshake")
class SecondHello(Sidecar):
    """Says hello twice."""

    def on_load(self, load: Any) -> None:
        self.put(hello=self.hello())
        super().on_load(load)


@breaks("HELLO-4", "handshake")
class WrongToken(Sidecar):
    """Makes up a token."""

    def hello(self) -> lifecycle_pb2.Hello:
        self.token = "made-up"
        return super().hello()


@breaks("HELLO-5", "handshake")
class WrongLanguage(Sidecar):
    """Says another name for its language."""

    def hello(self) -> lifecycle_pb2.Hello:
        self.language = "py3"
        return super().hello()


@breaks("HELLO-6", "handshake")
class NoRevisions(Sidecar):
    """Leaves it to the core."""

    def hello(self) -> lifecycle_pb2.Hello:
        hello = super().hello()
        del hello.revisions[:]
        return hello


@breaks("HELLO-6", "unknown_revision")
class AnyRevision(Sidecar):
    """Goes on with a revision that it does not speak."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        frames = await super().next_frames(stream)
        for each in frames:
            if each.HasField("welcome"):
                each.welcome.revision = 1
        return frames


@breaks("HELLO-7", "no_welcome")
class TakesAnythingForWelcome(Sidecar):
    """Waits for Welcome, whatever comes before."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        frames = await super().next_frames(stream)
        return frames if self.limits.session_id else [each for each in frames if each.HasField("welcome")]


@breaks("HELLO-8", "no_capabilities")
class IgnoresCapabilities(Sidecar):
    """Sends what the core does not know."""

    async def load(self, load: Any) -> None:
        self.put(imported=manifest_pb2.Imported())
        await super().load(load)


@breaks("HELLO-9", "handshake")
class SpeaksBeforeWelcome(Sidecar):
    """Grants before it knows how much."""

    async def greeting(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        await self.write(stream, [self.credit(1)])
        return await super().greeting(stream)


@breaks("HELLO-10", "refused")
class RefusedQuietly(Sidecar):
    """Exits with code 0, and without a word."""

    async def run(self) -> int:
        sys.stderr = io.StringIO()
        await super().run()
        return 0


@breaks("HELLO-10", "refused")
class DialsAgainWhenRefused(Sidecar):
    """Tries its luck."""

    async def run(self) -> int:
        await super().run()
        return await super().run()
