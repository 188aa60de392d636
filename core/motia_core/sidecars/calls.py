"""Dispatches Call frames to the engine's context calls."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from motia_core._gen.motia.v1 import call_pb2
from motia_core.engine.services import ContextCalls
from motia_core.errors import PayloadTooLargeError, ProtocolViolationError
from motia_core.model.calls import CallLog
from motia_core.model.event import EmitOptions
from motia_core.model.http import SocketMessage
from motia_core.model.invocation import Invocation
from motia_core.sidecars.codec import LONGEST_MS

HIGHEST_VERSION = 2**63 - 1  # that a store can compare with; there is none so high

Answer = Callable[[ContextCalls, Invocation, call_pb2.Call], Awaitable[bytes]]


def _emit(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.emit
    return calls.emit(invocation, op.topic, op.data, _emit_options(op))


def _emit_options(op: call_pb2.Emit) -> EmitOptions:
    has_delay = op.HasField("delay_ms")
    if has_delay and op.at_unix_ms:
        raise ProtocolViolationError("an emit has both delay_ms and at_unix_ms: give one of them")
    return EmitOptions(
        op.message_group_id,
        min(op.delay_ms, LONGEST_MS) if has_delay else None,
        min(op.at_unix_ms, LONGEST_MS),
        op.idempotency_key,
        min(op.idempotency_window_ms, LONGEST_MS),
        op.priority,
    )


def _remember(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    return calls.remember(invocation, call.remember.key, call.remember.value)


def _state_get(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_get
    return calls.state_get(invocation, op.group_id, op.key)


def _state_set(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_set
    return calls.state_set(invocation, op.group_id, op.key, op.value, min(op.ttl_ms, LONGEST_MS))


def _state_get_versioned(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_get_versioned
    return calls.state_get_versioned(invocation, op.group_id, op.key)


def _state_update(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_update
    return calls.state_update(invocation, op.group_id, op.key, op.operations)


def _state_compare_and_set(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_compare_and_set
    expected = min(op.expected_version, HIGHEST_VERSION)
    ttl_ms = min(op.ttl_ms, LONGEST_MS)
    return calls.state_compare_and_set(invocation, op.group_id, op.key, expected, op.value, ttl_ms)


def _state_list(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_list
    return calls.state_list(invocation, op.group_id, op.prefix, op.cursor, op.limit)


def _state_delete(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_delete
    return calls.state_delete(invocation, op.group_id, op.key)


def _state_get_group(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    return calls.state_get_group(invocation, call.state_get_group.group_id)


def _state_clear(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    return calls.state_clear(invocation, call.state_clear.group_id)


def _stream_get(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_get
    return calls.stream_get(invocation, op.stream, op.group_id, op.id)


def _stream_set(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_set
    return calls.stream_set(invocation, op.stream, op.group_id, op.id, op.data)


def _stream_delete(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_delete
    return calls.stream_delete(invocation, op.stream, op.group_id, op.id)


def _stream_get_group(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_get_group
    return calls.stream_get_group(invocation, op.stream, op.group_id)


def _stream_send(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_send
    return calls.stream_send(invocation, op.stream, op.group_id, op.id, op.type, op.data)


def _stream_update(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_update
    return calls.stream_update(invocation, op.stream, op.group_id, op.id, op.operations)


def _stream_list(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.stream_list
    return calls.stream_list(invocation, op.stream, op.group_id, op.cursor, op.limit)


def _state_groups(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    return calls.state_groups(invocation)


def _stream_groups(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    return calls.stream_groups(invocation, call.stream_groups.stream)


def _socket_send(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.socket_send
    message = SocketMessage(op.data, op.is_text)
    return calls.socket_send(invocation, op.connection_id, op.path, message, tuple(op.excluded))


def _socket_close(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.socket_close
    return calls.socket_close(invocation, op.connection_id, op.code, op.reason)


ANSWERS: dict[str, Answer] = {
    "emit": _emit,
    "remember": _remember,
    "state_get": _state_get,
    "state_set": _state_set,
    "state_get_versioned": _state_get_versioned,
    "state_update": _state_update,
    "state_compare_and_set": _state_compare_and_set,
    "state_list": _state_list,
    "state_groups": _state_groups,
    "state_delete": _state_delete,
    "state_get_group": _state_get_group,
    "state_clear": _state_clear,
    "stream_get": _stream_get,
    "stream_set": _stream_set,
    "stream_delete": _stream_delete,
    "stream_get_group": _stream_get_group,
    "stream_send": _stream_send,
    "stream_update": _stream_update,
    "stream_list": _stream_list,
    "stream_groups": _stream_groups,
    "socket_send": _socket_send,
    "socket_close": _socket_close,
}

PAYLOADS = {
    "emit": "data",
    "remember": "value",
    "state_set": "value",
    "state_update": "operations",
    "state_compare_and_set": "value",
    "stream_set": "data",
    "stream_send": "data",
    "stream_update": "operations",
    "socket_send": "data",
}  # the field that holds the payload, by operation


_FIELDS = {
    "emit": ("topic",),
    "remember": ("key",),
    "socket_send": ("connection_id", "path"),
    "socket_close": ("connection_id",),
    "state_clear": ("group_id",),
    "state_get_group": ("group_id",),
    "state_list": ("group_id", "prefix"),
    "state_groups": (),
    "stream_groups": ("stream",),
    "stream_get_group": ("stream", "group_id"),
    "stream_list": ("stream", "group_id"),
}  # what a call is about; of others of state group and key, of others of streams stream, group and id


def _kind(operation: str) -> str:
    store, _, rest = operation.partition("_")
    first, *others = rest.split("_")
    return f"{store}.{first}{''.join(map(str.title, others))}" if rest else store


def _fields_of(operation: str) -> tuple[str, ...]:
    of_others = ("stream", "group_id", "id") if operation.startswith("stream") else ("group_id", "key")
    return _FIELDS.get(operation, of_others)


_SHOWN = {operation: (_kind(operation), _fields_of(operation), PAYLOADS.get(operation)) for operation in ANSWERS}


def record(
    invocation: Invocation, call: call_pb2.Call, operation: str, began_ns: int, value: bytes, error: str = ""
) -> None:
    """Remember a call that was answered, with what was given or, when nothing was, with what was found.

    Args:
        began_ns: Monotonic.
    """
    if invocation.call_limits is None:
        return
    if (log := invocation.calls) is None:
        log = invocation.calls = CallLog(*invocation.call_limits)
    kind, fields, payload = _SHOWN[operation]
    asked = getattr(call, operation)
    target = "/".join([part for field in fields if (part := getattr(asked, field))])
    log.add(kind, target, began_ns, time.monotonic_ns(), getattr(asked, payload) if payload else value, error)


def check_size(call: call_pb2.Call, operation: str, invocation: Invocation, limit: int) -> None:
    """Refuse a call that brings more than a payload may have.

    Raises:
        PayloadTooLargeError: It does.
    """
    field = PAYLOADS.get(operation)
    if field is None:
        return
    size, what = len(getattr(getattr(call, operation), field)), f"{field} of {operation}"
    if operation == "remember":  # all of it travels with every attempt
        size += sum(map(len, invocation.remembered.values()))
        what = f"what {invocation.step.name} remembers with ctx.run"
    if size > limit:
        raise PayloadTooLargeError(f"{what} has {size:,} bytes, {over(limit)}")


def over(limit: int) -> str:
    """What is wrong with a payload that is too large, and what to do."""
    return f"max_payload_bytes is {limit:,}: pass a reference instead, or raise the setting"
