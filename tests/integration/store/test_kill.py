"""kill -9 at any moment loses nothing that was acknowledged."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from motia_core.settings import Settings
from motia_core.store import open_store

ROOT = Path(__file__).parents[3]
ROUNDS = 6
WORDS = ("enqueued", "completing", "completed", "committing", "committed")


async def stored_and_done(project: Path) -> tuple[set[int], set[int]]:
    """Deliveries, and those that were completed with an effect."""
    store = await open_store(Settings(project=project))
    deliveries = await store.queue.read_due("Work", [0], after=(-1, 0), limit=10_000_000)
    done = await store.state.get_group("done")
    await store.close()
    return {delivery.id for delivery in deliveries}, {int(key) for key, _ in done}


def run_and_kill(project: Path, lines: int, *, whole_group: bool) -> dict[str, set[int]]:
    """Kill the core after so many lines of its output; with its store's process, or alone."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.store.acknowledging", str(project)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "core")])},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    said: dict[str, set[int]] = {word: set() for word in WORDS}

    def take(line: bytes) -> None:
        word, number = line.split()
        said[word.decode()].add(int(number))

    with process.stdout:
        for _ in range(lines):
            take(process.stdout.readline())
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        for line in process.stdout:  # what it managed to say before
            take(line)
    process.wait()
    return said


@pytest.mark.parametrize("whole_group", [False, True], ids=["core", "core and store"])
def test_kill_loses_nothing_acknowledged(tmp_path: Path, whole_group: bool) -> None:
    expected: set[int] = set()
    for _ in range(ROUNDS):
        said = run_and_kill(tmp_path, random.randrange(1, 3_000), whole_group=whole_group)
        stored, done = asyncio.run(stored_and_done(tmp_path))  # waits for the store's process to end
        expected |= said["enqueued"] - said["completing"] - said["committing"]
        assert expected <= stored
        assert not said["completed"] & stored
        assert said["committed"] <= done
        assert said["committing"] <= done | stored  # nothing in between
        assert not done & stored
        unanswered = stored - expected
        assert len(unanswered) <= 16  # one for each caller
        expected = stored
