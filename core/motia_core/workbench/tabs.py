"""Tabs that the project's plugins add to the workbench, as those of 0.x did (contract 9.4)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from quart import Response

from motia_core.errors import ComponentError, NotAvailableError, SidecarStartError
from motia_core.model.project import Project
from motia_core.model.tab import Tab
from motia_core.workbench.describe import Facts
from motia_core.workbench.exchange import HEADERS, to_json
from motia_core.workbench.mount import Management


class Tabs:
    """The endpoints."""

    def __init__(self, management: Management) -> None:
        self._project = management.project
        self._source = management.tabs
        self._bundle = management.bundle_tab
        self._lock = asyncio.Lock()
        self._of: Project | None = None
        self._known: Mapping[str, Tab] = {}
        self._problem = ""

    async def all(self) -> Response:
        """What tabs there are. A config that cannot be asked has none, and says why: the workbench goes on without."""
        await self._ask()
        shown: list[Facts] = [
            {"id": name, "label": tab.label, "position": tab.position, "package": tab.package, "props": tab.props}
            for name, tab in self._known.items()
        ]
        return to_json({"tabs": shown, "problem": self._problem or None})

    async def module(self, tab_id: str) -> Response:
        """The component of a tab as an ES module for the workbench."""
        await self._ask()
        tab = self._known.get(tab_id)
        if tab is None:
            raise NotAvailableError(f"No plugin of this project has a tab {tab_id!r}.")
        return Response(await self._bundle(tab), 200, HEADERS, content_type="text/javascript; charset=utf-8")

    async def _ask(self) -> None:
        """Once for each version of the project."""
        async with self._lock:
            project = self._project()
            if self._of is project:
                return
            try:
                self._known, self._problem = _named(await self._source()), ""
            except (ComponentError, SidecarStartError) as error:
                self._known, self._problem = {}, str(error)
            self._of = project


def _named(tabs: list[Tab]) -> dict[str, Tab]:
    """By a name for their address."""
    named: dict[str, Tab] = {}
    for tab in sorted(tabs, key=lambda tab: tab.position == "bottom"):
        base = re.sub(r"[^a-z0-9]+", "-", tab.label.lower()).strip("-") or "tab"
        name, number = base, 2
        while name in named:
            name, number = f"{base}-{number}", number + 1
        named[name] = tab
    return named
