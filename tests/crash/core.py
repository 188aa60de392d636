"""A core in a process of its own that may die at any moment, with all that belongs to it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

COMMAND = Path(sys.executable).parent / "motia-core"
START_S = 30.0
RECORDS = 300  # of the log, kept to explain what went wrong
LINE_BYTES = 16 * 1024 * 1024

Json = dict[str, object]


class Core:
    """Made by `running`. `dead` is done when its process has ended; `gone` waits for its store's process, too."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.url = ""
        self.problems: list[Json] = []  # of the project's files
        self.ready = asyncio.Event()
        self.log: deque[Json] = deque(maxlen=RECORDS)
        self.errors = ""
        self._readers = [asyncio.create_task(self._read_log()), asyncio.create_task(self._read_errors())]
        self.dead = asyncio.create_task(process.wait())

    @classmethod
    @asynccontextmanager
    async def running(cls, project: Path, data: Path, environ: Mapping[str, str] | None = None) -> AsyncIterator[Core]:
        """A core that is not ready yet; nothing is left of it in the end."""
        arguments = ["serve", project, "--port", "0", "--data-dir", data, "--log-format", "json"]
        env = {**os.environ, **(environ or {})}
        core = cls(
            await asyncio.create_subprocess_exec(
                COMMAND, *arguments, env=env, stdout=PIPE, stderr=PIPE, limit=LINE_BYTES
            )
        )
        try:
            yield core
        finally:
            core.kill(signal.SIGCONT)
            core.kill()
            await core.gone()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def serves(self) -> bool:
        """Wait until it serves; False: it has died."""
        ready = asyncio.create_task(self.ready.wait())
        done, _ = await asyncio.wait({ready, self.dead}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not done:
            raise AssertionError(f"the core is not ready after {START_S:g} s\n{self.story()}")
        return self.ready.is_set() and self.is_alive

    def check_loaded(self) -> None:
        """The whole project must be there: without a step its events would just be dropped."""
        assert not self.problems, self.problems

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal, and nobody else."""
        if self.is_alive:
            self._process.send_signal(number)

    async def gone(self) -> int:
        """Wait until nothing of it is left that could write to its store; the exit code."""
        await asyncio.wait([self.dead, *self._readers])  # its store's process has the same standard error
        return self.dead.result()

    async def stop(self) -> None:
        """Stop it as a user does."""
        self.kill(signal.SIGTERM)
        code = await self.gone()
        assert code == 0, f"exit code {code} after SIGTERM\n{self.story()}"

    def children(self) -> dict[int, str]:
        """What runs for it, by process id: "store", "python" or "node"."""
        found = {}
        for task in Path(f"/proc/{self.pid}/task").glob("*/children"):
            for pid in map(int, _read(task).split()):
                command = _read(Path(f"/proc/{pid}/cmdline"))
                if command:
                    found[pid] = "store" if "server.py" in command else "python" if "python" in command else "node"
        return found

    def story(self) -> str:
        """What it said last."""
        lines = [f"  {entry.get('level', '')} {entry.get('message', entry)}" for entry in list(self.log)[-40:]]
        return "\n".join(["the core's last words:", *lines, self.errors[-4000:]])

    async def _read_log(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            try:
                entry = orjson.loads(line)
            except orjson.JSONDecodeError:
                entry = {"message": line.decode(errors="replace")}
            self.log.append(entry)
            if entry.get("event") == "found":
                self.problems = entry["problems"]
            if entry.get("event") == "ready":
                self.url = entry["urls"][0]
                self.ready.set()

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(4096):
            self.errors += data.decode(errors="replace")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return ""
