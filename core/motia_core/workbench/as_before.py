"""Small endpoints of 0.x: the source of a step with its tutorial, and what was known of its user."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path, PurePosixPath

from quart import Response

from motia_core import __version__
from motia_core.errors import NotAvailableError
from motia_core.workbench.exchange import to_json
from motia_core.workbench.mount import Management
from motia_core.workbench.sources import read_source
from motia_core.workbench.step_ids import step_uuid


class AsBefore:
    """The endpoints `/__motia/step/…` and `/motia/analytics/…`."""

    def __init__(self, management: Management) -> None:
        self._root = management.settings.project
        self._project = management.project

    async def step(self, step_id: str) -> Response:
        """The file of a step, and what a tutorial says of it."""
        for step in self._project().steps:
            if step_uuid(self._root, step) == step_id:
                content = await asyncio.to_thread(read_source, self._root / step.path)
                features = await asyncio.to_thread(_features, self._root, step.path)
                return to_json({"id": step_id, "content": content, "features": features})
        raise NotAvailableError(f"There is no step {step_id!r}.")

    async def analytics_user(self) -> Response:
        """Nobody is known, and nothing is sent."""
        return to_json({"userId": "", "projectId": "", "motiaVersion": __version__, "analyticsEnabled": False})

    async def analytics_status(self) -> Response:
        """Nothing is sent."""
        return to_json({"analyticsEnabled": False})


def _features(root: Path, path: str) -> list[object]:
    """Of `src/a.step.ts` what `tutorial/a.step.ts-features.json` lists; nothing when there is no such list."""
    folders = list(PurePosixPath(path).parts)
    if "src" in folders[:-1]:
        folders[folders.index("src")] = "tutorial"
    file = root.joinpath(*folders)
    try:
        found = json.loads(file.with_name(f"{file.name}-features.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []
