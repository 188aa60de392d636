"""The protocol's state machine, on its own thread: handshake, dispatch of frames, liveness, reconnect, drain."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

from motia._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2, manifest_pb2, sidecar_pb2
from motia._version import VERSION
from motia.attempt import Attempt
from motia.calls import PendingCall, close_settled
from motia.digest import check, refusal
from motia.drain import drain
from motia.errors import ConnectionLostError, ProtocolViolationError, SessionRefusedError
from motia.handshake import FINISH_S, Dialler, Greeting, SessionForgottenError, protocol_error_frame
from motia.lag import LagProbe, memory_bytes
from motia.loading import Loading
from motia.runtime import Runtime
from motia.transport import Connection
from motia.wire import pack
from motia.worker import Worker, returned_frame

LEAVING_REVISION = 2  # since which Leaving is known
LEAVING = pack(sidecar_pb2.SidecarFrame(leaving=lifecycle_pb2.Leaving()))
SILENCE_BEATS = 5  # heartbeats without any frame from the core, and
SILENCE_S = 10.0  # at least this long: the connection is dead
ACCEPT_S = 0.005  # until a handler that says nothing is accepted
PROBE_S = 0.2  # between probes of the user loop while attempts run


class Session:
    """One session with the core, over one connection after another."""

    def __init__(self, dialler: Dialler, runtime: Runtime, worker: Worker, loading: Loading) -> None:
        self._dialler = dialler
        self._runtime = runtime
        self._outbox = runtime.outbox
        self._worker = worker
        self._loading = loading
        self._welcome = lifecycle_pb2.Welcome()
        self._digest: str | None = None
        self._ready = False  # the core has taken the manifest: the session can be resumed
        self._is_leaving = False  # and has said so: the frame may be lost with the connection
        self._drain_grace_ms: asyncio.Future[int]
        self._confirmed: asyncio.Event
        self._accept_timer: asyncio.TimerHandle | None = None
        self._finishing = False
        self._heard_s = 0.0
        self._probe = LagProbe(runtime.user_loop)
        self._beats = 0

    async def run(self, greeting: Greeting) -> None:
        """Serve until drained, from a handshake on.

        Raises:
            ConnectionLostError: And it was not found again.
            SessionForgottenError: The core does not know this session any more.
            SessionRefusedError, ProtocolViolationError: As they say.
        """
        loop = asyncio.get_running_loop()
        self._drain_grace_ms = loop.create_future()
        self._confirmed = asyncio.Event()
        self._confirmed.set()
        self._runtime.telemetry.bind(loop)
        self._welcome = greeting.welcome
        self._worker.ledger.open(self._welcome.api_slots, self._welcome.background_slots)
        self._runtime.welcome(self._welcome)
        self._loading.is_to_tell = "reload" in self._welcome.capabilities
        self._loading.outbox = self._outbox
        self._outbox.bind(loop)
        first: list[bytes] = []
        while True:
            try:
                await self._serve(greeting.connection, greeting.early, first)
                return
            except ConnectionLostError:
                window_s = self._welcome.resume_window_ms / 1000
                if not self._ready or window_s == 0 or self.is_draining:
                    raise
                greeting = await self._dialler.dial(self._welcome.session_id, window_s)
                if not greeting.welcome.resumed:
                    raise SessionForgottenError(greeting) from None
                self._welcome = greeting.welcome
                first = self._worker.resume_frames()
                if self._is_leaving and LEAVING not in first:
                    first.append(LEAVING)

    def leave(self) -> bool:
        """Ask the core for a Drain: the process is to end. False: it does not know what that is, so just go."""
        if self._welcome.revision < LEAVING_REVISION:
            return False
        self._is_leaving = True
        self._outbox.send(LEAVING)
        return True

    @property
    def is_draining(self) -> bool:
        """The core has said Drain: the process is to end, whatever becomes of the connection."""
        return self._drain_grace_ms.done()

    def abandon(self) -> None:
        """The session is over, and the process goes on: end what it ran, of which nobody wants to hear any more."""
        reason = invoke_pb2.CANCEL_REASON_SHUTDOWN
        found = (
            self._worker.cancel(attempt_id, reason, signal_only=False) for attempt_id in list(self._worker.attempts)
        )
        interrupts = [attempt for attempt in found if attempt is not None]
        self._cross([], self._runtime.calls.lose("the connection to the core was lost"), interrupts)

    # Serving.

    async def _serve(self, connection: Connection, early: Iterable[sidecar_pb2.CoreFrame], first: list[bytes]) -> None:
        """Serve one connection; returns when drained, raises when it is lost."""
        self._heard_s = time.monotonic()
        create_task = asyncio.get_running_loop().create_task
        reader = create_task(self._read(connection, early))
        writer = create_task(self._write(connection, first))
        beat = create_task(self._beat())
        logs = create_task(connection.send_logs(self._welcome.session_id, self._runtime.telemetry))
        drain_task = create_task(self._drain())
        try:
            done, _ = await asyncio.wait({reader, writer, beat}, return_when=asyncio.FIRST_COMPLETED)
            if writer in done and isinstance(writer.exception(), ConnectionLostError):
                await asyncio.wait({reader}, timeout=FINISH_S)  # what the core said last may be why
                if reader.done():
                    reader.result()
            for task in [writer] if writer in done else done:
                task.result()
            await connection.done_writing()
            await asyncio.wait({reader}, timeout=FINISH_S)  # the core closes once it has read Drained
        except ProtocolViolationError as error:
            self._finishing = True
            self._outbox.send(protocol_error_frame(error.code, str(error)))
            await asyncio.wait({writer}, timeout=FINISH_S)
            await connection.finish(FINISH_S)
            raise
        finally:
            tasks = {reader, writer, beat, logs, drain_task}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await connection.close()

    async def _write(self, connection: Connection, first: list[bytes]) -> None:
        max_bytes = self._welcome.max_message_bytes
        if first:
            await connection.write(first, max_bytes)
        self._outbox.wake()  # there may be something since the connection before
        while True:
            await self._outbox.wait()
            last = self._finishing
            frames = self._worker.collect()
            if self._worker.ledger.unconfirmed:
                self._confirmed.clear()
            if frames:
                await connection.write(frames, max_bytes)
            if last:
                return

    async def _drain(self) -> None:
        grace_ms = await asyncio.shield(self._drain_grace_ms)
        await drain(grace_ms, self._runtime, self._worker, self._confirmed)
        self._finishing = True
        self._outbox.wake()

    async def _beat(self) -> None:
        interval_s = (self._welcome.heartbeat_interval_ms or 5000) / 1000
        silence_s = max(SILENCE_S, SILENCE_BEATS * interval_s)
        next_s = time.monotonic() + interval_s
        while True:
            remaining_s = max(0.0, next_s - time.monotonic())
            await asyncio.sleep(min(remaining_s, PROBE_S) if self._worker.attempts else remaining_s)
            now_s = time.monotonic()
            if now_s >= next_s:
                if not self._finishing:  # Drained is the last frame
                    self._outbox.send(self._heartbeat())
                    if self._ready:
                        self._loading.tell()
                next_s = now_s + interval_s
            if self._ready:
                self._probe.ask()
            if now_s - self._heard_s > silence_s:
                raise ConnectionLostError(f"nothing heard from the core for {silence_s:g} seconds")

    def _heartbeat(self) -> bytes:
        self._beats += 1
        heartbeat = lifecycle_pb2.Heartbeat(
            sequence=self._beats,
            loop_lag_ms=self._probe.take_ms(),
            memory_bytes=memory_bytes(),
            in_flight=len(self._worker.attempts),
        )
        return pack(sidecar_pb2.SidecarFrame(heartbeat=heartbeat))

    # Frames from the core.

    async def _read(self, connection: Connection, early: Iterable[sidecar_pb2.CoreFrame]) -> None:
        self._dispatch(early)
        while True:
            response = await connection.read()
            self._heard_s = time.monotonic()
            self._dispatch(response.frames)

    def _dispatch(self, frames: Iterable[sidecar_pb2.CoreFrame]) -> None:
        """Act on one message. What concerns the user loop crosses to it in one go."""
        starts: list[Attempt] = []
        answered: list[PendingCall] = []
        interrupts: list[Attempt] = []
        for frame in frames:
            kind = frame.WhichOneof("frame")
            if kind == "invoke":
                if attempt := self._on_invoke(frame.invoke):
                    starts.append(attempt)
            elif kind == "call_reply":
                if pending := self._runtime.calls.settle(frame.call_reply):
                    answered.append(pending)
            elif kind == "chunk_ack":
                self._worker.acknowledge_chunks(frame.chunk_ack)
            elif kind == "complete_ack":
                self._on_complete_ack(frame.complete_ack)
            elif kind == "cancel":
                cancel = frame.cancel
                if attempt := self._worker.cancel(cancel.invocation_id, cancel.reason, cancel.signal_only):
                    interrupts.append(attempt)
            else:
                self._on_rare(kind, frame)
        if starts or answered or interrupts:
            # Not now: the reader is to ask for the next message first. Then this thread sleeps as soon as it has
            # woken the other one, and the two do not compete for the interpreter (a third of the round trip).
            asyncio.get_running_loop().call_soon(self._cross, starts, answered, interrupts)
        if self._accept_timer is None and self._worker.attempts:
            self._accept_timer = asyncio.get_running_loop().call_later(ACCEPT_S, self._accept)

    def _accept(self) -> None:
        """Tell of attempts that have said nothing since their start: in threads, or blocking the user loop."""
        self._accept_timer = None
        if self._outbox.started:
            self._outbox.wake()

    def _cross(self, starts: list[Attempt], answered: list[PendingCall], interrupts: list[Attempt]) -> None:
        user_loop = self._runtime.user_loop
        awaited_there = [pending for pending in answered if pending.loop is user_loop]
        user_loop.call_soon_threadsafe(self._worker.on_user_loop, starts, awaited_there, interrupts)
        for pending in answered:
            if pending.loop is not None and pending.loop is not user_loop and not pending.loop.is_closed():
                pending.loop.call_soon_threadsafe(pending.deliver)
            close_settled(pending)

    def _on_invoke(self, invoke: invoke_pb2.Invoke) -> Attempt | None:
        if invoke.manifest_digest != self._digest:
            raise ProtocolViolationError(
                failure_pb2.PROTOCOL_ERROR_CODE_DIGEST,
                f"Invoke of {invoke.step} names the manifest {invoke.manifest_digest!r}, loaded is {self._digest!r}",
            )
        if self.is_draining:
            self._outbox.send(returned_frame([invoke.invocation_id]))
            return None
        return self._worker.accept(invoke)

    def _load(self, load: manifest_pb2.Load) -> None:
        if not load.project_root:
            load.project_root = os.getcwd()  # noqa: PTH109
        if load.verify:
            check(load, Path(load.project_root))
        if self._loading.digest not in (None, load.digest):
            raise refusal(f"this process has loaded {self._loading.digest}, the core serves {load.digest}")
        self._digest = load.digest
        self._loading.ask(load)

    def _on_complete_ack(self, ack: invoke_pb2.CompleteAck) -> None:
        ledger = self._worker.ledger
        ledger.confirm(ack.invocation_ids)
        if not ledger.unconfirmed:
            self._confirmed.set()

    def _on_rare(self, kind: str | None, frame: sidecar_pb2.CoreFrame) -> None:
        if kind == "heartbeat_ack":
            pass  # that something was heard is noted for every message
        elif kind == "project":
            self._runtime.stream_names = frozenset(frame.project.stream_names)
            self._ready = True
        elif kind == "load" and self._digest is None:
            self._load(frame.load)
        elif kind == "warm" and self._digest is None:
            self._loading.requests.put(frame.warm)
        elif kind == "loading_ack":
            self._loading.acks.put(frame.loading_ack.path)
        elif kind == "drain":
            if not self.is_draining:
                self._drain_grace_ms.set_result(frame.drain.grace_ms)
        elif kind == "protocol_error":
            raise SessionRefusedError(frame.protocol_error.message)
        elif kind is not None:
            code = failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
            raise ProtocolViolationError(code, f"a second {kind} in one session")
        elif frame.must_understand:
            code = failure_pb2.PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD
            raise ProtocolViolationError(
                code, f"a frame that must be understood is not known to motia {VERSION}: upgrade it"
            )
