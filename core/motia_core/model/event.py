"""Events on their way: one delivery per subscribing step."""

from __future__ import annotations

from dataclasses import dataclass

from motia_core.model.failure import Failure
from motia_core.model.trace import TraceContext


@dataclass(slots=True)
class Delivery:
    """One event for one step, as stored. Deliveries of a step are ordered by id."""

    id: int
    topic: str
    step_id: str
    data: bytes  # JSON text; empty: the emit had no data
    trace: TraceContext
    emitted_ms: int
    due_ms: int  # not before this time; 0: at once
    attempt: int = 1  # number of the next attempt
    group_id: str = ""  # messageGroupId; empty: none


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
