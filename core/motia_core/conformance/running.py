"""Starts `motia-core serve` as a user does, and reads its JSON log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

COMMAND = (sys.executable, "-P", "-c", "from motia_core.cli import main; main()")  # wherever the script may be
START_S = 60.0
STOP_S = 45.0  # more than the grace of a drain
ATTACHING = "external sidecars attach at "  # how the core says where it waits for them
LINES = 15  # of what was said last


class CoreStartError(Exception):
    """The core did not start; says what it said."""


class RunningCore:
    """A core in a process of its own.

    Args:
        settings: Environment variables.
        start_s: How long it may take to be ready: SDKs may have to build the project first.
        command: "serve", or "dev" for one that serves files as they are saved.
        attach: Called with the address when the core waits for external sidecars.
    """

    def __init__(
        self,
        project: Path,
        data: Path,
        settings: Mapping[str, str],
        *,
        start_s: float = START_S,
        command: str = "serve",
        attach: Callable[[str], None] = lambda _address: None,
    ) -> None:
        arguments = [command, str(project), "--port", "0", "--data-dir", str(data), "--log-format", "json"]
        self.settings = settings
        self._attach = attach
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.records: list[dict[str, object]] = []
        self.errors: list[str] = []
        self.url = ""
        self.problems: list[dict[str, object]] = []  # of the project, as they were when it was loaded first
        self._ready = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        if not self._ready.wait(start_s) or not self.url:
            self.stop(signal.SIGKILL)
            raise CoreStartError("\n".join(["the core did not start:", *self.said(), *self.errors]))

    def log_lines(self) -> list[str]:
        """All records so far, as JSON text."""
        return [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in list(self.records)]

    def said(self, since: int = 0) -> list[str]:
        """The last records after so many, for people."""
        found = [_shown(record) for record in list(self.records)[since:] if "message" in record]
        return [line for line in found if line][-LINES:]

    def sidecar_pids(self, group: str) -> list[int]:
        """Process ids of the sidecars of a language group."""
        sidecars = httpx.get(f"{self.url}/__motia/health").json()["sidecars"]
        return [sidecar["pid"] for sidecar in sidecars if sidecar["group"] == group]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_S)
        finally:
            self.process.kill()  # one that did not end in time fails its own test and disturbs no other
            self.process.wait()
            for reader in self._readers:
                reader.join(5)
            for pipe in (self.process.stdout, self.process.stderr):
                if pipe is not None:
                    pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                record = {"message": line}
            self.records.append(record)
            if str(record.get("message", "")).startswith(ATTACHING):
                self._attach(str(record["message"]).removeprefix(ATTACHING))
            if record.get("event") == "found":
                self.problems = record.get("problems", [])
            if record.get("event") == "ready":
                self.url = record["urls"][0]
                self._ready.set()
        self._ready.set()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)


def _shown(record: Mapping[str, object]) -> str:
    parts = [record.get("level", ""), record.get("step", ""), record["message"], record.get("fields", "")]
    return " ".join(str(part).strip() for part in parts if part)


@contextmanager
def running_core(
    project: Path,
    data: Path,
    settings: Mapping[str, str] | None = None,
    *,
    start_s: float = START_S,
    command: str = "serve",
) -> Iterator[RunningCore]:
    """A core that is stopped at the end."""
    core = RunningCore(project, data, settings or {}, start_s=start_s, command=command)
    try:
        yield core
    finally:
        core.stop()  # one that has ended by itself has pipes to close
