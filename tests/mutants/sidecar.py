"""A whole sidecar in two files (link.py is its connection): it runs Python steps, and keeps every rule.

The mutants change a method of it each. It is also the shortest answer to what an SDK has to do.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
import traceback
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import grpc
import grpc.aio

from motia_core._gen.motia.v1 import (
    call_pb2,
    failure_pb2,
    invoke_pb2,
    lifecycle_pb2,
    manifest_pb2,
    sidecar_pb2,
    telemetry_pb2,
)
from tests.mutants.link import API, BACKGROUND, OPTIONS, Link, LostError, RefusedError, frame

LONGEST_STACK = 16 * 1024
MOST_RECORDS = 1000  # log records that wait to be sent


__all__ = [
    "API",
    "BACKGROUND",
    "OPTIONS",
    "Answer",
    "Attempt",
    "CallError",
    "LostError",
    "RefusedError",
    "Sidecar",
    "frame",
    "grpc",
    "main",
]


@dataclass
class Attempt:
    """One Invoke."""

    invoke: invoke_pb2.Invoke
    task: asyncio.Task[None] | None = None
    began_s: float = field(default_factory=time.monotonic)
    is_left: bool = False  # the client of a streamed response has gone
    calls: dict[int, asyncio.Future[Any]] = field(default_factory=dict)  # unanswered
    unnoticed: list[BaseException] = field(default_factory=list)  # of calls that nobody has waited for
    cancelled: int = 0  # the CancelReason


class Sidecar(Link):
    """One process, from Hello to Drained."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: dict[str, dict[str, Any]] = {}
        self.acks: asyncio.Queue[str] = asyncio.Queue()
        self.attempts: dict[int, Attempt] = {}
        self.kept: dict[int, sidecar_pb2.SidecarFrame] = {}  # completes of which nobody has said that they arrived
        self.durable: set[int] = set()  # of these only a CompleteAck says it
        self.in_doubt: dict[int, list[int]] = {}  # those of api steps, by the heartbeat that followed
        self.calls: dict[int, tuple[Attempt, sidecar_pb2.SidecarFrame]] = {}
        self.last_call = 0
        self.beats = 0
        self.granted = {API: 0, BACKGROUND: 0}
        self.draining = False
        self.records: deque[telemetry_pb2.LogRecord] = deque()
        self.dropped = 0
        self.logged = asyncio.Event()
        self.streamed: dict[int, int] = {}  # bytes on the way, by invocation
        self.sent_bytes: Counter[int] = Counter()  # in all
        self.room = asyncio.Event()

    def resume_frames(self) -> list[sidecar_pb2.SidecarFrame]:
        """What may have been lost with the connection, and is not in the outbox anyway."""
        unsent = {each.complete.invocation_id for each in self.outbox if each.HasField("complete")}
        asked = {each.call.call_id for each in self.outbox if each.HasField("call")}
        completes = [each for invocation_id, each in self.kept.items() if invocation_id not in unsent]
        calls = [each for call_id, (_, each) in self.calls.items() if call_id not in asked]
        running = frame(accepted=invoke_pb2.Accepted(invocation_ids=list(self.attempts)))
        return [*completes, *calls, *([running] if self.attempts else []), *map(self.credit, self.granted)]

    # --- credit and heartbeat

    def grant(self, pool: int, slots: int = 1) -> None:
        """Take more work: a total."""
        if not self.draining:
            self.granted[pool] += slots
            self.outbox.append(self.credit(pool))
            self.woken.set()

    def credit(self, pool: int) -> sidecar_pb2.SidecarFrame:
        """The total of a pool."""
        return frame(credit=lifecycle_pb2.Credit(pool=pool, granted=self.granted[pool]))  # type: ignore[arg-type]

    async def beat(self) -> None:
        """Show that it lives."""
        while True:
            await asyncio.sleep(self.limits.heartbeat_interval_ms / 1000)
            if self.finished:
                return
            self.beats += 1
            running = len(self.attempts)
            self.put(heartbeat=lifecycle_pb2.Heartbeat(sequence=self.beats, in_flight=running))
            self.in_doubt[self.beats] = [each for each in self.kept if each not in self.durable]

    def on_heartbeat_ack(self, ack: lifecycle_pb2.HeartbeatAck) -> None:
        """What was sent before that heartbeat has arrived."""
        for sequence in [each for each in self.in_doubt if each <= ack.sequence]:
            for invocation_id in self.in_doubt.pop(sequence):
                self.kept.pop(invocation_id, None)

    # --- loading

    def begin_anew(self) -> None:
        """Nobody wants to hear of what ran."""
        for attempt in self.attempts.values():
            if attempt.task is not None:
                attempt.task.cancel()
        for owed in (self.outbox, self.attempts, self.kept, self.calls, self.in_doubt):
            owed.clear()
        self.granted = dict.fromkeys(self.granted, 0)
        self.beats = 0

    def on_load(self, load: manifest_pb2.Load) -> tuple[int, str] | None:
        """Import the files, if they are those that the core means."""
        found = self.digest_of(load)
        if load.verify and found != load.digest:
            message = f"the files here have the digest {found}, those of the core {load.digest}"
            return failure_pb2.PROTOCOL_ERROR_CODE_DIGEST, message
        self.digest = load.digest
        self.begin(self.load(load))
        return None

    def digest_of(self, load: manifest_pb2.Load) -> str:
        """Identifies the files as they are here (REMOTE-6)."""
        summary = hashlib.sha256()
        for file in load.files:
            name, content = file.path.encode(), Path(load.project_root, file.path).read_bytes()
            summary.update(b"%d:%d:%s" % (len(name), len(content), name) + content)
        return summary.hexdigest()

    async def load(self, load: manifest_pb2.Load) -> None:
        """One file after the other, each announced."""
        manifest = manifest_pb2.Manifest(digest=load.digest)
        for file in load.files:
            await self.announce(file.path)
            try:
                self.steps[file.path] = step = run_path(str(Path(load.project_root) / file.path))
                manifest.steps.append(self.describe(file.path, step))
            except Exception as error:  # what user code does
                manifest.errors.append(self.load_error(file.path, error))
        if "reload" in self.limits.capabilities:
            files = [str(Path(load.project_root) / file.path) for file in load.files]
            self.put(imported=manifest_pb2.Imported(files=files))
        self.send_manifest(manifest)

    def send_manifest(self, manifest: manifest_pb2.Manifest) -> None:
        """Say what there is."""
        self.put(manifest=manifest)

    async def announce(self, path: str) -> None:
        """Have the core know which file it is that ends this process, should it."""
        self.put(loading=manifest_pb2.Loading(path=path))
        while await self.acks.get() != path:
            pass

    def describe(self, path: str, step: dict[str, Any]) -> manifest_pb2.StepDefinition:
        """What a file defines."""
        config = json.dumps(step["config"]).encode()
        return manifest_pb2.StepDefinition(path=path, config=config, has_handler="handler" in step)

    def load_error(self, path: str, error: Exception) -> manifest_pb2.FileError:
        """Why it could not be loaded."""
        return manifest_pb2.FileError(path=path, phase=manifest_pb2.LOAD_PHASE_IMPORT, message=str(error))

    def on_loading_ack(self, ack: manifest_pb2.LoadingAck) -> None:
        """One file may be imported."""
        self.acks.put_nowait(ack.path)

    def on_warm(self, warm: manifest_pb2.Warm) -> None:
        """There is nothing that this sidecar could import ahead of time."""
        self.put(warmed=manifest_pb2.Warmed())

    # --- attempts

    def on_invoke(self, invoke: invoke_pb2.Invoke) -> tuple[int, str] | None:
        """Start a handler, or give the work back."""
        invocation_id = invoke.invocation_id
        if invocation_id in self.attempts or invocation_id in self.kept:
            return None  # sent again after a resume
        if self.draining:
            self.put(returned=lifecycle_pb2.Returned(invocation_ids=[invocation_id]))
            return None
        if invoke.manifest_digest != self.digest:
            return failure_pb2.PROTOCOL_ERROR_CODE_DIGEST, f"Invoke names the manifest {invoke.manifest_digest!r}"
        attempt = self.attempts[invocation_id] = Attempt(invoke)
        attempt.task = self.begin(self.attempt(attempt))
        return None

    async def attempt(self, attempt: Attempt) -> None:
        """Run a handler to its end."""
        self.put(accepted=invoke_pb2.Accepted(invocation_ids=[attempt.invoke.invocation_id]))
        try:
            outcome = await self.outcome(attempt)
            await self.settled(attempt)
        except asyncio.CancelledError:
            outcome = {"failure": self.stopped(attempt)}
            await self.settled(attempt, is_stopped=True)
        except Exception as error:  # what user code does
            await self.settled(attempt, is_stopped=True)
            outcome = {"failure": self.failure(error)}
        if attempt.unnoticed:
            outcome = {"failure": self.failure(attempt.unnoticed[0])}
        self.complete(attempt, outcome)

    async def settled(self, attempt: Attempt, is_stopped: bool = False) -> None:
        """Wait until the core has answered every call of an attempt, also those that nobody waits for."""
        while attempt.calls:
            try:
                await asyncio.wait(attempt.calls.values())
            except asyncio.CancelledError:
                if not is_stopped:
                    raise
                return  # again: the grace of a drain is over

    async def outcome(self, attempt: Attempt) -> dict[str, Any]:
        """What the handler makes of what it is given."""
        invoke = attempt.invoke
        step = self.steps.get(invoke.step)
        if step is None:
            kind = failure_pb2.FAILURE_KIND_LOAD_ERROR
            return {"failure": failure_pb2.Failure(kind=kind, type="LoadError", message=f"{invoke.step} is not loaded")}
        context = self.context(attempt)
        if not invoke.HasField("http"):
            data = json.loads(invoke.event.data) if invoke.event.data else None
            await step["handler"](data, context)
            return {"done": invoke_pb2.Done()}
        body = json.loads(invoke.http.body) if invoke.http.body else {}
        result = await step["handler"]({"body": body}, context)
        if hasattr(result["body"], "__aiter__"):
            return await self.stream(attempt, result)
        text = json.dumps(result["body"]).encode()
        if (too_large := self.too_large(text)) is not None:
            return {"failure": too_large}
        kind = invoke_pb2.BODY_KIND_JSON
        return {"http": invoke_pb2.HttpResponse(status=result["status"], body_kind=kind, body=text)}

    def too_large(self, payload: bytes) -> failure_pb2.Failure | None:
        """The failure of a payload that may not be sent."""
        limit = self.limits.max_payload_bytes
        if not limit or len(payload) <= limit:
            return None
        message = f"a payload has {len(payload)} bytes, the limit is {limit}"
        return failure_pb2.Failure(
            kind=failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE, type="PayloadTooLarge", message=message
        )

    def failure(self, error: BaseException) -> failure_pb2.Failure:
        """What a handler raised."""
        if isinstance(error, CallError):
            return error.failure
        stack = "".join(traceback.format_exception(error))[-LONGEST_STACK:]
        kind = failure_pb2.FAILURE_KIND_APPLICATION
        return failure_pb2.Failure(kind=kind, type=type(error).__name__, message=str(error), stack=stack)

    def stopped(self, attempt: Attempt) -> failure_pb2.Failure:
        """How a cancelled attempt ends."""
        is_timeout = attempt.cancelled == invoke_pb2.CANCEL_REASON_TIMEOUT
        kind = failure_pb2.FAILURE_KIND_TIMEOUT if is_timeout else failure_pb2.FAILURE_KIND_CANCELLED
        return failure_pb2.Failure(kind=kind, type="Cancelled", message="the attempt was cancelled")

    def complete(self, attempt: Attempt, outcome: dict[str, Any]) -> None:
        """End an attempt: once, and kept until it is known to have arrived."""
        invoke = attempt.invoke
        if self.attempts.pop(invoke.invocation_id, None) is None:
            return
        complete = frame(complete=self.completion(attempt, outcome))
        self.kept[invoke.invocation_id] = complete
        if invoke.durable:
            self.durable.add(invoke.invocation_id)
        self.outbox.append(complete)
        if invoke.invocation_id not in self.streamed:
            self.grant(invoke.pool)
        self.woken.set()

    def completion(self, attempt: Attempt, outcome: dict[str, Any]) -> invoke_pb2.Complete:
        """The end of an attempt."""
        ids = {"invocation_id": attempt.invoke.invocation_id, "lease_token": attempt.invoke.lease_token}
        return invoke_pb2.Complete(**ids, handler_us=int((time.monotonic() - attempt.began_s) * 1_000_000), **outcome)

    def on_complete_ack(self, ack: invoke_pb2.CompleteAck) -> None:
        """These are safe."""
        for invocation_id in ack.invocation_ids:
            self.kept.pop(invocation_id, None)

    def on_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        """Stop a handler, or leave it alone when it is only to know."""
        attempt = self.attempts.get(cancel.invocation_id)
        if attempt is None or attempt.task is None:
            return
        if cancel.signal_only:
            attempt.is_left = cancel.reason == invoke_pb2.CANCEL_REASON_CLIENT_GONE
            self.room.set()
        else:
            attempt.cancelled = attempt.cancelled or cancel.reason
            asyncio.get_running_loop().call_soon(attempt.task.cancel)  # not before it has begun

    # --- streamed responses

    async def stream(self, attempt: Attempt, result: dict[str, Any]) -> dict[str, Any]:
        """Send a body piece by piece, within the core's window."""
        ids = {"invocation_id": attempt.invoke.invocation_id, "lease_token": attempt.invoke.lease_token}
        headers = [text for pair in result["headers"].items() for text in pair]
        response = invoke_pb2.HttpResponse(status=result["status"], headers=headers)
        self.put(response_start=invoke_pb2.ResponseStart(**ids, response=response))
        self.streamed[attempt.invoke.invocation_id] = 0
        self.grant(attempt.invoke.pool)
        async for piece in result["body"]:
            await self.window(attempt, len(piece))
            if attempt.is_left:
                break
            self.put(response_chunk=invoke_pb2.ResponseChunk(**ids, data=piece.encode()))
        return {"done": invoke_pb2.Done()}

    async def window(self, attempt: Attempt, size: int) -> None:
        """Wait for room, or for the client to leave."""
        invocation_id = attempt.invoke.invocation_id
        while (sent := self.streamed[invocation_id]) and sent + size > self.limits.chunk_window_bytes:
            if attempt.is_left:
                return
            self.room.clear()
            await self.room.wait()
        self.streamed[invocation_id] += size
        self.sent_bytes[invocation_id] += size

    def on_chunk_ack(self, ack: invoke_pb2.ChunkAck) -> None:
        """They have gone on."""
        self.streamed[ack.invocation_id] = self.sent_bytes[ack.invocation_id] - ack.total_bytes
        self.room.set()

    # --- calls and logs

    def context(self, attempt: Attempt) -> SimpleNamespace:
        """What a handler can ask of the core."""

        def emit(event: dict[str, Any]) -> asyncio.Future[Any]:
            data = json.dumps(event["data"]).encode()
            return self.call(attempt, emit=call_pb2.Emit(topic=event["topic"], data=data))

        def get(group: str, key: str) -> asyncio.Future[Any]:
            return self.call(attempt, state_get=call_pb2.StateGet(group_id=group, key=key))

        def put(group: str, key: str, value: Any) -> asyncio.Future[Any]:
            text = json.dumps(value).encode()
            return self.call(attempt, state_set=call_pb2.StateSet(group_id=group, key=key, value=text))

        state = SimpleNamespace(get=get, set=put)
        return SimpleNamespace(
            emit=emit, state=state, logger=SimpleNamespace(info=lambda text: self.log(attempt, text))
        )

    def call(self, attempt: Attempt, **operation: Any) -> asyncio.Future[Any]:
        """Ask the core; the call goes out now, whoever waits for its answer."""
        for payload in (getattr(each, "value", getattr(each, "data", b"")) for each in operation.values()):
            if (too_large := self.too_large(payload)) is not None:
                raise CallError(too_large)
        self.last_call = self.next_call()
        ids = {"invocation_id": attempt.invoke.invocation_id, "lease_token": attempt.invoke.lease_token}
        call = frame(call=call_pb2.Call(call_id=self.last_call, **ids, **operation))
        self.calls[self.last_call] = attempt, call
        answer = Answer()
        attempt.calls[self.last_call] = answer
        self.outbox.append(call)
        self.woken.set()
        return answer

    def next_call(self) -> int:
        """An id that no other call has."""
        return self.last_call + 1

    def on_call_reply(self, reply: call_pb2.CallReply) -> None:
        """The answer, if it is still awaited."""
        if reply.call_id not in self.calls:
            return
        attempt, _ = self.calls.pop(reply.call_id)
        answer = attempt.calls.pop(reply.call_id)
        if answer.cancelled():
            return
        if reply.HasField("failure"):
            error = CallError(reply.failure)
            answer.set_exception(error)
            answer.exception()  # asyncio need not tell of it: the attempt does
            if isinstance(answer, Answer) and not answer.is_awaited:
                attempt.unnoticed.append(error)
        else:
            answer.set_result(json.loads(reply.value))

    def log(self, attempt: Attempt, message: str) -> None:
        """Keep a record until it is sent; too many are dropped."""
        if len(self.records) == MOST_RECORDS:
            self.records.popleft()
            self.dropped += 1
        self.records.append(self.record(attempt.invoke, message))
        self.logged.set()

    def record(self, invoke: invoke_pb2.Invoke, message: str) -> telemetry_pb2.LogRecord:
        """One record of a handler."""
        return telemetry_pb2.LogRecord(
            invocation_id=invoke.invocation_id,
            time_unix_ms=time.time_ns() // 1_000_000,
            level=telemetry_pb2.LOG_LEVEL_INFO,
            message=message,
            step=invoke.step,
            trace_id=invoke.trace_id,
        )

    async def send_logs(self, channel: grpc.aio.Channel) -> None:
        """Send records on a stream of their own."""
        stream: Any = channel.stream_stream("/motia.v1.SidecarService/Telemetry")()
        await stream.write(self.telemetry_begin().SerializeToString())
        while True:
            await self.logged.wait()
            self.logged.clear()
            request = telemetry_pb2.TelemetryRequest(logs=self.take_records(), dropped=self.dropped)
            await stream.write(request.SerializeToString())

    def telemetry_begin(self) -> telemetry_pb2.TelemetryRequest:
        """The first message of the stream."""
        return telemetry_pb2.TelemetryRequest(session_id=self.limits.session_id)

    def take_records(self) -> list[telemetry_pb2.LogRecord]:
        """What waits, oldest first."""
        records = list(self.records)
        self.records.clear()
        return records

    # --- the end

    def on_protocol_error(self, error: failure_pb2.ProtocolError) -> None:
        """The core says that this sidecar has broken a rule."""
        raise RefusedError(error.message)

    def on_drain(self, drain: lifecycle_pb2.Drain) -> None:
        """Finish."""
        if not self.draining:
            self.draining = True
            self.begin(self.finish(drain.grace_ms / 1000))

    async def finish(self, grace_s: float) -> None:
        """Let handlers end, then cancel them; have completes acknowledged; say so."""
        end_s = time.monotonic() + grace_s
        while self.attempts and time.monotonic() < end_s:
            await asyncio.sleep(0.005)
        for attempt in list(self.attempts.values()):
            self.give_up(attempt)
        while self.owed() and time.monotonic() < end_s:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)  # for log records
        self.put(drained=lifecycle_pb2.Drained())
        self.finished = True

    def give_up(self, attempt: Attempt) -> None:
        """The grace is over: calls are not waited for any more."""
        if attempt.task is not None:
            attempt.task.cancel()
        self.complete(attempt, {"failure": self.stopped(attempt)})

    def owed(self) -> set[int]:
        """Durable completes that nobody has acknowledged."""
        return self.durable & self.kept.keys()


class CallError(Exception):
    """The core could not do what was asked."""

    def __init__(self, failure: failure_pb2.Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Answer(asyncio.Future[Any]):
    """Of a call; knows whether somebody waits for it."""

    is_awaited = False

    def __await__(self) -> Any:
        self.is_awaited = True
        return super().__await__()


def main(kind: type[Sidecar] = Sidecar) -> None:
    """Be the process that the core has started."""

    async def run() -> None:
        code = await kind().run()
        sys.stdout.flush()
        os._exit(code)  # whatever handlers still do

    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a text stream
    asyncio.run(run())


if __name__ == "__main__":
    main()
