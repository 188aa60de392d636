"""What tests do with a project of files: real sidecars of both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from motia_core.errors import ProjectNotFoundError
from motia_core.testing import Motia, RigError, StillBusyError, UnexpectedFailureError, start_motia
from tests.repo.repository import ROOT

PIPELINE = ROOT / "examples" / "order-pipeline"
ORDER = {"customer": "Ada", "items": [{"product": "coffee", "quantity": 2}, {"product": "cake", "quantity": 1}]}

FLAKY = """
import asyncio, os, time

from motia import RetryableError

config = {"type": "event", "name": "Flaky", "subscribes": ["flaky"], "emits": ["flaked"]}
seen = []


async def handler(data, ctx):
    seen.append(ctx.attempt)
    if data.get("hangs"):
        await asyncio.sleep(3600)
    if ctx.attempt < data.get("good", 1):
        raise RetryableError("not yet", "10m")
    if data.get("fails"):
        helper(data)
    await ctx.emit({"topic": "flaked", "data": {"attempt": ctx.attempt, "tax": os.environ.get("TAX")}})


def helper(data):
    raise LookupError(data["fails"])
"""
SLEEPY = """
export const config = { type: 'event', name: 'Sleepy', subscribes: ['sleepy'], emits: ['slept'] }
export const handler = async (data, { emit, sleep, waitFor, state, logger }) => {
  await sleep('2h')
  const answer = await waitFor('answer', { n: data.n }, '1d')
  await state.set('slept', 'n', data.n, { ttl: '5m' })
  logger.info('slept well', { n: data.n })
  await emit({ topic: 'slept', data: answer, delay: 60_000 })
}
"""
HEARD = """
export const config = { type: 'event', name: 'Heard', subscribes: ['slept'], emits: [] }
export const handler = async (data, { streams }) => {
  await streams.board.set('g', 'last', { data })
}
"""
BOARD = """
export const config = { name: 'board', schema: null, baseConfig: { storageType: 'default' } }
"""
BROKEN = "import no_such_package\n\nconfig = {'type': 'noop', 'name': 'Broken'}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    steps = tmp_path_factory.mktemp("project") / "steps"
    steps.mkdir()
    (steps / "flaky_step.py").write_text(FLAKY)
    (steps / "sleepy.step.js").write_text(SLEEPY)
    (steps / "heard.step.js").write_text(HEARD)
    (steps / "board.stream.js").write_text(BOARD)
    (steps / "broken_step.py").write_text(BROKEN)
    return steps.parent


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Motia]:
    with start_motia(folder, env={"TAX": "19"}) as motia:
        yield motia


@pytest.fixture
def motia(running: Motia) -> Motia:
    running.reset()
    return running


def test_an_order_passes_through_three_languages() -> None:
    with start_motia(PIPELINE) as motia:
        response = motia.post("/orders", json=ORDER)
        motia.drain()
        assert motia.emitted("order.priced")[0]["total"] == 17.61
        assert motia.run(response).steps == ["CreateOrder", "PriceOrder", "OrderInsights", "NotifyCustomer"]
        assert "17.61" in motia.logs("Dear Ada", step="NotifyCustomer")[0].message
        began = time.perf_counter()
        motia.reset()
        assert motia.get(f"/orders/{response.json()['id']}").status == 404
        assert time.perf_counter() - began < 1, "a test costs no start of a process"


def test_retries_of_a_sidecar_pass_in_virtual_time(motia: Motia) -> None:
    motia.emit("flaky", {"good": 3})
    began = motia.clock.now
    motia.drain()
    assert motia.emitted("flaked") == [{"attempt": 3, "tax": "19"}]
    assert (motia.clock.now - began).total_seconds() == 1200


def test_handlers_in_javascript_sleep_and_wait_in_virtual_time(motia: Motia) -> None:
    motia.emit("sleepy", {"n": 7})
    motia.drain()
    assert motia.waiting("Sleepy")[0].why == "sleeps; goes on in 2h"
    motia.clock.advance("2h")
    motia.emit("answer", {"n": 7, "yes": True})
    motia.drain()
    assert motia.state.get("slept", "n") == 7
    assert motia.logs("slept well")[0].fields == {"n": 7}
    assert motia.waiting("Heard")[0].why == "is delayed; due in 1m"
    with motia.streams["board"].join("g") as client:
        motia.clock.advance("1m")
        assert client.next("create")["data"]["data"] == {"n": 7, "yes": True}
    assert motia.streams["board"].get("g", "last")["data"] == {"n": 7, "yes": True}
    motia.clock.advance("4m")
    assert motia.state.get("slept", "n") is None


def test_a_failure_shows_the_stack_of_the_step(motia: Motia) -> None:
    motia.emit("flaky", {"fails": "no such order"})
    with pytest.raises(UnexpectedFailureError) as failed:
        motia.drain()
    message = str(failed.value)
    assert "Flaky (steps/flaky_step.py) failed with 'flaky', attempt 4: LookupError: no such order" in message
    assert re.search(r'flaky_step.py", line \d+, in helper', message)


def test_a_handler_that_hangs_is_named_and_gone_in_the_next_test(motia: Motia) -> None:
    motia.emit("flaky", {"hangs": True})
    with pytest.raises(StillBusyError, match=r"Flaky \(steps/flaky_step.py\) runs for .* s, attempt 1 of 4"):
        motia.drain(timeout=0.3)
    motia.reset()
    motia.emit("flaky", {})
    motia.drain()
    assert [event["attempt"] for event in motia.emitted("flaked")] == [1]


def test_one_handler_is_called(motia: Motia) -> None:
    called = motia.call("Flaky", {})
    assert [event.data for event in called.emits] == [{"attempt": 1, "tax": "19"}]
    assert motia.call("Sleepy", {"n": 1}).waits == "7200s"
    failed = motia.call("Flaky", {"fails": "x"})
    assert failed.error is not None
    assert "in helper" in failed.error.stack


def test_a_step_that_was_not_loaded_is_said(motia: Motia) -> None:
    with pytest.raises(RigError, match=r"step 'broken' was not loaded: steps/broken_step.py: .*no_such_package"):
        motia.call("broken")
    with pytest.raises(RigError, match=r"there are Heard, Sleepy, Flaky\. Not loaded: steps/broken_step.py\."):
        motia.call("Zzz")
    assert "NOT LOADED steps/broken_step.py" in motia.log_text()


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProjectNotFoundError, match="does not exist or is not a folder"):
        start_motia(tmp_path / "nowhere")


def test_steps_of_a_test_are_beside_those_of_the_project(folder: Path) -> None:
    from motia_core.testing import step

    seen: list[object] = []
    listener = step({"type": "event", "name": "Listener", "subscribes": ["flaked"], "emits": []}, seen.append)
    with start_motia(folder, steps=[listener]) as motia:
        motia.emit("flaky", {})
        motia.drain()
    assert seen == [{"attempt": 1, "tax": None}]
    other = step({"type": "event", "name": "Flaky", "subscribes": ["x"], "emits": []}, seen.append)
    with pytest.raises(RigError, match="the project has a step Flaky already: fake it"):
        start_motia(folder, steps=[other])


def test_two_projects_at_once_share_nothing(folder: Path, motia: Motia) -> None:
    with start_motia(folder, env={"TAX": "7"}) as other:
        for one in (motia, other):
            one.emit("flaky", {})
        motia.drain()
        other.drain()
        assert motia.emitted("flaked") == [{"attempt": 1, "tax": "19"}]
        assert other.emitted("flaked") == [{"attempt": 1, "tax": "7"}]


FAILING = """
import pytest

def test_it(motia):
    motia.emit("flaky", {"fails": "the reason"})
    motia.drain()

@pytest.mark.anyio
async def test_async(motia):
    motia.emit("flaky", {})
    await motia.aio.drain()
    assert len(motia.emitted("flaked")) == 1

def test_unused():
    assert 1 == 2
"""


def test_the_report_of_a_failed_test_shows_the_project_and_not_the_kit(folder: Path) -> None:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "test_it.py").write_text(FAILING)
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "error", "--color=no"]
    command = [sys.executable, "-m", "pytest", "tests", *arguments]
    env = {**os.environ, "COLUMNS": "150"}
    result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=50, check=False)
    out = result.stdout
    assert "2 failed, 1 passed" in out, out + result.stderr
    report, unused = out.split("test_unused", 1)
    assert "motia.drain()" in report
    assert "LookupError: the reason" in report
    assert "motia: what was logged" in report
    assert "NOT LOADED steps/broken_step.py" in report
    assert "motia_core/testing" not in report, "frames of the kit are of no use"
    assert "what was logged" not in unused
