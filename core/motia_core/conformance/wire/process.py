"""The sidecar under test as a process, started the way the core starts one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from motia_core.conformance.wire.frames import TOKEN

NOT_FOR_SIDECARS = ("LOG_LEVEL", "PYTHONWARNINGS")  # what would change the behaviour that is being tested


@dataclass(frozen=True)
class Command:
    """What starts a sidecar, and which language group it is for."""

    argv: tuple[str, ...]
    language: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Process:
    """A running sidecar; what it writes is read all the time.

    Args:
        told: Called when it has written something, and when it has ended.
    """

    def __init__(self, process: asyncio.subprocess.Process, told: Callable[[], None]) -> None:
        self._process = process
        self._told = told
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._readers = [
            asyncio.create_task(self._collect(process.stdout, self.stdout)),
            asyncio.create_task(self._collect(process.stderr, self.stderr)),
            asyncio.create_task(self._watch()),
        ]

    @classmethod
    async def start(
        cls, command: Command, root: Path, address: str, env: Mapping[str, str], told: Callable[[], None]
    ) -> Process:
        """Start it in a project's folder, to dial an address."""
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_FOR_SIDECARS}
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            cwd=root,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={
                **inherited,
                "MOTIA_SIDECAR_ADDRESS": address,
                "MOTIA_SIDECAR_TOKEN": TOKEN,
                "MOTIA_SIDECAR_LANGUAGE": command.language,
                **command.environment,
                **env,
            },
        )
        return cls(process, told)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.returncode

    def close_stdin(self) -> None:
        """Let go of it, as a core that dies does."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        return await self._process.wait()

    async def output(self) -> tuple[bytes, bytes]:
        """All that it wrote to standard output and standard error; ends it if it still runs."""
        if self.returncode is None:
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._readers)
        return bytes(self.stdout), bytes(self.stderr)

    async def _collect(self, pipe: asyncio.StreamReader | None, into: bytearray) -> None:
        assert pipe is not None
        while data := await pipe.read(65_536):
            into += data
            self._told()

    async def _watch(self) -> None:
        await self._process.wait()
        self._told()
