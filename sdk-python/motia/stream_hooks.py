"""The functions that say what clients of streams may do: those of a stream's file, and the config's streamAuth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from motia._gen.motia.v1 import invoke_pb2
from motia.fault import ConfigError
from motia.loaded_step import Step
from motia.middleware import count_parameters, is_async
from motia.payload import Record, decode, encode

UserFunction = Callable[..., Any]
Hooks = dict[int, UserFunction]  # by StreamHookKind

AUTHENTICATE = invoke_pb2.STREAM_HOOK_KIND_AUTHENTICATE
CAN_ACCESS = invoke_pb2.STREAM_HOOK_KIND_CAN_ACCESS
CAN_SEND = invoke_pb2.STREAM_HOOK_KIND_CAN_SEND
JOIN = invoke_pb2.STREAM_HOOK_KIND_JOIN
LEAVE = invoke_pb2.STREAM_HOOK_KIND_LEAVE
NAMES = {
    CAN_ACCESS: ("canAccess", "can_access"),
    CAN_SEND: ("canSend", "can_send"),
    JOIN: ("onJoin", "on_join"),
    LEAVE: ("onLeave", "on_leave"),
}
CONFIG_NAMES = frozenset(name for names in NAMES.values() for name in names)
OFFERED = 3  # arguments at most


def hooks_of(config: Mapping[Any, Any], module: ModuleType) -> Hooks:
    """The functions of a stream: in its config, or of its module. Raises ConfigError."""
    hooks: Hooks = {}
    for kind, names in NAMES.items():
        for name in names:
            value = config.get(name, getattr(module, name, None))
            if value is None:
                continue
            if not callable(value):
                raise ConfigError(f"{name} must be a function, it is a {type(value).__name__}")
            hooks[kind] = value
    return hooks


def to_steps(path: str, hooks: Hooks) -> dict[tuple[str, int], Step]:
    """What the worker runs when one of them is asked, by path and kind."""
    return {(path, kind): _step(path, function) for kind, function in hooks.items()}


def answer_of(hook: invoke_pb2.StreamHook, result: Any) -> bytes:
    """What a function returned, as JSON text. Raises PayloadError."""
    if hook.kind in (CAN_ACCESS, CAN_SEND):
        return b"true" if result is True else b"false"
    return encode(result, "what the function returned")


def _step(path: str, function: UserFunction) -> Step:
    most = count_parameters(function, OFFERED)[1]

    def run(hook: invoke_pb2.StreamHook, context: Any) -> Any:
        return function(*_arguments(hook, context)[:most])

    return Step(path, (), run, in_thread=not is_async(function))


def _arguments(hook: invoke_pb2.StreamHook, context: Any) -> list[Any]:
    auth = decode(hook.auth, "the auth context") if hook.auth else None
    if hook.kind == AUTHENTICATE:
        names = iter(hook.headers)
        headers = Record(zip(names, names))  # noqa: B905 - one iterator twice pairs names with values
        return [Record(headers=headers, url=hook.url), context]
    # Both ways to write it: 0.x has the first, Python the second.
    subscription = Record(
        streamName=hook.stream, stream_name=hook.stream, groupId=hook.group_id, group_id=hook.group_id
    )
    if hook.id:
        subscription["id"] = hook.id
    if hook.kind == CAN_ACCESS:
        return [subscription, auth, context]
    if hook.kind == CAN_SEND:
        message = Record(type=hook.message_type)
        if hook.message_data:
            message["data"] = decode(hook.message_data, "the message")
        return [Record(subscription, message=message), auth, context]
    return [Record(subscription, connectionId=hook.connection_id, connection_id=hook.connection_id), context, auth]
