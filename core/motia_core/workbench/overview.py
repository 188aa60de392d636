"""The project and what it does, as the workbench shows it: flows, sources, counts, queues, processes."""

from __future__ import annotations

import asyncio
from collections import Counter

from quart import Response, request

from motia_core import __version__
from motia_core.engine.stats import BUCKET_MS
from motia_core.errors import BodyInvalidError, NotAvailableError
from motia_core.model.flows import describe_flow, flows_of, mermaid
from motia_core.model.loopback import is_loopback
from motia_core.model.recording import json_payload
from motia_core.model.step import Step, StepType
from motia_core.model.wording import describe
from motia_core.workbench.audit import Audit
from motia_core.workbench.components import components_of
from motia_core.workbench.describe import Facts
from motia_core.workbench.exchange import read_body, read_number, to_json
from motia_core.workbench.mount import Management
from motia_core.workbench.positions import read_positions, save_positions
from motia_core.workbench.sources import read_source
from motia_core.workbench.states import text_of

MOST_MINUTES = 60
KEPT_BYTES = 8_192  # of an event's data in a list


class Overview:
    """The endpoints."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._settings = management.settings
        self._admin = management.admin
        self._project = management.project
        self._info = management.info
        self._stats = management.stats
        self._tracer = management.tracer
        self._inspection = management.inspection
        self._clock = management.clock
        self._audit = audit
        self._live = management.live
        self._started_ms = management.clock.now_ms()

    async def root(self) -> Response:
        """What this is."""
        info = await asyncio.to_thread(self._info)
        return to_json(
            {
                "version": __version__,
                "isDev": self._settings.reload,
                "isTutorialDisabled": True,
                "workbenchBase": "/__motia/workbench",
                "project": {"name": info.title, "path": str(self._settings.project)},
                "startedMs": self._started_ms,
                "needsToken": bool(self._settings.http.admin_token) or not is_loopback(self._settings.http.host),
            }
        )

    async def overview(self) -> Response:
        """Counts."""
        project = self._project()
        types = Counter(step.type.value for step in project.steps)
        severities = Counter(problem.severity for problem in project.problems)
        return to_json(
            {
                "steps": {kind.value: types[kind.value] for kind in StepType},
                "streams": len(project.streams),
                "problems": {"error": severities["error"], "warning": severities["warning"]},
                "health": self._admin.health(),
            }
        )

    async def source(self) -> Response:
        """The file of a step or stream."""
        wanted = request.args.get("step", "")
        project = self._project()
        parts = [(step.id, step.name, step.path, step.line, step.language) for step in project.steps]
        parts += [(stream.name, stream.name, stream.path, 0, stream.language) for stream in project.streams]
        for part_id, name, path, line, language in parts:
            if wanted in (part_id, path):
                content = await asyncio.to_thread(read_source, self._settings.project / path)
                facts = {"step": name, "path": path, "line": line or None, "language": language}
                return to_json({**facts, "content": content})
        raise NotAvailableError(f"There is no step {wanted!r}.")

    async def flows(self) -> Response:
        """All flows, with where their nodes stand."""
        root, steps = self._settings.project, self._project().steps
        positions = await asyncio.to_thread(read_positions, root)
        components = await asyncio.to_thread(components_of, root, steps)
        flows = [describe_flow(flow, positions.get(flow.id, {}), components) for flow in flows_of(steps)]
        return to_json({"flows": flows})

    async def mermaid(self, flow_id: str) -> Response:
        """A flow as a Mermaid flowchart."""
        for flow in flows_of(self._project().steps):
            if flow.id == flow_id:
                return Response(mermaid(flow), content_type="text/plain; charset=utf-8")
        raise NotAvailableError(f"There is no flow {flow_id!r}.")

    async def save_positions(self, flow_id: str) -> Response:
        """Where the nodes of a flow stand, as 0.x kept it (contract 13)."""
        body = await read_body()
        name, config = text_of(body, "id"), body.get("config")
        if not isinstance(config, dict):
            raise BodyInvalidError(f"config must be an object of positions by file, found {describe(config)}.")
        await asyncio.to_thread(save_positions, self._settings.project, name, config)
        self._audit.note("flow.positions", flow_id)
        self._live.changed("flows")
        return to_json({"message": "Flow config saved successfully"})

    async def stats(self) -> Response:
        """How steps did within the last minutes."""
        self._tracer.flush()
        minutes = read_number("minutes", 15, at_most=MOST_MINUTES)
        now_ms = self._clock.now_ms()
        found = self._stats.of_steps(now_ms, minutes)
        running = Counter(invocation.step.id for invocation in self._tracer.running.values())
        waiting = {count.step_id: count.due + count.later for count in await self._inspection.queues(now_ms)}
        steps: dict[str, Facts] = {}
        for step_id in {*found, *running, *waiting}:
            stats = found.get(step_id)
            steps[step_id] = {
                "running": running[step_id],
                "waiting": waiting.get(step_id, 0),
                "completed": stats.completed if stats else 0,
                "failed": stats.failed if stats else 0,
                "p50Ms": stats.p50_ms if stats else 0,
                "p95Ms": stats.p95_ms if stats else 0,
                "completedBy": stats.completed_by if stats else [],
                "failedBy": stats.failed_by if stats else [],
                "topics": stats.topics if stats else {},
            }
        topics = {topic: {"emitted": count} for topic, count in self._stats.emitted.items()}
        return to_json({"untilMs": now_ms, "bucketMs": BUCKET_MS, "steps": steps, "topics": topics})

    # --- queues

    async def queues(self) -> Response:
        """All queues: of steps, and of what is left of steps that are gone."""
        counts = {count.step_id: count for count in await self._inspection.queues(self._clock.now_ms())}
        running = Counter(invocation.step.id for invocation in self._tracer.running.values())
        known = {step.id: step for step in self._project().steps if step.type in (StepType.EVENT, StepType.CRON)}
        queues = []
        for step_id in [*known, *(name for name in counts if name not in known)]:
            count, step = counts.get(step_id), known.get(step_id)
            queues.append(
                {
                    "step": step_id,
                    **_queue_of(step),
                    "waiting": max(0, count.due - running[step_id]) if count else 0,
                    "delayed": count.later if count else 0,
                    "running": running[step_id],
                    "paused": step_id in self._admin.paused,
                    "dead": count.dead if count else 0,
                    "oldestMs": count.oldest_ms or None if count else None,
                }
            )
        return to_json({"queues": queues})

    async def deliveries(self) -> Response:
        """What waits for a step."""
        limit, after_id = read_number("limit", 50), read_number("cursor", 0, at_most=2**63 - 1)
        found = await self._inspection.deliveries(request.args.get("step", ""), after_id=after_id, limit=limit)
        running = {invocation.delivery_id for invocation in self._tracer.running.values()}
        now_ms = self._clock.now_ms()
        shown = []
        for one in found:
            status = "running" if one.id in running else "delayed" if one.due_ms > now_ms else "waiting"
            facts = {"id": one.id, "topic": one.topic, "status": status, "attempt": one.attempt}
            facts |= {"emittedMs": one.emitted_ms, "dueMs": one.due_ms or None, "traceId": one.trace.trace_id}
            data = json_payload(one.data[:KEPT_BYTES], len(one.data))
            shown.append({**facts, "groupId": one.group_id or None, "data": data})
        return to_json({"deliveries": shown, "cursor": str(found[-1].id) if len(found) == limit else ""})

    async def sidecars(self) -> Response:
        """The processes that run steps."""
        languages: dict[str, Counter[str]] = {}
        for step in self._project().steps:
            languages.setdefault(step.group, Counter())[step.language] += 1
        shown = []
        for sidecar in self._admin.sidecars():
            of_group = languages.get(str(sidecar["group"]), Counter())
            shown.append({**sidecar, "languages": sorted(of_group), "steps": sum(of_group.values())})
        return to_json({"sidecars": shown, "awaited": self._admin.awaited_sidecars()})


def _queue_of(step: Step | None) -> Facts:
    if step is None:
        return {"name": None, "topics": [], "type": "gone", "concurrency": 0}
    kind = "cron" if step.type is StepType.CRON else "fifo" if step.queue.fifo else "standard"
    topics = [step.watches.what] if step.watches else step.subscribes
    return {"name": step.name, "topics": topics, "type": kind, "concurrency": step.queue.concurrency}
