"""What the management API can do beyond reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.controls import Controls
from motia_core.engine.delivery import Deliveries
from motia_core.engine.ports import DeadLetters
from motia_core.engine.scheduler import Scheduler
from motia_core.engine.services import CronInfo
from motia_core.errors import NoSidecarError, UnknownStepError
from motia_core.failpoints import passing
from motia_core.model.event import EmitOptions
from motia_core.model.step import StepType
from motia_core.model.trace import TraceSource

PAGE = 500  # dead letters that are moved at once


class Processes(Protocol):
    """The processes that run steps."""

    def describe(self) -> list[dict[str, object]]:
        """See `services.Administration.sidecars`."""
        ...

    async def restart(self, group: str) -> int:
        """See `services.Administration.restart_sidecars`."""
        ...

    @property
    def awaited(self) -> list[str]:
        """See `services.Administration.awaited_sidecars`."""
        ...


class Admin:
    """Implements `Administration`."""

    def __init__(
        self,
        deliveries: Deliveries,
        scheduler: Scheduler,
        dead_letters: DeadLetters,
        catalog: Catalog,
        traces: TraceSource,
        clock: Clock,
        *,
        facts: Callable[[], dict[str, object]],
        controls: Controls,
        sidecars: Processes,
    ) -> None:
        self._deliveries = deliveries
        self._scheduler = scheduler
        self._dead_letters = dead_letters
        self._catalog = catalog
        self._traces = traces
        self._clock = clock
        self._facts = facts
        self._controls = controls
        self._processes = sidecars

    async def emit(self, topic: str, data: bytes, options: EmitOptions) -> tuple[str, int]:
        """See `services.Administration.emit`."""
        if why := self._catalog.project.awaits:
            raise NoSidecarError(why)  # nobody knows yet who subscribes to the topic
        trace = self._traces.start(self._clock.now_ms())
        subscribers = await self._deliveries.undisturbed(self._deliveries.publish(topic, data, trace, options))
        return trace.trace_id, subscribers

    async def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> int:
        """See `services.Administration.redrive`."""
        return await self._deliveries.undisturbed(self._redrive(delivery_ids, data))

    async def _redrive(self, delivery_ids: Sequence[int], data: bytes | None) -> int:
        passing("redrive.moving")
        back = await self._dead_letters.redrive(delivery_ids, data)
        passing("redrive.moved")
        self._deliveries.take(back)
        return len(back)

    async def redrive_all(self, *, topic: str = "", step_id: str = "", data: bytes | None = None) -> int:
        """See `services.Administration.redrive_all`."""
        return sum([await self.redrive(ids, data) async for ids in self._pages(topic, step_id)])

    async def discard_all(self, *, topic: str = "", step_id: str = "") -> int:
        """See `services.Administration.discard_all`."""
        return sum([await self._dead_letters.discard(ids) async for ids in self._pages(topic, step_id)])

    async def _pages(self, topic: str, step_id: str) -> AsyncIterator[list[int]]:
        """All that are there now, oldest first. What is redriven and given up again keeps its id: it is behind us."""
        newest = await self._dead_letters.page(topic=topic, step_id=step_id, limit=1)
        last_id = newest[0].delivery.id if newest else 0
        after_id = 0
        while after_id < last_id:
            page = await self._dead_letters.ids(topic=topic, step_id=step_id, after_id=after_id, limit=PAGE)
            ids = [delivery_id for delivery_id in page if delivery_id <= last_id]
            if not ids:
                return
            after_id = ids[-1]
            yield ids

    async def run_cron(self, step_id: str) -> str:
        """See `services.Administration.run_cron`."""
        return await self._deliveries.undisturbed(self._scheduler.run_now(step_id))

    @property
    def paused(self) -> frozenset[str]:
        """See `services.Administration.paused`."""
        return self._controls.paused

    async def pause(self, step_id: str) -> None:
        """See `services.Administration.pause`."""
        steps = self._catalog.project.steps
        if not any(step.id == step_id and step.type in (StepType.EVENT, StepType.CRON) for step in steps):
            raise UnknownStepError(f"There is no event or cron step '{step_id}': others have nothing to pause.")
        await self._controls.pause(step_id, now_ms=self._clock.now_ms())

    async def resume(self, step_id: str) -> None:
        """See `services.Administration.resume`."""
        await self._controls.resume(step_id)

    async def restart_sidecars(self, group: str) -> int:
        """See `services.Administration.restart_sidecars`."""
        return await self._processes.restart(group)

    def sidecars(self) -> list[dict[str, object]]:
        """See `services.Administration.sidecars`."""
        return self._processes.describe()

    def awaited_sidecars(self) -> list[str]:
        """See `services.Administration.awaited_sidecars`."""
        return self._processes.awaited

    def waiting(self) -> Counter[str]:
        """See `services.Administration.waiting`."""
        return self._deliveries.waiting_traces()

    def cron(self) -> list[CronInfo]:
        """See `services.Administration.cron`."""
        return self._scheduler.upcoming()

    def health(self) -> dict[str, object]:
        """See `services.Administration.health`."""
        project = self._catalog.project
        errors = sum(problem.severity == "error" for problem in project.problems)
        return {
            "status": "draining" if self._deliveries.stopped else "ok",
            "steps": len(project.steps),
            "problems": errors,
            "eventsRunning": self._deliveries.running,
            **self._facts(),
        }
