"""How a core ends: in order, when it is told twice, and when it cannot; and what the next one finds."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import RunningCore

STEPS = {
    "slow_step.py": """
import asyncio

config = {"type": "api", "name": "Slow", "method": "POST", "path": "/slow", "emits": []}


async def handler(req, ctx):
    await ctx.state.set("seen", "slow", True)
    await asyncio.sleep(req.body["seconds"])
    return {"status": 200, "body": {"answered": True}}
""",
    "work_step.py": """
import asyncio

config = {
    "type": "event", "name": "Work", "subscribes": ["work"], "emits": ["worked"], "atomic": True,
    "queue": {"concurrency": 2},
}


async def handler(work, ctx):
    await ctx.state.update("started", str(work["n"]), [{"type": "increment", "path": ""}])
    await ctx.emit({"topic": "worked", "data": work})
    await asyncio.sleep(work["seconds"])
    await ctx.state.update("done", str(work["n"]), [{"type": "increment", "path": ""}])
""",
    "worked_step.py": """
config = {"type": "event", "name": "Worked", "subscribes": ["worked"], "emits": [], "atomic": True}


async def handler(work, ctx):
    await ctx.state.update("heard", str(work["n"]), [{"type": "increment", "path": ""}])
""",
    "begin_step.py": """
config = {"type": "api", "name": "Begin", "method": "POST", "path": "/begin", "emits": ["work"]}


async def handler(req, ctx):
    for work in req.body:
        await ctx.emit({"topic": "work", "data": work})
    return {"status": 202}
""",
    "found_step.py": """
config = {"type": "api", "name": "Found", "method": "GET", "path": "/found", "emits": []}


async def handler(req, ctx):
    async def numbers(group):
        return {entry["key"]: entry["value"] async for entry in ctx.state.list_all(group)}

    return {"status": 200, "body": {name: await numbers(name) for name in ("seen", "done", "heard")}}
""",
}


class Project:
    """A project that is served by one core after the other."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        (directory / "steps").mkdir()
        for name, source in STEPS.items():
            (directory / "steps" / name).write_text(source)

    @contextmanager
    def served(self, **settings: str) -> Iterator[RunningCore]:
        core = RunningCore(self._directory, self._directory / ".motia", settings)
        try:
            yield core
        finally:
            if core.process.poll() is None:
                core.process.kill()
            core.stop()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def found(core: RunningCore) -> dict[str, dict[str, int]]:
    body: dict[str, dict[str, int]] = httpx.get(f"{core.url}/found", timeout=10).json()
    return body


def until(core: RunningCore, group: str, expected: dict[str, Any], within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while (numbers := found(core)[group]) != expected:
        assert time.monotonic() < deadline, (group, numbers, expected)
        time.sleep(0.05)


def in_background(core: RunningCore, seconds: float) -> tuple[threading.Thread, list[int]]:
    """A request that takes a while, and where its status will be."""
    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(httpx.post(f"{core.url}/slow", json={"seconds": seconds}, timeout=20).status_code)
        except httpx.HTTPError:
            answers.append(0)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answers


@pytest.mark.alone
def test_sigterm_lets_everything_end_that_runs(project: Project) -> None:
    work = [{"n": n, "seconds": 0.6} for n in range(6)]  # two of them at once: the others have not begun
    with project.served() as core:
        assert httpx.post(f"{core.url}/begin", json=work).status_code == 202
        asking, answers = in_background(core, 0.8)
        until(core, "seen", {"slow": True})
        began = time.monotonic()
        assert core.stop() == 0
        assert time.monotonic() - began < 5
        asking.join()
        assert answers == [200]
        assert [record["message"] for record in core.records if record.get("level") in ("warn", "error")] == []
    with project.served() as core:
        once = {str(n): 1 for n in range(6)}
        until(core, "done", once)
        until(core, "heard", once)


@pytest.mark.alone
def test_what_does_not_end_in_time_is_cut_off_and_runs_again(project: Project) -> None:
    with project.served(MOTIA_DRAIN_GRACE_MS="700") as core:
        assert httpx.post(f"{core.url}/begin", json=[{"n": 1, "seconds": 3}]).status_code == 202
        asking, answers = in_background(core, 30)
        until(core, "seen", {"slow": True})
        began = time.monotonic()
        assert core.stop() == 0
        assert time.monotonic() - began < 6
        asking.join()
        assert answers == [503]
    with project.served() as core:
        until(core, "done", {"1": 1})
        until(core, "heard", {"1": 1})


@pytest.mark.alone
def test_second_sigterm_ends_at_once_and_loses_nothing(project: Project) -> None:
    with project.served() as core:
        work = [{"n": 1, "seconds": 4}, {"n": 2, "seconds": 0}]
        assert httpx.post(f"{core.url}/begin", json=work).status_code == 202
        until(core, "done", {"2": 1})
        asking, answers = in_background(core, 30)
        until(core, "seen", {"slow": True})
        core.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        began = time.monotonic()
        assert core.stop() == 1
        assert time.monotonic() - began < 3
        asking.join()
        assert answers in ([0], [502], [503])  # the connection, the sidecar or the core was gone first
    with project.served() as core:
        until(core, "done", {"1": 1, "2": 1})
        until(core, "heard", {"1": 1, "2": 1})
