"""One sidecar from launch to end: its process, its session, and the loading of its files."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from motia_core._gen.motia.v1 import manifest_pb2
from motia_core.engine.ports import Log
from motia_core.errors import SidecarStartError
from motia_core.model.project import Manifest, Problem, SourceFile
from motia_core.settings import SidecarSettings
from motia_core.sidecars.languages import Command
from motia_core.sidecars.peer import Peer
from motia_core.sidecars.process import SidecarProcess
from motia_core.sidecars.session import Session

FILE_KINDS = {"step": manifest_pb2.FILE_KIND_STEP, "stream": manifest_pb2.FILE_KIND_STREAM}


class LoadingEndedError(Exception):
    """The process ended, or had to be ended, while it imported a file.

    Args:
        was_killed: By somebody else; the file may have nothing to do with it.
    """

    def __init__(self, problem: Problem, *, was_killed: bool) -> None:
        super().__init__(problem.cause)
        self.problem = problem
        self.was_killed = was_killed


class Sidecar:
    """A sidecar that was launched, or has attached."""

    def __init__(self, process: Peer, group: str, token: str, settings: SidecarSettings) -> None:
        self.process = process
        self.group = group
        self.token = token
        self.connected = False
        self.busy = False  # connected, but no heartbeat for too long
        self.started_ms = 0
        self.extra = False  # stands in for a busy one
        self.expiry: asyncio.TimerHandle | None = None  # ends a sidecar that does not resume
        self._settings = settings
        loop = asyncio.get_running_loop()
        self.arrived: asyncio.Future[Session] = loop.create_future()
        self.ended: asyncio.Task[str] = loop.create_task(process.wait())
        self._importing = ""

    @classmethod
    async def launch(
        cls,
        command: Command,
        group: str,
        address: str,
        env: Mapping[str, str],
        cwd: Path,
        settings: SidecarSettings,
        log: Log,
        step_name: Callable[[str], str],
        *,
        marks_always: bool = False,
    ) -> Sidecar:
        """Start the process; it will dial `address`.

        Raises:
            SidecarStartError: The executable cannot be run.
        """
        token = secrets.token_urlsafe(24)
        own = {
            "MOTIA_SIDECAR_ADDRESS": address,
            "MOTIA_SIDECAR_TOKEN": token,
            "MOTIA_SIDECAR_LANGUAGE": group,
            "MOTIA_SIDECAR_MARKS": "always" if marks_always else "cheap",
        }
        process = await SidecarProcess.start(command.argv, {**env, **command.env, **own}, cwd, group, log, step_name)
        return cls(process, group, token, settings)

    @property
    def session(self) -> Session | None:
        return self.arrived.result() if self.arrived.done() and not self.arrived.cancelled() else None

    async def welcome(self) -> Session:
        """Wait for the handshake.

        Raises:
            SidecarStartError: The process ended or said nothing in time; says what it printed last.
        """
        timeout_s = self._settings.start_timeout_ms / 1000
        first: set[asyncio.Future[Any]] = {self.arrived, self.ended}
        await asyncio.wait(first, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if self.arrived.done():
            return self.arrived.result()
        if self.ended.done():
            raise self._not_started(f"ended before it was ready ({self.ended.result()})", self.process.was_killed)
        self.process.kill()
        raise self._not_started(f"did not dial within {timeout_s:g} s")

    async def load(self, root: str, files: Sequence[SourceFile], digest: str, config_file: str = "") -> Manifest:
        """Have the files imported, and the project's config file when one is named.

        Args:
            root: The project's folder; empty: the sidecar's working directory, whose files may be others than ours.

        Raises:
            LoadingEndedError: One of them ended the process, or took too long.
            SidecarStartError: The process ended before it imported anything.
        """
        session = self.arrived.result()
        hung = asyncio.Event()
        loop = asyncio.get_running_loop()
        limit_s = self._settings.import_timeout_ms / 1000
        timer = loop.call_later(limit_s, hung.set)

        def importing(path: str) -> None:
            nonlocal timer
            self._importing = path
            timer.cancel()
            timer = loop.call_later(limit_s, hung.set)

        session.on_loading = importing
        session.load(_load_frame(root, files, digest, config_file))
        hangs = loop.create_task(hung.wait())
        try:
            first: set[asyncio.Future[Any]] = {session.manifest, self.ended, hangs}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            hangs.cancel()
        if session.manifest.done() and not session.manifest.cancelled():
            return session.manifest.result()
        was_killed = False
        if hung.is_set() and not self.ended.done():
            self.process.kill()
            await self.ended
            how, remedy = f"still loading after {limit_s:g} s", "move slow work out of the top level of the file"
        else:
            how = f"ended the process while loading ({await self.ended})"
            was_killed = self.process.was_killed
            remedy = "a file that is imported must not end the process; the output above says more"
        if not self._importing:
            raise self._not_started(how, was_killed)
        problem = Problem("error", self._importing, "import", how, remedy=remedy, stack=self._tail())
        raise LoadingEndedError(problem, was_killed=was_killed)

    def _not_started(self, what: str, was_killed: bool = False) -> SidecarStartError:
        tail = self._tail()
        error = SidecarStartError(f"the {self.group} sidecar {what}" + (f":\n{tail}" if tail else ""))
        error.was_killed = was_killed
        return error

    def _tail(self) -> str:
        return "\n".join(self.process.tail)


def _load_frame(root: str, files: Sequence[SourceFile], digest: str, config_file: str) -> manifest_pb2.Load:
    sources = [manifest_pb2.SourceFile(path=file.path, kind=FILE_KINDS[file.kind]) for file in files]
    return manifest_pb2.Load(project_root=root, files=sources, digest=digest, config_file=config_file, verify=not root)
