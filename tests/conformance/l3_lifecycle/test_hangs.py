"""Sidecars that hang, block or run out of memory: what they ran runs again elsewhere, and nothing else stops."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

# Every handler says in the journal who it is, where it runs and what it does.
PYTHON = """
import asyncio
import os
import time


def note(what):
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write(f"{what} {os.getpid()}\\n")


"""
NODE = """
import { appendFileSync, readFileSync } from 'node:fs'

const note = (what) => appendFileSync(process.env.JOURNAL, `${what} ${process.pid}\\n`)
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

"""
STEPS = {
    "steps/ok_step.py": """
config = {"type": "api", "name": "OkPy", "method": "GET", "path": "/python/ok", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": "ok"}
""",
    "steps/ok.step.js": """
export const config = { type: 'api', name: 'OkJs', method: 'GET', path: '/node/ok', emits: [] }
export const handler = async () => ({ status: 200, body: 'ok' })
""",
    "steps/wait_step.py": PYTHON
    + """
config = {"type": "event", "name": "WaitPy", "subscribes": ["python.wait"], "queue": {"visibilityTimeout": 4}}


async def handler(data, context):
    note(f"start-{context.attempt}")
    await asyncio.sleep(float(data.get("seconds", 2)))
    note("done")
""",
    "steps/wait.step.js": NODE
    + """
export const config = { type: 'event', name: 'WaitJs', subscribes: ['node.wait'], queue: { visibilityTimeout: 4 } }
export const handler = async (data, context) => {
  note(`start-${context.attempt}`)
  await pause((data.seconds ?? 2) * 1000)
  note('done')
}
""",
    "steps/block_step.py": PYTHON
    + """
config = {
    "type": "event",
    "name": "BlockPy",
    "subscribes": ["python.block"],
    "infrastructure": {"handler": {"timeout": 1}, "queue": {"retryDelay": 0}},
}


async def handler(data, context):
    note(f"block-{context.attempt}")
    if context.attempt == 1:
        time.sleep(60)
    note("unblocked")
""",
    "steps/block.step.js": NODE
    + """
export const config = { type: 'event', name: 'BlockJs', subscribes: ['node.block'], queue: { visibilityTimeout: 2 } }
export const handler = async (data, context) => {
  const again = readFileSync(process.env.JOURNAL, 'utf8').includes('block-')
  note(`block-${context.attempt}`)
  if (!again) for (;;);
  note('unblocked')
}
""",
    "steps/memory_step.py": PYTHON
    + """
import signal

config = {"type": "event", "name": "MemoryPy", "subscribes": ["python.memory"]}


async def handler(data, context):
    with open(os.environ["JOURNAL"]) as journal:
        again = "memory-" in journal.read()
    note(f"memory-{context.attempt}")
    if not again:
        os.kill(os.getpid(), signal.SIGKILL)  # what the kernel does to who takes too much
    note("fits")
""",
    "steps/memory.step.js": NODE
    + """
export const config = { type: 'event', name: 'MemoryJs', subscribes: ['node.memory'] }
export const handler = async (data, context) => {
  const again = readFileSync(process.env.JOURNAL, 'utf8').includes('memory-')
  note(`memory-${context.attempt}`)
  const held = []
  while (!again) held.push(new Array(100_000).fill(held.length))
  note('fits')
}
""",
}
SETTINGS = {
    "MOTIA_SIDECARS_BUSY_AFTER_MS": "700",
    "MOTIA_SIDECARS_HEARTBEAT_INTERVAL_MS": "200",
    "MOTIA_SIDECARS_CANCEL_GRACE_MS": "300",
    "NODE_OPTIONS": "--max-old-space-size=64",
}
LANGUAGES = ("python", "node")
OTHER = {"python": "node", "node": "python"}


class Rig:
    """A core, and what its handlers have written."""

    def __init__(self, core: RunningCore, journal: Path) -> None:
        self.core = core
        self.journal = journal

    def emit(self, topic: str, **data: object) -> None:
        httpx.post(f"{self.core.url}/__motia/emit", json={"topic": topic, "data": data}, timeout=5).raise_for_status()

    def entries(self, what: str) -> list[tuple[str, int]]:
        """(what exactly, pid) of the journal's lines that start so."""
        lines = [line.split() for line in self.journal.read_text().splitlines()]
        return [(line[0], int(line[1])) for line in lines if line[0].startswith(what)]

    def until(self, condition: Callable[[], bool], within_s: float = 20) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, (self.journal.read_text(), self.core.log_lines()[-10:])
            time.sleep(0.02)

    def answers(self, language: str) -> bool:
        response = httpx.get(f"{self.core.url}/{language}/ok", timeout=10)
        return response.text == "ok" and response.elapsed.total_seconds() < 1


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    project = tmp_path_factory.mktemp("hangs")
    (project / "steps").mkdir()
    for path, source in STEPS.items():
        (project / path).write_text(source)
    journal = project / "journal"
    with running_core(project, tmp_path_factory.mktemp("data"), {**SETTINGS, "JOURNAL": str(journal)}) as core:
        yield Rig(core, journal)


@pytest.fixture
def rig(serving: Rig) -> Iterator[Rig]:
    serving.journal.write_text("")
    yield serving
    assert httpx.get(f"{serving.core.url}/__motia/dlq", timeout=5).json()["deadLetters"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_stopped_sidecar_is_replaced_when_a_lease_is_over(rig: Rig, language: str) -> None:
    rig.emit(f"{language}.wait")
    rig.until(lambda: len(rig.entries("start")) == 1)
    [(_, stopped)] = rig.entries("start")
    os.kill(stopped, signal.SIGSTOP)
    assert rig.answers(OTHER[language])
    rig.until(lambda: len(rig.core.sidecar_pids(language)) == 2)
    rig.until(lambda: rig.answers(language))
    assert stopped in rig.core.sidecar_pids(language), "another one should stand in before the lease is over"
    rig.until(lambda: len(rig.entries("done")) == 1)
    assert [what for what, _ in rig.entries("start")] == ["start-1", "start-1"], "a lost sidecar costs no attempt"
    assert stopped not in (rig.entries("done")[0][1], *rig.core.sidecar_pids(language))
    assert any("visibilityTimeout of Wait" in line for line in rig.core.log_lines())
    rig.until(lambda: len(rig.core.sidecar_pids(language)) == 1)
    assert rig.answers(language)


def test_handlers_that_take_longer_than_their_lease_run_on(rig: Rig) -> None:
    """The lease is renewed while the sidecar is heard from."""
    for language in LANGUAGES:
        rig.emit(f"{language}.wait", seconds=6)
    rig.until(lambda: len(rig.entries("done")) == 2)
    assert len(rig.entries("start")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_blocked_loop_is_given_up_and_its_neighbours_run_elsewhere(rig: Rig, language: str) -> None:
    rig.emit(f"{language}.wait")
    rig.until(lambda: len(rig.entries("start")) == 1)
    rig.emit(f"{language}.block")
    rig.until(lambda: len(rig.entries("block")) == 1)
    blocked = rig.entries("block")[0][1]
    assert rig.answers(OTHER[language])
    rig.until(lambda: len(rig.entries("unblocked")) == 1 and len(rig.entries("done")) == 1)
    again = {"python": "block-2", "node": "block-1"}[language]  # timed out; lost
    assert [what for what, _ in rig.entries("block")] == ["block-1", again]
    assert blocked not in (rig.entries("unblocked")[0][1], rig.entries("done")[0][1])
    assert rig.answers(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sidecar_that_is_out_of_memory_is_replaced(rig: Rig, language: str) -> None:
    rig.emit(f"{language}.wait")
    rig.until(lambda: len(rig.entries("start")) == 1)
    rig.emit(f"{language}.memory")
    rig.until(lambda: len(rig.entries("fits")) == 1 and len(rig.entries("done")) == 1)
    first, second = rig.entries("memory")
    assert (first[0], second[0]) == ("memory-1", "memory-1")
    assert first[1] != second[1] == rig.entries("fits")[0][1]
    assert [what for what, _ in rig.entries("start")] == ["start-1", "start-1"]
    assert rig.answers("python")
    assert rig.answers("node")
