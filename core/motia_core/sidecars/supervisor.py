"""Keeps the sidecars of every language group running: starts, loads, watches, replaces and drains them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2
from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.engine.tasks import Tasks
from motia_core.errors import NotAvailableError, ProtocolViolationError, SidecarStartError
from motia_core.model.project import Manifest, Problem, Project, SourceFile
from motia_core.settings import Settings
from motia_core.sidecars.capabilities import CAPABILITIES
from motia_core.sidecars.languages import command
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.service import SidecarService, SpanSink, new_session_id
from motia_core.sidecars.session import Running, Session
from motia_core.sidecars.sidecar import LoadingEndedError, Sidecar
from motia_core.sidecars.watching import watch

BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # pauses before restarts that follow quick ends
MOST_KILLS = 3  # in a row while the same file is imported: then it is to blame; or before any is
STEADY_S = 60.0  # a sidecar that lived this long starts the backoff anew


class Group:
    """What is to be loaded for one language group, and who runs it."""

    def __init__(
        self, name: str, files: Sequence[SourceFile], digest: str, env: Mapping[str, str], config_file: str
    ) -> None:
        self.name = name
        self.files = files
        self.digest = digest
        self.env = env
        self.config_file = config_file  # motia.config, when this group loads it
        self.is_guarded = False  # by middleware in it
        self.culprits: dict[str, Problem] = {}  # files that ended the process while they were imported
        self.suspects: Counter[str] = Counter()  # during whose import the process was killed: how often in a row
        self.sidecars: list[Sidecar] = []
        self.launches = 0  # of processes that came up


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
        self._runtime_dir = runtime_dir
        self._service = SidecarService(settings, self, log, spans)
        self._address = ""
        self._groups: dict[str, Group] = {}
        self._by_token: dict[str, Sidecar] = {}
        self._streams: list[str] = []
        self._step_names: Mapping[str, str] = {}  # by reference
        self._open = False  # whether sidecars may be given work
        self._stopping = False
        self._loop = asyncio.get_running_loop()
        self._tasks = Tasks(lambda error: log.record("error", f"sidecar supervision failed: {error!r}"))
        pool.on_hung = self._hung

    # --- for app.py

    async def start(self) -> None:
        """Listen for sidecars."""
        self._address = await self._service.start(self._runtime_dir / "core.sock")

    async def load(
        self, name: str, files: Sequence[SourceFile], digest: str, env: Mapping[str, str], config_file: str = ""
    ) -> Manifest:
        """Start the sidecars of a language group and have its files imported, and the project's config file if it is
        one that this group reads.

        A group that cannot be started at all costs its own files only: each of them becomes a problem.
        """
        group = self._groups[name] = Group(name, files, digest, env, config_file)
        self._pool.group(name)
        try:
            sidecar, manifest = await self._launch(group)
        except SidecarStartError as error:
            self._pool.no_sidecar(name, error.message)
            summary, _, output = error.message.partition("\n")
            paths = [file.path for file in files] or [config_file]
            problems = (
                Problem("error", path, "import", summary, stack=output, remedy=_start_remedy(name)) for path in paths
            )
            return Manifest(problems=tuple(problems))
        self._tasks.start(self._supervise(group, sidecar))
        for _ in range(self._settings.sidecars.processes.get(name, 1) - 1):
            self._tasks.start(self._supervise(group, None))
        return replace(manifest, problems=(*manifest.problems, *group.culprits.values()))

    def open(self, project: Project) -> None:
        """The project is known: tell the sidecars, and give them work from now on."""
        self._streams = [stream.name for stream in project.streams]
        self._step_names = {step.reference: step.name for step in project.steps}
        self._open = True
        for group in self._groups.values():
            for sidecar in group.sidecars:
                self._employ(sidecar)

    async def restart(self, name: str) -> int:
        """See `services.Administration.restart_sidecars`."""
        group = self._groups.get(name)
        if group is None:
            raise NotAvailableError(f"There are no {name!r} sidecars; there are {', '.join(self._groups) or 'none'}.")
        old = [sidecar for sidecar in group.sidecars if not sidecar.extra and sidecar.connected]
        for sidecar in old:
            other, _ = await self._launch(group)
            if sidecar not in group.sidecars or self._stopping:  # it has ended meanwhile, and was replaced
                self._forget(group, other)
                continue
            sidecar.extra = True  # whose end nobody makes up for
            self._tasks.start(self._supervise(group, other))
            self._employ(other)
            if (session := sidecar.session) is not None and not session.draining:
                self._pool.pause(session)
                session.drain(self._settings.drain_grace_ms)
        return len(old)

    async def stop(self, grace_s: float) -> None:
        """Drain all sidecars, end those that are not done in time, and close the service."""
        self._stopping = True
        self._pool.start_draining()
        sidecars = [sidecar for group in self._groups.values() for sidecar in group.sidecars]
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
        sidecars = [sidecar for group in self._groups.values() for sidecar in group.sidecars]
        for sidecar in sidecars:
            sidecar.process.kill()
        if sidecars:
            await asyncio.wait([sidecar.ended for sidecar in sidecars])
        await self._tasks.cancel()
        await self._service.stop()

    def describe(self) -> list[dict[str, object]]:
        """The sidecars for the management API."""
        return [
            {
                "name": sidecar.process.name,
                "group": group.name,
                "pid": sidecar.process.pid,
                "connected": sidecar.connected,
                "busy": sidecar.busy,
                "running": len(sidecar.session.running) if sidecar.session else 0,
                "memoryBytes": sidecar.session.memory_bytes if sidecar.session else 0,
                "loopLagMs": round(sidecar.session.loop_lag_s * 1000) if sidecar.session else 0,
                "startedMs": sidecar.started_ms,
                "restarts": max(0, group.launches - self._settings.sidecars.processes.get(group.name, 1)),
            }
            for group in self._groups.values()
            for sidecar in group.sidecars
        ]

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

    async def _launch(self, group: Group) -> tuple[Sidecar, Manifest]:
        """Start a process and load its files, without those that end it.

        Raises:
            SidecarStartError: It cannot be started.
        """
        kills = 0
        while True:
            files = [file for file in group.files if file.path not in group.culprits]
            config_file = "" if group.config_file in group.culprits else group.config_file
            sidecar = await Sidecar.launch(
                command(group.name, self._settings, self._runtime_dir),
                group.name,
                self._address,
                group.env,
                self._settings.project,
                self._settings.sidecars,
                self._log,
            )
            group.sidecars.append(sidecar)
            sidecar.started_ms = self._clock.now_ms()
            self._by_token[sidecar.token] = sidecar
            try:
                await sidecar.welcome()
                group.launches += 1
                manifest = await sidecar.load(self._settings.project, files, group.digest, config_file)
                group.suspects.clear()
                if group.is_guarded and not manifest.has_middleware:
                    raise SidecarStartError(f"{group.config_file}, which has middleware, could not be loaded again")
                group.is_guarded = manifest.has_middleware
                return sidecar, manifest
            except LoadingEndedError as error:
                self._log.record("error", f"{error.problem.file} {error.problem.cause}")
                group.suspects[error.problem.file] += 1
                if not error.was_killed or group.suspects[error.problem.file] == MOST_KILLS:
                    group.culprits[error.problem.file] = error.problem
                self._forget(group, sidecar)
            except SidecarStartError as error:
                self._forget(group, sidecar)
                kills += error.was_killed
                if not error.was_killed or kills == MOST_KILLS:
                    raise
                self._log.record("warn", f"{error.message} and is started again")

    def _forget(self, group: Group, sidecar: Sidecar) -> None:
        sidecar.process.kill()
        group.sidecars.remove(sidecar)
        del self._by_token[sidecar.token]
        if sidecar.expiry is not None:
            sidecar.expiry.cancel()
        if (session := sidecar.session) is not None:
            self._pool.pause(session)
            # What it asked last is stored before its attempts begin anew elsewhere.
            closing = self._tasks.start(session.close())
            closing.add_done_callback(lambda _: self._pool.remove(session))

    async def _supervise(self, group: Group, sidecar: Sidecar | None) -> None:
        """Keep one place in the group filled until the core stops."""
        quick_ends, had_stand_in = 0, False
        while not self._stopping:
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
            self._forget(group, sidecar)
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
            sidecar, _ = await self._launch(group)
        except SidecarStartError as error:
            self._log.record("error", error.message)
            return None
        return sidecar

    def _employ(self, sidecar: Sidecar) -> None:
        session = sidecar.session
        if self._open and session is not None and not session.ready and session.manifest.done():
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
            sidecar, _ = await self._launch(group)
        except SidecarStartError as error:
            self._log.record("error", error.message)
            return
        sidecar.extra = True
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


def _start_remedy(group: str) -> str:
    return {
        "node": "check that `node --version` says 20 or newer",
        "python": "check the project's Python environment (python_modules, .venv or venv)",
    }.get(group, "")


def _refused(message: str) -> ProtocolViolationError:
    return ProtocolViolationError(message, code=failure_pb2.PROTOCOL_ERROR_CODE_TOKEN)
