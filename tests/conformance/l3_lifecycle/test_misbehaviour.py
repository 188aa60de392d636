"""Handlers that end, block or flood their process: everybody else is served."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core

STEPS = {
    "steps/ok_step.py": """
config = {"type": "api", "name": "OkPy", "method": "GET", "path": "/py/ok", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": "ok"}
""",
    "steps/ok.step.js": """
export const config = { type: 'api', name: 'OkJs', method: 'GET', path: '/js/ok', emits: [] }
export const handler = async () => ({ status: 200, body: 'ok' })
""",
    "steps/bad_step.py": """
import os
import sys
import time

config = {"type": "api", "name": "BadPy", "method": "GET", "path": "/py/bad/:how", "emits": []}


async def handler(req, context):
    how = req["pathParams"]["how"]
    if how == "exit":
        sys.exit(1)
    if how == "die":
        os._exit(3)
    if how == "block":
        time.sleep(5)
    if how == "flood":
        for number in range(200_000):
            print(number)
    return {"status": 200, "body": how}
""",
    "steps/bad.step.js": """
export const config = { type: 'api', name: 'BadJs', method: 'GET', path: '/js/bad/:how', emits: [] }
export const handler = async (req) => {
  const { how } = req.pathParams
  if (how === 'exit') process.exit(1)
  if (how === 'die') process.abort()
  if (how === 'block') for (const end = Date.now() + 5000; Date.now() < end; );
  if (how === 'flood') for (let i = 0; i < 200_000; i++) console.log(i)
  return { status: 200, body: how }
}
""",
    "steps/later.step.js": """
export const config = { type: 'api', name: 'LaterJs', method: 'GET', path: '/js/later', emits: [] }
export const handler = async () => {
  setTimeout(() => { throw new Error('nobody catches this') }, 1)
  Promise.reject(new Error('nor this'))
  return { status: 200, body: 'later' }
}
""",
}
SETTINGS = {"MOTIA_SIDECARS_BUSY_AFTER_MS": "800", "MOTIA_SIDECARS_HEARTBEAT_INTERVAL_MS": "200"}
LANGUAGES = ("py", "js")


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with started(tmp_path_factory, SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    """A core in which no handler blocks or dies: its sidecars are the same all the time."""
    with started(tmp_path_factory, {}) as running:
        yield running


def started(folders: pytest.TempPathFactory, settings: dict[str, str]) -> AbstractContextManager[RunningCore]:
    project = folders.mktemp("misbehaviour")
    (project / "steps").mkdir()
    for path, source in STEPS.items():
        (project / path).write_text(source)
    return running_core(project, folders.mktemp("data"), settings)


def get(core: RunningCore, path: str) -> httpx.Response:
    return httpx.get(f"{core.url}{path}", timeout=20)


@pytest.mark.parametrize("language", LANGUAGES)
def test_handler_that_exits_fails_alone(quiet: RunningCore, language: str) -> None:
    group = "python" if language == "py" else "node"
    before = quiet.sidecar_pids(group)
    assert get(quiet, f"/{language}/bad/exit").status_code == 500
    assert get(quiet, f"/{language}/ok").text == "ok"
    assert quiet.sidecar_pids(group) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_process_that_dies_is_replaced(core: RunningCore, language: str) -> None:
    response = get(core, f"/{language}/bad/die")
    assert (response.status_code, response.json()["code"]) == (502, "SIDECAR_LOST")
    assert get(core, f"/{language}/ok").text == "ok"


@pytest.mark.parametrize("language", LANGUAGES)
def test_blocked_loop_keeps_nobody_waiting_for_long(core: RunningCore, language: str) -> None:
    blocked: list[str] = []
    thread = threading.Thread(target=lambda: blocked.append(get(core, f"/{language}/bad/block").text))
    began = time.monotonic()
    thread.start()
    time.sleep(0.2)
    other = get(core, "/py/ok" if language == "js" else "/js/ok")
    assert (other.text, other.elapsed.total_seconds() < 1) == ("ok", True)
    time.sleep(max(0.0, began + 2.5 - time.monotonic()))  # by now the core has noticed, and has started another process
    same = get(core, f"/{language}/ok")
    assert (same.text, same.elapsed.total_seconds() < 1) == ("ok", True)
    assert not blocked, "the handler should still be blocking"
    thread.join()
    assert blocked == ["block"]
    assert get(core, f"/{language}/ok").text == "ok"


@pytest.mark.parametrize("language", LANGUAGES)
def test_flood_of_output_delays_nobody(core: RunningCore, language: str) -> None:
    assert get(core, f"/{language}/bad/flood").text == "flood"
    assert get(core, f"/{language}/ok").text == "ok"
    assert len(core.records) < 50_000


def test_errors_that_nobody_catches_are_logged_and_end_nothing(quiet: RunningCore) -> None:
    before = quiet.sidecar_pids("node")
    assert get(quiet, "/js/later").text == "later"
    deadline = time.monotonic() + 5
    while not any("nobody catches this" in line for line in quiet.log_lines()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert get(quiet, "/js/ok").text == "ok"
    assert quiet.sidecar_pids("node") == before
