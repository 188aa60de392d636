"""Bundles node components, and tabs of plugins, for the workbench: esbuild of the Node SDK, in a process for each."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motia_core.model.tab import Tab
from motia_core.settings import Settings
from motia_core.sidecars.tool import run_tool

PROGRAM, TABS = "component.js", "tabs.js"  # of the SDK's dist
LIMIT_S = 20.0
AT_ONCE = 2  # processes


@dataclass(frozen=True, slots=True)
class _Bundle:
    """What was made of a component, and of what."""

    code: str
    inputs: tuple[str, ...]  # files of the project, relative to it; installed packages are not among them
    digest: str


class ComponentBundler:
    """Bundles, and keeps what it made until a file of it changes.

    Args:
        limit_s: How long one may take.
    """

    def __init__(self, settings: Settings, *, limit_s: float = LIMIT_S) -> None:
        self._settings = settings
        self._limit_s = limit_s
        self._kept: dict[tuple[str, ...], _Bundle] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def bundle(self, file: str) -> str:
        """An ES module that exports what the file does.

        Args:
            file: Below the project. The caller has seen to it that it is a component.

        Raises:
            ComponentError: It cannot be bundled: a syntax error, an import that leads nowhere, no time left.
            SidecarStartError: Node.js or the SDK is missing.
        """
        return await self._bundled(file)

    async def bundle_tab(self, tab: Tab) -> str:
        """The same for what a plugin's package exports: the module's default is the tab's component."""
        place = f"./{tab.package[2:]}" if tab.package.startswith("~/") else tab.package
        return await self._bundled(place, tab.component, *tab.styles)

    async def tabs(self, config: str) -> list[Tab]:
        """What tabs the plugins of a config have; it is asked in a process of its own.

        Raises:
            ComponentError: The config cannot be loaded.
            SidecarStartError: As above.
        """
        async with self._places:
            listed = await run_tool(self._settings, TABS, config, (), self._limit_s)
        return [Tab(**{**one, "styles": tuple(one["styles"])}) for one in listed["tabs"]]

    async def _bundled(self, *what: str) -> str:
        async with self._places:
            kept = self._kept.get(what)
            if kept and await asyncio.to_thread(_digest, self._settings.project, kept.inputs) == kept.digest:
                return kept.code
            self._kept.pop(what, None)
            made = await self._run(*what)
            inputs, code = tuple(made["inputs"]), str(made["code"])
            digest = await asyncio.to_thread(_digest, self._settings.project, inputs)
            self._kept[what] = _Bundle(code, inputs, digest)
            return code

    async def _run(self, file: str, *more: str) -> dict[str, Any]:
        return await run_tool(self._settings, PROGRAM, file, more, self._limit_s)


def _digest(project: Path, inputs: Sequence[str]) -> str:
    summary = hashlib.blake2b(digest_size=16)
    for path in inputs:
        try:
            content = (project / path).read_bytes()
        except OSError:
            content = b""  # it is gone: bundling it again says so
        summary.update(b"%d:" % len(content))
        summary.update(content)
    return summary.hexdigest()
