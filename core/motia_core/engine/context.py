"""Answers the context calls of running handlers: emit, remember, state, streams."""

from __future__ import annotations

from collections.abc import Collection

from motia_core.engine.catalog import Catalog
from motia_core.engine.delivery import Deliveries
from motia_core.engine.groups import Groups
from motia_core.engine.ports import Log, Queue
from motia_core.engine.sockets import Sockets, is_close_code
from motia_core.engine.state import State
from motia_core.engine.streams import Streams
from motia_core.engine.waits import MARK
from motia_core.errors import CannotWaitError, SocketCloseError, StoreUnavailableError
from motia_core.failpoints import passing
from motia_core.model.effects import Effects
from motia_core.model.event import EmitOptions, Remembered
from motia_core.model.http import SocketMessage
from motia_core.model.invocation import Invocation
from motia_core.model.stream import Address

NULL = b"null"


class Context:
    """Implements `ContextCalls`. What an atomic step does is staged in its invocation."""

    def __init__(
        self,
        deliveries: Deliveries,
        queue: Queue,
        state: State,
        streams: Streams,
        sockets: Sockets,
        catalog: Catalog,
        log: Log,
        groups: Groups,
    ) -> None:
        self._groups = groups
        self._sockets = sockets
        self._deliveries = deliveries
        self._queue = queue
        self._state = state
        self._streams = streams
        self._catalog = catalog
        self._log = log

    async def emit(self, invocation: Invocation, topic: str, data: bytes, options: EmitOptions) -> bytes:
        step = invocation.step
        if not topic:
            self._invalid(invocation, "emit() without a topic: did you mean emit({topic: '…', data: …})?")
        elif not step.may_emit(topic):
            self._invalid(invocation, f"topic '{topic}' is not in emits of '{step.name}' ({step.path}): event dropped")
        else:
            producer = invocation.producer()
            if invocation.staged is not None:
                self._deliveries.check(topic, data)
                invocation.staged.emits.append(self._deliveries.plan(topic, data, producer, options))
                passing("effects.staged")
            else:
                await self._deliveries.publish(topic, data, producer, options)
        return NULL

    async def remember(self, invocation: Invocation, key: str, value: bytes) -> bytes:
        if not invocation.delivery_id:
            raise CannotWaitError(f"'{invocation.step.name}' has one attempt only: nothing is remembered of it")
        if not key or key.startswith(MARK):
            raise CannotWaitError(f"a result cannot be remembered as '{key}': give it another key")
        if key in invocation.remembered:
            return NULL
        if key in invocation.in_doubt:  # another value may be there: only the next attempt knows
            raise StoreUnavailableError(f"Whether '{key}' is remembered shows in the next attempt.")
        invocation.in_doubt.add(key)
        passing("progress.storing")
        await self._queue.commit(Effects(remembered=[Remembered(invocation.delivery_id, key, value)]))
        passing("progress.stored")
        invocation.in_doubt.discard(key)
        invocation.remembered.setdefault(key, value)
        return NULL

    async def state_get(self, invocation: Invocation, group: str, key: str) -> bytes:
        return await self._state.get(group, key, invocation.staged)

    async def state_get_versioned(self, invocation: Invocation, group: str, key: str) -> bytes:
        return await self._state.get_versioned(group, key, invocation.staged)

    async def state_set(self, invocation: Invocation, group: str, key: str, value: bytes, ttl_ms: int) -> bytes:
        return await self._state.set(group, key, value, ttl_ms, invocation.staged, invocation)

    async def state_update(self, invocation: Invocation, group: str, key: str, operations: bytes) -> bytes:
        return await self._state.update(group, key, operations, invocation.staged, invocation)

    async def state_compare_and_set(
        self, invocation: Invocation, group: str, key: str, expected: int, value: bytes, ttl_ms: int
    ) -> bytes:
        return await self._state.compare_and_set(group, key, expected, value, ttl_ms, invocation.staged, invocation)

    async def state_delete(self, invocation: Invocation, group: str, key: str) -> bytes:
        return await self._state.delete(group, key, invocation.staged, invocation)

    async def state_get_group(self, invocation: Invocation, group: str) -> bytes:
        return await self._state.get_group(group, invocation.staged)

    async def state_list(self, invocation: Invocation, group: str, prefix: str, cursor: str, limit: int) -> bytes:
        return await self._state.list_keys(group, prefix, cursor, limit, invocation.staged)

    async def state_groups(self, invocation: Invocation) -> bytes:
        return await self._groups.of_state(invocation.staged)

    async def stream_groups(self, invocation: Invocation, stream: str) -> bytes:
        self._streams.check(stream)
        return await self._groups.of_stream(stream, invocation.staged)

    async def state_clear(self, invocation: Invocation, group: str) -> bytes:
        return await self._state.clear(group, invocation.staged, invocation)

    async def stream_get(self, invocation: Invocation, stream: str, group: str, item_id: str) -> bytes:
        return await self._streams.get(Address(stream, group, item_id), invocation.staged)

    async def stream_set(self, invocation: Invocation, stream: str, group: str, item_id: str, data: bytes) -> bytes:
        return await self._streams.set(Address(stream, group, item_id), data, invocation.staged, invocation)

    async def stream_delete(self, invocation: Invocation, stream: str, group: str, item_id: str) -> bytes:
        return await self._streams.delete(Address(stream, group, item_id), invocation.staged, invocation)

    async def stream_get_group(self, invocation: Invocation, stream: str, group: str) -> bytes:
        return await self._streams.get_group(stream, group, invocation.staged)

    async def stream_send(
        self, invocation: Invocation, stream: str, group: str, item_id: str, event_type: str, data: bytes
    ) -> bytes:
        return await self._streams.send(
            Address(stream, group, item_id), event_type, data, invocation.staged, invocation
        )

    async def stream_update(
        self, invocation: Invocation, stream: str, group: str, item_id: str, operations: bytes
    ) -> bytes:
        return await self._streams.update(Address(stream, group, item_id), operations, invocation.staged, invocation)

    async def stream_list(self, invocation: Invocation, stream: str, group: str, cursor: str, limit: int) -> bytes:
        return await self._streams.list_items(stream, group, cursor, limit, invocation.staged)

    async def socket_send(
        self, invocation: Invocation, connection_id: str, path: str, message: SocketMessage, excluded: Collection[str]
    ) -> bytes:
        if connection_id:
            return b"%d" % self._sockets.send(connection_id, message)
        return b"%d" % self._sockets.broadcast(path, message, frozenset(excluded))

    async def socket_close(self, invocation: Invocation, connection_id: str, code: int, reason: str) -> bytes:
        if not is_close_code(code):
            raise SocketCloseError(f"a connection cannot be closed with {code}: 1000, or 3000 to 4999")
        return b"%d" % self._sockets.close(connection_id, code or 1000, reason)

    def _invalid(self, invocation: Invocation, message: str) -> None:
        self._log.record(
            "warn", f"[INVALID EMIT] {message}", step=invocation.step.name, trace_id=invocation.trace.trace_id
        )
