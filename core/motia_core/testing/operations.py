"""What handlers ask of their context, by name and as JSON values: for fakes, in whichever language they are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from motia_core.engine.services import ContextCalls
from motia_core.model.duration import read_duration
from motia_core.model.event import EmitOptions
from motia_core.model.http import SocketMessage
from motia_core.model.invocation import Invocation
from motia_core.testing.errors import RigError

Operation = Callable[..., Awaitable[bytes]]


def to_text(value: object, what: str) -> bytes:
    """A value as JSON text.

    Raises:
        RigError: JSON cannot hold it.
    """
    try:
        return orjson.dumps(value)
    except TypeError as error:
        raise RigError(f"{what} cannot be written as JSON: {error}") from error


def to_ms(duration: object, what: str) -> int:
    """Milliseconds of seconds, a timedelta, or a text such as "30s".

    Raises:
        RigError: It is no duration.
    """
    if isinstance(duration, timedelta):
        return round(duration.total_seconds() * 1000)
    if isinstance(duration, str) and (found := read_duration(duration)) is not None:
        return found
    if isinstance(duration, (int, float)) and not isinstance(duration, bool) and duration >= 0:
        return round(duration * 1000)
    raise RigError(f'{what} is {duration!r}: give seconds, or a text such as "500ms", "30s", "5m", "2h", "7d"')


def to_time_ms(moment: object, what: str) -> int:
    """Milliseconds since the epoch of a datetime, an ISO 8601 text, or seconds since the epoch.

    Raises:
        RigError: It is no time.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            raise RigError(f"{what} is {moment!r}: give a time as 2030-01-31T09:00:00Z") from None
    if isinstance(moment, datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    if isinstance(moment, (int, float)) and not isinstance(moment, bool):
        return round(moment * 1000)
    raise RigError(f"{what} is {moment!r}: give a datetime, or a text such as 2030-01-31T09:00:00Z")


_OPTIONS = ("messageGroupId", "delay", "at", "idempotencyKey", "idempotencyWindow", "priority")


def emit_options(options: Mapping[str, Any]) -> EmitOptions:
    """The options of an emit as handlers write them, in camelCase or snake_case."""
    camel = {_camel(name): value for name, value in options.items()}
    if unknown := camel.keys() - {*_OPTIONS}:
        raise RigError(f"emit does not know {', '.join(sorted(unknown))}; it knows {', '.join(_OPTIONS)}")
    return EmitOptions(
        camel.get("messageGroupId") or "",
        to_ms(camel["delay"], "delay") if camel.get("delay") is not None else None,
        to_time_ms(camel["at"], "at") if camel.get("at") is not None else 0,
        camel.get("idempotencyKey") or "",
        to_ms(camel["idempotencyWindow"], "idempotencyWindow") if camel.get("idempotencyWindow") is not None else 0,
        camel.get("priority") or 0,
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


async def ask(calls: ContextCalls, invocation: Invocation, operation: str, *arguments: Any) -> Any:
    """Do what a handler asks, and answer as its context would.

    Args:
        operation: "emit", "state.get", "streams.set" …
        arguments: As the methods of the context take them; of streams the name of the stream comes first.

    Raises:
        RigError: There is no such operation.
        MotiaError: The core could not do it.
    """
    find = _OPERATIONS.get(operation)
    if find is None:
        raise RigError(f"the context of a fake has no {operation}; it has {', '.join(_OPERATIONS)}")
    return orjson.loads(await find(calls, invocation, *arguments))


def _emit(calls: ContextCalls, invocation: Invocation, event: Mapping[str, Any]) -> Awaitable[bytes]:
    options = {name: value for name, value in event.items() if name not in ("topic", "data")}
    data = to_text(event["data"], "data") if event.get("data") is not None else b""
    return calls.emit(invocation, event.get("topic") or "", data, emit_options(options))


async def _state_set(
    calls: ContextCalls, invocation: Invocation, group: str, key: str, value: Any, ttl: Any = None
) -> bytes:
    text = to_text(value, "value")
    await calls.state_set(invocation, group, key, text, 0 if ttl is None else to_ms(ttl, "ttl"))
    return text


def _compare_and_set(
    calls: ContextCalls, invocation: Invocation, group: str, key: str, expected: int, value: Any, ttl: Any = None
) -> Awaitable[bytes]:
    ttl_ms = 0 if ttl is None else to_ms(ttl, "ttl")
    return calls.state_compare_and_set(invocation, group, key, expected, to_text(value, "value"), ttl_ms)


def _message(data: Any) -> SocketMessage:
    if isinstance(data, bytes):
        return SocketMessage(data, False)
    return SocketMessage(data.encode() if isinstance(data, str) else to_text(data, "a message"), True)


async def _is_reached(connections: Awaitable[bytes]) -> bytes:
    return b"false" if await connections == b"0" else b"true"


_OPERATIONS: dict[str, Operation] = {
    "emit": _emit,
    "state.get": lambda calls, invocation, group, key: calls.state_get(invocation, group, key),
    "state.set": _state_set,
    "state.getVersioned": lambda calls, invocation, group, key: calls.state_get_versioned(invocation, group, key),
    "state.compareAndSet": _compare_and_set,
    "state.list": lambda calls, invocation, group, prefix="", cursor="", limit=0: calls.state_list(
        invocation, group, prefix, cursor, limit
    ),
    "state.update": lambda calls, invocation, group, key, operations: calls.state_update(
        invocation, group, key, to_text(operations, "operations")
    ),
    "state.delete": lambda calls, invocation, group, key: calls.state_delete(invocation, group, key),
    "state.getGroup": lambda calls, invocation, group: calls.state_get_group(invocation, group),
    "state.clear": lambda calls, invocation, group: calls.state_clear(invocation, group),
    "state.groups": lambda calls, invocation: calls.state_groups(invocation),
    "streams.get": lambda calls, invocation, stream, group, item: calls.stream_get(invocation, stream, group, item),
    "streams.set": lambda calls, invocation, stream, group, item, data: calls.stream_set(
        invocation, stream, group, item, to_text(data, "data")
    ),
    "streams.update": lambda calls, invocation, stream, group, item, operations: calls.stream_update(
        invocation, stream, group, item, to_text(operations, "operations")
    ),
    "streams.delete": lambda calls, invocation, stream, group, item: calls.stream_delete(
        invocation, stream, group, item
    ),
    "streams.getGroup": lambda calls, invocation, stream, group: calls.stream_get_group(invocation, stream, group),
    "streams.list": lambda calls, invocation, stream, group, cursor="", limit=0: calls.stream_list(
        invocation, stream, group, cursor, limit
    ),
    "streams.groups": lambda calls, invocation, stream: calls.stream_groups(invocation, stream),
    "streams.send": lambda calls, invocation, stream, channel, event: calls.stream_send(
        invocation,
        stream,
        channel["groupId"],
        channel.get("id") or "",
        event["type"],
        to_text(event["data"], "data") if "data" in event else b"",
    ),
    "sockets.send": lambda calls, invocation, connection, data: _is_reached(
        calls.socket_send(invocation, connection, "", _message(data), ())
    ),
    "sockets.broadcast": lambda calls, invocation, path, data, excluded=(): calls.socket_send(
        invocation, "", path, _message(data), excluded
    ),
    "sockets.close": lambda calls, invocation, connection, code=1000, reason="": _is_reached(
        calls.socket_close(invocation, connection, code, reason)
    ),
    "remember": lambda calls, invocation, key, value: calls.remember(invocation, key, to_text(value, key)),
}
