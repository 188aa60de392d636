"""What is in a queue, as jobs of BullMQ: deliveries, dead letters, and completed attempts as far as these are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import islice
from typing import cast

from motia_core.engine.tracing import Tracer
from motia_core.errors import NotAvailableError
from motia_core.model.event import DeadLetter, Delivery
from motia_core.model.recording import facts, json_payload
from motia_core.model.trace import AttemptRecord
from motia_core.workbench.bullmq.queues import BullQueue, BullQueues
from motia_core.workbench.describe import Facts
from motia_core.workbench.mount import Management

PAGE = 1_000
STATUSES = ("waiting", "active", "completed", "failed", "delayed", "paused", "prioritized")
LATEST = 1_000  # attempts of a step in which completed ones are looked for


class BullJobs:
    """The jobs of queues."""

    def __init__(self, management: Management, queues: BullQueues) -> None:
        self._inspection = management.inspection
        self._dead_letters = management.dead_letters
        self._traces = management.traces
        self._tracer: Tracer = management.tracer
        self._clock = management.clock
        self._queues = queues

    async def page(self, queue: BullQueue, status: str, start: int, end: int) -> list[Facts]:
        """Jobs of a status, from the start-th to the end-th: what waits oldest first, the others newest first."""
        if status == ("waiting" if queue.is_dead else "failed"):
            return [self.of_letter(queue, letter) for letter in await self.letters(queue, start, end)]
        if queue.is_dead or status in ("paused", "prioritized"):
            return []
        if status == "completed":
            return list(islice(await self._completed(queue), start, end + 1))
        found: list[Facts] = []
        async for delivery in self._deliveries(queue):
            if len(found) > end:
                break
            if self._status(delivery) == status:
                found.append(self._of_delivery(queue, delivery))
        return found[start : end + 1]

    async def one(self, queue: BullQueue, job_id: int) -> Facts:
        """A job.

        Raises:
            NotAvailableError: There is none.
        """
        letter = await self.letter(queue, job_id)
        if letter is not None:
            return self.of_letter(queue, letter)
        if not queue.is_dead:
            delivery = await self.delivery(queue, job_id)
            if delivery is not None:
                return self._of_delivery(queue, delivery)
            attempt = await self._traces.attempt(job_id)
            if attempt is not None and _is_done(attempt, queue):
                return (await self._of_attempts(queue, [attempt]))[0]
        raise NotAvailableError(f"There is no job {job_id} in {queue.name!r}; it may have been done.")

    async def letters(self, queue: BullQueue, start: int, end: int) -> list[DeadLetter]:
        """Dead letters of a queue, newest first."""
        found = await self._dead_letters.page(topic=queue.topic, step_id=queue.step_id, limit=end + 1)
        return found[start:]

    async def letter(self, queue: BullQueue, job_id: int) -> DeadLetter | None:
        """A dead letter of a queue."""
        letter = await self._dead_letters.get(job_id)
        return letter if letter is not None and _is_of(letter.delivery, queue) else None

    async def delivery(self, queue: BullQueue, job_id: int) -> Delivery | None:
        """A delivery of a queue."""
        found = await self._inspection.deliveries(queue.step_id, after_id=job_id - 1, limit=1)
        return found[0] if found and found[0].id == job_id and _is_of(found[0], queue) else None

    def of_letter(self, queue: BullQueue, letter: DeadLetter) -> Facts:
        """A dead letter as a job that has failed."""
        job = self._job(queue, letter.delivery, letter.delivery.attempt)
        failures = [failed.failure for failed in letter.failures]
        job["failedReason"] = failures[-1].message if failures else None
        job["stacktrace"] = [failure.stack or failure.message for failure in failures]
        return {**job, "finishedOn": letter.dead_ms}

    def event(self, queue: BullQueue, delivery: Delivery) -> Facts:
        """What a delivery brings, as the data of a job."""
        return self._event(queue, delivery.trace.trace_id, _value(json_payload(delivery.data, len(delivery.data))))

    async def _deliveries(self, queue: BullQueue) -> AsyncIterator[Delivery]:
        after_id = 0
        while found := await self._inspection.deliveries(queue.step_id, after_id=after_id, limit=PAGE):
            for delivery in found:
                if delivery.topic == queue.topic:
                    yield delivery
            after_id = found[-1].id

    async def _completed(self, queue: BullQueue) -> list[Facts]:
        self._tracer.flush()
        recent = await self._traces.recent(limit=LATEST, step_id=queue.step_id)
        return await self._of_attempts(queue, [attempt for attempt in recent if _is_done(attempt, queue)])

    async def _of_attempts(self, queue: BullQueue, attempts: list[AttemptRecord]) -> list[Facts]:
        kept = await self._traces.details([attempt.id for attempt in attempts])
        shown = []
        for attempt in attempts:
            detail = facts(kept[attempt.id]) if attempt.id in kept else {}
            data = self._event(queue, attempt.trace_id, _value(cast("Facts | None", detail.get("input"))))
            began_ms, ended_ms = attempt.started_ms, attempt.started_ms + attempt.duration_us // 1000
            job = _shape(attempt.id, queue, data, began_ms - attempt.waited_ms, attempt.attempt)
            shown.append({**job, "processedOn": began_ms, "finishedOn": ended_ms})
        return shown

    def _of_delivery(self, queue: BullQueue, delivery: Delivery) -> Facts:
        job = self._job(queue, delivery, delivery.attempt - 1)
        began = [one.started_ms for one in self._tracer.running.values() if one.delivery_id == delivery.id]
        return {**job, "processedOn": began[0] if began else None}

    def _job(self, queue: BullQueue, delivery: Delivery, made: int) -> Facts:
        job = _shape(delivery.id, queue, self.event(queue, delivery), delivery.emitted_ms, made)
        step = self._queues.step(queue)
        delay_ms = max(0, delivery.due_ms - delivery.emitted_ms) if delivery.due_ms else 0
        return {**job, "opts": {"attempts": step.queue.max_attempts if step else made, "delay": delay_ms}}

    def _event(self, queue: BullQueue, trace_id: str, data: object) -> Facts:
        step = self._queues.step(queue)
        return {"topic": queue.topic, "data": data, "traceId": trace_id, "flows": step.flows if step else ()}

    def _status(self, delivery: Delivery) -> str:
        if any(one.delivery_id == delivery.id for one in self._tracer.running.values()):
            return "active"
        return "delayed" if delivery.due_ms > self._clock.now_ms() else "waiting"


def _shape(job_id: int, queue: BullQueue, data: Facts, emitted_ms: int, made: int) -> Facts:
    return {
        "id": str(job_id),
        "name": queue.topic,
        "data": data,
        "opts": {},
        "progress": 0,
        "timestamp": emitted_ms,
        "attemptsMade": made,
        "processedOn": None,
        "finishedOn": None,
        "returnvalue": None,
        "failedReason": None,
        "stacktrace": [],
    }


def _is_of(delivery: Delivery, queue: BullQueue) -> bool:
    return (delivery.topic, delivery.step_id) == (queue.topic, queue.step_id)


def _is_done(attempt: AttemptRecord, queue: BullQueue) -> bool:
    what = attempt.trigger, attempt.label, attempt.step, attempt.status
    return what == ("event", queue.topic, queue.step_id, "completed")


def _value(payload: Facts | None) -> object:
    return None if payload is None else payload.get("json", payload.get("text"))
