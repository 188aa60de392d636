"""`ctx.streams`: items in groups that browsers can watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from motia._gen.motia.v1 import sidecar_pb2
from motia.caller import Caller, key_of, to_none, to_value
from motia.errors import PayloadError
from motia.listing import MAX_PAGE, Listing, checked_limit, checked_operations


class Stream:
    """One stream, as one invocation sees it. Await the results in async handlers."""

    __slots__ = ("_caller", "_name")

    def __init__(self, caller: Caller, name: str) -> None:
        self._caller = caller
        self._name = name

    def get(self, group_id: str, id: str) -> Any:  # noqa: A002
        """The item, or None."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_get
        operation.stream, operation.group_id, operation.id = self._name, key_of(group_id, "group_id"), key_of(id, "id")
        return self._caller.send(frame, to_value)

    def set(self, group_id: str, id: str, data: Any) -> Any:  # noqa: A002
        """Store an item and push it to who watches. Returns the stored item, with `id` and `_createdAt`."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_set
        operation.stream, operation.group_id, operation.id = self._name, key_of(group_id, "group_id"), key_of(id, "id")
        operation.data = self._caller.payload(data, "data")
        return self._caller.send(frame, to_value)

    def delete(self, group_id: str, id: str) -> Any:  # noqa: A002
        """Remove an item. Returns it, or None."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_delete
        operation.stream, operation.group_id, operation.id = self._name, key_of(group_id, "group_id"), key_of(id, "id")
        return self._caller.send(frame, to_value)

    def get_group(self, group_id: str) -> Any:
        """The list of all items of a group, oldest first."""
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_get_group
        operation.stream, operation.group_id = self._name, key_of(group_id, "group_id")
        return self._caller.send(frame, to_value)

    getGroup = get_group

    def update(self, group_id: str, id: str, operations: Sequence[Mapping[str, Any]]) -> Any:  # noqa: A002
        """Change an item in one go: all operations or, when one cannot be done, none. No other update gets lost.

        Args:
            operations: As of `ctx.state.update`.

        Returns:
            The stored item; None when it was removed.
        """
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_update
        operation.stream, operation.group_id, operation.id = self._name, key_of(group_id, "group_id"), key_of(id, "id")
        operation.operations = self._caller.payload(checked_operations(operations), "operations")
        return self._caller.send(frame, to_value)

    def list(self, group_id: str, cursor: str = "", limit: int = 100) -> Any:
        """One page of a group, oldest first: `{"items": […], "cursor": …}`; an empty cursor: there is nothing more.

        Args:
            cursor: Of the page before; empty for the first one.
            limit: Items at most, 1 to 1000.
        """
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_list
        operation.stream, operation.group_id = self._name, key_of(group_id, "group_id")
        operation.cursor, operation.limit = key_of(cursor, "cursor"), checked_limit(limit)
        return self._caller.send(frame, to_value)

    def list_all(self, group_id: str) -> Listing:
        """All of `list`, page by page: `async for item in …` in async handlers, `for item in …` in sync ones."""
        return Listing(lambda cursor: self.list(group_id, cursor, MAX_PAGE))

    listAll = list_all

    def groups(self) -> Any:
        """The names of the groups that have items, in order."""
        frame = sidecar_pb2.SidecarFrame()
        frame.call.stream_groups.stream = self._name
        return self._caller.send(frame, to_value)

    def send(self, channel: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        """Push an event to who watches the group, or one item of it; nothing is stored.

        Args:
            channel: `{"groupId": …, "id": …}`; without `id` the whole group.
            event: `{"type": …, "data": …}`.
        """
        group_id = channel.get("groupId", channel.get("group_id"))
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.stream_send
        operation.stream, operation.group_id = self._name, key_of(group_id, "groupId")
        if channel.get("id") is not None:
            operation.id = key_of(channel["id"], "id")
        if not isinstance(event, Mapping) or not event.get("type"):
            raise PayloadError("a stream event needs a type: send({'groupId': …}, {'type': …, 'data': …})")
        operation.type = key_of(event["type"], "type")
        if "data" in event:
            operation.data = self._caller.payload(event["data"], "data")
        return self._caller.send(frame, to_none)


class Streams:
    """The project's streams: `ctx.streams.chat`, `ctx.streams["chat"]` or `ctx.streams.get("chat")`."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __getattr__(self, name: str) -> Stream:
        if name in self._caller.stream_names:
            return Stream(self._caller, name)
        raise AttributeError(self._unknown(name))

    def __getitem__(self, name: str) -> Stream:
        if name in self._caller.stream_names:
            return Stream(self._caller, name)
        raise KeyError(self._unknown(name))

    def get(self, name: str, default: Any = None) -> Stream | Any:
        """The stream, or the default when the project has none of that name."""
        return Stream(self._caller, name) if name in self._caller.stream_names else default

    def __contains__(self, name: object) -> bool:
        return name in self._caller.stream_names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._caller.stream_names))

    def __len__(self) -> int:
        return len(self._caller.stream_names)

    def _unknown(self, name: str) -> str:
        known = ", ".join(sorted(self._caller.stream_names)) or "none"
        return f"the project has no stream {name!r}; it has: {known}"
