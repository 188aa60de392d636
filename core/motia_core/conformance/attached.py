"""The sidecars of an SDK as somebody else than the core runs them: they attach, and are started again when they end."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from motia_core.conformance.running import COMMAND

PAUSE_S = 0.2  # before one that has ended is started again
KEPT = 50  # lines of what each of them wrote last


def attaching_settings(groups: Iterable[str]) -> dict[str, str]:
    """Environment variables of a core to which the sidecars of these language groups attach."""
    return {
        "MOTIA_SIDECARS_EXTERNAL": ",".join(groups),
        "MOTIA_SIDECARS_LISTEN": "127.0.0.1:0",
        "MOTIA_SIDECARS_TOKEN": secrets.token_urlsafe(24),
    }


class Attached:
    """One sidecar of each language group, always.

    Args:
        settings: Environment variables of the core.
        data: The core's data directory, for what is built.
    """

    def __init__(self, groups: Iterable[str], project: Path, data: Path, settings: Mapping[str, str]) -> None:
        self._groups = tuple(groups)
        self._project = project
        self._temporary = data / "tmp"
        self._temporary.mkdir(exist_ok=True)
        own = {"MOTIA_SIDECAR_TOKEN": settings["MOTIA_SIDECARS_TOKEN"], "MOTIA_DATA_DIR": str(data)}
        self._environment = {**os.environ, **settings, **own, "TMPDIR": str(self._temporary)}
        self.exit_codes: dict[int, int] = {}  # of those that have ended, by process id
        self._lock = threading.Lock()
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._output: dict[str, list[str]] = {group: [] for group in self._groups}

    def start(self, address: str) -> None:
        """Have them dial the core there."""
        for group in self._groups:
            thread = threading.Thread(target=self._keep, args=(group, address), daemon=True)
            self._threads.append(thread)
            thread.start()

    def said(self) -> list[str]:
        """What they wrote last."""
        return [line for lines in self._output.values() for line in list(lines)]

    def close(self) -> None:
        """End all of them."""
        self._is_over.set()
        with self._lock:
            for process in self._running.values():
                process.kill()
        for thread in self._threads:
            thread.join()

    def _keep(self, group: str, address: str) -> None:
        while not self._is_over.is_set():
            self._run(group, address)
            self._is_over.wait(PAUSE_S)

    def _run(self, group: str, address: str) -> None:
        command = (*COMMAND, "sidecar", group, str(self._project), "--core", address)
        with self._lock:
            if self._is_over.is_set():
                return
            process = self._running[group] = subprocess.Popen(
                command,
                cwd=self._project,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                kept = self._output[group]
                kept.append(line.rstrip())
                del kept[:-KEPT]
        self.exit_codes[process.pid] = process.wait()
