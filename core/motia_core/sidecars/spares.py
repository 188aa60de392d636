"""A process of each language group that waits, runtime and packages loaded, for the next version of the project."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from motia_core.engine.ports import Log
from motia_core.engine.tasks import Tasks
from motia_core.errors import SidecarStartError
from motia_core.sidecars.capabilities import RELOAD
from motia_core.sidecars.group import Group
from motia_core.sidecars.sidecar import Sidecar

SOON_S = 2.0  # until a spare that is not ready yet must be
WARM_S = 20.0  # for all packages; what takes longer is not imported ahead of time


class Spares:
    """At most one spare process of each group. It serves one environment: when that changes it is of no use.

    Args:
        start: Starts a process for a group.
        forget: Ends a process that is of no use.
    """

    def __init__(
        self,
        start: Callable[[Group], Awaitable[Sidecar]],
        forget: Callable[[Sidecar], None],
        tasks: Tasks,
        log: Log,
    ) -> None:
        self._start = start
        self._forget = forget
        self._tasks = tasks
        self._log = log
        self._spares: dict[str, _Spare] = {}

    def prepare(self, group: Group) -> None:
        """Have a spare for the next version of the group, if there is none; it is started beside what goes on. What is
        built anew for each version has none."""
        if group.name in self._spares or group.language.is_built:
            return
        spare = self._spares[group.name] = _Spare(group.env)
        spare.task = self._tasks.start(self._warm(spare, group, list(group.packages)))

    async def take(self, group: Group) -> Sidecar | None:
        """The spare of the group, welcome and warm; None: there is none that is of use."""
        spare = self._spares.pop(group.name, None)
        if spare is None:
            return None
        if spare.task is not None:
            await asyncio.wait([spare.task], timeout=SOON_S)  # sooner than one that is started now
            if not spare.task.done():
                self._end(spare)
                return None
        sidecar = spare.sidecar
        if sidecar is not None and sidecar.process.alive and sidecar.connected and spare.env == group.env:
            return sidecar
        self._end(spare)
        return None

    def drop(self, name: str) -> None:
        """End the spare of a group: what it has imported may have changed."""
        if (spare := self._spares.pop(name, None)) is not None:
            self._end(spare)

    def drop_all(self) -> None:
        """End all of them."""
        for name in list(self._spares):
            self.drop(name)

    def _end(self, spare: _Spare) -> None:
        if spare.task is not None:
            spare.task.cancel()
        if spare.sidecar is not None:
            self._forget(spare.sidecar)
            spare.sidecar = None

    async def _warm(self, spare: _Spare, group: Group, packages: Sequence[str]) -> None:
        try:
            sidecar = spare.sidecar = await self._start(group)
            session = await sidecar.welcome()
            if RELOAD in session.capabilities:
                session.warm(packages)
                await asyncio.wait_for(session.warmed.wait(), WARM_S)
        except (SidecarStartError, TimeoutError) as error:
            self._log.record(
                "debug", f"no spare {group.name} sidecar: {error or 'its packages take too long to import'}"
            )
            if spare.sidecar is not None:
                self._forget(spare.sidecar)
                spare.sidecar = None


class _Spare:
    """A process that is being prepared, or waits."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.sidecar: Sidecar | None = None
        self.task: asyncio.Task[None] | None = None
