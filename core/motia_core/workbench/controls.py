"""What can be stopped and started through the management API: queues, schedules, sidecars."""

from __future__ import annotations

from quart import Response

from motia_core.workbench.audit import Audit
from motia_core.workbench.exchange import read_body, to_json
from motia_core.workbench.mount import Management
from motia_core.workbench.states import text_of


class Controls:
    """The endpoints `/queues/pause`, `/queues/resume`, the same of `/cron`, and `/sidecars/restart`."""

    def __init__(self, management: Management, audit: Audit) -> None:
        self._admin = management.admin
        self._live = management.live
        self._audit = audit

    async def pause(self) -> Response:
        """Start nothing of a step."""
        step_id = text_of(await read_body(), "step")
        await self._admin.pause(step_id)
        return self._changed("step.pause", step_id, is_paused=True)

    async def resume(self) -> Response:
        """Go on with it."""
        step_id = text_of(await read_body(), "step")
        await self._admin.resume(step_id)
        return self._changed("step.resume", step_id, is_paused=False)

    async def restart(self) -> Response:
        """Replace the processes of a language group."""
        group = text_of(await read_body(), "group")
        restarted = await self._admin.restart_sidecars(group)
        self._audit.note("sidecars.restart", group)
        self._live.changed("sidecars")
        return to_json({"restarted": restarted})

    def _changed(self, action: str, step_id: str, *, is_paused: bool) -> Response:
        self._audit.note(action, step_id)
        self._live.changed("queues")
        return to_json({"step": step_id, "paused": is_paused})
