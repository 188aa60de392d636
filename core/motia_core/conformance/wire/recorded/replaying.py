"""Plays the core's half of a recording against a sidecar of today, which has to say what the recorded one did."""

from __future__ import annotations

from pathlib import PurePosixPath

from motia_core._gen.motia.v1 import failure_pb2, sidecar_pb2
from motia_core.conformance.wire.play import Play
from motia_core.conformance.wire.recorded.recording import Said, read_recording

RULE = "VERSION-3"
AWAITED = {"hello", "loading", "manifest", "call", "complete", "drained"}  # what a sidecar is free in is not


async def replay(play: Play, revision: int) -> None:
    """Say what the recorded core said, each time when the sidecar has said what came before it."""
    replayed = _Replay(play)
    for said in read_recording(revision):
        if said.who == "sidecar":
            await replayed.hear(said)
        else:
            replayed.say(said)
    await play.exits("DRAIN-4", with_success=True)


class _Replay:
    """What was put in the place of what the recorded sidecar had chosen."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._calls: dict[int, int] = {}  # recorded call_id → today's

    async def hear(self, said: Said) -> None:
        """Wait until today's sidecar has said this too."""
        play, core, recorded = self._play, self._play.core, said.sidecar_frame
        if said.kind not in AWAITED:
            return
        if said.kind == "loading":
            path = self._path(recorded.loading.path)
            await play.frame(RULE, "loading", lambda frame: frame.loading.path == path)
        elif said.kind == "complete":
            complete = await play.complete(RULE, recorded.complete.invocation_id)
            if (
                recorded.complete.failure.kind != failure_pb2.FAILURE_KIND_CANCELLED
            ):  # not every language can (CANCEL-2)
                self._same_outcome(recorded, complete.WhichOneof("outcome"))
        elif said.kind == "call":
            await self._hear_call(recorded)
        elif said.kind == "manifest":
            play.manifest = (await play.frame(RULE, "manifest")).manifest
        else:
            await play.within(RULE, core.frame(said.kind), f"{said.kind} never came")

    def _same_outcome(self, recorded: sidecar_pb2.SidecarFrame, outcome: str | None) -> None:
        was = recorded.complete.WhichOneof("outcome")
        what = f"invocation {recorded.complete.invocation_id} ended with {outcome}, the recorded one with {was}"
        self._play.expect(RULE, outcome == was, what)

    async def _hear_call(self, recorded: sidecar_pb2.SidecarFrame) -> None:
        invocation_id, operation = recorded.call.invocation_id, recorded.call.WhichOneof("operation")
        taken = set(self._calls.values())
        call = await self._play.frame(
            RULE,
            "call",
            lambda frame: (
                frame.call.invocation_id == invocation_id
                and frame.call.WhichOneof("operation") == operation
                and frame.call.call_id not in taken
            ),
        )
        self._calls[recorded.call.call_id] = call.call.call_id

    def say(self, said: Said) -> None:
        """Say it as the recorded core did, about today's files and calls."""
        play, frame = self._play, said.core_frame
        if said.kind == "welcome":
            hello = play.core.hellos[-1]
            shared = [name for name in frame.welcome.capabilities if name in hello.capabilities]
            del frame.welcome.capabilities[:]
            frame.welcome.capabilities.extend(shared)
        elif said.kind == "load":
            frame.load.project_root = str(play.core.root)
            for file in frame.load.files:
                file.path = self._path(file.path)
        elif said.kind == "loading_ack":
            frame.loading_ack.path = self._path(frame.loading_ack.path)
        elif said.kind == "invoke":
            frame.invoke.step = self._step(frame.invoke.step)
        elif said.kind == "call_reply":
            frame.call_reply.call_id = self._calls[frame.call_reply.call_id]
        play.core.send(frame)

    def _path(self, recorded: str) -> str:
        """Today's file for a recorded one: "steps/echo_step.py" is `echo`."""
        name = PurePosixPath(recorded).name.split(".")[0].removesuffix("_step")
        return self._play.subject.files[name]

    def _step(self, recorded: str) -> str:
        name = PurePosixPath(recorded).name.split(".")[0].removesuffix("_step")
        return self._play.step(name)
