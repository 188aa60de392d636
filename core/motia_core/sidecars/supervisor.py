"""The sidecars of every language group: which version of its files each runs, and where they come from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Protocol

from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.engine.tasks import Tasks
from motia_core.errors import NotAvailableError
from motia_core.model.language import Language
from motia_core.model.project import Project, SourceFile
from motia_core.settings import Settings
from motia_core.sidecars.arrivals import Arrivals
from motia_core.sidecars.attached import Attached, Digest
from motia_core.sidecars.group import Group, Prepared
from motia_core.sidecars.launched import Launched
from motia_core.sidecars.launcher import Launcher
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.roster import Roster
from motia_core.sidecars.service import SidecarService, SpanSink
from motia_core.sidecars.session import Running, Session

MOST_RETIRED = 4  # versions of a group that only finish what they run; of more than these the oldest is ended


class Source(Protocol):
    """Where the sidecars of a group come from: processes that the core launches, or others that attach."""

    async def prepare(self, group: Group) -> Prepared:
        """A sidecar that has loaded the group's files. What is served stays as it is."""
        ...

    def keep(self, new: Prepared) -> None:
        """Keep sidecars of this version of the group running from now on."""
        ...

    async def restart(self, group: Group) -> int:
        """Have each sidecar make room for a new one; how many there are."""
        ...


class Supervisor:
    """All sidecars.

    Args:
        digest: Identifies files, and a config file beside them.
    """

    def __init__(
        self,
        settings: Settings,
        pool: SidecarPool,
        calls: ContextCalls,
        clock: Clock,
        log: Log,
        spans: SpanSink,
        runtime_dir: Path,
        digest: Digest,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._log = log
        self._socket = runtime_dir / "core.sock"
        self._groups: dict[str, Group] = {}
        self._retired: list[Group] = []  # the oldest first
        self._tasks = Tasks(lambda error: log.record("error", f"sidecar supervision failed: {error!r}"))
        self._roster = roster = Roster(pool, self._tasks)
        self.on_fewer_awaited: Callable[[], None] = lambda: None  # the first of a language has attached; not the last
        attached = Attached(settings, roster, pool, digest, clock, self._tasks, log, lambda: self.on_fewer_awaited())
        self._attached = attached
        self._door = Arrivals(settings, roster, self._attached, pool, calls, clock, log)
        self._service = SidecarService(settings, self._door, log, spans)
        self._launcher = Launcher(
            settings, clock, log, runtime_dir, self._tasks, roster.enter, roster.forget, self._door.step_name
        )
        self._launched = Launched(settings, roster, pool, self._launcher, self._tasks, log)
        pool.on_hung = self._hung

    # --- for app.py

    async def start(self, groups: Collection[str]) -> None:
        """Listen for sidecars of these language groups."""
        self._attached.expect([name for name in groups if not self._settings.sidecars.launches(name)])
        addresses = await self._service.start(self._socket)
        self._launcher.address, self._attached.address = addresses.launched, addresses.external
        if addresses.external:
            self._log.record("info", f"external sidecars attach at {addresses.external}")

    def _source(self, group: str) -> Source:
        return self._launched if self._settings.sidecars.launches(group) else self._attached

    @property
    def awaited(self) -> list[str]:
        """The language groups of which no sidecar has attached yet: nothing is served until it has."""
        return self._attached.awaited

    async def prepare(
        self, language: Language, files: Sequence[SourceFile], digest: str, env: Mapping[str, str], config: str = ""
    ) -> Prepared:
        """Have the files of a language group loaded, and the project's config file if it is one that this group reads.
        What is served stays as it is."""
        return await self._source(language.group).prepare(Group(language, files, digest, env, config))

    def discard(self, prepared: Prepared) -> None:
        """It will not be served after all."""
        prepared.group.retire()
        for sidecar in list(prepared.group.sidecars):
            self._roster.remove(prepared.group, sidecar)

    def adopt(self, prepared: Iterable[Prepared]) -> None:
        """From now on these are the groups that there are, beside those that are not named. What runs in the versions
        before ends there."""
        for new in prepared:
            group, old = new.group, self._groups.get(new.group.name)
            self._groups[group.name] = group
            self._pool.group(group.name)
            self._source(group.name).keep(new)
            if old is not None:
                self._retire(old)

    def open(self, project: Project, prepared: Iterable[Prepared] = ()) -> None:
        """The project is known: tell the sidecars, and give them work from now on.

        Args:
            prepared: Groups that take the place of those there are.
        """
        self._door.step_names = {step.reference: step.name for step in project.steps}
        self._roster.open([stream.name for stream in project.streams])
        self.adopt(prepared)
        for group in self._groups.values():
            for sidecar in group.sidecars:
                self._roster.tell(sidecar)

    def close(self, name: str) -> None:
        """There are no files of this language group any more."""
        if (group := self._groups.pop(name, None)) is not None:
            self._launcher.spares.drop(name)
            self._retire(group)
            self._pool.no_sidecar(name, f"the project has no {name} files any more")

    def prepare_spares(self) -> None:
        """Have a spare process of each group, for the next version of its files."""
        for group in self._groups.values():
            if not self._roster.is_stopping:
                self._launcher.spares.prepare(group)

    def drop_spares(self) -> None:
        """What the spare processes have imported may have changed."""
        self._launcher.spares.drop_all()

    @property
    def groups(self) -> Set[str]:
        """The language groups that are served."""
        return self._groups.keys()

    def imported(self, name: str) -> set[str] | None:
        """The files that a group's sidecars have imported, as absolute paths; None: they do not say."""
        group = self._groups.get(name)
        return group.imported if group is not None and group.tells_imports else None

    async def restart(self, name: str) -> int:
        """See `services.Administration.restart_sidecars`."""
        group = self._groups.get(name)
        if group is None:
            raise NotAvailableError(f"There are no {name!r} sidecars; there are {', '.join(self._groups) or 'none'}.")
        count = await self._source(name).restart(group)
        if self._settings.reload and not group.is_retired:
            self.prepare_spares()  # one of those who came was the spare
        return count

    async def stop(self, grace_s: float) -> None:
        """Drain all sidecars, end those that are not done in time, and close the service."""
        self._roster.is_stopping = True
        self._pool.start_draining()
        self._launcher.spares.drop_all()
        await asyncio.gather(self._attached.stop(grace_s), self._stop_launched(grace_s))
        await self.abort()

    async def _stop_launched(self, grace_s: float) -> None:
        sidecars = [sidecar for sidecar in self._roster.sidecars if not sidecar.process.address]
        ended = [sidecar.ended for sidecar in sidecars]
        for sidecar in sidecars:
            if sidecar.session is not None and sidecar.connected:
                sidecar.session.drain(int(grace_s * 1000))
            else:
                sidecar.process.kill()
        if ended:
            _, late = await asyncio.wait(ended, timeout=grace_s + 1)
            for sidecar in sidecars:
                if sidecar.ended in late:
                    self._log.record("warn", f"{sidecar.process.name} did not stop in time and was killed")
                    sidecar.process.kill()
            await asyncio.wait(ended)

    async def abort(self) -> None:
        """End everything at once; what is running is lost. Does nothing when all has ended."""
        self._roster.is_stopping = True
        sidecars = self._roster.sidecars
        for sidecar in sidecars:
            sidecar.process.let_go()
        if sidecars:
            await asyncio.wait([sidecar.ended for sidecar in sidecars])
        await self._tasks.cancel()
        await self._service.stop()

    def describe(self) -> list[dict[str, object]]:
        """The sidecars for the management API."""
        wanted = self._settings.sidecars.processes
        groups = (*self._groups.values(), *self._attached.gathering, *self._retired)
        return [described for group in groups for described in group.describe(wanted.get(group.name, 1))]

    def _retire(self, group: Group) -> None:
        """Another version is served: let what runs in this one end, however long that takes."""
        group.retire()
        for sidecar in group.sidecars:
            sidecar.extra = True  # whose end nobody makes up for
            if (session := sidecar.session) is not None:
                self._roster.drain(sidecar, session.longest_ms(self._settings.default_timeout_ms))
        self._retired = [old for old in self._retired if old.sidecars]
        self._retired.append(group)
        of_name = [old for old in self._retired if old.name == group.name]
        for old in of_name[:-MOST_RETIRED]:
            for sidecar in old.sidecars:
                steps = ", ".join(sidecar.session.steps) if sidecar.session is not None else ""
                what = f"{MOST_RETIRED} versions of the project came after it, and it still runs {steps or 'something'}"
                self._log.record("warn", f"{sidecar.process.name} is ended: {what}; events run again")
                sidecar.process.kill()

    def _hung(self, session: Session, running: Running) -> None:
        """An attempt did not stop when it was cancelled."""
        step, sidecar = running.invocation.step, self._roster.of(session)
        if sidecar is not None and sidecar.busy:
            self._log.record("error", f"{session.name} is killed: {step.name} ({step.path}) blocks it and did not stop")
            sidecar.process.kill()
        else:
            self._log.record("warn", f"{step.name} ({step.path}) did not stop when it was cancelled", step=step.name)
