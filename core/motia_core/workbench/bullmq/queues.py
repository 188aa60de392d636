"""The queues: one for each topic of each event step, and one for what was given up of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from motia_core.clock import Clock
from motia_core.engine.records import Inspection
from motia_core.engine.stats import Stats
from motia_core.engine.tracing import Tracer
from motia_core.errors import NotAvailableError
from motia_core.model.event import QueueCount
from motia_core.model.invocation import EventInput
from motia_core.model.project import Project
from motia_core.model.step import Step, StepType
from motia_core.workbench.describe import Facts
from motia_core.workbench.mount import Management

DEAD = ".dlq"


@dataclass(frozen=True, slots=True)
class BullQueue:
    """One queue."""

    topic: str
    step_id: str
    is_dead: bool = False  # it has the dead letters

    @property
    def name(self) -> str:
        """As in 0.x."""
        return f"{self.topic}.{self.step_id}{DEAD if self.is_dead else ''}"


class BullQueues:
    """All of them. Queues of steps that are gone are there as long as something is in them."""

    def __init__(self, management: Management) -> None:
        self._project: Callable[[], Project] = management.project
        self._admin = management.admin
        self._inspection: Inspection = management.inspection
        self._tracer: Tracer = management.tracer
        self._stats: Stats = management.stats
        self._clock: Clock = management.clock

    async def describe(self) -> list[Facts]:
        """Every queue with its counts."""
        counts = {(count.topic, count.step_id): count for count in await self._counts()}
        running = Counter(
            (invocation.trigger.topic, invocation.step.id)
            for invocation in self._tracer.running.values()
            if isinstance(invocation.trigger, EventInput)
        )
        shown = []
        for queue in self._known(counts):
            key = queue.topic, queue.step_id
            count = counts.get(key) or QueueCount(queue.step_id, 0, 0, 0, 0)
            if queue.is_dead:
                stats = _stats(waiting=count.dead)
            else:
                waiting, completed = max(0, count.due - running[key]), self._stats.handled.get(key[::-1], 0)
                stats = _stats(waiting, running[key], completed, count.dead, count.later)
            is_paused = queue.step_id in self._admin.paused and not queue.is_dead
            if is_paused:
                stats |= {"paused": stats["waiting"]}
            facts: Facts = {
                "name": queue.name,
                "displayName": queue.name,
                "isPaused": is_paused,
                "isDLQ": queue.is_dead,
            }
            shown.append({**facts, "stats": stats})
        return shown

    async def find(self, name: str, *, is_dead: bool = False) -> BullQueue:
        """A queue by its name; `is_dead`: that of its dead letters, which may be meant by either name.

        Raises:
            NotAvailableError: There is none.
        """
        queues = self._known({(count.topic, count.step_id): count for count in await self._counts()})
        for queue in queues:
            if queue.name == name and (queue.is_dead or not is_dead):
                return queue
            if is_dead and queue.is_dead and queue.name == f"{name}{DEAD}":
                return queue
        raise NotAvailableError(f"There is no queue {name!r}: they are called topic.step, and topic.step{DEAD}.")

    def step(self, queue: BullQueue) -> Step | None:
        """Its step; None: it is gone."""
        return next((step for step in self._project().steps if step.id == queue.step_id), None)

    async def _counts(self) -> list[QueueCount]:
        others = {step.id for step in self._project().steps if step.type is not StepType.EVENT}
        found = await self._inspection.queues_by_topic(self._clock.now_ms())
        return [count for count in found if count.step_id not in others]  # due times of cron steps are no events

    def _known(self, counts: dict[tuple[str, str], QueueCount]) -> list[BullQueue]:
        steps = [step for step in self._project().steps if step.type is StepType.EVENT]
        keys = dict.fromkeys([*((topic, step.id) for step in steps for topic in step.subscribes), *counts])
        return [BullQueue(*key, is_dead) for key in keys for is_dead in (False, True)]


def _stats(waiting: int = 0, active: int = 0, completed: int = 0, failed: int = 0, delayed: int = 0) -> Facts:
    counted = {"waiting": waiting, "active": active, "completed": completed, "failed": failed, "delayed": delayed}
    return {**counted, "paused": 0, "prioritized": 0}
