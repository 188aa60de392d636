"""What steps of Motia 1.0 import instead of getting it in their context: it finds the attempt that is running.

As everything of the context: in async handlers the answers are to be awaited, in sync handlers they are the values.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from motia.context import Context
from motia.current import current, running
from motia.errors import MotiaError
from motia.payload import Record
from motia.run import in_parts
from motia.streams import Stream as ContextStream
from motia.update_ops import to_operations

Parts = Generator[Any, Any, Any]


def enqueue(event: Mapping[str, Any]) -> Any:
    """Publish an event: `{"topic": …, "data": …}`, with what else `ctx.emit` takes."""
    return current("enqueue").emit(event)


class StateManager:
    """State, as `ctx.state` has it, with the names and answers of Motia 1.0."""

    def get(self, scope: str, key: str) -> Any:
        """The value, or None."""
        return current("stateManager.get").state.get_plain(scope, key)

    def set(self, scope: str, key: str, value: Any) -> Any:
        """Store a value. Returns `{"old_value": …, "new_value": …}`."""
        context = current("stateManager.set")
        return in_parts(context, _exchange(context, scope, key, value))

    def update(self, scope: str, key: str, ops: Sequence[Mapping[str, Any]]) -> Any:
        """Change a value by operations, all or none. Returns `{"old_value": …, "new_value": …}`."""
        context = current("stateManager.update")
        return in_parts(context, _update(context, scope, key, to_operations(ops)))

    def delete(self, scope: str, key: str) -> Any:
        """Remove a value. Returns what it was, or None."""
        return current("stateManager.delete").state.delete(scope, key)

    def list(self, scope: str) -> Any:
        """All values of a scope, ordered by key."""
        return current("stateManager.list").state.get_group(scope)

    def list_groups(self) -> Any:
        """The names of the scopes that have values, in order."""
        return current("stateManager.list_groups").state.groups()

    def clear(self, scope: str) -> Any:
        """Remove all values of a scope."""
        return current("stateManager.clear").state.clear(scope)


class Stream:
    """A stream of the project, with the names and answers of Motia 1.0.

    Args:
        config: Of the stream, or its name.
    """

    def __init__(self, config: Mapping[str, Any] | str) -> None:
        name = config if isinstance(config, str) else config.get("name")
        if not isinstance(name, str) or not name:
            raise MotiaError("a Stream needs the config of a stream, or its name: Stream('orders')")
        self.name = name

    def get(self, group_id: str, item_id: str) -> Any:
        """The item, or None."""
        return self._stream("get").get(group_id, item_id)

    def set(self, group_id: str, item_id: str, data: Any) -> Any:
        """Store an item and push it to who watches. Returns `{"old_value": …, "new_value": …}`."""
        stream = self._stream("set")
        return in_parts(current("Stream.set"), _set_item(stream, group_id, item_id, data))

    def update(self, group_id: str, item_id: str, ops: Sequence[Mapping[str, Any]]) -> Any:
        """Change an item by operations, all or none. Returns `{"old_value": …, "new_value": …}`."""
        stream = self._stream("update")
        return in_parts(current("Stream.update"), _update_item(stream, group_id, item_id, to_operations(ops)))

    def delete(self, group_id: str, item_id: str) -> Any:
        """Remove an item. Returns it, or None."""
        return self._stream("delete").delete(group_id, item_id)

    def list(self, group_id: str) -> Any:
        """All items of a group, oldest first."""
        return self._stream("list").get_group(group_id)

    def get_group(self, group_id: str) -> Any:
        """As `list`."""
        return self._stream("get_group").get_group(group_id)

    def list_groups(self) -> Any:
        """The names of the groups that have items, in order."""
        return self._stream("list_groups").groups()

    def send(self, channel: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        """Push an event to who watches a group, or one item of it: `{"groupId": …}`, `{"type": …, "data": …}`."""
        return self._stream("send").send(channel, event)

    def _stream(self, what: str) -> ContextStream:
        return current(f"Stream.{what}").streams[self.name]


class CurrentLogger:
    """`ctx.logger` of the attempt that is running; outside of one it prints."""

    def __getattr__(self, name: str) -> Any:
        context = running.get()
        if context is not None:
            return getattr(context.logger, name)
        if name not in ("debug", "info", "warn", "warning", "error", "exception"):
            raise AttributeError(f"a logger has no {name!r}")
        place = sys.stdout if name in ("debug", "info") else sys.stderr
        return lambda *args: print(*args, file=place)


def _exchange(context: Context, scope: str, key: str, value: Any) -> Parts:
    while True:
        found = yield context.state.get_versioned(scope, key)
        done = yield context.state.compare_and_set(scope, key, found["version"], value)
        if done["ok"]:
            return Record(old_value=found["value"], new_value=value)


def _update(context: Context, scope: str, key: str, operations: Sequence[Mapping[str, Any]]) -> Parts:
    old = yield context.state.get_plain(scope, key)
    new = yield context.state.update(scope, key, operations)
    return Record(old_value=old, new_value=new)


def _set_item(stream: ContextStream, group_id: str, item_id: str, data: Any) -> Parts:
    old = yield stream.get(group_id, item_id)
    new = yield stream.set(group_id, item_id, data)
    return Record(old_value=old, new_value=new)


def _update_item(stream: ContextStream, group_id: str, item_id: str, operations: Sequence[Mapping[str, Any]]) -> Parts:
    old = yield stream.get(group_id, item_id)
    new = yield stream.update(group_id, item_id, operations)
    return Record(old_value=old, new_value=new)


stateManager = StateManager()
logger = CurrentLogger()
