"""What the delivery of events works with: everything that dispatchers share, and where they turn to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import Protocol

from motia_core.clock import Clock
from motia_core.engine.invoker import Invoker
from motia_core.engine.ports import Cluster, Log, Queue
from motia_core.engine.staging import Staging
from motia_core.engine.validation import Validation
from motia_core.engine.waits import Waits
from motia_core.model.event import Delivery
from motia_core.model.failure import Failure
from motia_core.model.trace import TraceSource


@dataclass(frozen=True, slots=True)
class Delivering:
    """What all dispatchers work with."""

    queue: Queue
    cluster: Cluster
    invoker: Invoker
    staging: Staging
    waits: Waits
    validation: Validation
    traces: TraceSource
    clock: Clock
    log: Log
    random: Random
    window: int  # deliveries of a step that are held in memory


class Office(Protocol):
    """What dispatchers ask for that concerns other steps."""

    @property
    def stopped(self) -> bool:
        """Whether the core stops."""
        ...

    def mourners(self, delivery: Delivery, failure: Failure, failed_ms: int) -> list[Delivery]:
        """The deliveries to those who subscribe to dead letters such as this."""
        ...

    def expecting(self, deliveries: Sequence[Delivery]) -> AbstractContextManager[None]:
        """While these are being stored; `take` comes before this ends."""
        ...

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """These are in the store: have them run."""
        ...

    def look(self, delivery_ids: Sequence[int]) -> None:
        """Have the store say what is true of these deliveries."""
        ...
