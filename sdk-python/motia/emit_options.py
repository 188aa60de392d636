"""What an emit may say beyond topic and data: when, in which order, and how often at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motia._gen.motia.v1 import call_pb2
from motia.caller import key_of
from motia.durations import duration_ms, positive_ms, unix_ms

MAX_PRIORITY = 100


def fill_options(operation: call_pb2.Emit, event: Mapping[str, Any]) -> None:
    """Write an event's options into its Emit. Raises ValueError for those that say nothing sensible."""
    if (group := _option(event, "messageGroupId", "message_group_id")) is not None:
        operation.message_group_id = key_of(group, "messageGroupId")
    _fill_time(operation, event.get("delay"), event.get("at"))
    key = _option(event, "idempotencyKey", "idempotency_key")
    _fill_idempotency(operation, key, _option(event, "idempotencyWindow", "idempotency_window"))
    if (priority := event.get("priority")) is not None:
        _check_priority(priority)
        operation.priority = priority


def _option(event: Mapping[str, Any], name: str, python_name: str) -> Any:
    value = event.get(name)
    return event.get(python_name) if value is None else value


def _fill_time(operation: call_pb2.Emit, delay: Any, at: Any) -> None:
    if delay is not None and at is not None:
        raise ValueError("emit has both delay and at: give one of them")
    if delay is not None:
        operation.delay_ms = duration_ms(delay, "delay")
    elif at is not None:
        operation.at_unix_ms = max(1, unix_ms(at, "at"))


def _fill_idempotency(operation: call_pb2.Emit, key: Any, window: Any) -> None:
    if key is not None:
        operation.idempotency_key = text = key_of(key, "idempotencyKey")
        if not text:
            raise ValueError("idempotencyKey is empty: leave it out, or give what tells this event from others")
    if window is not None:
        if key is None:
            raise ValueError("emit has an idempotencyWindow without an idempotencyKey, for which it would count")
        operation.idempotency_window_ms = positive_ms(window, "idempotencyWindow")


def _check_priority(priority: Any) -> None:
    if isinstance(priority, bool) or not isinstance(priority, int) or not -MAX_PRIORITY <= priority <= MAX_PRIORITY:
        raise ValueError(
            f"priority is {priority!r}: give a whole number from -{MAX_PRIORITY} to {MAX_PRIORITY}, 0 is usual"
        )
