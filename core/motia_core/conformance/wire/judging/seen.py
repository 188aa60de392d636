"""What a judge has seen of a session so far, and what it holds against the sidecar."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from motia_core._gen.motia.v1 import failure_pb2, invoke_pb2, lifecycle_pb2, manifest_pb2, sidecar_pb2, telemetry_pb2

MOST_PER_RULE = 3  # what is said often is said three times


@dataclass(frozen=True)
class Broken:
    """One rule that was broken."""

    rule: str  # "CREDIT-1"
    what: str  # one sentence

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


class Verdict:
    """Collects what was broken."""

    def __init__(self) -> None:
        self.broken: list[Broken] = []

    def add(self, rule: str, what: str) -> None:
        """Note a broken rule."""
        if sum(each.rule == rule for each in self.broken) < MOST_PER_RULE:
            self.broken.append(Broken(rule, what))

    @property
    def rules(self) -> set[str]:
        """The rules that were broken."""
        return {each.rule for each in self.broken}


@dataclass
class Attempt:
    """One Invoke and what has come of it."""

    invoke: invoke_pb2.Invoke
    after_drain: bool
    accepted: bool = False
    complete: invoke_pb2.Complete | None = None
    completed_on: int = 0  # the connection
    returned: bool = False
    was_sent_again: bool = False
    slot_is_free: bool = False
    streaming: bool = False
    calls: set[int] = field(default_factory=set)  # unanswered
    streamed_bytes: int = 0
    acknowledged_bytes: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has completed or come back."""
        return self.complete is not None or self.returned


@dataclass
class Seen:
    """The session, as far as it has come."""

    language: str
    token: str
    is_external: bool = False  # not launched by the core: it may begin anew (REMOTE-9)
    welcome: lifecycle_pb2.Welcome | None = None
    hello: lifecycle_pb2.Hello | None = None
    load: manifest_pb2.Load | None = None
    connection: int = 0  # how many there have been
    is_welcome: bool = False  # on this connection
    attempts: dict[int, Attempt] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    drained_by_s: float | None = None  # when the grace of the drain is over
    drain_was_read: bool = False  # something that was heard shows it
    drained: bool = False
    core_error: failure_pb2.ProtocolError | None = None
    sidecar_error: failure_pb2.ProtocolError | None = None

    @property
    def resumed(self) -> bool:
        """Whether there was a connection before."""
        return self.connection > 1

    def shares(self, capability: str) -> bool:
        """Whether both sides have named a capability."""
        if self.welcome is None or self.hello is None:
            return False
        return capability in self.welcome.capabilities and capability in self.hello.capabilities

    def running(self) -> Iterator[Attempt]:
        """Attempts that are not over."""
        return (attempt for attempt in self.attempts.values() if not attempt.is_over)


class Watcher:
    """Watches one exchange. Methods called `heard_KIND` and `said_KIND` are given the frames of that kind."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        self.seen = seen
        self.broke = verdict.add

    def connected(self) -> None:
        """A connection was made."""

    def disconnected(self) -> None:
        """It has ended."""

    def message(self, request: sidecar_pb2.SessionRequest, size: int) -> None:
        """A message was heard; its frames follow."""

    def frame(self, kind: str | None, frame: sidecar_pb2.SidecarFrame) -> None:
        """A frame of any kind was heard; the method for its kind follows."""

    def message_over(self) -> None:
        """All frames of a message were heard."""

    def telemetry(self, request: telemetry_pb2.TelemetryRequest) -> None:
        """Records were heard."""

    def ended(self, code: int | None, stderr: str) -> None:
        """It is over; the code is None when the process did not end by itself."""


def now_s() -> float:
    """The judge's clock."""
    return time.monotonic()
