"""Who may do what with streams: asks the project's streamAuth and the functions of stream files, and fails closed."""

from __future__ import annotations

import orjson

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.delivery import Deliveries
from motia_core.engine.invoker import Invoker
from motia_core.engine.ports import Log
from motia_core.errors import (
    EmitInvalidError,
    MessageInvalidError,
    MessageRefusedError,
    MotiaError,
    NotAvailableError,
    StreamAccessError,
    StreamAuthError,
)
from motia_core.model.event import EmitOptions
from motia_core.model.invocation import Pool
from motia_core.model.step import Step
from motia_core.model.stream import Address, HookAnswer, Stream, StreamHook, StreamHookKind, StreamMessage, hook_step
from motia_core.model.trace import TraceSource

TRUE = b"true"
NAMES = {
    StreamHookKind.AUTHENTICATE: "streamAuth",
    StreamHookKind.CAN_ACCESS: "canAccess",
    StreamHookKind.CAN_SEND: "canSend",
    StreamHookKind.JOIN: "onJoin",
    StreamHookKind.LEAVE: "onLeave",
}


class ProjectAccess:
    """Implements `StreamAccess`."""

    def __init__(
        self, catalog: Catalog, invoker: Invoker, deliveries: Deliveries, traces: TraceSource, clock: Clock, log: Log
    ) -> None:
        self._catalog = catalog
        self._invoker = invoker
        self._deliveries = deliveries
        self._traces = traces
        self._clock = clock
        self._log = log

    async def authenticate(self, url: str, headers: list[str]) -> bytes:
        """See `services.StreamAccess`."""
        project = self._catalog.project
        if project.closed_streams:
            raise StreamAuthError(f"Streams are closed: {project.closed_streams}.")
        if project.stream_auth is None:
            return b""
        hook = StreamHook(StreamHookKind.AUTHENTICATE, Address("", ""), url=url, headers=tuple(headers))
        answer = await self._ask(project.stream_auth, hook)
        if answer is None:
            raise StreamAuthError("Authentication failed")
        return answer

    async def admit(self, address: Address, auth: bytes, connection_id: str) -> bytes:
        """See `services.StreamAccess`."""
        stream = self._stream(address)
        if StreamHookKind.CAN_ACCESS in stream.hooks:
            hook = StreamHook(StreamHookKind.CAN_ACCESS, address, auth, connection_id)
            if await self._ask_stream(stream, hook) != TRUE:
                raise StreamAccessError
        if StreamHookKind.JOIN not in stream.hooks:
            return b""
        answer = await self._ask_stream(stream, StreamHook(StreamHookKind.JOIN, address, auth, connection_id))
        if answer is None:
            raise StreamAccessError
        said = orjson.loads(answer)
        if not isinstance(said, dict):
            return b""
        if said.get("unauthorized") not in (None, False):
            raise StreamAccessError
        presence = said.get("presence")
        return orjson.dumps(presence) if isinstance(presence, dict) else b""

    async def left(self, address: Address, auth: bytes, connection_id: str) -> None:
        """See `services.StreamAccess`."""
        stream = self._catalog.streams.get(address.stream)
        if stream is not None and StreamHookKind.LEAVE in stream.hooks:
            await self._ask_stream(stream, StreamHook(StreamHookKind.LEAVE, address, auth, connection_id))

    async def send(self, address: Address, auth: bytes, connection_id: str, message: StreamMessage) -> None:
        """See `services.StreamAccess`."""
        stream = self._catalog.streams.get(address.stream)
        if stream is None or stream.messages is None:
            raise MessageRefusedError(f"The stream '{address.stream}' takes no messages.")
        if (schema := stream.messages.schema) is not None:
            violations = schema.violations(message.data or b"null")
            if violations:  # whatever the validation mode: it comes from a stranger
                errors = [{"in": "message", **violation._asdict()} for violation in violations]
                raise MessageInvalidError(f"The message is not what this stream takes: {violations[0]}.", errors=errors)
        if StreamHookKind.CAN_SEND in stream.hooks:
            hook = StreamHook(StreamHookKind.CAN_SEND, address, auth, connection_id, message=message)
            if await self._ask_stream(stream, hook) != TRUE:
                raise MessageRefusedError("Access denied")
        trace = self._traces.start(self._clock.now_ms())
        event = _event(address, auth, connection_id, message)
        try:
            # So a fifo step gets the messages of a group in their order.
            options = EmitOptions(address.group)
            publishing = self._deliveries.publish(stream.messages.topic, event, trace, options)
            await self._deliveries.undisturbed(publishing)
        except EmitInvalidError as error:
            raise MessageInvalidError(error.message, **error.details) from error

    def _stream(self, address: Address) -> Stream:
        stream = self._catalog.streams.get(address.stream)
        if stream is None:
            raise NotAvailableError(f"Stream {address.stream} not found")
        return stream

    async def _ask_stream(self, stream: Stream, hook: StreamHook) -> bytes | None:
        step = hook_step(f"stream {stream.name}", stream.path, stream.language, stream.group)
        return await self._ask(step, hook)

    async def _ask(self, step: Step, hook: StreamHook) -> bytes | None:
        """What the hook returned, as JSON text; None: it failed, or could not be asked, which the log says."""
        trace = self._traces.start(self._clock.now_ms())
        invocation = self._invoker.invocation(step, hook, trace, pool=Pool.API)
        try:
            outcome = await self._invoker.run(invocation)
        except MotiaError as error:
            why = error.message
        else:
            if type(outcome) is HookAnswer:
                return outcome.value
            why = getattr(outcome, "message", "it gave no answer")
        what = f"{NAMES[hook.kind]} of {step.path} failed: {why}"
        refused = "" if hook.kind is StreamHookKind.LEAVE else "; the client was refused"
        self._log.record("warn", f"{what}{refused}", step=step.name, trace_id=trace.trace_id)
        return None


def _event(address: Address, auth: bytes, connection_id: str, message: StreamMessage) -> bytes:
    names = {"streamName": address.stream, "groupId": address.group}
    if address.item_id:
        names["id"] = address.item_id
    head = orjson.dumps(names | {"type": message.type, "connectionId": connection_id})
    data = b',"data":' + message.data if message.data is not None else b""
    return head[:-1] + data + (b',"auth":' + auth if auth else b"") + b"}"
