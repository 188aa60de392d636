"""Node components: files beside steps that draw them in their flows, as 0.x had them (contract 14)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from quart import Response, request

from motia_core.errors import NotAvailableError
from motia_core.model.step import Step
from motia_core.workbench.exchange import HEADERS
from motia_core.workbench.mount import Management

SUFFIXES = (".tsx", ".jsx")  # the first that is there


def components_of(root: Path, steps: Iterable[Step]) -> dict[str, str]:
    """The files that draw steps, by the files of those steps; paths below the project."""
    found: dict[str, str] = {}
    for step in steps:
        for suffix in SUFFIXES:
            path = str(PurePosixPath(step.path).with_suffix(suffix))
            if (root / path).is_file():
                found[step.path] = path
                break
    return found


class Components:
    """The endpoint `/nodes`."""

    def __init__(self, management: Management) -> None:
        self._root = management.settings.project
        self._project = management.project
        self._bundle = management.bundle

    async def module(self) -> Response:
        """A component as an ES module for the workbench, and for nothing else: what it imports must be there."""
        file = request.args.get("file", "")
        known = await asyncio.to_thread(components_of, self._root, self._project().steps)
        if file not in known.values():
            raise NotAvailableError(f"{file!r} draws no step of this project.")
        return Response(await self._bundle(file), 200, HEADERS, content_type="text/javascript; charset=utf-8")
