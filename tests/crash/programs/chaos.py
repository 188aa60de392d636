"""Kills and stops processes of running cores at random, and starts cores again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.crash.core import Core

MEAN_S = 0.35  # between two blows
ACTIONS = {  # with their weights
    "kill sidecar": 60,
    "kill store": 12,
    "kill core": 12,
    "kill all": 4,
    "stop sidecar": 6,
    "stop store": 3,
    "stop core": 3,
}


class Place:
    """Where a core runs; there is always one, or one is starting."""

    def __init__(self, project: Path, data: Path, environ: Mapping[str, str]) -> None:
        self._project, self._data, self._environ = project, data, environ
        self.core: Core | None = None
        self.starts = 0

    async def keep(self) -> None:
        """Start cores, one after the other, until cancelled."""
        while True:
            async with Core.running(self._project, self._data, self._environ) as core:
                self.starts += 1
                await core.serves()
                core.check_loaded()
                self.core = core
                await core.gone()
                self.core = None


class Chaos:
    """What happens to the cores.

    Args:
        actions: Which of ACTIONS.
    """

    def __init__(self, random: Random, places: list[Place], actions: Mapping[str, int] = ACTIONS) -> None:
        self._random = random
        self._places = places
        self._actions = actions
        self.blows: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        return sum(number for action, number in self.blows.items() if action.startswith("kill"))

    async def rage(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(self._random.expovariate(1 / MEAN_S))
                [action] = self._random.choices(list(self._actions), list(self._actions.values()))
                core = self._random.choice(self._places).core
                if core is not None and core.is_alive:
                    group.create_task(self._do(action, core))

    async def last(self) -> None:
        """Kill the cores, if they may be: those that follow owe no pauses to sidecars that were killed often."""
        if "kill core" in self._actions:
            for core in [place.core for place in self._places if place.core is not None]:
                await self._do("kill core", core)

    async def _do(self, action: str, core: Core) -> None:
        how, _, what = action.partition(" ")
        victims = self._victims(core, what)
        if not victims:
            return
        self.blows[action] += 1
        if how == "kill":
            self._signal(victims, signal.SIGKILL)
            return
        self._signal(victims, signal.SIGSTOP)
        try:
            await asyncio.sleep(self._random.uniform(0.05, 4 if what == "sidecar" else 1))
        finally:
            self._signal(victims, signal.SIGCONT)

    def _victims(self, core: Core, what: str) -> list[int]:
        if what == "core":
            return [core.pid]
        children = core.children()
        if what == "all":
            return [core.pid, *children]
        wanted = [pid for pid, kind in children.items() if (kind == "store") == (what == "store")]
        return [self._random.choice(wanted)] if wanted else []

    def _signal(self, pids: list[int], number: signal.Signals) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
