"""The latest log records."""

from __future__ import annotations

from collections.abc import Container, Sequence

from motia_core.engine.internal_room import Item
from motia_core.engine.live import Batch
from motia_core.model.trace import LogFilter, LogRecord
from motia_core.workbench.describe import describe_log_as_before, text_of_json
from motia_core.workbench.internal.project_views import GROUP
from motia_core.workbench.mount import Management

MOST = 1_000


class LogView:
    """Implements `View`."""

    is_window = True

    def __init__(self, management: Management) -> None:
        self._log = management.recorded_log
        self._traces = management.traces
        self._project = management.project

    async def items(self, group: str) -> Sequence[Item]:
        """See `View`."""
        if group != GROUP:
            return []
        self._log.flush()
        found = await self._traces.logs(LogFilter(), limit=MOST)
        return self._describe(list(reversed(found)))

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        """See `View`."""
        if group != GROUP:
            return []
        return None if "logs" in batch.changed else self._describe(batch.logs)

    def _describe(self, records: Sequence[LogRecord]) -> list[Item]:
        flows = {step.name: step.flows for step in self._project().steps}
        return [
            (str(record.id), text_of_json({**describe_log_as_before(record), "flows": flows.get(record.step, ())}))
            for record in records
        ]
