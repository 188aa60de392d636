"""`ctx.state`: values in groups, shared by all steps and languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from motia._gen.motia.v1 import sidecar_pb2
from motia.caller import Caller, key_of, to_none, to_value
from motia.durations import positive_ms
from motia.listing import MAX_PAGE, Listing, checked_limit, checked_operations
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

    def get_plain(self, group_id: str, key: str) -> Any:
        """The value; None when there is none."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_get
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.SetInParent()
        return self._caller.send(frame, to_value)

    def set(self, group_id: str, key: str, value: Any, ttl: Any = None) -> Any:
        """Store a value, and return it.

        Args:
            ttl: After how long it is gone: seconds, a timedelta, or "500ms", "30s", "5m", "2h", "7d". None: it stays.
        """
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_set
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.value = self._caller.payload(value, "value")
        if ttl is not None:
            operation.ttl_ms = positive_ms(ttl, "ttl")
        return self._caller.send(frame, lambda _: value)

    def get_versioned(self, group_id: str, key: str) -> Any:
        """`{"value": …, "version": …}` for `compare_and_set`; None and 0 when there is no value."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_get_versioned
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        return self._caller.send(frame, to_value)

    getVersioned = get_versioned

    def compare_and_set(self, group_id: str, key: str, expected_version: int, value: Any, ttl: Any = None) -> Any:
        """Store a value if nobody has stored another one since its version was read.

        Args:
            expected_version: From `get_versioned` or an earlier `compare_and_set`; 0: there must be no value.
            ttl: As in `set`.

        Returns:
            `{"ok": whether it was stored, "version": the version that the value has now}`.
        """
        if isinstance(expected_version, bool) or not isinstance(expected_version, int) or expected_version < 0:
            raise ValueError(f"expected_version is {expected_version!r}: give the version from get_versioned, or 0")
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_compare_and_set
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.expected_version = expected_version
        operation.value = self._caller.payload(value, "value")
        if ttl is not None:
            operation.ttl_ms = positive_ms(ttl, "ttl")
        return self._caller.send(frame, to_value)

    compareAndSet = compare_and_set

    def update(self, group_id: str, key: str, operations: Sequence[Mapping[str, Any]]) -> Any:
        """Change a value in one go: all operations or, when one cannot be done, none. No other update gets lost.

        Args:
            operations: In order. Each has a "type" and a "path", a JSON pointer ("": the whole value):
                {"type": "set", "path": "/a/b", "value": …}: missing objects on the way are made;
                {"type": "merge", "path": "/a", "value": {…}}: members replace those of the same name;
                {"type": "increment", "path": "/n", "by": 5}: by 1 when `by` is left out;
                {"type": "append", "path": "/list", "value": …};
                {"type": "remove", "path": "/a"}.

        Returns:
            The new value; None when it was removed.
        """
        operations = checked_operations(operations)
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_update
        operation.group_id, operation.key = key_of(group_id, "group_id"), key_of(key, "key")
        operation.operations = self._caller.payload(operations, "operations")
        return self._caller.send(frame, to_value)

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

    def groups(self) -> Any:
        """The names of the groups that have values, in order."""
        frame = sidecar_pb2.SidecarFrame()
        frame.call.state_groups.SetInParent()
        return self._caller.send(frame, to_value)

    def clear(self, group_id: str, *_ignored: Any) -> Any:
        """Remove a whole group. Returns None."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_clear
        operation.group_id = key_of(group_id, "group_id")
        operation.SetInParent()
        return self._caller.send(frame, to_none)

    def list(self, group_id: str, prefix: str = "", cursor: str = "", limit: int = 100) -> Any:
        """One page of the keys that start with `prefix`, in order, with their values.

        Args:
            cursor: Of the page before; empty for the first one.
            limit: Items at most, 1 to 1000.

        Returns:
            `{"items": [{"key": …, "value": …}], "cursor": …}`; an empty cursor: there is nothing more.
        """
        limit = checked_limit(limit)
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.state_list
        operation.group_id, operation.prefix = key_of(group_id, "group_id"), key_of(prefix, "prefix")
        operation.cursor, operation.limit = key_of(cursor, "cursor"), limit
        return self._caller.send(frame, to_value)

    def list_all(self, group_id: str, prefix: str = "") -> Listing:
        """All of `list`, page by page: `async for item in …` in async handlers, `for item in …` in sync ones."""
        return Listing(lambda cursor: self.list(group_id, prefix, cursor, MAX_PAGE))

    listAll = list_all
