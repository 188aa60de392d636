"""Answers the context calls of running handlers: emit, state, streams."""

from __future__ import annotations

from motia_core.engine.catalog import Catalog
from motia_core.engine.delivery import Deliveries
from motia_core.engine.ports import Log, StateStore
from motia_core.engine.streams import Streams
from motia_core.model.invocation import Invocation
from motia_core.model.trace import TraceContext

NULL = b"null"


class Context:
    """Implements `ContextCalls`."""

    def __init__(self, deliveries: Deliveries, state: StateStore, streams: Streams, catalog: Catalog, log: Log) -> None:
        self._deliveries = deliveries
        self._state = state
        self._streams = streams
        self._catalog = catalog
        self._log = log

    async def emit(self, invocation: Invocation, topic: str, data: bytes, group_id: str) -> bytes:
        step = invocation.step
        if not topic:
            self._invalid(invocation, "emit() without a topic: did you mean emit({topic: '…', data: …})?")
        elif not step.may_emit(topic):
            self._invalid(invocation, f"topic '{topic}' is not in emits of '{step.name}' ({step.path}): event dropped")
        else:
            trace = invocation.trace
            producer = TraceContext(trace.trace_id, trace.traceparent, trace.tracestate, trace.baggage, invocation.id)
            await self._deliveries.publish(topic, data, group_id, producer)
        return NULL

    async def state_get(self, invocation: Invocation, group: str, key: str) -> bytes:
        value = await self._state.get(group, key)
        return NULL if value is None else value

    async def state_set(self, invocation: Invocation, group: str, key: str, value: bytes) -> bytes:
        await self._state.set(group, key, value)
        return NULL

    async def state_delete(self, invocation: Invocation, group: str, key: str) -> bytes:
        value = await self._state.delete(group, key)
        return NULL if value is None else value

    async def state_get_group(self, invocation: Invocation, group: str) -> bytes:
        return b"[" + b",".join(await self._state.get_group(group)) + b"]"

    async def state_clear(self, invocation: Invocation, group: str) -> bytes:
        await self._state.clear(group)
        return NULL

    async def stream_get(self, invocation: Invocation, stream: str, group: str, item_id: str) -> bytes:
        return await self._streams.get(stream, group, item_id)

    async def stream_set(self, invocation: Invocation, stream: str, group: str, item_id: str, data: bytes) -> bytes:
        return await self._streams.set(stream, group, item_id, data)

    async def stream_delete(self, invocation: Invocation, stream: str, group: str, item_id: str) -> bytes:
        return await self._streams.delete(stream, group, item_id)

    async def stream_get_group(self, invocation: Invocation, stream: str, group: str) -> bytes:
        return await self._streams.get_group(stream, group)

    async def stream_send(
        self, invocation: Invocation, stream: str, group: str, item_id: str, event_type: str, data: bytes
    ) -> bytes:
        self._streams.check(stream)
        return NULL

    def _invalid(self, invocation: Invocation, message: str) -> None:
        self._log.record(
            "warn", f"[INVALID EMIT] {message}", step=invocation.step.name, trace_id=invocation.trace.trace_id
        )
