"""Dispatches Call frames to the engine's context calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from motia_core._gen.motia.v1 import call_pb2
from motia_core.engine.ports import ContextCalls
from motia_core.model.invocation import Invocation

Answer = Callable[[ContextCalls, Invocation, call_pb2.Call], Awaitable[bytes]]


def _emit(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.emit
    return calls.emit(invocation, op.topic, op.data, op.message_group_id)


def _state_get(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_get
    return calls.state_get(invocation, op.group_id, op.key)


def _state_set(calls: ContextCalls, invocation: Invocation, call: call_pb2.Call) -> Awaitable[bytes]:
    op = call.state_set
    return calls.state_set(invocation, op.group_id, op.key, op.value)


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


ANSWERS: dict[str, Answer] = {
    "emit": _emit,
    "state_get": _state_get,
    "state_set": _state_set,
    "state_delete": _state_delete,
    "state_get_group": _state_get_group,
    "state_clear": _state_clear,
    "stream_get": _stream_get,
    "stream_set": _stream_set,
    "stream_delete": _stream_delete,
    "stream_get_group": _stream_get_group,
    "stream_send": _stream_send,
}
