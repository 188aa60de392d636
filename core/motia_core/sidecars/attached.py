"""Sidecars that others run: they attach, load the same files as the core has, and share the work of their language."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2
from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.tasks import Tasks
from motia_core.errors import SettingsError, SidecarStartError
from motia_core.model.invocation import CancelReason
from motia_core.model.loopback import is_loopback
from motia_core.model.project import Manifest, SourceFile
from motia_core.settings import Settings
from motia_core.sidecars.arrivals import refused
from motia_core.sidecars.group import Group, Prepared
from motia_core.sidecars.launcher import MOST_KILLS
from motia_core.sidecars.peer import DRAINED, NO_FAILURES, RemotePeer
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.replicas import difference
from motia_core.sidecars.roster import Roster
from motia_core.sidecars.session import Session
from motia_core.sidecars.sidecar import LoadingEndedError, Sidecar
from motia_core.sidecars.trust import shared_token
from motia_core.sidecars.watching import watch

REVISION = 2  # of the protocol, since which sidecars can attach
LAST_WORDS_S = 1.0  # for acknowledgements to leave, at the end

Digest = Callable[[Path, Sequence[SourceFile], str], str]  # of a project's files, and the config file beside them


class Attached:
    """Sidecars that are not ours. Implements `Source` for the supervisor, `Attaching` and `Stands`."""

    def __init__(
        self,
        settings: Settings,
        roster: Roster,
        pool: SidecarPool,
        digest: Digest,
        clock: Clock,
        tasks: Tasks,
        log: Log,
        on_fewer_awaited: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._roster = roster
        self._pool = pool
        self._digest = digest
        self._clock = clock
        self._tasks = tasks
        self._log = log
        self._on_fewer_awaited = on_fewer_awaited
        self._groups: dict[str, _Awaited] = {}
        self.address = ""  # where they dial

    def expect(self, groups: Collection[str]) -> None:
        """The language groups of the project whose sidecars attach. What they load is known when they are prepared."""
        self._groups = {name: _Awaited() for name in groups}

    @property
    def awaited(self) -> list[str]:
        """The language groups of which no sidecar has come yet."""
        return sorted(name for name, group in self._groups.items() if not group.first.done())

    @property
    def gathering(self) -> list[Group]:
        """The groups of the version that is being loaded, while it is."""
        known = (awaited.group for awaited in self._groups.values() if not awaited.is_served)
        return [group.result() for group in known if group.done()]

    # --- Source

    async def prepare(self, group: Group) -> Prepared:
        """See `supervisor.Source.prepare`: waits for the first sidecar, however long that takes."""
        awaited = self._groups[group.name]
        awaited.group.set_result(group)
        if not awaited.first.done():
            host, _, port = self.address.rpartition(":")
            where = self.address if is_loopback(host.strip("[]")) else f"HOST:{port}"
            how = f"`motia-core sidecar {group.name} --core {where}` starts one"
            self._log.record("info", f"waiting for a {group.name} sidecar to attach: {how}")
        sidecar, manifest = await asyncio.shield(awaited.first)
        return Prepared(group, sidecar, replace(manifest, problems=(*manifest.problems, *group.culprits.values())))

    def keep(self, new: Prepared) -> None:
        """See `supervisor.Source.keep`."""
        self._groups[new.group.name].is_served = True
        self._pool.no_sidecar(new.group.name, _none(new.group.name))  # until one is given work
        for sidecar in new.group.sidecars:
            self._roster.employ(sidecar)

    async def restart(self, group: Group) -> int:
        """See `supervisor.Source.restart`: they are drained one after the other, and whoever runs them starts them."""
        old = [sidecar for sidecar in group.sidecars if sidecar.connected]
        self._tasks.start(self._drain_each(old))
        return len(old)

    async def _drain_each(self, sidecars: Sequence[Sidecar]) -> None:
        grace_ms = self._settings.drain_grace_ms
        for sidecar in sidecars:
            self._roster.drain(sidecar, grace_ms)
            await asyncio.wait([sidecar.ended], timeout=grace_ms / 1000 + LAST_WORDS_S)
            if not sidecar.ended.done():
                self._log.record("warn", f"{sidecar.process.name} did not leave in time and is given up")
                sidecar.process.kill()

    # --- Attaching

    def admit(self, hello: lifecycle_pb2.Hello, address: str, revision: int) -> Sidecar:
        """See `arrivals.Attaching`."""
        self._check_token(hello.token)
        if hello.language not in self._groups:
            raise refused(self._not_wanted(hello.language))
        if revision < REVISION:
            raise refused(
                f"{hello.sdk_name} {hello.sdk_version} speaks protocol revision {revision}; sidecars that are not "
                f"launched by the core need {REVISION}: upgrade the SDK",
                failure_pb2.PROTOCOL_ERROR_CODE_REVISION,
            )
        for known in self._roster.sidecars if hello.resume_session_id else ():
            if known.session is not None and known.session.id == hello.resume_session_id and known.process.address:
                return known
        peer = RemotePeer(hello, address, {known.process.name for known in self._roster.sidecars})
        sidecar = Sidecar(peer, hello.language, secrets.token_urlsafe(24), self._settings.sidecars)
        sidecar.started_ms = self._clock.now_ms()
        self._roster.enter(sidecar)
        self._tasks.start(self._attend(sidecar, peer))
        return sidecar

    def _check_token(self, shown: str) -> None:
        if not self._settings.sidecars.external:
            raise refused("the token is not one that this core gave out")
        if not shown:
            raise refused("there is no token: MOTIA_SIDECAR_TOKEN must be the sidecars.token of this core")
        try:
            token = shared_token(self._settings.sidecars)
        except SettingsError as error:
            self._log.record("error", error.message)
            raise refused("the core cannot read its own sidecars.token_file; its log says why") from error
        if not hmac.compare_digest(shown.encode(), token.encode()):
            raise refused("the token is not the one of this core: MOTIA_SIDECAR_TOKEN must be its sidecars.token")

    def _not_wanted(self, language: str) -> str:
        wanted = ", ".join(sorted(self._groups))
        if self._settings.sidecars.launches(language):
            return f"this core launches its {language} sidecars itself; those that attach are for {wanted}"
        return f"the project has no {language} files; sidecars are wanted for {wanted}"

    # --- one sidecar, from its hello on

    async def _attend(self, sidecar: Sidecar, peer: RemotePeer) -> None:
        peer.session = await sidecar.welcome()
        awaited = self._groups[sidecar.group]
        group = await asyncio.shield(awaited.group)
        group.sidecars.append(sidecar)
        group.launches += 1
        try:
            manifest = await self._load(group, sidecar)
        except (LoadingEndedError, SidecarStartError) as error:
            self._failed(group, sidecar, error)
            return
        if manifest.app_hook:
            self._refuse(group, peer, sidecar, "the app hook of motia.config needs a sidecar that the core launches")
            return
        if not awaited.first.done():
            awaited.first.set_result((sidecar, manifest))
            if self.awaited:
                self._on_fewer_awaited()
        elif (what := difference(awaited.first.result()[1], manifest)) is not None:
            why = f"it has the files of the core, but they define something else than in other sidecars: {what}"
            self._refuse(group, peer, sidecar, why)
            return
        self._log.record("info", f"{peer.name} has attached from {peer.address}")
        self._roster.employ(sidecar)
        how = await watch(sidecar, self._settings.sidecars, self, self._log)
        is_last = self._remove(group, sidecar)
        if not self._roster.is_stopping:
            expected = how == DRAINED
            others = "; there is no other" if is_last else ""
            self._log.record("info" if expected else "error", f"{peer.name} is gone ({how}){others}")

    def _remove(self, group: Group, sidecar: Sidecar) -> bool:
        """It is gone; whether it was the last one: requests do not wait for another then."""
        self._roster.remove(group, sidecar)
        if not group.sidecars:
            self._pool.no_sidecar(group.name, _none(group.name))
        return not group.sidecars

    async def _load(self, group: Group, sidecar: Sidecar) -> Manifest:
        left_out = dict(group.culprits)
        files = [file for file in group.files if file.path not in left_out]
        config_file = "" if group.config_file in left_out else group.config_file
        digest = group.digest
        if left_out:
            digest = await asyncio.to_thread(self._digest, self._settings.project, files, config_file)
        manifest = await sidecar.load("", files, digest, config_file)
        group.suspects.clear()
        if not self._groups[group.name].first.done():  # what it has loaded is no culprit, whatever others say meanwhile
            group.culprits = left_out
        return manifest

    def _failed(self, group: Group, sidecar: Sidecar, error: LoadingEndedError | SidecarStartError) -> None:
        """It has not loaded its files. One that ends each process that imports it is left out from then on."""
        if sidecar.ended.done() and sidecar.ended.result() in NO_FAILURES:
            pass  # the log says why, or nothing has failed
        elif isinstance(error, LoadingEndedError):
            problem = error.problem
            group.suspects[problem.file] += 1
            is_sure = not error.was_killed or group.suspects[problem.file] == MOST_KILLS
            if is_sure and not self._groups[group.name].first.done():
                group.culprits[problem.file] = problem
            self._log.record("error", f"{sidecar.process.name}: {problem.file} {problem.cause}")
        else:
            self._log.record("error", f"{sidecar.process.name}: {error.message}")
        if sidecar.process.alive:
            sidecar.process.kill()
        self._remove(group, sidecar)

    def _refuse(self, group: Group, peer: RemotePeer, sidecar: Sidecar, why: str) -> None:
        self._log.record("error", f"{peer.name} was refused: {why}")
        peer.refuse(why, failure_pb2.PROTOCOL_ERROR_CODE_DIGEST)
        self._remove(group, sidecar)

    # --- Stands

    def busy(self, sidecar: Sidecar, session: Session) -> None:
        """See `watching.Stands`: no new work for it."""
        self._pool.pause(session)

    def answers_again(self, sidecar: Sidecar, session: Session) -> None:
        """See `watching.Stands`."""
        self._roster.employ(sidecar)

    # --- the end

    async def stop(self, grace_s: float) -> None:
        """Let what runs end, and cancel what does not; then let all of them go: the core that comes next has them."""
        sidecars = [sidecar for sidecar in self._roster.sidecars if sidecar.process.address]
        for sidecar in sidecars:
            if (session := sidecar.session) is not None:
                self._pool.pause(session)
        running = [entry for one in sidecars if one.session for entry in one.session.running.values()]
        if running:
            await asyncio.wait([entry.outcome for entry in running], timeout=grace_s)
            for one in sidecars:
                for entry in list(one.session.running.values()) if one.session else ():
                    self._pool.cancel(entry.invocation, CancelReason.SHUTDOWN)
            await asyncio.wait([entry.outcome for entry in running], timeout=LAST_WORDS_S)
        for sidecar in sidecars:
            sidecar.process.let_go()


class _Awaited:
    """A language group whose sidecars attach."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.group: asyncio.Future[Group] = loop.create_future()  # what they load
        self.is_served = False
        self.first: asyncio.Future[tuple[Sidecar, Manifest]] = loop.create_future()


def _none(group: str) -> str:
    return f"no {group} sidecar is attached"
