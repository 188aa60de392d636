"""A process that is killed while it imports a file says nothing about the file, unless it happens each time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.crash.core import Core

UNLUCKY = """
import os, pathlib, signal

deaths = pathlib.Path({deaths!r})
deaths.write_text(deaths.read_text() + "x" if deaths.exists() else "x")
if len(deaths.read_text()) <= {times}:
    os.kill(os.getpid(), signal.SIGKILL)
config = {{"type": "api", "name": "Unlucky{times}", "method": "GET", "path": "/{times}", "emits": []}}


async def handler(req, ctx):
    return {{"status": 200, "body": "here"}}
"""


def test_killed_while_importing(tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    steps.mkdir()
    for times in (0, 2, 9):
        source = UNLUCKY.format(deaths=str(tmp_path / f"deaths-{times}"), times=times)
        (steps / f"unlucky_{times}_step.py").write_text(source)

    async def scenario() -> None:
        async with Core.running(tmp_path, tmp_path / "data") as core:
            assert await core.serves(), core.story()
            assert [problem["file"] for problem in core.problems] == ["steps/unlucky_9_step.py"]
            async with httpx.AsyncClient(base_url=core.url) as client:
                for times in (0, 2):
                    assert (await client.get(f"/{times}")).text == "here"
        assert (tmp_path / "deaths-9").read_text() == "xxx"

    asyncio.run(scenario())
