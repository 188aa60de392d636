"""A context for tests of single handlers, without a core: `make_context`. To run whole projects in tests there is
`motia_core.testing`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from motia._gen.motia.v1 import call_pb2
from motia.attempt import Attempt
from motia.cancellation import Signal
from motia.emit_options import fill_options
from motia.listing import Listing, checked_operations
from motia.made_sockets import MadeSockets
from motia.payload import MISSING, Record, decode, encode
from motia.states import to_stored

Groups = dict[str, dict[str, Any]]


def make_context(
    *,
    state: Mapping[str, Mapping[str, Any]] | None = None,
    streams: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    answers: Mapping[str, Any] | None = None,
    trace_id: str = "TESTS-0000001",
    flows: Sequence[str] = (),
    attempt: int = 1,
    max_attempts: int = 4,
    sync: bool = False,
) -> MadeContext:
    """A context that works in memory, and remembers what the handler does.

    Args:
        state: What the state holds before: by group and key.
        streams: The items of streams before: by stream, group and id.
        answers: What `wait_for` is answered with, by topic; None for others.
        sync: For a handler that is a plain function, which gets answers at once; async ones await them.
    """
    given = Store(_copy(state or {}), {name: _copy(groups) for name, groups in (streams or {}).items()})
    return MadeContext(given, dict(answers or {}), trace_id, list(flows), attempt, max_attempts, sync)


@dataclass
class Store:
    """What a made context works on."""

    state: Groups
    streams: dict[str, Groups]


@dataclass(frozen=True)
class Logged:
    """One log record."""

    level: str
    message: str
    fields: dict[str, Any] = field(default_factory=dict)


class MadeContext:
    """The context of a handler under test.

    Attributes:
        emitted: Everything that was emitted, in order: {"topic", "data", …}.
        logs: Everything that was logged.
        stored: What is in the state: by group and key.
        items: The items of streams: by stream, group and id.
        sent: Events that were sent to streams: {"stream", "channel", "event"}.
        messages: What was sent on WebSocket connections: {"connection" or "path", "data", …}.
        slept: The durations that it slept, which took no time.
        remembered: The results of `run`, by key.
    """

    def __init__(
        self,
        store: Store,
        answers: Mapping[str, Any],
        trace_id: str,
        flows: list[str],
        attempt: int,
        max_attempts: int,
        sync: bool,
    ) -> None:
        self._answers = answers
        self._answer: Callable[[Any], Any] = _at_once if sync else _awaited
        self._sync = sync
        self.trace_id = self.traceId = trace_id
        self.traceparent = f"00-{'1' * 32}-{'1' * 16}-01"
        self.flows = flows
        self.attempt, self.max_attempts = attempt, max_attempts
        self.maxAttempts = max_attempts
        self.emitted: list[Record] = []
        self.logs: list[Logged] = []
        self.sent: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.slept: list[Any] = []
        self.remembered: dict[str, Any] = {}
        self.stored, self.items = store.state, store.streams
        self.state = MadeState(self.stored, self._answer)
        self.streams = MadeStreams(self)
        self.sockets = MadeSockets(self.messages, self._answer)
        self.signal = Signal(cast(Attempt, SimpleNamespace(cancel_reason=0, on_cancel=[])))  # which never stops
        self.logger = MadeLogger(self.logs)

    def emit(self, event: Any = None, *_ignored: Any, **fields: Any) -> Any:
        """Remember an event."""
        event = {**event, **fields} if isinstance(event, Mapping) else fields
        fill_options(call_pb2.Emit(), event)  # raises for those that make no sense
        self.emitted.append(_plain(event, "event"))
        return self._answer(None)

    def run(self, key: str, fn: Callable[[], Any]) -> Any:
        """Call `fn`, once for each key."""
        if key in self.remembered:
            return self._answer(self.remembered[key])
        return self._run_sync(key, fn) if self._sync else self._run(key, fn)

    def sleep(self, duration: Any, key: str | None = None) -> Any:
        """Remember the pause; it takes no time."""
        self.slept.append(duration)
        return self._answer(None)

    def wait_for(self, topic: str, match: Any = None, timeout: Any = None, key: str | None = None) -> Any:
        """The answer that was given for the topic."""
        return self._answer(self._answers.get(topic))

    waitFor = wait_for

    async def _run(self, key: str, fn: Callable[[], Any]) -> Any:
        result = fn()
        result = await result if inspect.isawaitable(result) else result
        self.remembered[key] = _plain(result, "result")
        return self.remembered[key]

    def _run_sync(self, key: str, fn: Callable[[], Any]) -> Any:
        self.remembered[key] = _plain(fn(), "result")
        return self.remembered[key]


class MadeState:
    """`ctx.state`, in memory."""

    def __init__(self, groups: Groups, answer: Callable[[Any], Any]) -> None:
        self._groups = groups
        self._answer = answer
        self._versions: dict[tuple[str, str], int] = {}  # of what was stored here; what was given has 1

    def get(self, group_id: str, key: str) -> Any:
        """The value; MISSING when there is none."""
        group = self._groups.get(group_id, {})
        return self._answer(to_stored(encode(group[key], "value")) if key in group else MISSING)

    def set(self, group_id: str, key: str, value: Any, ttl: Any = None) -> Any:
        """Store a value, and return it."""
        self._changed(group_id, key)[key] = _plain(value, "value")
        return self._answer(value)

    def get_plain(self, group_id: str, key: str) -> Any:
        """The value; None when there is none."""
        return self._answer(_plain(self._groups.get(group_id, {}).get(key), "value"))

    def get_versioned(self, group_id: str, key: str) -> Any:
        """The value and its version; None and 0 when there is none."""
        value = _plain(self._groups.get(group_id, {}).get(key), "value")
        return self._answer(Record(value=value, version=self._version(group_id, key)))

    def compare_and_set(self, group_id: str, key: str, expected_version: int, value: Any, ttl: Any = None) -> Any:
        """Store a value if it still has this version."""
        ok = expected_version == self._version(group_id, key)
        if ok:
            self.set(group_id, key, value)
        return self._answer(Record(ok=ok, version=self._version(group_id, key)))

    getVersioned, compareAndSet = get_versioned, compare_and_set

    def update(self, group_id: str, key: str, operations: Sequence[Mapping[str, Any]]) -> Any:
        """Apply operations; the new value."""
        return self._answer(_updated(self._changed(group_id, key), key, operations))

    def delete(self, group_id: str, key: str) -> Any:
        """Remove a value; what it was."""
        return self._answer(self._groups.get(group_id, {}).pop(key, None))

    def get_group(self, group_id: str) -> Any:
        """All values, ordered by key."""
        return self._answer([_plain(value, "value") for _, value in sorted(self._groups.get(group_id, {}).items())])

    getGroup = get_group

    def groups(self) -> Any:
        """The names of the groups that have values."""
        return self._answer(sorted(name for name, group in self._groups.items() if group))

    def clear(self, group_id: str, *_ignored: Any) -> Any:
        """Remove a group."""
        self._groups.pop(group_id, None)
        return self._answer(None)

    def list(self, group_id: str, prefix: str = "", cursor: str = "", limit: int = 100) -> Any:
        """All keys that start with a prefix, on one page."""
        found = [
            {"key": key, "value": _plain(value, "value")}
            for key, value in sorted(self._groups.get(group_id, {}).items())
            if key.startswith(prefix)
        ]
        return self._answer({"items": found, "cursor": ""})

    def list_all(self, group_id: str, prefix: str = "") -> Listing:
        """All of `list`."""
        return Listing(lambda cursor: self.list(group_id, prefix))

    listAll = list_all

    def _version(self, group_id: str, key: str) -> int:
        return self._versions.get((group_id, key), 1) if key in self._groups.get(group_id, {}) else 0

    def _changed(self, group_id: str, key: str) -> dict[str, Any]:
        """The group, one of whose values is about to change."""
        before = self._versions.get((group_id, key), self._version(group_id, key))
        self._versions[group_id, key] = before + 1
        return self._groups.setdefault(group_id, {})


class MadeStream:
    """One of `ctx.streams`, in memory."""

    def __init__(self, context: MadeContext, name: str) -> None:
        self._context = context
        self._name = name
        self._answer = context._answer

    def get(self, group_id: str, id: str) -> Any:  # noqa: A002
        """The item, or None."""
        return self._answer(_dressed(id, self._group(group_id).get(id)))

    def set(self, group_id: str, id: str, data: Any) -> Any:  # noqa: A002
        """Store an item, and return it."""
        self._group(group_id)[id] = _plain(data, "data")
        return self.get(group_id, id)

    def update(self, group_id: str, id: str, operations: Sequence[Mapping[str, Any]]) -> Any:  # noqa: A002
        """Apply operations; the item."""
        return self._answer(_dressed(id, _updated(self._group(group_id), id, operations)))

    def delete(self, group_id: str, id: str) -> Any:  # noqa: A002
        """Remove an item; what it was."""
        return self._answer(_dressed(id, self._group(group_id).pop(id, None)))

    def get_group(self, group_id: str) -> Any:
        """All items, oldest first."""
        return self._answer([_dressed(id, item) for id, item in self._group(group_id).items()])  # noqa: A001

    getGroup = get_group

    def list(self, group_id: str, cursor: str = "", limit: int = 100) -> Any:
        """All items, oldest first, on one page."""
        items = [_dressed(id, item) for id, item in self._group(group_id).items()]  # noqa: A001
        return self._answer({"items": items, "cursor": ""})

    def list_all(self, group_id: str) -> Listing:
        """All of `list`."""
        return Listing(lambda cursor: self.list(group_id))

    listAll = list_all

    def groups(self) -> Any:
        """The names of the groups that have items."""
        return self._answer(sorted(name for name, items in self._context.items.get(self._name, {}).items() if items))

    def send(self, channel: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        """Remember an event."""
        self._context.sent.append({"stream": self._name, "channel": dict(channel), "event": _plain(event, "event")})
        return self._answer(None)

    def _group(self, group_id: str) -> dict[str, Any]:
        return self._context.items.setdefault(self._name, {}).setdefault(group_id, {})


class MadeStreams:
    """`ctx.streams`: any name will do."""

    def __init__(self, context: MadeContext) -> None:
        self._context = context

    def __getattr__(self, name: str) -> MadeStream:
        return MadeStream(self._context, name)

    def __getitem__(self, name: str) -> MadeStream:
        return MadeStream(self._context, name)

    get = __getitem__


class MadeLogger:
    """`ctx.logger`: remembers."""

    def __init__(self, logs: list[Logged]) -> None:
        self._logs = logs

    def debug(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """For developers."""
        self._add("debug", message, args, fields)

    def info(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """Worth knowing."""
        self._add("info", message, args, fields)

    def warn(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """Something may be wrong."""
        self._add("warn", message, args, fields)

    warning = warn

    def error(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """Something is wrong."""
        self._add("error", message, args, fields)

    def exception(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """`error` with the exception that is being handled."""
        self.error(message, *args, **{"error": sys.exc_info()[1], **fields})

    def _add(self, level: str, message: Any, args: tuple[Any, ...], fields: dict[str, Any]) -> None:
        first = args[0] if args else {}
        shown = dict(first) if isinstance(first, Mapping) else {"data": first}
        self._logs.append(Logged(level, str(message), {**shown, **fields}))


# --- values


async def _ready(value: Any) -> Any:
    return value


class _awaited:  # stands for a function
    """An answer that was given already. It need not be awaited, as those of the real context need not."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Iterator[Any]:
        return _ready(self._value).__await__()


def _at_once(value: Any) -> Any:
    return value


def _plain(value: Any, name: str) -> Any:
    """A value as it comes back: as JSON has it."""
    return decode(encode(value, name), name)


def _copy(groups: Mapping[str, Mapping[str, Any]]) -> Groups:
    return {name: {key: _plain(value, "value") for key, value in group.items()} for name, group in groups.items()}


def _dressed(item_id: str, item: Any) -> Any:
    return None if item is None else Record(_plain(item, "item"), id=item_id)


def _updated(holder: dict[str, Any], key: str, operations: Sequence[Mapping[str, Any]]) -> Any:
    """Apply operations, all or none; the new value."""
    whole: Any = Record(value=_plain(holder.get(key), "value"))
    for operation in checked_operations(operations):
        _apply(whole, operation)
    if whole.get("value") is None:
        holder.pop(key, None)
        return None
    holder[key] = whole["value"]
    return _plain(whole["value"], "value")


def _apply(whole: Any, operation: Mapping[str, Any]) -> None:
    at, key = whole, "value"
    for part in str(operation.get("path", "")).split("/")[1:]:
        at[key] = {} if at.get(key) is None else at[key]
        at, key = at[key], part.replace("~1", "/").replace("~0", "~")
    kind, old = operation.get("type"), at.get(key)
    if kind == "set":
        at[key] = _plain(operation.get("value"), "value")
    elif kind == "merge":
        at[key] = {**(old or {}), **_plain(operation.get("value"), "value")}
    elif kind == "increment":
        at[key] = (old or 0) + operation.get("by", 1)
    elif kind == "append":
        at[key] = [*(old or []), _plain(operation.get("value"), "value")]
    elif kind == "remove":
        at.pop(key, None)
    else:
        raise ValueError(f"update does not know the operation {kind!r}")
