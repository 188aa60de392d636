"""Keeps the sidecars of every language group running: starts, loads, watches, replaces and drains them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2
from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.engine.tasks import Tasks
from motia_core.errors import NotAvailableError, ProtocolViolationError, SidecarStartError
from motia_core.model.language import Language
from motia_core.model.project import Project, SourceFile
from motia_core.settings import Settings
from motia_core.sidecars.capabilities import CAPABILITIES
from motia_core.sidecars.group import Group, Prepared, not_started
from motia_core.sidecars.launcher import Launcher
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.service import SidecarService, SpanSink, new_session_id
from motia_core.sidecars.session import Running, Session
from motia_core.sidecars.sidecar import Sidecar
from motia_core.sidecars.watching import watch

BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # pauses before restarts that follow quick ends
STEADY_S = 60.0  # a sidecar that lived this long starts the backoff anew
MOST_RETIRED = 4  # versions of a group that only finish what they run; of more than these the oldest is ended


class Supervisor:
    """All sidecars. Implements `Door` for the service and `Stands` for those who watch."""

    def __init__(
        self,
        settings: Settings,
        pool: SidecarPool,
        calls: ContextCalls,
        clock: Clock,
        log: Log,
        spans: SpanSink,
        runtime_dir: Path,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._calls = calls
        self._clock = clock
        self._log = log
        self._socket = runtime_dir / "core.sock"
        self._service = SidecarService(settings, self, log, spans)
        self._groups: dict[str, Group] = {}
        self._retired: list[Group] = []  # the oldest first
        self._by_token: dict[str, Sidecar] = {}
        self._streams: list[str] = []
        self._step_names: Mapping[str, str] = {}  # by reference
        self._open = False  # whether sidecars may be given work
        self._stopping = False
        self._loop = asyncio.get_running_loop()
        self._tasks = Tasks(lambda error: log.record("error", f"sidecar supervision failed: {error!r}"))
        self._launcher = Launcher(
            settings, clock, log, runtime_dir, self._tasks, self._expect, self._forget, self.step_name
        )
        pool.on_hung = self._hung

    # --- for app.py

    async def start(self) -> None:
        """Listen for sidecars."""
        self._launcher.address = await self._service.start(self._socket)

    async def prepare(
        self, language: Language, files: Sequence[SourceFile], digest: str, env: Mapping[str, str], config: str = ""
    ) -> Prepared:
        """Start a sidecar of a language group and have its files imported, and the project's config file if it is one
        that this group reads. What is served stays as it is.

        A group that cannot be started at all costs its own files only: each of them becomes a problem.
        """
        group = Group(language, files, digest, env, config)
        try:
            sidecar, manifest = await self._launcher.launch(group)
        except SidecarStartError as error:
            return not_started(group, error)
        manifest = replace(manifest, problems=(*manifest.problems, *group.culprits.values()))
        return Prepared(group, sidecar, manifest)

    def discard(self, prepared: Prepared) -> None:
        """It will not be served after all."""
        prepared.group.is_retired = True
        for sidecar in list(prepared.group.sidecars):
            self._remove(prepared.group, sidecar)

    def adopt(self, prepared: Iterable[Prepared]) -> None:
        """From now on these are the groups that there are, beside those that are not named. What runs in the versions
        before ends there."""
        for new in prepared:
            group, old = new.group, self._groups.get(new.group.name)
            self._groups[group.name] = group
            self._pool.group(group.name)
            if new.sidecar is None:
                self._pool.no_sidecar(group.name, new.error)
            else:
                self._tasks.start(self._supervise(group, new.sidecar))
                self._employ(new.sidecar)
                for _ in range(self._settings.sidecars.processes.get(group.name, 1) - 1):
                    self._tasks.start(self._supervise(group, None))
            if old is not None:
                self._retire(old)

    def open(self, project: Project, prepared: Iterable[Prepared] = ()) -> None:
        """The project is known: tell the sidecars, and give them work from now on.

        Args:
            prepared: Groups that take the place of those there are.
        """
        self._streams = [stream.name for stream in project.streams]
        self._step_names = {step.reference: step.name for step in project.steps}
        self._open = True
        self.adopt(prepared)
        for group in self._groups.values():
            for sidecar in group.sidecars:
                if (session := sidecar.session) is not None and session.ready:
                    session.outbox.frame().project.stream_names.extend(self._streams)
                self._employ(sidecar)

    def close(self, name: str) -> None:
        """There are no files of this language group any more."""
        if (group := self._groups.pop(name, None)) is not None:
            self._launcher.spares.drop(name)
            self._retire(group)
            self._pool.no_sidecar(name, f"the project has no {name} files any more")

    def prepare_spares(self) -> None:
        """Have a spare process of each group, for the next version of its files."""
        for group in self._groups.values():
            if not self._stopping:
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
        old = [sidecar for sidecar in group.sidecars if not sidecar.extra and sidecar.connected]
        for sidecar in old:
            other, _ = await self._launcher.launch(group)
            if sidecar not in group.sidecars or sidecar.extra or self._stopping:  # something else has replaced it
                self._remove(group, other)
                continue
            sidecar.extra = True  # whose end nobody makes up for
            self._tasks.start(self._supervise(group, other))
            self._employ(other)
            if (session := sidecar.session) is not None and not session.draining:
                self._pool.pause(session)
                session.drain(self._settings.drain_grace_ms)
        if self._settings.reload and not group.is_retired:
            self.prepare_spares()  # one of those who came was the spare
        return len(old)

    async def stop(self, grace_s: float) -> None:
        """Drain all sidecars, end those that are not done in time, and close the service."""
        self._stopping = True
        self._pool.start_draining()
        self._launcher.spares.drop_all()
        sidecars = list(self._by_token.values())
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
        await self.abort()

    async def abort(self) -> None:
        """End everything at once; what is running is lost. Does nothing when all has ended."""
        self._stopping = True
        sidecars = list(self._by_token.values())
        for sidecar in sidecars:
            sidecar.process.kill()
        if sidecars:
            await asyncio.wait([sidecar.ended for sidecar in sidecars])
        await self._tasks.cancel()
        await self._service.stop()

    def describe(self) -> list[dict[str, object]]:
        """The sidecars for the management API."""
        wanted = self._settings.sidecars.processes
        groups = (*self._groups.values(), *self._retired)
        return [described for group in groups for described in group.describe(wanted.get(group.name, 1))]

    # --- Door

    def admit(self, hello: lifecycle_pb2.Hello) -> tuple[Session, bool]:
        """See `service.Door.admit`."""
        sidecar = self._by_token.get(hello.token)
        if sidecar is None:
            raise _refused("the token is not one that this core gave out")
        if hello.language != sidecar.group:
            raise _refused(f"a sidecar for {sidecar.group} was launched, this one says it is for {hello.language}")
        session = sidecar.session
        if session is not None:
            if hello.resume_session_id != session.id:
                raise _refused("the token was used before")
            if sidecar.expiry is not None:
                sidecar.expiry.cancel()
            sidecar.connected = True
            session.resume()
            self._log.record("info", f"{session.name} is back")
            return session, True
        session = Session(
            new_session_id(),
            sidecar.group,
            sidecar.process.name,
            self._pool,
            self._calls,
            self._clock,
            self._log,
            max_payload_bytes=self._settings.max_payload_bytes,
            capabilities=CAPABILITIES.intersection(hello.capabilities),
        )
        session.last_seen_s = self._loop.time()
        sidecar.connected = True
        sidecar.arrived.set_result(session)
        return session, False

    def disconnected(self, session: Session) -> None:
        """See `service.Door.disconnected`."""
        for sidecar in self._by_token.values():
            if sidecar.session is session:
                sidecar.connected = False
                if not session.drained.is_set() and not self._stopping:
                    window_s = self._settings.sidecars.resume_window_ms / 1000
                    sidecar.expiry = self._loop.call_later(window_s, sidecar.process.kill)

    def step_name(self, reference: str) -> str:
        """See `service.Door.step_name`."""
        return self._step_names.get(reference, reference)

    def violated(self, session: Session) -> None:
        """See `service.Door.violated`."""
        for sidecar in self._by_token.values():
            if sidecar.session is session:
                sidecar.process.kill()

    # --- launching

    def _expect(self, sidecar: Sidecar) -> None:
        self._by_token[sidecar.token] = sidecar

    def _remove(self, group: Group, sidecar: Sidecar) -> None:
        group.remove(sidecar)
        self._forget(sidecar)

    def _forget(self, sidecar: Sidecar) -> None:
        sidecar.process.kill()
        del self._by_token[sidecar.token]
        if sidecar.expiry is not None:
            sidecar.expiry.cancel()
        if (session := sidecar.session) is not None:
            self._pool.pause(session)
            # What it asked last is stored before its attempts begin anew elsewhere.
            closing = self._tasks.start(session.close())
            closing.add_done_callback(lambda _: self._pool.remove(session))

    def _retire(self, group: Group) -> None:
        """Another version is served: let what runs in this one end, however long that takes."""
        group.is_retired = True
        for sidecar in group.sidecars:
            sidecar.extra = True  # whose end nobody makes up for
            if (session := sidecar.session) is not None and not session.draining:
                self._pool.pause(session)
                session.drain(session.longest_ms(self._settings.default_timeout_ms))
        self._retired = [old for old in self._retired if old.sidecars]
        self._retired.append(group)
        of_name = [old for old in self._retired if old.name == group.name]
        for old in of_name[:-MOST_RETIRED]:
            for sidecar in old.sidecars:
                steps = ", ".join(sidecar.session.steps) if sidecar.session is not None else ""
                what = f"{MOST_RETIRED} versions of the project came after it, and it still runs {steps or 'something'}"
                self._log.record("warn", f"{sidecar.process.name} is ended: {what}; events run again")
                sidecar.process.kill()

    async def _supervise(self, group: Group, sidecar: Sidecar | None) -> None:
        """Keep one place in the group filled until the core stops."""
        quick_ends, had_stand_in = 0, False
        while not self._stopping and not (group.is_retired and sidecar is None):
            if sidecar is None:
                sidecar = await self._relaunch(group, quick_ends)
                if sidecar is None:
                    quick_ends += 1
                    continue
            since_s = self._loop.time()
            self._employ(sidecar)
            if had_stand_in:
                self._retire_extra(group)
            how = await watch(sidecar, self._settings.sidecars, self, self._log)
            extra, had_stand_in = sidecar.extra, sidecar.busy
            self._remove(group, sidecar)
            sidecar_name, sidecar = sidecar.process.name, None
            if self._stopping or extra:
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
        self._remove(group, sidecar)
        return None

    def _employ(self, sidecar: Sidecar) -> None:
        session = sidecar.session
        if not self._open or session is None or session.ready or session.draining or sidecar.busy:
            return
        if session.manifest.done():
            session.outbox.frame().project.stream_names.extend(self._streams)
            self._pool.add(session)

    # --- Stands

    def busy(self, sidecar: Sidecar, session: Session) -> None:
        """See `watching.Stands`: no new work for it, and another one beside it."""
        self._pool.pause(session)
        self._start_extra(self._groups[sidecar.group])

    def answers_again(self, sidecar: Sidecar, session: Session) -> None:
        """See `watching.Stands`."""
        self._pool.add(session)
        self._retire_extra(self._groups[sidecar.group])

    def _start_extra(self, group: Group) -> None:
        extras = sum(sidecar.extra for sidecar in group.sidecars)
        if extras < self._settings.sidecars.max_extra_processes and not self._stopping:
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
        extras = (sidecar.session for sidecar in group.sidecars if sidecar.extra)
        session = next((session for session in extras if session is not None and not session.draining), None)
        if session is not None:
            self._pool.pause(session)
            session.drain(self._settings.drain_grace_ms)

    def _hung(self, session: Session, running: Running) -> None:
        """An attempt did not stop when it was cancelled."""
        step = running.invocation.step
        busy = next((s for s in self._by_token.values() if s.session is session and s.busy), None)
        if busy is not None:
            self._log.record("error", f"{session.name} is killed: {step.name} ({step.path}) blocks it and did not stop")
            busy.process.kill()
        else:
            self._log.record("warn", f"{step.name} ({step.path}) did not stop when it was cancelled", step=step.name)


def _refused(message: str) -> ProtocolViolationError:
    return ProtocolViolationError(message, code=failure_pb2.PROTOCOL_ERROR_CODE_TOKEN)
