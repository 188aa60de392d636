"""Keeps the processes of launched groups running: starts, watches, replaces and doubles them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from motia_core.engine.ports import Log
from motia_core.engine.tasks import Tasks
from motia_core.errors import SidecarStartError
from motia_core.settings import Settings
from motia_core.sidecars.group import Group, Prepared, not_started
from motia_core.sidecars.launcher import Launcher
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.roster import Roster
from motia_core.sidecars.session import Session
from motia_core.sidecars.sidecar import Sidecar
from motia_core.sidecars.watching import watch

BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # pauses before restarts that follow quick ends
STEADY_S = 60.0  # a sidecar that lived this long starts the backoff anew


class Launched:
    """Sidecars that are processes of the core. Implements `Source` for the supervisor, and `Stands`."""

    def __init__(
        self, settings: Settings, roster: Roster, pool: SidecarPool, launcher: Launcher, tasks: Tasks, log: Log
    ) -> None:
        self._settings = settings
        self._roster = roster
        self._pool = pool
        self._launcher = launcher
        self._tasks = tasks
        self._log = log
        self._groups: dict[str, Group] = {}  # that are served
        self._loop = asyncio.get_running_loop()

    # --- Source

    async def prepare(self, group: Group) -> Prepared:
        """See `supervisor.Source.prepare`. A group that cannot be started at all costs its own files only: each of them
        becomes a problem."""
        try:
            sidecar, manifest = await self._launcher.launch(group)
        except SidecarStartError as error:
            return not_started(group, error)
        manifest = replace(manifest, problems=(*manifest.problems, *group.culprits.values()))
        return Prepared(group, sidecar, manifest)

    def keep(self, new: Prepared) -> None:
        """See `supervisor.Source.keep`."""
        group = self._groups[new.group.name] = new.group
        if new.sidecar is None:
            self._pool.no_sidecar(group.name, new.error)
            return
        self._tasks.start(self._supervise(group, new.sidecar))
        self._roster.employ(new.sidecar)
        for _ in range(self._settings.sidecars.processes.get(group.name, 1) - 1):
            self._tasks.start(self._supervise(group, None))

    async def restart(self, group: Group) -> int:
        """See `supervisor.Source.restart`: one after the other, each when its successor is ready."""
        old = [sidecar for sidecar in group.sidecars if not sidecar.extra and sidecar.connected]
        for sidecar in old:
            other, _ = await self._launcher.launch(group)
            if sidecar not in group.sidecars or sidecar.extra or self._roster.is_stopping:  # it has been replaced
                self._roster.remove(group, other)
                continue
            sidecar.extra = True  # whose end nobody makes up for
            self._tasks.start(self._supervise(group, other))
            self._roster.employ(other)
            self._roster.drain(sidecar, self._settings.drain_grace_ms)
        return len(old)

    # --- a place in a group

    async def _supervise(self, group: Group, sidecar: Sidecar | None) -> None:
        """Keep one place in the group filled until the core stops."""
        quick_ends, had_stand_in = 0, False
        while not self._roster.is_stopping and not (group.is_retired and sidecar is None):
            if sidecar is None:
                sidecar = await self._relaunch(group, quick_ends)
                if sidecar is None:
                    quick_ends += 1
                    continue
            since_s = self._loop.time()
            self._roster.employ(sidecar)
            if had_stand_in:
                self._retire_extra(group)
            how = await watch(sidecar, self._settings.sidecars, self, self._log)
            extra, had_stand_in = sidecar.extra, sidecar.busy
            self._roster.remove(group, sidecar)
            sidecar_name, sidecar = sidecar.process.name, None
            if self._roster.is_stopping or extra:
                return
            quick_ends = 0 if self._loop.time() - since_s > STEADY_S else quick_ends + 1
            self._log.record("error", f"{sidecar_name} ended ({how}) and is replaced")

    async def _relaunch(self, group: Group, quick_ends: int) -> Sidecar | None:
        pause_s = BACKOFF_S[min(max(0, quick_ends - 1), len(BACKOFF_S) - 1)]
        if pause_s:
            self._pool.no_sidecar(group.name, f"the {group.name} sidecar keeps ending; next start in {pause_s:g} s")
            await asyncio.sleep(pause_s)
        try:
            sidecar, _ = await self._launcher.launch(group)
        except SidecarStartError as error:
            self._log.record("error", error.message)
            return None
        return self._unless_retired(group, sidecar)

    def _unless_retired(self, group: Group, sidecar: Sidecar) -> Sidecar | None:
        if not group.is_retired:
            return sidecar
        self._roster.remove(group, sidecar)
        return None

    # --- Stands

    def busy(self, sidecar: Sidecar, session: Session) -> None:
        """See `watching.Stands`: no new work for it, and another one beside it."""
        self._pool.pause(session)
        self._start_extra(self._groups[sidecar.group])

    def answers_again(self, sidecar: Sidecar, session: Session) -> None:
        """See `watching.Stands`."""
        self._roster.employ(sidecar)
        self._retire_extra(self._groups[sidecar.group])

    def _start_extra(self, group: Group) -> None:
        extras = sum(sidecar.extra for sidecar in group.sidecars)
        if extras < self._settings.sidecars.max_extra_processes and not self._roster.is_stopping:
            self._tasks.start(self._run_extra(group))

    async def _run_extra(self, group: Group) -> None:
        try:
            sidecar, _ = await self._launcher.launch(group)
        except SidecarStartError as error:
            self._log.record("error", error.message)
            return
        sidecar.extra = True
        if self._unless_retired(group, sidecar) is not None:
            await self._supervise(group, sidecar)

    def _retire_extra(self, group: Group) -> None:
        extras = (sidecar for sidecar in group.sidecars if sidecar.extra and sidecar.session is not None)
        extra = next((sidecar for sidecar in extras if sidecar.session and not sidecar.session.draining), None)
        if extra is not None:
            self._roster.drain(extra, self._settings.drain_grace_ms)
