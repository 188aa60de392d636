"""What a store in memory holds, and what one transaction does to it. Nothing here awaits: each method is atomic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from motia_core.clock import Clock, SystemClock
from motia_core.model.effects import Effects, StateClear, StateWrite, StreamWrite
from motia_core.model.event import AttemptFailure, DeadLetter, Delivery, Remembered, Signal, Wait
from tests.fakes.stream_tables import StreamTables

P = ParamSpec("P")
R = TypeVar("R")
Hook = Callable[[str], Awaitable[None]]


async def at_once(method: str) -> None:
    """A hook that neither waits nor fails."""


@dataclass
class Memory:
    """The tables, and the hooks.

    Attributes:
        before: Awaited with a method's name, such as "FakeQueue.commit", before it has any effect; what it raises is
            raised, and nothing is done.
        after: Awaited when it has had its effect; what it raises is raised although all is done, as when the store's
            process dies before it answers.
        failing: Raised by everything that writes, when set.
    """

    clock: Clock = field(default_factory=SystemClock)
    before: Hook = at_once
    after: Hook = at_once
    failing: Exception | None = None

    deliveries: dict[int, Delivery] = field(default_factory=dict)
    failures: dict[int, list[AttemptFailure]] = field(default_factory=dict)
    letters: dict[int, DeadLetter] = field(default_factory=dict)
    revived: set[int] = field(default_factory=set)  # dead letters that were brought back
    progress: dict[int, dict[str, bytes]] = field(default_factory=dict)
    waits: dict[int, Wait] = field(default_factory=dict)
    waited_topics: set[str] = field(default_factory=set)
    signals: dict[int, Signal] = field(default_factory=dict)
    used: dict[tuple[str, str], int] = field(default_factory=dict)  # unique keys: when they expire
    state: dict[tuple[str, str], tuple[bytes, int, int]] = field(default_factory=dict)  # value, version, expires_ms
    streams: StreamTables = field(init=False)

    def __post_init__(self) -> None:
        self.streams = StreamTables(self.clock)

    # --- reading

    def as_read(self, delivery: Delivery) -> Delivery:
        """A copy, as a store that has read it gives it."""
        return replace(delivery, has_progress=bool(self.progress.get(delivery.id)))

    def live(self, group: str, key: str) -> tuple[bytes, int, int] | None:
        """A value whose time is not over."""
        stored = self.state.get((group, key))
        return stored if stored and (not stored[2] or stored[2] > self.clock.now_ms()) else None

    def version(self, group: str, key: str) -> int:
        stored = self.live(group, key)
        return stored[1] if stored else 0

    # --- changing

    def enqueue(self, deliveries: Iterable[Delivery]) -> None:
        added = {delivery.id: replace(delivery, has_progress=False) for delivery in deliveries}
        assert not added.keys() & self.deliveries.keys(), "ids are never used twice"
        self.deliveries |= added

    def remember(self, remembered: Remembered) -> None:
        self.progress.setdefault(remembered.delivery_id, {}).setdefault(remembered.key, remembered.value)

    def end(self, delivery_id: int, *, has_progress: bool) -> None:
        """What is remembered stays if the delivery does not say that something is: a store does not look."""
        self.deliveries.pop(delivery_id, None)
        self.failures.pop(delivery_id, None)
        if has_progress:
            self.progress.pop(delivery_id, None)
            self.waits.pop(delivery_id, None)

    def write_state(self, write: StateWrite | StateClear) -> None:
        if isinstance(write, StateClear):
            for key in [key for key in self.state if key[0] == write.group]:
                del self.state[key]
        elif write.value is None:
            if self.live(write.group, write.key):  # what has expired is left to Retention
                del self.state[write.group, write.key]
        else:
            found = self.live(write.group, write.key)
            expires_ms = (found[2] if found else 0) if write.expires_ms is None else write.expires_ms
            self.state[write.group, write.key] = (write.value, write.version, expires_ms)

    def commit(self, effects: Effects) -> bool:
        if not self._hold(effects):
            return False
        self.enqueue(effects.deliveries)  # first, as it may raise
        self.used |= {(used.scope, used.key): used.expires_ms for used in effects.unique}
        for delivery_id, _ in effects.answers:
            del self.waits[delivery_id]
        for write in effects.state:
            self.write_state(write)
        for item in effects.streams:
            self.streams.write(item)
        self.signals |= {signal.id: signal for signal in effects.signals}
        for remembered in effects.remembered:
            self.remember(remembered)
        for delivery_id in self.deliveries.keys() & effects.wakes:
            self.deliveries[delivery_id].due_ms = 0
        self.end(effects.completes, has_progress=True)
        return True

    def _hold(self, effects: Effects) -> bool:
        """Whether all conditions hold."""
        now_ms = self.clock.now_ms()
        keys = [(used.scope, used.key) for used in effects.unique]
        versions: dict[tuple[str, str], int] = {}  # that the conditional writes before have made
        for write in effects.state:
            if isinstance(write, StateWrite) and write.expected_version is not None:
                key = (write.group, write.key)
                if versions.get(key, self.version(*key)) != write.expected_version:
                    return False
                versions[key] = 0 if write.value is None else write.version
        for item in effects.streams:
            expected = item.expected_version if isinstance(item, StreamWrite) else None
            if expected is not None and self.streams.version(item.address) != expected:
                return False
        return (
            len(set(keys)) == len(keys)
            and all(self.used.get(key, 0) <= now_ms for key in keys)
            and len(set(effects.answers)) == len(effects.answers)
            and all(number in self.waits and self.waits[number].key == key for number, key in effects.answers)
            and (not effects.completes or effects.completes in self.deliveries)
        )


class Part(Protocol):
    """One port of a store in memory."""

    memory: Memory


S = TypeVar("S", bound=Part)
Method = Callable[Concatenate[S, P], R]
AsyncMethod = Callable[Concatenate[S, P], Coroutine[Any, Any, R]]


def reads(method: Method[S, P, R]) -> AsyncMethod[S, P, R]:
    """A method of a port: its effect is atomic, the hooks may await."""

    async def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        await self.memory.before(method.__qualname__)
        answer = method(self, *args, **kwargs)
        await self.memory.after(method.__qualname__)
        return answer

    return run


def writes(method: Method[S, P, R]) -> AsyncMethod[S, P, R]:
    """The same, of one that fails when it is told to."""

    def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.memory.failing:
            raise self.memory.failing
        return method(self, *args, **kwargs)

    run.__qualname__ = method.__qualname__
    return reads(run)
