"""One operating-system process of a sidecar: its start, its output, its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import orjson

from motia_core.engine.ports import Log
from motia_core.errors import SidecarStartError

CHUNK_BYTES = 64 * 1024
LONGEST_LINE_BYTES = 16 * 1024  # longer ones are cut
MARK = "\x1f"  # before the trace id, the step and the text of a line that an attempt has printed (LAUNCH-8)
LONGEST_MARK = 4096
LINES_PER_S = 2_000  # more output than this is dropped and counted: a flood must not become everybody's problem
TAIL_LINES = 20  # kept to explain an early end


class SidecarProcess:
    """A started process. Its stdin stays open as long as the core lives: the end of it tells the sidecar to exit.
    Implements `Peer`."""

    address = ""  # it is here

    def __init__(
        self, process: asyncio.subprocess.Process, group: str, log: Log, step_name: Callable[[str], str]
    ) -> None:
        self._step_name = step_name
        self._process = process
        self._log = log
        self._group = group
        self.name = f"{group} {process.pid}"
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        loop = asyncio.get_running_loop()
        self._readers = [
            loop.create_task(self._follow(process.stdout, "stdout")),
            loop.create_task(self._follow(process.stderr, "stderr")),
        ]

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        group: str,
        log: Log,
        step_name: Callable[[str], str] = lambda reference: reference,
    ) -> SidecarProcess:
        """Start a process.

        Args:
            step_name: What people call a step that the sidecar knows by this.

        Raises:
            SidecarStartError: The executable cannot be run.
        """
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,  # a Ctrl-C in the terminal is for the core, which drains
            )
        except OSError as error:
            raise SidecarStartError(f"{command[0]} cannot be started: {error.strerror}") from error
        return cls(process, group, log, step_name)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def was_killed(self) -> bool:
        """Whether it was ended from outside: by the kernel for want of memory, or by somebody with kill."""
        return self._process.returncode in (-signal.SIGKILL, -signal.SIGTERM)

    async def wait(self) -> str:
        """Wait for the end; how it ended, in words."""
        code = await self._process.wait()
        await asyncio.wait(self._readers, timeout=1)
        if code >= 0:
            return f"exit code {code}"
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    let_go = kill

    def left(self) -> None:
        """See `Peer.left`: it exits by itself."""

    def lose(self, how: str) -> None:
        """See `Peer.lose`: a process without a session is of no use."""
        self.kill()

    async def _follow(self, pipe: asyncio.StreamReader | None, name: str) -> None:
        """Turn output into log records, whole lines at a time."""
        assert pipe is not None
        level = "info" if name == "stdout" else "error"
        fields = orjson.dumps({"sidecar": self._group, "from": name})
        rest = b""
        budget = LineBudget(asyncio.get_running_loop())
        while chunk := await pipe.read(CHUNK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                if budget.take():
                    self._line(level, line, fields)
            if dropped := budget.dropped():
                self._log.record("warn", f"{self.name}: {dropped} lines of {name} dropped", fields=fields)
        if rest:
            self._line(level, rest, fields)

    def _line(self, level: str, line: bytes, fields: bytes) -> None:
        text = line[:LONGEST_LINE_BYTES].decode(errors="replace").rstrip("\r")
        step = trace_id = ""
        if text.startswith(MARK) and text.count(MARK, 0, LONGEST_MARK) >= 3:
            _, trace_id, reference, text = text.split(MARK, 3)
            step = self._step_name(reference)
        self.tail.append(text)
        self._log.record(level, text, step=step, trace_id=trace_id, fields=fields)


class LineBudget:
    """Allows so many lines a second and counts the rest."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._left = LINES_PER_S
        self._since_s = loop.time()
        self._dropped = 0

    def take(self) -> bool:
        """Whether one more line may pass."""
        if self._left == 0:
            self._refill()
        if self._left == 0:
            self._dropped += 1
            return False
        self._left -= 1
        return True

    def dropped(self) -> int:
        """How many did not pass, once a second at most."""
        self._refill()
        if self._left == 0:
            return 0
        dropped, self._dropped = self._dropped, 0
        return dropped

    def _refill(self) -> None:
        now_s = self._loop.time()
        if now_s - self._since_s >= 1:
            self._left, self._since_s = LINES_PER_S, now_s
