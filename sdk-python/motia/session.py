"""The protocol's state machine, on its own thread: handshake, dispatch of frames, liveness, reconnect, drain."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Iterable
from itertools import chain, repeat

from motia._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2, sidecar_pb2
from motia._version import VERSION
from motia.attempt import Attempt
from motia.calls import PendingCall, close_settled
from motia.drain import drain
from motia.errors import ConnectionLostError, ProtocolViolationError, SessionRefusedError
from motia.lag import LagProbe, memory_bytes
from motia.loading import Loading
from motia.runtime import Runtime
from motia.settings import Settings
from motia.transport import Connection
from motia.wire import pack
from motia.worker import Worker, returned_frame

REVISIONS = (1,)
CAPABILITIES = ("streamed-responses", "uploads", "sockets", "stream-hooks", "reload", "several-steps")
CONNECT_S = 5.0  # for the first connection; later ones get the core's resume window
HANDSHAKE_S = 10.0
FINISH_S = 2.0
RETRY_S = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0)
SILENCE_BEATS = 5  # heartbeats without any frame from the core, and
SILENCE_S = 10.0  # at least this long: the connection is dead
ACCEPT_S = 0.005  # until a handler that says nothing is accepted
PROBE_S = 0.2  # between probes of the user loop while attempts run


class Session:
    """One session with the core, over one connection after another."""

    def __init__(self, settings: Settings, runtime: Runtime, worker: Worker, loading: Loading) -> None:
        self._settings = settings
        self._runtime = runtime
        self._outbox = runtime.outbox
        self._worker = worker
        self._loading = loading
        self._welcome = lifecycle_pb2.Welcome()
        self._digest: str | None = None
        self._ready = False  # the core has taken the manifest: the session can be resumed
        self._drain_grace_ms: asyncio.Future[int]
        self._confirmed: asyncio.Event
        self._accept_timer: asyncio.TimerHandle | None = None
        self._finishing = False
        self._heard_s = 0.0
        self._probe = LagProbe(runtime.user_loop)
        self._beats = 0

    async def run(self) -> None:
        """Serve until drained. Raises ConnectionLostError, SessionRefusedError or ProtocolViolationError."""
        loop = asyncio.get_running_loop()
        self._drain_grace_ms = loop.create_future()
        self._confirmed = asyncio.Event()
        self._confirmed.set()
        self._runtime.telemetry.bind(loop)
        connection, early = await self._connect("", CONNECT_S)
        self._worker.ledger.open(self._welcome.api_slots, self._welcome.background_slots)
        self._runtime.welcome(self._welcome)
        self._loading.is_to_tell = "reload" in self._welcome.capabilities
        self._outbox.bind(loop)
        first: list[bytes] = []
        while True:
            try:
                await self._serve(connection, early, first)
                return
            except ConnectionLostError:
                window_s = self._welcome.resume_window_ms / 1000
                if not self._ready or window_s == 0 or self._drain_grace_ms.done():
                    raise
                connection, early = await self._connect(self._welcome.session_id, window_s)
                first = self._worker.resume_frames()

    # Connecting.

    async def _connect(
        self, resume_session_id: str, patience_s: float
    ) -> tuple[Connection, list[sidecar_pb2.CoreFrame]]:
        """Connect and shake hands, again and again until it works or `patience_s` is over."""
        give_up_s = time.monotonic() + patience_s
        for pause_s in chain(RETRY_S, repeat(RETRY_S[-1])):
            await asyncio.sleep(pause_s)
            connection = Connection(self._settings.address)
            try:
                return connection, await self._shake_hands(connection, resume_session_id)
            except ConnectionLostError:
                await connection.close()
                if time.monotonic() >= give_up_s:
                    raise
            except BaseException:
                await connection.close()
                raise
        raise AssertionError("the pauses never end")

    async def _shake_hands(self, connection: Connection, resume_session_id: str) -> list[sidecar_pb2.CoreFrame]:
        hello = lifecycle_pb2.Hello(
            token=self._settings.token,
            revisions=REVISIONS,
            sdk_name="motia-python",
            sdk_version=VERSION,
            language=self._settings.language,
            language_version=platform.python_version(),
            pid=os.getpid(),
            capabilities=CAPABILITIES,
            resume_session_id=resume_session_id,
        )
        await connection.write([pack(sidecar_pb2.SidecarFrame(hello=hello))])
        try:
            first, *early = await asyncio.wait_for(_first_frames(connection), HANDSHAKE_S)
        except asyncio.TimeoutError:
            raise ConnectionLostError(f"the core did not answer Hello within {HANDSHAKE_S:g} seconds") from None
        kind = first.WhichOneof("frame")
        if kind == "protocol_error":
            raise SessionRefusedError(first.protocol_error.message)
        if kind != "welcome":
            code = failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
            await self._refuse(connection, code, f"{kind} came before Welcome")
        elif first.welcome.revision not in REVISIONS:
            code = failure_pb2.PROTOCOL_ERROR_CODE_REVISION
            revision = first.welcome.revision
            await self._refuse(
                connection, code, f"Welcome chose revision {revision}, motia {VERSION} speaks {REVISIONS}"
            )
        if resume_session_id and not first.welcome.resumed:
            raise SessionRefusedError("the core has forgotten this session; it starts a new sidecar")
        self._welcome = first.welcome
        return early

    async def _refuse(self, connection: Connection, code: int, message: str) -> None:
        await connection.write([protocol_error_frame(code, message)])
        await connection.finish(FINISH_S)
        raise ProtocolViolationError(code, message)

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
        if self._drain_grace_ms.done():
            self._outbox.send(returned_frame([invoke.invocation_id]))
            return None
        return self._worker.accept(invoke)

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
            self._digest = frame.load.digest
            self._loading.requests.put(frame.load)
        elif kind == "warm" and self._digest is None:
            self._loading.requests.put(frame.warm)
        elif kind == "loading_ack":
            self._loading.acks.put(frame.loading_ack.path)
        elif kind == "drain":
            if not self._drain_grace_ms.done():
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


async def _first_frames(connection: Connection) -> list[sidecar_pb2.CoreFrame]:
    """The frames of the first message that has some: those without are ignored (SHAPE-2)."""
    while not (frames := (await connection.read()).frames):
        pass
    return list(frames)


def protocol_error_frame(code: int, message: str) -> bytes:
    """Tell the core which rule it broke."""
    error = failure_pb2.ProtocolError(code=code, message=message)  # type: ignore[arg-type]
    return pack(sidecar_pb2.SidecarFrame(protocol_error=error))
