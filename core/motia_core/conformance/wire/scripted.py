"""A core that a script plays: what it says to a sidecar, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from motia_core._gen.motia.v1 import call_pb2, failure_pb2, invoke_pb2, lifecycle_pb2, manifest_pb2, sidecar_pb2
from motia_core.conformance.wire.frames import (
    DIGEST,
    SESSION,
    Limits,
    core_frame,
    invocation,
    json_request,
    message,
    welcome,
)
from motia_core.conformance.wire.process import Command, Process
from motia_core.conformance.wire.served import Served, Witness

Answer = Callable[[call_pb2.Call], bytes | failure_pb2.Failure]
Where = Callable[[sidecar_pb2.SidecarFrame], bool]


class ScriptedCore(Served):
    """Plays against one sidecar. What is dull is done by itself, as acks; flags switch that off.

    Args:
        root: The folder of the project.
        command: What starts the sidecar.
        answer: What a context call is answered with.
        one_frame_per_message: Every frame travels alone.
    """

    def __init__(
        self,
        root: Path,
        command: Command,
        *,
        limits: Limits | None = None,
        streams: tuple[str, ...] = (),
        ack_loading: bool = True,
        ack_completes: bool = True,
        ack_heartbeats: bool = True,
        answer_calls: bool = True,
        answer: Answer = lambda _call: b"null",
        one_frame_per_message: bool = False,
        witnesses: Sequence[Witness] = (),
    ) -> None:
        super().__init__(witnesses)
        self.root = root
        self.command = command
        self.limits = limits or Limits()
        self.streams = streams
        self.ack_loading = ack_loading
        self.ack_completes = ack_completes
        self.ack_heartbeats = ack_heartbeats
        self.answer_calls = answer_calls
        self.answer = answer
        self.one_frame_per_message = one_frame_per_message
        self.hellos: list[lifecycle_pb2.Hello] = []
        self.on_hello: Callable[[lifecycle_pb2.Hello], list[sidecar_pb2.CoreFrame]] | None = None
        self.refuse_hellos = 0  # so many connections are dropped at once
        self._ids = count(1)

    def react(self, frame: sidecar_pb2.SidecarFrame) -> None:
        """Answer what needs no thought."""
        kind = frame.WhichOneof("frame")
        if kind == "hello":
            self.hellos.append(frame.hello)
            if self.refuse_hellos > 0:
                self.refuse_hellos -= 1
                self.hang_up()
                return
            self.send(*(self.on_hello or self._welcome)(frame.hello))
        elif kind == "loading" and self.ack_loading:
            self.send(core_frame(loading_ack=manifest_pb2.LoadingAck(path=frame.loading.path)))
        elif kind == "manifest":
            self.send_project(*self.streams)
        elif kind == "complete" and self.ack_completes:
            self.acknowledge(frame.complete.invocation_id)
        elif kind == "heartbeat" and self.ack_heartbeats:
            self.send_heartbeat_ack(frame.heartbeat.sequence)
        elif kind == "call" and self.answer_calls:
            self.reply(frame.call, self.answer(frame.call))

    def _welcome(self, hello: lifecycle_pb2.Hello) -> list[sidecar_pb2.CoreFrame]:
        return [core_frame(welcome=welcome(self.limits, hello.resume_session_id == SESSION))]

    # What a script says.

    async def launch(self, env: Mapping[str, str] | None = None) -> None:
        """Start the sidecar, as the core does."""
        self.process = await Process.start(self.command, self.root, f"unix://{self.socket}", env or {}, self._notify)

    def send(self, *frames: sidecar_pb2.CoreFrame) -> None:
        """Send frames as one message."""
        for each in [(frame,) for frame in frames] if self.one_frame_per_message else [frames]:
            self.send_raw(message(*each))

    async def warm(self, *packages: str) -> None:
        """Have these packages imported ahead of time."""
        await self.frame("hello")
        self.send(core_frame(warm=manifest_pb2.Warm(packages=packages)))
        await self.frame("warmed")

    async def send_load(self, *paths: str, streams: tuple[str, ...] = ()) -> None:
        """Send Load, once the sidecar is there."""
        await self.frame("hello")
        files = [manifest_pb2.SourceFile(path=path, kind=manifest_pb2.FILE_KIND_STEP) for path in paths]
        files += [manifest_pb2.SourceFile(path=path, kind=manifest_pb2.FILE_KIND_STREAM) for path in streams]
        self.send(core_frame(load=manifest_pb2.Load(project_root=str(self.root), files=files, digest=DIGEST)))

    async def load(self, *paths: str, streams: tuple[str, ...] = ()) -> manifest_pb2.Manifest:
        """Have these files loaded."""
        await self.send_load(*paths, streams=streams)
        return (await self.frame("manifest")).manifest

    def next_invocation(self, step: str, **fields: Any) -> invoke_pb2.Invoke:
        """An Invoke with an id of its own."""
        return invocation(next(self._ids), step, **fields)

    def start(self, step: str, **fields: Any) -> int:
        """Send an Invoke; returns its id. Without a trigger it is an event without data."""
        invoke = self.next_invocation(step, **fields)
        self.send(core_frame(invoke=invoke))
        return invoke.invocation_id

    def resend(self, invocation_id: int, step: str) -> None:
        """Send an Invoke again, as a core does that cannot know whether it arrived."""
        self.send(core_frame(invoke=invocation(invocation_id, step)))

    def start_many(self, step: str, number: int, **fields: Any) -> list[int]:
        """Send many Invokes in one message; returns their ids."""
        invokes = [self.next_invocation(step, **fields) for _ in range(number)]
        self.send(*(core_frame(invoke=invoke) for invoke in invokes))
        return [invoke.invocation_id for invoke in invokes]

    def start_and_cancel(self, step: str, reason: int) -> None:
        """Send an Invoke and its Cancel in one message."""
        invoke = self.next_invocation(step)
        cancel = invoke_pb2.Cancel(invocation_id=invoke.invocation_id, reason=reason)  # type: ignore[arg-type]  # an enum value is an int
        self.send(core_frame(invoke=invoke), core_frame(cancel=cancel))

    async def invoke(self, step: str, **fields: Any) -> invoke_pb2.Complete:
        """Run a step and wait for its Complete."""
        return await self.complete(self.start(step, **fields))

    async def call_api(self, step: str, body: Any = None, **fields: Any) -> invoke_pb2.Complete:
        """Run an api step with a JSON body."""
        return await self.invoke(step, http=json_request(body), **fields)

    def reply(self, call: call_pb2.Call, result: bytes | failure_pb2.Failure) -> None:
        """Answer a Call."""
        reply = call_pb2.CallReply(call_id=call.call_id)
        if isinstance(result, bytes):
            reply.value = result
        else:
            reply.failure.CopyFrom(result)
        self.send(core_frame(call_reply=reply))

    def acknowledge(self, *invocation_ids: int) -> None:
        """Send CompleteAck."""
        self.send(core_frame(complete_ack=invoke_pb2.CompleteAck(invocation_ids=invocation_ids)))

    def send_project(self, *stream_names: str) -> None:
        """Send Project."""
        self.send(core_frame(project=manifest_pb2.Project(stream_names=stream_names)))

    def send_heartbeat_ack(self, sequence: int = 0) -> None:
        """Send HeartbeatAck."""
        self.send(core_frame(heartbeat_ack=lifecycle_pb2.HeartbeatAck(sequence=sequence)))

    def cancel(self, invocation_id: int, reason: int, signal_only: bool = False) -> None:
        """Send a Cancel."""
        cancel = invoke_pb2.Cancel(
            invocation_id=invocation_id,
            reason=reason,  # type: ignore[arg-type]  # an enum value is an int
            signal_only=signal_only,
        )
        self.send(core_frame(cancel=cancel))

    def drain(self, grace_ms: int = 5_000) -> None:
        """Send Drain."""
        self.send(core_frame(drain=lifecycle_pb2.Drain(grace_ms=grace_ms)))

    # What a script waits for.

    async def frame(self, kind: str, where: Where = lambda _frame: True) -> sidecar_pb2.SidecarFrame:
        """The first frame of a kind, waiting for it if need be."""
        found: list[sidecar_pb2.SidecarFrame] = []

        def look() -> bool:
            found[:] = [frame for frame in self.frames if frame.WhichOneof("frame") == kind and where(frame)][:1]
            return bool(found)

        await self.until(look)
        return found[0]

    async def complete(self, invocation_id: int) -> invoke_pb2.Complete:
        """The Complete of an invocation."""
        return (await self.frame("complete", lambda frame: frame.complete.invocation_id == invocation_id)).complete

    def of_kind(self, kind: str) -> list[Any]:
        """All frames of a kind that have arrived."""
        return [getattr(frame, kind) for frame in self.frames if frame.WhichOneof("frame") == kind]
