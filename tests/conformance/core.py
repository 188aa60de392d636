"""Starts `motia-core serve` as a user does, and reads its JSON log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).parent / "motia-core"
START_S = 30.0
STOP_S = 15.0


class RunningCore:
    """A core in a process of its own."""

    def __init__(self, project: Path, data: Path, settings: Mapping[str, str]) -> None:
        arguments = ["serve", str(project), "--port", "0", "--data-dir", str(data), "--log-format", "json"]
        self.settings = settings
        environment = {**os.environ, **settings}
        self.process = subprocess.Popen(
            [COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.records: list[dict[str, object]] = []
        self.errors: list[str] = []
        self.url = ""
        self._ready = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        if not self._ready.wait(START_S) or not self.url:
            self.stop(signal.SIGKILL)
            raise RuntimeError(f"the core did not start: {self.records[-5:]} {self.errors}")

    def log_lines(self) -> list[str]:
        """All records so far, as JSON text."""
        return [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in list(self.records)]

    def sidecar_pids(self, group: str) -> list[int]:
        """Process ids of the sidecars of a language group."""
        import httpx

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
            if record.get("event") == "ready":
                self.url = record["urls"][0]
                self._ready.set()
        self._ready.set()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)


@contextmanager
def running_core(project: Path, data: Path, settings: Mapping[str, str] | None = None) -> Iterator[RunningCore]:
    """A core that is stopped at the end."""
    core = RunningCore(project, data, settings or {})
    try:
        yield core
    finally:
        core.stop()  # one that has ended by itself has pipes to close
