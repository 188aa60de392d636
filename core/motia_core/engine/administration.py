"""What the management API can do beyond reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.delivery import Deliveries
from motia_core.engine.ports import DeadLetters
from motia_core.model.event import EmitOptions
from motia_core.model.trace import TraceSource


class Admin:
    """Implements `Administration`."""

    def __init__(
        self,
        deliveries: Deliveries,
        dead_letters: DeadLetters,
        catalog: Catalog,
        traces: TraceSource,
        clock: Clock,
        *,
        facts: Callable[[], dict[str, object]],
    ) -> None:
        self._deliveries = deliveries
        self._dead_letters = dead_letters
        self._catalog = catalog
        self._traces = traces
        self._clock = clock
        self._facts = facts

    async def emit(self, topic: str, data: bytes, options: EmitOptions) -> tuple[str, int]:
        """See `ports.Administration.emit`."""
        trace = self._traces.start(self._clock.now_ms())
        subscribers = await self._deliveries.publish(topic, data, trace, options)
        return trace.trace_id, subscribers

    async def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> int:
        """See `ports.Administration.redrive`."""
        back = await self._dead_letters.redrive(delivery_ids, data)
        self._deliveries.take(back)
        return len(back)

    def health(self) -> dict[str, object]:
        """See `ports.Administration.health`."""
        project = self._catalog.project
        errors = sum(problem.severity == "error" for problem in project.problems)
        return {
            "status": "draining" if self._deliveries.stopped else "ok",
            "steps": len(project.steps),
            "problems": errors,
            "eventsRunning": self._deliveries.running,
            **self._facts(),
        }
