"""The gRPC server that sidecars dial: handshake, the read and write loops of a session, telemetry."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

import grpc
import orjson
from google.protobuf.message import DecodeError

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2, sidecar_pb2, telemetry_pb2
from motia_core.engine.ports import Log
from motia_core.errors import AddressInUseError, ProtocolViolationError
from motia_core.failpoints import ARMED, passing
from motia_core.model.trace import SpanRecord
from motia_core.settings import Settings
from motia_core.sidecars.capabilities import CAPABILITIES
from motia_core.sidecars.codec import read_span
from motia_core.sidecars.outbox import MAX_MESSAGE_BYTES
from motia_core.sidecars.session import Session
from motia_core.sidecars.tls_end import TlsEnd
from motia_core.sidecars.trust import ServerTrust

REVISIONS = (1, 2)  # spoken by this core, best last; proto/README.md has the table
HELLO_TIMEOUT_S = 10.0
REFUSAL_S = 2.0  # for a ProtocolError to leave
LEVELS = {1: "debug", 2: "info", 3: "warn", 4: "error"}
VALIDATION = {
    "off": lifecycle_pb2.VALIDATION_UNSPECIFIED,
    "warn": lifecycle_pb2.VALIDATION_WARN,
    "strict": lifecycle_pb2.VALIDATION_STRICT,
}
CHUNK_WINDOW_BYTES = 1024 * 1024  # of one streamed response on the way from its sidecar to its client
GARBAGE = sidecar_pb2.SessionRequest()  # stands for a message that is not protobuf

Stream = grpc.aio.ServicerContext[sidecar_pb2.SessionRequest, sidecar_pb2.SessionResponse]
LogStream = grpc.aio.ServicerContext[telemetry_pb2.TelemetryRequest, telemetry_pb2.TelemetryResponse]


class Door(Protocol):
    """Who decides whether a sidecar may come in. Implemented by the supervisor."""

    def admit(self, hello: lifecycle_pb2.Hello, address: str, revision: int) -> tuple[Session, bool]:
        """The new or resumed session, and whether it is resumed.

        Args:
            address: Where the sidecar has dialled from, such as "10.0.0.7:40112".
            revision: Of the protocol, that both speak.

        Raises:
            ProtocolViolationError: It may not come in; says why.
        """
        ...

    def disconnected(self, session: Session) -> None:
        """The session's connection is gone; it may be resumed."""
        ...

    def step_name(self, reference: str) -> str:
        """The name of a step that its sidecar knows by this, for logs."""
        ...

    def violated(self, session: Session) -> None:
        """The sidecar broke the protocol: its session is over for good."""
        ...


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection of a sidecar. A session may have several, one after the other."""

    stream: Stream
    writer: asyncio.Task[None] | None = None  # once Welcome is said

    def stop_writing(self) -> None:
        """Another connection writes from here on, or none."""
        if self.writer is not None:
            self.writer.cancel()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where sidecars dial."""

    launched: str
    external: str  # empty: nowhere


SpanSink = Callable[[Sequence[SpanRecord]], None]


class SidecarService:
    """Serves motia.v1.SidecarService on a unix socket or a TCP address."""

    def __init__(self, settings: Settings, door: Door, log: Log, spans: SpanSink) -> None:
        self._settings = settings
        self._door = door
        self._log = log
        self._spans = spans
        self._tls_end: TlsEnd | None = None
        self._connections: dict[str, _Connection] = {}  # by session, the one that it has now
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
                ("grpc.http2.lookahead_bytes", 4 * 1024 * 1024),
            ]
        )
        self._server.add_generic_rpc_handlers((self._handlers(),))

    async def start(self, socket: Path) -> Addresses:
        """Listen.

        Args:
            socket: Path of the unix socket, in a directory that only this user can enter. Not used when
                `sidecars.listen` names a TCP address and there are no external sidecars, for whom that is then.
        """
        limits = self._settings.sidecars
        trust = ServerTrust(limits) if limits.external and limits.tls_cert is not None else None
        tcp = self._bind(limits.listen) if limits.listen and trust is None else ""
        if tcp and not limits.external:
            await self._server.start()
            return Addresses(launched=tcp, external="")
        unix = f"unix://{socket}"
        self._bind(unix)
        await self._server.start()
        socket.chmod(0o600)  # noqa: ASYNC240 - one system call at start
        if trust is not None and limits.listen:
            self._tls_end = TlsEnd(trust.context, socket, self._log)
            tcp = self._tls_end.listen(limits.listen)
        return Addresses(launched=unix, external=tcp)

    def _bind(self, address: str) -> str:
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise AddressInUseError(f"sidecars cannot be served on {address}: {error}") from error
        return f"{address.rpartition(':')[0]}:{port}"

    async def stop(self) -> None:
        """Close all connections."""
        if self._tls_end is not None:
            await self._tls_end.close()
        await self._server.stop(grace=0.5)

    def _handlers(self) -> grpc.GenericRpcHandler:
        session = grpc.stream_stream_rpc_method_handler(
            self._session,
            request_deserializer=_decode,
            response_serializer=sidecar_pb2.SessionResponse.SerializeToString,
        )
        telemetry = grpc.stream_stream_rpc_method_handler(
            self._telemetry,
            request_deserializer=telemetry_pb2.TelemetryRequest.FromString,
            response_serializer=telemetry_pb2.TelemetryResponse.SerializeToString,
        )
        return grpc.method_handlers_generic_handler(
            "motia.v1.SidecarService", {"Session": session, "Telemetry": telemetry}
        )

    async def _session(self, _: object, stream: Stream) -> None:
        session: Session | None = None
        connection = _Connection(stream)
        address = self._address(stream.peer())
        try:
            hello = await self._hello(stream)
            session, resumed = self._door.admit(hello, address, _revision(hello))
            self._replace(session, connection)
            await self._welcome(session, stream, hello, resumed)
            if self._connections[session.id] is connection:  # and not another one already, which writes
                connection.writer = asyncio.get_running_loop().create_task(_write(stream, session))
                await self._converse(stream, session, connection.writer)
        except ProtocolViolationError as violation:
            who = session.name if session else f"a sidecar{address and f' at {address}'}"
            self._log.record("error", f"{who} was refused: {violation.message}")
            try:
                await self._refuse(connection, session, violation)
            finally:
                if session is not None:
                    self._door.violated(session)
        except grpc.aio.UsageError:
            pass  # the stream was closed under us
        finally:
            if session is not None and self._connections.get(session.id) is connection:
                connection.stop_writing()
                del self._connections[session.id]
                self._door.disconnected(session)

    def _address(self, peer: str) -> str:
        """HOST:PORT of what gRPC calls a peer; empty: launched by the core, on the unix socket."""
        kind, _, address = unquote(peer).partition(":")
        if kind != "unix":
            return address
        return self._tls_end.address_of(address) if self._tls_end is not None else ""

    def _replace(self, session: Session, connection: _Connection) -> None:
        """The session has this connection from here on, whatever becomes of the one before."""
        if (previous := self._connections.get(session.id)) is not None:
            previous.stop_writing()
        self._connections[session.id] = connection

    async def _hello(self, stream: Stream) -> lifecycle_pb2.Hello:
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                first = await stream.read()
        except TimeoutError:
            raise _violation("no Hello within 10 s", failure_pb2.PROTOCOL_ERROR_CODE_TIMEOUT) from None
        if first is GARBAGE:
            raise _garbage()
        if not isinstance(first, sidecar_pb2.SessionRequest) or not first.frames:
            raise _violation("the first message must hold Hello", failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME)
        if len(first.frames) != 1 or first.frames[0].WhichOneof("frame") != "hello":
            raise _violation(
                "Hello must be the first frame and alone", failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
            )
        hello = first.frames[0].hello
        if not set(hello.revisions) & set(REVISIONS):
            theirs = ", ".join(map(str, sorted(hello.revisions))) or "none"
            older = "motia-core" if min(hello.revisions, default=0) > REVISIONS[-1] else "the SDK"
            raise _violation(
                f"{hello.sdk_name} {hello.sdk_version} speaks protocol revisions {theirs}, this core "
                f"{', '.join(map(str, REVISIONS))}: upgrade {older}",
                failure_pb2.PROTOCOL_ERROR_CODE_REVISION,
            )
        return hello

    async def _welcome(self, session: Session, stream: Stream, hello: lifecycle_pb2.Hello, resumed: bool) -> None:
        limits = self._settings.sidecars
        welcome = lifecycle_pb2.Welcome(
            revision=_revision(hello),
            session_id=session.id,
            resumed=resumed,
            max_message_bytes=MAX_MESSAGE_BYTES,
            max_payload_bytes=self._settings.max_payload_bytes,
            heartbeat_interval_ms=limits.heartbeat_interval_ms,
            resume_window_ms=limits.resume_window_ms,
            api_slots=limits.api_slots,
            background_slots=limits.background_slots,
            capabilities=sorted(CAPABILITIES.intersection(hello.capabilities)),
            validation=VALIDATION[self._settings.validation.mode],
            chunk_window_bytes=CHUNK_WINDOW_BYTES,
        )
        await stream.write(sidecar_pb2.SessionResponse(frames=[sidecar_pb2.CoreFrame(welcome=welcome)]))

    async def _converse(self, stream: Stream, session: Session, writer: asyncio.Task[None]) -> None:
        """Read until either side ends the session, or the connection is lost or replaced."""
        create_task = asyncio.get_running_loop().create_task
        reader = create_task(self._read(stream, session.receive))
        ending = create_task(session.outbox.ended.wait())
        try:
            await asyncio.wait({reader, writer, ending}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() or not (ending.done() or writer.cancelled()):  # what has arrived of a lost one is read
                await reader
            elif ending.done():
                await asyncio.wait([writer], timeout=REFUSAL_S)
        finally:
            reader.cancel()
            ending.cancel()

    async def _read(self, stream: Stream, receive: Callable[[sidecar_pb2.SessionRequest], None]) -> None:
        while isinstance(message := await stream.read(), sidecar_pb2.SessionRequest):
            if message is GARBAGE:
                raise _garbage()
            receive(message)

    async def _refuse(
        self, connection: _Connection, session: Session | None, violation: ProtocolViolationError
    ) -> None:
        code = violation.details.get("code", failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME)
        frame = sidecar_pb2.CoreFrame()
        frame.protocol_error.message = violation.message
        frame.protocol_error.code = code  # type: ignore[assignment]  # an enum of the generated code is an int
        if session is None or connection.writer is None:
            await connection.stream.write(sidecar_pb2.SessionResponse(frames=[frame]))
            return
        # Through the writer, which may be in the middle of a message: interrupting it would end the stream silently.
        if code:
            session.outbox.frame().CopyFrom(frame)
        session.outbox.end()
        await asyncio.wait([connection.writer], timeout=REFUSAL_S)

    async def _telemetry(self, _: object, stream: LogStream) -> None:
        first = await stream.read()
        if not isinstance(first, telemetry_pb2.TelemetryRequest) or first.session_id not in self._connections:
            await stream.abort(grpc.StatusCode.UNAUTHENTICATED, "Telemetry needs the session_id of a live session")
        message: object = first
        dropped = 0
        while isinstance(message, telemetry_pb2.TelemetryRequest):
            for record in message.logs:
                self._log.record(
                    LEVELS.get(record.level, "info"),
                    record.message,
                    step=self._door.step_name(record.step),
                    trace_id=record.trace_id,
                    time_ms=record.time_unix_ms,
                    fields=record.fields,
                )
            if message.spans:
                self._spans([read_span(span) for span in message.spans])
            if message.dropped > dropped:
                lost = orjson.dumps({"dropped": message.dropped - dropped})
                self._log.record(
                    "warn", "log records were dropped: handlers log faster than they can be read", fields=lost
                )
                dropped = message.dropped
            message = await stream.read()


async def _write(stream: Stream, session: Session) -> None:
    """Send what accumulates until the connection ends, or the session."""
    try:
        while (batch := await session.outbox.take()) is not None:
            _pass(batch, "sending")
            await stream.write(batch)
            _pass(batch, "sent")
    except (grpc.aio.UsageError, grpc.RpcError):
        return  # the read loop notices as well and ends the session


def _pass(batch: sidecar_pb2.SessionResponse, how: str) -> None:
    if ARMED:
        for frame in batch.frames:
            passing(f"{frame.WhichOneof('frame')}.{how}")


def new_session_id() -> str:
    """An unguessable session id."""
    return secrets.token_urlsafe(18)


def _revision(hello: lifecycle_pb2.Hello) -> int:
    return max(set(hello.revisions) & set(REVISIONS))


def _decode(data: bytes) -> sidecar_pb2.SessionRequest:
    try:
        return sidecar_pb2.SessionRequest.FromString(data)
    except DecodeError:
        return GARBAGE


def _garbage() -> ProtocolViolationError:
    return _violation("a message that is not a motia.v1.SessionRequest", failure_pb2.PROTOCOL_ERROR_CODE_INVALID_FRAME)


def _violation(message: str, code: int) -> ProtocolViolationError:
    return ProtocolViolationError(message, code=code)
