"""Starts the servers that are measured, and ends them."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    pid: int
    ready_s: float  # from process start to first answer


@asynccontextmanager
async def fastapi() -> AsyncIterator[Server]:
    """FastAPI on uvicorn, one worker, uvloop and httptools, no access log."""
    port = _free_port()
    async with _running(
        [sys.executable, "-m", "uvicorn", "bench.peers.fastapi_app:app", "--port", str(port), "--log-level", "warning"],
        port,
        {},
    ) as server:
        yield server


@asynccontextmanager
async def motia(
    project: Path = HERE / "project", *options: str, data: Path | None = None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """motia-core serve, with a fresh data directory unless one is given; `settings` go into its environment."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as fresh:
        command = [str(Path(sys.executable).parent / "motia-core"), "serve", str(project)]
        arguments = ["--port", str(port), "--data-dir", str(data or fresh), *options]
        async with _running([*command, *arguments], port, settings or {}) as server:
            yield server


@asynccontextmanager
async def _running(command: list[str], port: int, settings: Mapping[str, str]) -> AsyncIterator[Server]:
    begin = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        cwd=HERE.parent,
        env={**os.environ, "LOG_LEVEL": "error", **settings},
    )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                if process.returncode is not None or time.monotonic() - begin > 30:
                    raise RuntimeError(f"{command} did not start") from None
                await asyncio.sleep(0.02)
        yield Server(f"http://127.0.0.1:{port}", process.pid, time.monotonic() - begin)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def tree_memory_mib(pid: int) -> dict[str, float]:
    """Resident memory of a process and of its children, by command."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "status").read_text()
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        parent = re.search(r"^PPid:\s+(\d+)", status, re.M)
        resident = re.search(r"^VmRSS:\s+(\d+)", status, re.M)
        if parent is None or resident is None or pid not in (int(parent[1]), int(entry.name)):
            continue
        name = "core" if int(entry.name) == pid else Path(arguments[0].decode()).name
        found[name] = int(resident[1]) / 1024
    return found


def tree_cpu_s(pid: int) -> float:
    """What a process and its children have computed so far, in seconds of one CPU: other work on the machine changes it
    less than it changes rates."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            facts = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in (int(facts[1]), int(entry.name)):
            ticks += int(facts[11]) + int(facts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
