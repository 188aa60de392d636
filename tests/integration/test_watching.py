"""What steps that watch get survives the death of the core, and is there exactly when the change is."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import running_core

STEPS = """
from motia import api, event


@api("POST", "/count")
async def count(req, ctx):
    after = await ctx.state.update("counts", "n", [{"type": "increment", "path": ""}])
    await ctx.streams.board.set("g", str(after), {"n": after})
    return {"status": 200, "body": after}


@api("GET", "/seen")
async def seen(req, ctx):
    return {"status": 200, "body": [await ctx.state.get_group(name) for name in ("counts", "state", "stream")]}


@event(watches={"state": True}, queue={"delaySeconds": 1})
async def of_state(change, ctx):
    if change["scope"] == "counts":
        await ctx.state.set("state", str(change["new_value"]), [change["old_value"], change["new_value"]])


@event(watches={"stream": "board", "group": "g"}, queue={"delaySeconds": 1}, atomic=True)
async def of_stream(change, ctx):
    await ctx.state.set("stream", change["id"], change["event"]["data"]["n"])
"""
STREAM = 'config = {"name": "board", "schema": {"type": "object"}}\n'


def until(look: Callable[[], Any], expected: Any) -> None:
    deadline = time.monotonic() + 20
    while (found := look()) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.mark.parametrize("number", [1, 5])
def test_a_change_is_told_after_the_core_was_killed(number: int, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "steps").mkdir(parents=True)
    (project / "steps" / "watch_step.py").write_text(STEPS)
    (project / "steps" / "board_stream.py").write_text(STREAM)
    with running_core(project, tmp_path / "data") as core:
        for _ in range(number):
            httpx.post(f"{core.url}/count").raise_for_status()
        core.stop(signal.SIGKILL)  # before anything was told: that waits a second
    told = [[before or None, before + 1] for before in range(number)]
    with running_core(project, tmp_path / "data") as core:
        wanted = [[number], told, list(range(1, number + 1))]
        until(lambda: httpx.get(f"{core.url}/seen").json(), wanted)
