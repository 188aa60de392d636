"""The queues, as those of BullMQ. Counted once a second: emits, other cores and the time change them as well as what
runs here."""

from __future__ import annotations

from collections.abc import Container, Sequence

from motia_core.engine.internal_room import Item
from motia_core.engine.live import Batch
from motia_core.workbench.bullmq.queues import BullQueues
from motia_core.workbench.describe import text_of_json
from motia_core.workbench.internal.project_views import GROUP
from motia_core.workbench.mount import Management

PAUSE_S = 1.0


class QueueView:
    """Implements `View`."""

    is_window = False

    def __init__(self, management: Management) -> None:
        self._queues = BullQueues(management)
        self._mono_s = management.clock.mono_s
        self._counted_s = 0.0

    async def items(self, group: str) -> Sequence[Item]:
        """See `View`."""
        if group != GROUP:
            return []
        self._counted_s = self._mono_s()
        queues = await self._queues.describe()
        return [(str(queue["name"]), text_of_json({**queue, "id": queue["name"]})) for queue in queues]

    async def news(self, group: str, batch: Batch, known: Container[str]) -> Sequence[Item] | None:
        """See `View`."""
        is_due = group == GROUP and self._mono_s() >= self._counted_s + PAUSE_S
        return None if is_due else []
