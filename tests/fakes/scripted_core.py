"""A core that a test script plays: a small gRPC server speaking proto/motia/v1, with a real sidecar as its client."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from motia._gen.motia.v1 import (
    call_pb2,
    failure_pb2,
    invoke_pb2,
    lifecycle_pb2,
    manifest_pb2,
    sidecar_pb2,
    telemetry_pb2,
)

SDK = Path(__file__).resolve().parents[2] / "sdk-python"
TOKEN = "one-time-token"
DIGEST = "digest-1"
API, BACKGROUND = lifecycle_pb2.POOL_API, lifecycle_pb2.POOL_BACKGROUND
Answer = Callable[[call_pb2.Call], bytes | failure_pb2.Failure]


@dataclass
class Limits:
    """What Welcome says."""

    heartbeat_interval_ms: int = 60_000
    resume_window_ms: int = 5_000
    api_slots: int = 64
    background_slots: int = 64
    max_payload_bytes: int = 0
    max_message_bytes: int = 0
    revision: int = 1
    capabilities: tuple[str, ...] = ("several-steps",)


@dataclass
class ScriptedCore:
    """Serves one sidecar. What is dull is done by itself: acks, and Project after Manifest; flags switch that off."""

    root: Path
    limits: Limits = field(default_factory=Limits)
    streams: tuple[str, ...] = ()
    ack_loading: bool = True
    ack_completes: bool = True
    ack_heartbeats: bool = True
    answer_calls: bool = True
    answer: Answer = lambda _call: b"null"
    command: tuple[str, ...] = (sys.executable, "-m", "motia")
    language: str = "python"

    def __post_init__(self) -> None:
        self.frames: list[sidecar_pb2.SidecarFrame] = []
        self.messages: list[list[str]] = []  # the kinds of frames in each message
        self.message_bytes: list[int] = []
        self.logs: list[telemetry_pb2.LogRecord] = []
        self.dropped = 0
        self.hellos: list[lifecycle_pb2.Hello] = []
        self.read_telemetry = asyncio.Event()
        self.read_telemetry.set()
        self.process: asyncio.subprocess.Process | None = None
        self.on_hello: Callable[[lifecycle_pb2.Hello], list[sidecar_pb2.CoreFrame]] | None = None
        self._arrived = asyncio.Event()
        self._ids = count(1)
        self._outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
        self.connections = 0
        self.refuse_hellos = 0  # so many connections are dropped at once

    # Serving.

    async def __aenter__(self) -> ScriptedCore:
        handlers: dict[str, Any] = {
            "Session": grpc.stream_stream_rpc_method_handler(self._session),
            "Telemetry": grpc.stream_stream_rpc_method_handler(self._telemetry),
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("motia.v1.SidecarService", handlers),)
        )
        self._folder = tempfile.TemporaryDirectory(prefix="motia-")  # short: socket paths are limited to 107 bytes
        self.socket = Path(self._folder.name) / "core.sock"
        self._server.add_insecure_port(f"unix://{self.socket}")
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.read_telemetry.set()
        if self.process is not None and self.process.returncode is None:
            await self.output()
        await self._server.stop(grace=None)
        self._folder.cleanup()

    async def _session(self, requests: AsyncIterator[bytes], context: Any) -> None:
        self.connections += 1
        outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._outgoing = outgoing
        reader = asyncio.create_task(self._read(requests))
        writer = asyncio.create_task(self._write(outgoing, context))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _read(self, requests: AsyncIterator[bytes]) -> None:
        async for data in requests:
            request = sidecar_pb2.SessionRequest.FromString(data)
            self.message_bytes.append(len(data))
            self.messages.append([frame.WhichOneof("frame") or "unknown" for frame in request.frames])
            for frame in request.frames:
                self._react(frame)
            self.frames += request.frames
            self._notify()

    async def _write(self, outgoing: asyncio.Queue[bytes | None], context: Any) -> None:
        while (message := await outgoing.get()) is not None:
            await context.write(message)

    async def _telemetry(self, requests: AsyncIterator[bytes], _context: Any) -> None:
        async for data in requests:
            await self.read_telemetry.wait()
            request = telemetry_pb2.TelemetryRequest.FromString(data)
            self.logs += request.logs
            self.dropped = request.dropped
            self._notify()

    def _react(self, frame: sidecar_pb2.SidecarFrame) -> None:
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
            self.send(core_frame(complete_ack=invoke_pb2.CompleteAck(invocation_ids=[frame.complete.invocation_id])))
        elif kind == "heartbeat" and self.ack_heartbeats:
            self.send_heartbeat_ack(frame.heartbeat.sequence)
        elif kind == "call" and self.answer_calls:
            self.reply(frame.call, self.answer(frame.call))

    def _welcome(self, hello: lifecycle_pb2.Hello) -> list[sidecar_pb2.CoreFrame]:
        resumed = hello.resume_session_id == "session-1"
        return [core_frame(welcome=welcome(self.limits, resumed))]

    # What a script says.

    def send(self, *frames: sidecar_pb2.CoreFrame) -> None:
        """Send frames as one message."""
        self.send_raw(sidecar_pb2.SessionResponse(frames=frames).SerializeToString())

    def close_stdin(self) -> None:
        """Let go of the sidecar, as a core that dies does."""
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.close()

    def send_raw(self, message: bytes) -> None:
        """Send anything as a message."""
        self._outgoing.put_nowait(message)

    def hang_up(self) -> None:
        """End the connection."""
        self._outgoing.put_nowait(None)

    async def launch(self, env: Mapping[str, str] | None = None) -> None:
        """Start the sidecar, as the core does."""
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=self.root,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=16 * 1024 * 1024,
            env={
                **{name: value for name, value in os.environ.items() if name not in ("LOG_LEVEL", "PYTHONWARNINGS")},
                "PYTHONPATH": str(SDK),
                "PYTHONDONTWRITEBYTECODE": "1",
                "MOTIA_SIDECAR_ADDRESS": f"unix://{self.socket}",
                "MOTIA_SIDECAR_TOKEN": TOKEN,
                "MOTIA_SIDECAR_LANGUAGE": self.language,
                **(env or {}),
            },
        )

    async def warm(self, *packages: str) -> None:
        """Have these packages imported ahead of time."""
        await self.frame("hello")
        warm = manifest_pb2.Warm(packages=packages)
        self.send(sidecar_pb2.CoreFrame(warm=warm))
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

    def start(self, step: str, **fields: Any) -> int:
        """Send an Invoke; returns its id. Without a trigger it is an event without data."""
        invoke = invocation(next(self._ids), step, **fields)
        self.send(core_frame(invoke=invoke))
        return invoke.invocation_id

    def resend(self, invocation_id: int, step: str) -> None:
        """Send an Invoke again, as a core does that cannot know whether it arrived."""
        self.send(core_frame(invoke=invocation(invocation_id, step)))

    def start_many(self, step: str, number: int) -> None:
        """Send many Invokes in one message."""
        self.send(*(core_frame(invoke=invocation(next(self._ids), step)) for _ in range(number)))

    def start_and_cancel(self, step: str, reason: int) -> None:
        """Send an Invoke and its Cancel in one message."""
        invoke = invocation(next(self._ids), step)
        cancel = invoke_pb2.Cancel(invocation_id=invoke.invocation_id, reason=reason)  # type: ignore[arg-type]
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
            reason=reason,  # type: ignore[arg-type]
            signal_only=signal_only,
        )
        self.send(core_frame(cancel=cancel))

    def drain(self, grace_ms: int = 5_000) -> None:
        """Send Drain."""
        self.send(core_frame(drain=lifecycle_pb2.Drain(grace_ms=grace_ms)))

    # What a script waits for.

    async def frame(
        self, kind: str, where: Callable[[sidecar_pb2.SidecarFrame], bool] = lambda _frame: True
    ) -> sidecar_pb2.SidecarFrame:
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

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what has arrived satisfies a condition; fails when the sidecar ends before."""
        while not condition():
            arrived = self._arrived
            waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(arrived.wait())}
            if self.process is not None:
                waiting.add(asyncio.ensure_future(self.process.wait()))
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in waiting:
                each.cancel()
            if not arrived.is_set():
                # What it said last may still be on its way.
                await asyncio.sleep(0.2)
                assert condition(), await self.output()

    def _notify(self) -> None:
        self._arrived.set()
        self._arrived = asyncio.Event()

    def of_kind(self, kind: str) -> list[Any]:
        """All frames of a kind that have arrived."""
        return [getattr(frame, kind) for frame in self.frames if frame.WhichOneof("frame") == kind]

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
        if self.process.returncode is None:
            self.process.kill()
        return await self.process.communicate()


def core_frame(**frame: Any) -> sidecar_pb2.CoreFrame:
    """One frame, by its field."""
    return sidecar_pb2.CoreFrame(**frame)


def welcome(limits: Limits, resumed: bool = False) -> lifecycle_pb2.Welcome:
    """A Welcome with these limits."""
    return lifecycle_pb2.Welcome(session_id="session-1", resumed=resumed, **vars(limits))


def invocation(invocation_id: int, step: str, **fields: Any) -> invoke_pb2.Invoke:
    """An Invoke with plausible values."""
    is_api = "http" in fields
    plausible: dict[str, Any] = {
        "lease_token": 7,
        "attempt": 1,
        "max_attempts": 1 if is_api else 4,
        "manifest_digest": DIGEST,
        "pool": API if is_api else BACKGROUND,
        "durable": not is_api,
        "trace_id": "Q7KPD-4821907",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    if not {"http", "event", "cron"} & set(fields):
        plausible["event"] = invoke_pb2.EventInput(topic="t")
    return invoke_pb2.Invoke(invocation_id=invocation_id, step=step, **{**plausible, **fields})


def json_request(body: Any = None, **fields: Any) -> invoke_pb2.HttpRequest:
    """A request with a JSON body, or without a body."""
    request = invoke_pb2.HttpRequest(method="POST", path="/", **fields)
    if body is not None:
        request.body_format = invoke_pb2.BODY_FORMAT_JSON
        request.body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request


def event(data: Any) -> invoke_pb2.EventInput:
    """An event with JSON data."""
    return invoke_pb2.EventInput(topic="t", data=json.dumps(data).encode())
