"""The endpoints under `/__motia/bullmq`. What BullMQ can do and our queues cannot is refused with 405."""

from __future__ import annotations

from collections.abc import Iterator

from quart import Response, request

from motia_core.errors import BodyInvalidError, MethodNotAllowedError, NotAvailableError, QueryInvalidError
from motia_core.model.wording import describe
from motia_core.workbench.audit import Audit
from motia_core.workbench.bullmq.jobs import STATUSES, BullJobs
from motia_core.workbench.bullmq.queues import BullQueues
from motia_core.workbench.describe import Facts
from motia_core.workbench.exchange import Rule, read_body, read_number, to_json
from motia_core.workbench.mount import Management

MOST = 10_000  # the highest start and end
PAGE = 500  # dead letters that are looked at together


class Bull:
    """See above."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._queues = BullQueues(management)
        self._jobs = BullJobs(management, self._queues)
        self._admin = management.admin
        self._dead_letters = management.dead_letters
        self._clock = management.clock
        self._audit = audit

    def rules(self) -> Iterator[Rule]:
        """See `api._rules`."""
        queue, dead = "/bullmq/queues/<path:name>", "/bullmq/dlq/<path:name>"
        yield from (
            ("GET", "/bullmq/queues", self.all),
            ("GET", queue, self.one),
            ("POST", f"{queue}/pause", self.pause),
            ("POST", f"{queue}/resume", self.resume),
            ("POST", f"{queue}/drain", self.drain),
            ("POST", f"{queue}/clean", self.clean),
            ("GET", f"{queue}/jobs", self.jobs),
            ("GET", f"{queue}/jobs/<int:job_id>", self.job),
            ("POST", f"{queue}/jobs/<int:job_id>/retry", self.retry),
            ("POST", f"{queue}/jobs/<int:job_id>/remove", self.remove),
            ("POST", f"{queue}/jobs/<int:job_id>/promote", self.promote),
            ("GET", f"{dead}/jobs", self.letters),
            ("POST", f"{dead}/retry/<int:job_id>", self.retry_letter),
            ("POST", f"{dead}/retry-all", self.retry_all),
            ("POST", f"{dead}/clear", self.clear),
        )

    async def all(self) -> Response:
        """Every queue."""
        return to_json({"queues": await self._queues.describe()})

    async def one(self, name: str) -> Response:
        """A queue."""
        await self._queues.find(name)
        return to_json(next(queue for queue in await self._queues.describe() if queue["name"] == name))

    async def pause(self, name: str) -> Response:
        """Pause the step of a queue, with its other topics: they are one queue here."""
        queue = await self._queues.find(name)
        await self._admin.pause(queue.step_id)
        self._audit.note("step.pause", queue.step_id)
        return to_json({"message": "Queue paused successfully"})

    async def resume(self, name: str) -> Response:
        """Go on."""
        queue = await self._queues.find(name)
        await self._admin.resume(queue.step_id)
        self._audit.note("step.resume", queue.step_id)
        return to_json({"message": "Queue resumed successfully"})

    async def drain(self, name: str) -> Response:
        """Not here."""
        await self._queues.find(name)
        raise MethodNotAllowedError("Deliveries that wait cannot be removed: they run, or become dead letters.")

    async def clean(self, name: str) -> Response:
        """Remove old jobs: dead letters. Recorded attempts leave by themselves."""
        queue, body = await self._queues.find(name), await read_body()
        status, limit = body.get("status", "completed"), _number(body, "limit", 1_000)
        before_ms = self._clock.now_ms() - _number(body, "grace", 0)
        if status in ("waiting", "active", "delayed") and not queue.is_dead:
            raise BodyInvalidError(f"Jobs that are {status} cannot be removed, only failed ones: deliveries run.")
        ids: list[int] = []
        if status == ("waiting" if queue.is_dead else "failed"):
            after_id = 0
            while len(ids) < limit:
                page = await self._dead_letters.ids(
                    topic=queue.topic, step_id=queue.step_id, after_id=after_id, limit=min(PAGE, limit - len(ids))
                )
                if not page:
                    break
                after_id = page[-1]
                letters = [await self._dead_letters.get(letter_id) for letter_id in page]
                ids += [one.delivery.id for one in letters if one is not None and one.dead_ms <= before_ms]
            await self._discard(name, ids)
        return to_json({"deleted": len(ids), "ids": [str(one) for one in ids]})

    async def jobs(self, name: str) -> Response:
        """What is in a queue."""
        status = request.args.get("status", "waiting")
        if status not in STATUSES:
            raise QueryInvalidError(f"status must be one of {', '.join(STATUSES)}, found {status!r}.")
        start, end = _range()
        return to_json({"jobs": await self._jobs.page(await self._queues.find(name), status, start, end)})

    async def job(self, name: str, job_id: int) -> Response:
        """A job."""
        return to_json(await self._jobs.one(await self._queues.find(name), job_id))

    async def retry(self, name: str, job_id: int) -> Response:
        """Deliver a dead letter again."""
        await self._redrive(name, job_id)
        return to_json({"message": "Job retried successfully"})

    async def remove(self, name: str, job_id: int) -> Response:
        """Discard a dead letter."""
        queue = await self._queues.find(name)
        if await self._jobs.letter(queue, job_id) is None:
            await self._jobs.one(queue, job_id)
            raise MethodNotAllowedError("Only failed jobs can be removed: others run, or are recorded attempts.")
        await self._discard(name, [job_id])
        return to_json({"message": "Job removed successfully"})

    async def promote(self, name: str, job_id: int) -> Response:
        """Not here."""
        await self._jobs.one(await self._queues.find(name), job_id)
        raise MethodNotAllowedError("A delivery cannot be brought forward: it runs when it is due.")

    # --- dead letters

    async def letters(self, name: str) -> Response:
        """Those of a queue, newest first."""
        queue = await self._queues.find(name, is_dead=True)
        shown = []
        for letter in await self._jobs.letters(queue, *_range()):
            job = self._jobs.of_letter(queue, letter)
            facts: Facts = {key: job[key] for key in ("id", "name", "data", "timestamp", "attemptsMade")}
            event = self._jobs.event(queue, letter.delivery)
            facts |= {"originalEvent": event, "failureReason": job["failedReason"], "failureTimestamp": letter.dead_ms}
            shown.append(facts)
        return to_json({"jobs": shown})

    async def retry_letter(self, name: str, job_id: int) -> Response:
        """Deliver one again."""
        await self._redrive(name, job_id)
        return to_json({"message": "Job moved back to its queue"})

    async def retry_all(self, name: str) -> Response:
        """Deliver all again."""
        queue = await self._queues.find(name, is_dead=True)
        count = await self._admin.redrive_all(topic=queue.topic, step_id=queue.step_id)
        self._audit.note("dlq.redrive", queue.name, count=count)
        return to_json({"message": f"{count} jobs moved back to their queue", "count": count})

    async def clear(self, name: str) -> Response:
        """Discard all."""
        queue = await self._queues.find(name, is_dead=True)
        count = await self._admin.discard_all(topic=queue.topic, step_id=queue.step_id)
        self._audit.note("dlq.discard", queue.name, count=count)
        return to_json({"message": f"{count} jobs removed", "count": count})

    async def _redrive(self, name: str, job_id: int) -> None:
        queue = await self._queues.find(name, is_dead=True)
        if await self._jobs.letter(queue, job_id) is None:
            raise NotAvailableError(f"There is no failed job {job_id} in {name!r}; it may have been redriven.")
        await self._admin.redrive([job_id])
        self._audit.note("dlq.redrive", queue.name, ids=[job_id])

    async def _discard(self, name: str, ids: list[int]) -> None:
        if ids:
            await self._dead_letters.discard(ids)
            self._audit.note("dlq.discard", name, ids=ids)


def _range() -> tuple[int, int]:
    start = read_number("start", 0, at_least=0, at_most=MOST)
    end = read_number("end", 100, at_least=0, at_most=MOST)
    return start, min(end, start + PAGE - 1)


def _number(body: dict[str, object], name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BodyInvalidError(f"{name} must be a whole number that is not negative, found {describe(value)}.")
    return value
