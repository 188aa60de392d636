"""What a handler has asked of its context, as it is recorded: bounded in number and in size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

STATE_WRITES = frozenset({"state.set", "state.update", "state.compareAndSet", "state.delete", "state.clear"})


@dataclass(slots=True)
class CallRecord:
    """A call, or several of the same kind and target one after the other: text that is streamed word by word."""

    kind: str  # "emit", "state.get", "stream.set" …
    target: str
    started_ns: int  # monotonic
    duration_ns: int
    data: bytes  # what was given; of a read, what was found. Of the last of them
    size: int  # of the data before it was cut
    error: str
    count: int = 1


class CallLimits(NamedTuple):
    """How much is recorded of the calls of an attempt."""

    most: int
    most_bytes: int  # of the data of each


class CallLog:
    """The calls of one attempt."""

    __slots__ = ("_last", "_most", "_most_bytes", "calls", "dropped")

    def __init__(self, most: int, most_bytes: int) -> None:
        self.calls: list[CallRecord] = []
        self.dropped = 0
        self._most = most
        self._most_bytes = most_bytes
        self._last: CallRecord | None = None

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(self.calls)

    def add(self, kind: str, target: str, started_ns: int, ended_ns: int, data: bytes, error: str = "") -> None:
        """Remember a call that was answered."""
        size = len(data)
        if size > self._most_bytes:
            data = data[: self._most_bytes]
        last = self._last
        if last is not None and last.kind == kind and last.target == target and not error and not last.error:
            last.count += 1
            last.duration_ns += ended_ns - started_ns
            last.data, last.size = data, size
        elif len(self.calls) < self._most:
            self._last = CallRecord(kind, target, started_ns, ended_ns - started_ns, data, size, error)
            self.calls.append(self._last)
        else:
            self.dropped += 1
