"""What is to be loaded for one language group, who runs it, and what came of an attempt to load it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motia_core.errors import SidecarStartError
from motia_core.model.language import Language
from motia_core.model.project import Manifest, Problem, SourceFile
from motia_core.sidecars.capabilities import RELOAD
from motia_core.sidecars.session import Session
from motia_core.sidecars.sidecar import Sidecar


class Group:
    """One version of the files of a language group. When they change, another one takes its place."""

    def __init__(
        self,
        language: Language,
        files: Sequence[SourceFile],
        digest: str,
        env: Mapping[str, str],
        config_file: str,
    ) -> None:
        self.language = language
        self.name = language.group
        self.output: Path | None = None  # a folder of its own with what was built of the files
        self.files = files
        self.digest = digest
        self.env = env
        self.config_file = config_file  # motia.config, when this group loads it
        self.is_guarded = False  # by middleware in it
        self.is_retired = False  # another version is served: this one only finishes what it runs
        self.culprits: dict[str, Problem] = {}  # files that ended the process while they were imported
        self.suspects: Counter[str] = Counter()  # during whose import the process was killed: how often in a row
        self.sidecars: list[Sidecar] = []
        self.launches = 0  # of processes that came up

    def remove(self, sidecar: Sidecar) -> None:
        """A sidecar is gone; with the last one of a version that is not served any more goes what was built for it."""
        self.sidecars.remove(sidecar)
        self._tidy()

    def retire(self) -> None:
        """Another version is served, or this one never will be: it only finishes what it runs."""
        self.is_retired = True
        self._tidy()

    def _tidy(self) -> None:
        if self.output is not None and self.is_retired and not self.sidecars:
            shutil.rmtree(self.output, ignore_errors=True)

    @property
    def imported(self) -> set[str]:
        """The user's files that its sidecars have imported, as absolute paths."""
        return {file for session in self._sessions for file in session.imported}

    @property
    def tells_imports(self) -> bool:
        """Whether its sidecars say which files they have imported."""
        return any(RELOAD in session.capabilities for session in self._sessions)

    @property
    def packages(self) -> Sequence[str]:
        """What of other people's they have imported, for a spare process to import ahead of time."""
        return max((session.packages for session in self._sessions), key=len, default=())

    @property
    def _sessions(self) -> list[Session]:
        return [session for sidecar in self.sidecars if (session := sidecar.session) is not None]

    def describe(self, wanted: int) -> list[dict[str, object]]:
        """Its sidecars for the management API.

        Args:
            wanted: How many processes there are to be; more launches than that were restarts.
        """
        return [
            {
                "name": sidecar.process.name,
                "group": self.name,
                "pid": sidecar.process.pid,
                "address": sidecar.process.address,
                "connected": sidecar.connected,
                "busy": sidecar.busy,
                "leaving": sidecar.session is not None and sidecar.session.draining,
                "running": len(sidecar.session.running) if sidecar.session else 0,
                "memoryBytes": sidecar.session.memory_bytes if sidecar.session else 0,
                "loopLagMs": round(sidecar.session.loop_lag_s * 1000) if sidecar.session else 0,
                "startedMs": sidecar.started_ms,
                "restarts": 0 if sidecar.process.address else max(0, self.launches - wanted),
            }
            for sidecar in self.sidecars
        ]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A version of a group that is loaded and not served yet."""

    group: Group
    sidecar: Sidecar | None  # None: no process could be started
    manifest: Manifest
    error: str = ""  # why not


def not_started(group: Group, error: SidecarStartError) -> Prepared:
    """No process could be started: each of the files has a problem."""
    summary, _, output = error.message.partition("\n")
    paths = [file.path for file in group.files] or [group.config_file]
    remedy = group.language.remedy
    problems = tuple(Problem("error", path, "import", summary, stack=output, remedy=remedy) for path in paths)
    return Prepared(group, None, Manifest(problems=problems), error.message)
