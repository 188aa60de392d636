"""Mutants that go wrong with lost connections and silence."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from motia_core._gen.motia.v1 import invoke_pb2, lifecycle_pb2, sidecar_pb2
from tests.mutants import sidecar
from tests.mutants.mutant import breaks
from tests.mutants.sidecar import Sidecar


def without(kind: str) -> Any:
    """Frames of a resume, but for one kind."""

    def resume_frames(self: Sidecar) -> list[sidecar_pb2.SidecarFrame]:
        return [each for each in Sidecar.resume_frames(self) if not each.HasField(kind)]  # type: ignore[arg-type]  # a name

    return resume_frames


@breaks("CREDIT-5", "resume")
class CountsAnew(Sidecar):
    """Begins to count again after a resume."""

    def resume_frames(self) -> list[sidecar_pb2.SidecarFrame]:
        self.granted = dict.fromkeys(self.granted, 1)
        return super().resume_frames()


@breaks("INVOKE-6", "kept_until_acknowledged")
class KeepsForEver(Sidecar):
    """Sends what was acknowledged again."""

    def on_complete_ack(self, ack: invoke_pb2.CompleteAck) -> None:
        pass

    def owed(self) -> set[int]:
        return set()


@breaks("LIVENESS-1", "heartbeats")
class NoHeartbeat(Sidecar):
    """Says nothing when there is nothing to say."""

    async def beat(self) -> None:
        pass


@breaks("LIVENESS-1", "heartbeats")
class BeatsWithoutCounting(Sidecar):
    """Numbers every heartbeat the same."""

    def put(self, **content: Any) -> None:
        if beat := content.get("heartbeat"):
            content = {"heartbeat": lifecycle_pb2.Heartbeat(sequence=1, in_flight=beat.in_flight)}
        super().put(**content)


@breaks("LIVENESS-8", "frozen_core")
class GivesUpOnSilence(Sidecar):
    """Ends when a heartbeat is not answered."""

    async def beat(self) -> None:
        await asyncio.sleep(0.5)
        sidecar.os._exit(1)


@breaks("RESUME-1", "resume")
class NeverDialsAgain(Sidecar):
    """Exits when the connection is lost."""

    async def run(self) -> int:
        try:
            await self.serve()
        except (sidecar.LostError, sidecar.RefusedError):
            return 1
        return 0


@breaks("RESUME-1", "no_window")
class DialsWithoutWindow(Sidecar):
    """Dials again although it may not."""

    async def greeting(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        frames = await super().greeting(stream)
        self.limits.resume_window_ms = 5000
        return frames


@breaks("RESUME-1", "short_window")
class DialsForEver(Sidecar):
    """Never gives up."""

    async def greeting(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        frames = await super().greeting(stream)
        self.limits.resume_window_ms = 50_000
        return frames


@breaks("RESUME-2", "resume")
class ForgetsTheSession(Sidecar):
    """Does not say which session it comes back to."""

    def hello(self) -> lifecycle_pb2.Hello:
        hello = super().hello()
        hello.resume_session_id = ""
        return hello


@breaks("RESUME-3", "heartbeats_after_resume")
class CountsBeatsAnew(Sidecar):
    """Numbers heartbeats from 1 after a resume."""

    def resume_frames(self) -> list[sidecar_pb2.SidecarFrame]:
        self.beats = 0
        return super().resume_frames()


@breaks("RESUME-4", "kept_until_acknowledged")
class ForgetsCompletes(Sidecar):
    """Forgets a Complete when it is sent."""

    resume_frames = without("complete")


@breaks("RESUME-5", "resume")
class ForgetsCalls(Sidecar):
    """Does not ask again what was not answered."""

    resume_frames = without("call")


@breaks("RESUME-6", "resume")
class ForgetsAccepted(Sidecar):
    """Does not say again what runs."""

    resume_frames = without("accepted")


@breaks("RESUME-6", "resume")
class RunsAgain(Sidecar):
    """Runs an Invoke that was sent again."""

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        self.attempts.pop(invoke.invocation_id, None)
        self.kept.pop(invoke.invocation_id, None)
        return super().on_invoke(invoke)


@breaks("RESUME-7", "resume")
class ForgetsCredit(Sidecar):
    """Does not say again what it takes."""

    resume_frames = without("credit")


@breaks("RESUME-8", "forgotten_session")
class KeepsForgottenSession(Sidecar):
    """Takes a new session for the old one."""

    async def next_frames(self, stream: Any) -> list[sidecar_pb2.CoreFrame]:
        frames = await super().next_frames(stream)
        for each in frames:
            if each.HasField("welcome"):
                each.welcome.resumed = True
        return frames


@breaks("RESUME-8", "resume_refused")
class StaysWhenRefused(Sidecar):
    """Lives on when it may not come back."""

    async def run(self) -> int:
        code = await super().run()
        await asyncio.sleep(60 if code else 0)
        return code


@breaks("RESUME-11", "resume")
class OneTelemetryForAll(Sidecar):
    """Does not open Telemetry again."""

    async def send_logs(self, channel: Any) -> None:
        if not self.digest:
            await super().send_logs(channel)


@breaks("REMOTE-1", "external_stdin")
class ExternalEndsWithStdin(Sidecar):
    """Takes the end of standard input for that of the core."""

    async def run(self) -> int:
        threading.Thread(target=self.watch_stdin, daemon=True).start()
        return await super().run()


@breaks("REMOTE-4", "external_leaves")
class NeedsProjectRoot(Sidecar):
    """Looks for files where the core has them."""

    def on_load(self, load: Any) -> tuple[int, str] | None:
        load.project_root = load.project_root or "/nowhere"
        return super().on_load(load)

    def digest_of(self, load: Any) -> str:
        return ""


@breaks("REMOTE-5", "external_other_files")
class LoadsOtherFiles(Sidecar):
    """Does not compare digests."""

    def on_load(self, load: Any) -> tuple[int, str] | None:
        load.verify = False
        return super().on_load(load)


@breaks("REMOTE-9", "external_comes_back")
class GivesUp(Sidecar):
    """Ends when the window is over, as one that the core has launched."""

    async def serve(self) -> None:
        if self.digest:
            sidecar.os._exit(1)
        await super().serve()


@breaks("REMOTE-11", "external_leaves")
class LeavesWithoutAWord(Sidecar):
    """Does not ask for a Drain."""

    def leave(self) -> None:
        sidecar.os._exit(0)


@breaks("REMOTE-13", "external_other_files")
class RefusesQuietly(Sidecar):
    """Exits with code 0 when it refuses."""

    async def run(self) -> int:
        await super().run()
        return 0
