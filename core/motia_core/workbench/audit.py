"""Who changed what through the management API: log records of their own, which GET /audit shows."""

from __future__ import annotations

import orjson
from quart import Response, has_request_context, request

from motia_core.engine.logs import RecordedLog
from motia_core.engine.records import TraceStore
from motia_core.model.trace import LogFilter, LogRecord
from motia_core.workbench.describe import Facts, text_of_json
from motia_core.workbench.exchange import read_number, to_json

STEP = "management"  # the name under which they are logged
PREFIX = "management: "
MOST = 1_000  # entries that are searched


class Audit:
    """Notes changes, and shows them."""

    def __init__(self, log: RecordedLog, traces: TraceStore) -> None:
        self._log = log
        self._traces = traces

    def note(self, action: str, target: str, **details: object) -> None:
        """Something is changed by the request that is being answered."""
        client = request.remote_addr if has_request_context() else ""
        fields = text_of_json({"action": action, "target": target, "from": client or "", "details": details})
        self._log.record("info", f"{PREFIX}{action} {target}".rstrip(), step=STEP, fields=fields)

    async def page(self) -> Response:
        """What was changed, newest first."""
        limit, cursor = read_number("limit", 100), read_number("cursor", 0, at_most=2**63 - 1)
        found = await self._traces.logs(LogFilter(step=STEP), before_id=cursor, limit=limit)
        return to_json({"entries": _entries(found), "cursor": str(found[-1].id) if len(found) == limit else ""})

    async def latest(self, actions: str) -> list[Facts]:
        """The latest changes whose action begins so, newest first."""
        self._log.flush()
        return _entries(await self._traces.logs(LogFilter(step=STEP, text=PREFIX + actions), limit=MOST))


def _entries(records: list[LogRecord]) -> list[Facts]:
    return [
        {"id": str(record.id), "time": record.time_ms, **orjson.loads(record.fields)}
        for record in records
        if record.message.startswith(PREFIX) and record.fields
    ]
