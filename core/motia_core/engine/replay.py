"""Runs a step once more with what an attempt got, or with something else: a new run, which knows what it repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from motia_core.clock import Clock
from motia_core.engine.catalog import Catalog
from motia_core.engine.delivery import Deliveries
from motia_core.engine.scheduler import Scheduler
from motia_core.errors import ReplayError
from motia_core.model.step import StepType
from motia_core.model.trace import AttemptRecord, TraceContext, TraceSource


class HttpReplay(Protocol):
    """Makes a request of the core to itself. Implemented by the ingress."""

    async def __call__(self, request: Mapping[str, Any], trace: TraceContext) -> str:
        """What was answered: the status and the beginning of the body."""
        ...


@dataclass(frozen=True, slots=True)
class Replayed:
    """What has begun.

    Attributes:
        answer: Of a request. The core may have refused it before the step began, and then there is no run.
    """

    trace_id: str
    answer: str = ""


class Replayer:
    """Repeats attempts.

    Attributes:
        request: How requests are made; set by the composition root.
    """

    def __init__(
        self, deliveries: Deliveries, scheduler: Scheduler, catalog: Catalog, traces: TraceSource, clock: Clock
    ) -> None:
        self.request: HttpReplay | None = None
        self._deliveries = deliveries
        self._scheduler = scheduler
        self._catalog = catalog
        self._traces = traces
        self._clock = clock

    async def replay(self, attempt: AttemptRecord, kept: Mapping[str, Any], given: Mapping[str, Any]) -> Replayed:
        """Run the attempt's step once more.

        Args:
            kept: What is known of the attempt (`recording.facts`).
            given: `input`, if it is to get another one.

        Raises:
            ReplayError: It cannot be repeated; says why.
            StoreError: Nothing was stored.
        """
        step = next((step for step in self._catalog.project.steps if step.id == attempt.step), None)
        if step is None:
            raise ReplayError(f"The project has no step '{attempt.step}' any more.")
        trace = self._traces.start(self._clock.now_ms())._replace(parent_id=-attempt.id)
        if step.type is StepType.CRON:
            return Replayed(await self._deliveries.undisturbed(self._scheduler.run_now(step.id)))
        came = kept.get("input")
        if step.type is StepType.API:
            return Replayed(trace.trace_id, await self._repeat_request(came, given, trace))
        if step.type is StepType.EVENT:
            data = given["input"] if "input" in given else _whole(came)
            text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
            await self._deliveries.undisturbed(self._deliveries.deliver_to(step, attempt.label, text, trace))
            return Replayed(trace.trace_id)
        raise ReplayError(f"'{step.name}' never runs: it is a noop step.")

    async def _repeat_request(self, came: Any, given: Mapping[str, Any], trace: TraceContext) -> str:
        if not isinstance(came, dict) or came.get("socket") or self.request is None:
            raise ReplayError("Only requests can be repeated, not events of WebSocket connections.")
        if came.get("files"):
            raise ReplayError("The files of the request are not kept: send it again.")
        changed = given.get("input", {})
        request = {**came, **changed} if isinstance(changed, dict) else came
        if "body" not in changed:
            _whole(came.get("body"))
        elif changed["body"] is not None:
            request["body"] = changed["body"] if _is_payload(changed["body"]) else {"json": changed["body"]}
        return await self.request(request, trace)


def _is_payload(value: Any) -> bool:
    return isinstance(value, dict) and set(value) in ({"json"}, {"text"})


def _whole(payload: Any) -> Any:
    """What a Payload holds, when all of it is kept.

    Raises:
        ReplayError: It was cut, or is not text.
    """
    if payload is None:
        return None
    if payload.get("cut") or "bytes" in payload:
        raise ReplayError(
            "The input was too large to be kept whole: give an input (or raise tracing.max_payload_bytes)."
        )
    return payload["json"] if "json" in payload else payload["text"]
