"""kill -9 of the core in the middle of thousands of events loses none; a second SIGTERM stops at once."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

STEPS = {
    "steps/produce_step.py": """
import asyncio

config = {"type": "api", "name": "Produce", "method": "POST", "path": "/produce", "emits": ["work"]}


async def handler(req, context):
    first, count = req["body"]["first"], req["body"]["count"]
    await asyncio.gather(*(context.emit({"topic": "work", "data": {"n": n}}) for n in range(first, first + count)))
    return {"status": 200, "body": {}}
""",
    "steps/consume.step.js": """
import { appendFileSync } from 'node:fs'

export const config = { type: 'event', name: 'Consume', subscribes: ['work'], emits: [] }
export const handler = async ({ n }) => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  appendFileSync(process.env.JOURNAL, `${n}\\n`)
}
""",
    "steps/slow_step.py": """
import asyncio
import os

config = {"type": "api", "name": "Slow", "method": "GET", "path": "/slow", "emits": []}


async def handler(req, context):
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write("slow\\n")
    await asyncio.sleep(1)
    return {"status": 200, "body": "slow"}
""",
}
BURST = 500
EVENTS = 4_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "steps").mkdir(parents=True)
    for path, source in STEPS.items():
        (folder / path).write_text(source)
    return folder


def produce(core: RunningCore) -> set[int]:
    """Emit all events; the numbers of those whose emit was acknowledged."""
    for first in range(0, EVENTS, BURST):
        httpx.post(f"{core.url}/produce", json={"first": first, "count": BURST}, timeout=20).raise_for_status()
    return set(range(EVENTS))


def seen(journal: Path) -> set[int]:
    return {int(line) for line in journal.read_text().splitlines() if line.isdigit()} if journal.exists() else set()


def wait_for(journal: Path, wanted: set[int], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while missing := wanted - seen(journal):
        assert time.monotonic() < deadline, f"{len(missing)} events are lost, for example {sorted(missing)[:5]}"
        time.sleep(0.05)


def test_killed_core_loses_no_acknowledged_event(project: Path, tmp_path: Path) -> None:
    journal, data = tmp_path / "journal", tmp_path / "data"
    settings = {"JOURNAL": str(journal)}
    with running_core(project, data, settings) as core:
        wanted = produce(core)
        while len(seen(journal)) < EVENTS // 10:
            time.sleep(0.01)
        core.stop(signal.SIGKILL)
    assert len(seen(journal)) < EVENTS
    for _ in range(2):  # and again while it catches up
        before = len(seen(journal))
        with running_core(project, data, settings) as core:
            while len(seen(journal)) < min(before + EVENTS // 10, EVENTS):
                time.sleep(0.01)
            core.stop(signal.SIGKILL)
    with running_core(project, data, settings) as core:
        wait_for(journal, wanted)
        time.sleep(0.3)
        assert core.stop() == 0


def wait_for_slow(journal: Path) -> None:
    """Until the slow request is being answered."""
    deadline = time.monotonic() + 10
    while not journal.exists() or "slow" not in journal.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.alone
def test_second_sigterm_stops_at_once(project: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with running_core(project, tmp_path / "data", {"JOURNAL": str(journal)}) as core:
        thread = threading.Thread(target=lambda: _ignore_errors(f"{core.url}/slow"))
        thread.start()
        wait_for_slow(journal)
        core.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        began = time.monotonic()
        assert core.stop() == 1
        assert time.monotonic() - began < 2
        thread.join()


def _ignore_errors(url: str) -> None:
    try:
        httpx.get(url, timeout=20)
    except httpx.HTTPError:
        return
