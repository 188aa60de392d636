"""Sidecars come and go: requests wait for the app, are told that it died, and never pass it by."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import RunningCore, running_core
from tests.integration.app_hook.conftest import make_project
from tests.integration.app_hook.test_app import until

GUARD = """
let starts = 0
export default {
  app: (app) => {
    %s
    app.get('/who', (req, res) => res.json({ pid: process.pid }))
    app.get('/sleep/:ms', (req, res) => {
      require('fs').writeFileSync(__dirname + '/../asleep', '')
      setTimeout(() => res.send('slept'), Number(req.params.ms))
    })
    app.get('/half', (req, res) => { res.write('half'); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100) })
    app.get('/block', (req, res) => {
      const { existsSync } = require('fs')
      while (!existsSync(__dirname + '/../free')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
      res.send('blocked')
    })
    app.use((req, res, next) => (req.headers.authorization ? next() : res.status(401).send('who are you?')))
  },
}
"""
STEP = """
export const config = { type: 'api', name: 'Hello', method: 'GET', path: '/hello', emits: [] }
export const handler = async () => ({ status: 200, body: 'hello' })
"""


def project(folder: Path, first: str = "") -> Path:
    (folder / "steps").mkdir(parents=True)
    (folder / "steps" / "hello.step.js").write_text(STEP)
    (folder / "motia.config.js").write_text(GUARD % first)
    return folder


def kill_node(core: RunningCore) -> None:
    for pid in core.sidecar_pids("node"):
        os.kill(pid, signal.SIGKILL)


def test_requests_wait_for_the_sidecar_that_replaces_a_killed_one(tmp_path: Path) -> None:
    with running_core(project(tmp_path / "p"), tmp_path / "data") as core, httpx.Client(base_url=core.url) as client:
        assert client.get("/hello").status_code == 401
        assert client.get("/hello", headers={"Authorization": "me"}).text == "hello"
        before = client.get("/who").json()["pid"]
        kill_node(core)
        seen = set()
        while (who := client.get("/who", timeout=20)).status_code == 502 or who.json()["pid"] == before:
            seen.add(client.get("/hello", timeout=20).status_code)
        assert seen <= {401, 502}  # 502: the process was there when the request was sent
        assert [client.get("/hello", timeout=20).status_code for _ in range(5)] == [401] * 5


def test_request_that_the_app_was_answering_is_a_502(tmp_path: Path) -> None:
    with running_core(project(tmp_path / "p"), tmp_path / "data") as core, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, f"{core.url}/sleep/20000", timeout=20)
        until((tmp_path / "asleep").exists)
        kill_node(core)
        answer = asked.result()
        assert (answer.status_code, answer.json()["code"]) == (502, "SIDECAR_LOST")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{core.url}/half", timeout=20)
        until(lambda: any("the response was cut off" in line for line in core.log_lines()))


def test_app_that_does_not_come_back_is_a_503_and_steps_are_not_served_without_it(tmp_path: Path) -> None:
    first = "if (require('fs').existsSync(__dirname + '/broken')) throw new Error('the key has gone')"
    folder = project(tmp_path / "p", first)
    with running_core(folder, tmp_path / "data") as core:
        assert httpx.get(f"{core.url}/hello").status_code == 401
        (folder / "broken").touch()
        kill_node(core)
        answer = httpx.get(f"{core.url}/hello", headers={"Authorization": "me"}, timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (503, "NO_SIDECAR")
        assert httpx.post(f"{core.url}/hello", content=b"x" * 5_000_000, timeout=20).status_code == 503
        assert httpx.get(f"{core.url}/__motia/health").status_code == 200
        until(
            lambda: any("came without the app hook" in line and "the key has gone" in line for line in core.log_lines())
        )


def test_several_sidecars_share_the_requests(tmp_path: Path) -> None:
    settings = {"MOTIA_SIDECARS_PROCESSES": "node=2", "MOTIA_SIDECARS_LISTEN": "127.0.0.1:0"}
    with running_core(project(tmp_path / "p"), tmp_path / "data", settings) as core:
        seen = set()
        deadline = time.monotonic() + 10
        while len(seen) < 2 and time.monotonic() < deadline:
            seen.add(httpx.get(f"{core.url}/who").json()["pid"])
        assert seen == set(core.sidecar_pids("node"))


def test_app_that_blocks_its_process_is_stood_in_for(tmp_path: Path) -> None:
    settings = {"MOTIA_SIDECARS_BUSY_AFTER_MS": "500", "MOTIA_SIDECARS_HEARTBEAT_INTERVAL_MS": "100"}
    with running_core(project(tmp_path / "p"), tmp_path / "data", settings) as core, ThreadPoolExecutor(1) as pool:
        first = httpx.get(f"{core.url}/who").json()["pid"]
        blocked = pool.submit(httpx.get, f"{core.url}/block", timeout=20)
        until(lambda: any("is busy" in line for line in core.log_lines()))
        assert httpx.get(f"{core.url}/who", timeout=20).json()["pid"] != first
        (tmp_path / "free").touch()
        assert blocked.result().text == "blocked"


@pytest.mark.parametrize("server", ["uvicorn", "hypercorn"])
def test_stop_lets_the_app_finish(server: str, tmp_path: Path) -> None:
    with running_core(project(tmp_path / "p"), tmp_path / "data", {"MOTIA_HTTP_SERVER": server}) as core:
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(httpx.get(f"{core.url}/sleep/1500", timeout=20)))
        asking.start()
        until((tmp_path / "asleep").exists)
        assert core.stop() == 0
        asking.join(5)
        assert [answer.text for answer in answers] == ["slept"]
        assert not [record for record in core.records if record.get("level") == "error"]


def test_stop_cuts_off_what_does_not_end(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "project")
    with (
        running_core(folder, tmp_path / "data", {"MOTIA_DRAIN_GRACE_MS": "500"}) as core,
        httpx.stream("GET", f"{core.url}/events", timeout=20) as events,
        ThreadPoolExecutor(1) as pool,
    ):
        next(events.iter_raw())
        never = pool.submit(httpx.get, f"{core.url}/never", timeout=20)
        until(lambda: httpx.get(f"{core.url}/waiting", timeout=20).json() == ["/never"])
        assert core.stop() == 0
        assert never.result().status_code == 503
