"""Streamed responses meet slow clients, dying processes and a core that stops, in both languages."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

PIECE = 256 * 1024
PIECES = 400

PY = f"""
import asyncio

made = 0


async def pieces():
    global made
    made = 0
    for _ in range({PIECES}):
        made += 1
        yield b"x" * {PIECE}


def slowly():
    import time

    for number in range(6):
        yield f"{{number}} "
        time.sleep(0.2)


config = {{"type": "api", "name": "py", "method": "GET", "path": "/py/:what", "emits": []}}


async def handler(req, ctx):
    what = req["pathParams"]["what"]
    if what == "made":
        return {{"status": 200, "body": made}}
    return {{"status": 200, "body": slowly() if what == "slowly" else pieces()}}
"""
TS = f"""
let made = 0

async function* pieces() {{
  made = 0
  for (let n = 0; n < {PIECES}; n += 1) {{
    made += 1
    yield Buffer.alloc({PIECE}, 'x')
  }}
}}

async function* slowly() {{
  for (let n = 0; n < 6; n += 1) {{
    yield `${{n}} `
    await new Promise((resolve) => setTimeout(resolve, 200))
  }}
}}

export const config = {{ type: 'api', name: 'ts', method: 'GET', path: '/ts/:what', emits: [] }}

export const handler = async (req: any) => {{
  const {{ what }} = req.pathParams
  if (what === 'made') return {{ status: 200, body: made }}
  return {{ status: 200, body: what === 'slowly' ? slowly() : pieces() }}
}}
"""
LANGUAGES = ("ts", "py")
GROUPS = {"ts": "node", "py": "python"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streaming")
    (folder / "steps").mkdir()
    (folder / "steps" / "a.step.ts").write_text(TS)
    (folder / "steps" / "a_step.py").write_text(PY)
    return folder


@pytest.fixture(scope="module", params=["uvicorn", "hypercorn"])
def core(
    project: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[RunningCore]:
    with running_core(project, tmp_path_factory.mktemp("data"), {"MOTIA_HTTP_SERVER": request.param}) as running:
        yield running


def eventually(look: Callable[[], Any], wanted: Any) -> None:
    deadline = time.monotonic() + 10
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.03)


def settled(look: Callable[[], int]) -> int:
    """What something is once it stays so."""
    deadline, seen = time.monotonic() + 20, -1
    while (found := look()) != seen:
        assert time.monotonic() < deadline, found
        seen = found
        time.sleep(0.3)
    return found


def started(core: RunningCore, path: str) -> socket.socket:
    """A client that has read the beginning of a response, and reads no further."""
    url = httpx.URL(core.url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.settimeout(10)
    client.connect((url.host, url.port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert client.recv(1000).startswith(b"HTTP/1.1 200")
    return client


def rest(client: socket.socket) -> int:
    """Read to the end; how many bytes."""
    size = 0
    with client:
        while block := client.recv(1 << 20):
            size += len(block)
    return size


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_generator_is_no_faster_than_its_client(core: RunningCore, language: str) -> None:
    client = started(core, f"/{language}/pieces")
    made = lambda: httpx.get(f"{core.url}/{language}/made").json()  # noqa: E731
    first = settled(made)  # it waits,
    assert first * PIECE < 16 * 1024 * 1024  # not far ahead: most of that is in the buffers of the system
    assert rest(client) > PIECES * PIECE - 2000  # and goes on when the client does
    assert made() == PIECES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sidecar_that_dies_breaks_its_responses_off(core: RunningCore, language: str) -> None:
    client = started(core, f"/{language}/pieces")
    (pid,) = core.sidecar_pids(GROUPS[language])
    os.kill(pid, signal.SIGKILL)
    assert rest(client) < PIECES * PIECE
    eventually(lambda: httpx.get(f"{core.url}/{language}/made").status_code, 200)
    assert any("broke off" in line for line in core.log_lines())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_core_that_stops_lets_responses_end(project: Path, tmp_path: Path, language: str) -> None:
    with running_core(project, tmp_path / "data", {}) as core:
        with httpx.stream("GET", f"{core.url}/{language}/slowly", timeout=10) as response:
            pieces = response.iter_text()
            text = next(pieces)
            stopping = threading.Thread(target=core.stop)
            stopping.start()
            text += "".join(pieces)
        stopping.join(15)
        assert text == "0 1 2 3 4 5 "
        assert core.process.returncode == 0
