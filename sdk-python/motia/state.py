"""`ctx.state`: values in groups, shared by all steps and languages."""

from __future__ import annotations

from typing import Any

from motia._gen.motia.v1 import sidecar_pb2
from motia.caller import Caller, key_of, to_none, to_value
from motia.payload import MISSING, Record, StoredRecord


def to_stored(text: bytes) -> Any:
    """A stored value. Objects and missing values also answer to "data", see contract of 0.17 in the README."""
    value = to_value(text)
    if value is None:
        return MISSING
    return StoredRecord(value) if type(value) is Record else value


class State:
    """The project's key-value store, as one invocation sees it. Await the results in async handlers."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get(self, group_id: str, key: str) -> Any:
        """The value; MISSING (falsy, equal to None) when there is none."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_get
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.SetInParent()
        return self._caller.send(frame, to_stored)

    def set(self, group_id: str, key: str, value: Any) -> Any:
        """Store a value, and return it."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_set
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.value = self._caller.payload(value, "value")
        return self._caller.send(frame, lambda _: value)

    def delete(self, group_id: str, key: str) -> Any:
        """Remove a value. Returns what it was, or None."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_delete
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.SetInParent()
        return self._caller.send(frame, to_value)

    def get_group(self, group_id: str) -> Any:
        """The list of all values of a group, ordered by key."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_get_group
        operation.group_id = key_of(group_id, "group_id")
        operation.SetInParent()
        return self._caller.send(frame, to_value)

    getGroup = get_group

    def clear(self, group_id: str, *_ignored: Any) -> Any:
        """Remove a whole group. Returns None."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_clear
        operation.group_id = key_of(group_id, "group_id")
        operation.SetInParent()
        return self._caller.send(frame, to_none)
