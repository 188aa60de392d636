"""How a value of the state came to be what it is: recorded writes of steps, and changes made through the API."""

from __future__ import annotations

from typing import Any

from quart import Response, request

from motia_core.model.calls import STATE_WRITES
from motia_core.model.recording import facts
from motia_core.model.trace import AttemptRecord
from motia_core.workbench.audit import Audit
from motia_core.workbench.describe import Facts
from motia_core.workbench.exchange import read_number, to_json
from motia_core.workbench.mount import Management


class StateHistory:
    """The endpoint `/state/history`."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._traces = management.traces
        self._tracer = management.tracer
        self._project = management.project
        self._audit = audit

    async def page(self) -> Response:
        """Writes of a key, newest first."""
        group, key = request.args.get("group", ""), request.args.get("key", "")
        limit = read_number("limit", 50)
        self._tracer.flush()
        targets = {f"{group}/{key}", group}
        attempts = await self._traces.writers(sorted(targets), limit=limit)
        details = await self._traces.details([attempt.id for attempt in attempts])
        changes: list[Facts] = []
        for attempt in attempts:
            calls: Any = facts(details[attempt.id])["calls"] if attempt.id in details else []
            ours = (call for call in calls if call["type"] in STATE_WRITES and call["target"] in targets)
            changes += (self._write(attempt, call) for call in ours)
        changes += [_by_hand(entry) for entry in await self._audit.latest("state.") if _concerns(entry, group, key)]
        changes.sort(key=lambda one: -int(str(one["time"])))
        return to_json({"changes": changes[:limit]})

    def _write(self, attempt: AttemptRecord, call: Facts) -> Facts:
        names = {step.id: step.name for step in self._project().steps}
        return {
            "time": attempt.started_ms + round(float(str(call["offsetMs"]))),
            "type": call["type"],
            "data": call["data"],
            "error": call["error"],
            "count": call["count"],
            "by": {"name": names.get(attempt.step, attempt.step), "traceId": attempt.trace_id, "attemptId": attempt.id},
        }


def _concerns(entry: Facts, group: str, key: str) -> bool:
    details: Any = entry["details"]
    return entry["target"] == f"{group}/{key}" or (entry["target"] == group and key in details.get("keys", []))


def _by_hand(entry: Facts) -> Facts:
    details: Any = entry["details"]
    return {
        "time": entry["time"],
        "type": entry["action"],
        "data": {"json": details["value"]} if "value" in details else None,
        "error": None,
        "count": 1,
        "by": {"from": entry["from"]},
    }
