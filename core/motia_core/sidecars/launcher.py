"""Brings up sidecars that have loaded their files, but for those that end the process; from a spare if there is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.tasks import Tasks
from motia_core.errors import SidecarStartError
from motia_core.model.project import Manifest
from motia_core.settings import Settings
from motia_core.sidecars.building import build
from motia_core.sidecars.group import Group
from motia_core.sidecars.languages import command
from motia_core.sidecars.sidecar import LoadingEndedError, Sidecar
from motia_core.sidecars.spares import Spares

MOST_KILLS = 3  # in a row while the same file is imported: then it is to blame; or before any is


class Launcher:
    """Starts processes and has them load.

    Args:
        arrived: Told of each process before it can dial.
        forget: Ends a process that is of no use.
        step_name: What people call a step that sidecars know by this.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        log: Log,
        runtime_dir: Path,
        tasks: Tasks,
        arrived: Callable[[Sidecar], None],
        forget: Callable[[Sidecar], None],
        step_name: Callable[[str], str],
    ) -> None:
        self._step_name = step_name
        self._settings = settings
        self._clock = clock
        self._log = log
        self._runtime_dir = runtime_dir
        self._arrived = arrived
        self._forget = forget
        self.address = ""  # where sidecars dial
        self.spares = Spares(self._start, forget, tasks, log)

    async def launch(self, group: Group) -> tuple[Sidecar, Manifest]:
        """A process of the group that has loaded its files, but for those that end it.

        Raises:
            SidecarStartError: It cannot be started.
        """
        kills = 0
        while True:
            files = [file for file in group.files if file.path not in group.culprits]
            config_file = "" if group.config_file in group.culprits else group.config_file
            sidecar = await self._begin(group)
            group.sidecars.append(sidecar)
            try:
                await sidecar.welcome()
                group.launches += 1
                manifest = await sidecar.load(str(self._settings.project), files, group.digest, config_file)
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
                self._give_up(group, sidecar)
            except SidecarStartError as error:
                self._give_up(group, sidecar)
                kills += error.was_killed
                if not error.was_killed or kills == MOST_KILLS:
                    raise
                self._log.record("warn", f"{error.message} and is started again")
            except BaseException:  # cancelled: nobody waits for it any more
                self._give_up(group, sidecar)
                raise

    async def _begin(self, group: Group) -> Sidecar:
        await self._build(group)
        return await self.spares.take(group) or await self._start(group)

    async def _build(self, group: Group) -> None:
        """What is run before a version of the group can be started, once.

        Raises:
            SidecarStartError: It failed.
        """
        if group.output is None:
            began_s = time.monotonic()
            group.output = await build(group.language, self._settings, group.files, group.env, self._runtime_dir)
            if group.output is not None:
                took_s = time.monotonic() - began_s
                self._log.record("debug", f"built the {group.language.name} steps in {took_s:.1f} s")

    async def _start(self, group: Group) -> Sidecar:
        """A process that will dial.

        Raises:
            SidecarStartError: It cannot be started.
        """
        sidecar = await Sidecar.launch(
            command(group.language, self._settings, self._runtime_dir, group.output or self._runtime_dir),
            group.name,
            self.address,
            group.env,
            self._settings.project,
            self._settings.sidecars,
            self._log,
            self._step_name,
            marks_always=self._settings.reload,
        )
        sidecar.started_ms = self._clock.now_ms()
        self._arrived(sidecar)
        return sidecar

    def _give_up(self, group: Group, sidecar: Sidecar) -> None:
        group.remove(sidecar)
        self._forget(sidecar)
