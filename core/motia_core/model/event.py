"""Events on their way: one delivery per subscribing step, and what may happen to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from motia_core.model.failure import Failure
from motia_core.model.trace import TraceContext

NEVER_MS = 2**53  # due time of a delivery that only an event brings back


@dataclass(slots=True)
class Delivery:
    """One event, or one due time of a cron step, for one step, as stored. Deliveries of a step are ordered by
    priority, then by id."""

    id: int
    topic: str
    step_id: str
    data: bytes  # JSON text; empty: the emit had no data
    trace: TraceContext
    emitted_ms: int  # for cron steps: the due time of the schedule
    due_ms: int  # not before this time; 0: at once
    attempt: int = 1  # number of the next attempt
    group_id: str = ""  # messageGroupId; empty: none
    priority: int = 0  # higher runs first
    lane: str = ""  # deliveries of a lane run in order, or so many at once: see QueuePolicy; empty: no lane
    shard: int = 0  # which core runs it; 0: the step's home
    has_progress: bool = False  # something is remembered for it


class EmitOptions(NamedTuple):
    """What an emit may say beyond topic and data. A tuple: one is made for each emit."""

    group_id: str = ""  # messageGroupId
    delay_ms: int | None = None  # None: as the subscriber says
    at_ms: int = 0  # ms since the epoch; 0: not given
    idempotency_key: str = ""
    idempotency_window_ms: int = 0  # 0: as the settings say
    priority: int = 0


@dataclass(frozen=True, slots=True)
class AttemptFailure:
    """One failed attempt of a delivery."""

    attempt: int
    failed_ms: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up."""

    delivery: Delivery  # as it was; `attempt` is the last one made
    failures: tuple[AttemptFailure, ...]  # oldest first; the last one is why it is here
    dead_ms: int

    @property
    def queue(self) -> str:
        """Name of the dead-letter queue, as in 0.x."""
        return f"{self.delivery.topic}.{self.delivery.step_id}.dlq"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the store holds for one step."""

    step_id: str
    count: int


@dataclass(frozen=True, slots=True)
class QueueCount:
    """What the store holds for a step."""

    step_id: str
    due: int  # to run now, running ones among them
    later: int  # delayed, or waiting for a retry
    oldest_ms: int  # when the oldest was emitted; 0: there is none
    dead: int
    topic: str = ""  # empty: of all its topics


@dataclass(frozen=True, slots=True)
class Remembered:
    """A result that later attempts of a delivery get again."""

    delivery_id: int
    key: str
    value: bytes  # JSON text


@dataclass(frozen=True, slots=True)
class Signal:
    """An event on a topic that handlers wait for; kept a while, so that it may come before the wait."""

    id: int
    topic: str
    data: bytes  # JSON text, or empty
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Wait:
    """A delivery that waits for an event."""

    delivery_id: int
    step_id: str
    key: str  # under which the event's data is remembered
    topic: str
    match: bytes  # JSON object text, or empty: any event
    since_id: int  # only signals with a higher id count
    until_ms: int  # NEVER_MS: without an end
