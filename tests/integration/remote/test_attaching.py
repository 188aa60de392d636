"""Sidecars that the core has not launched: they attach, share the work, drain one by one, and come back."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.remote.conftest import EMITTING, NODE, PYTHON, RUBY, WORKING, Site
from tests.integration.remote.elsewhere import PATIENCE_S, Core, Proxy

UNSERVED = "nothing is served until a sidecar of each language has attached"
PATHS = {"python": "/py", "node": "/js", "ruby": "/rb"}
STEPS = {"python": {"api_step_py": PYTHON}, "node": {"api.step_js": NODE}, "ruby": {"api.step_rb": RUBY}}


def get(core: Core, path: str) -> httpx.Response:
    return httpx.get(core.url + path, timeout=PATIENCE_S)


def pid(core: Core, path: str) -> int:
    answer = get(core, path)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["pid"])


def test_nothing_is_served_until_each_language_has_a_sidecar(site: Site) -> None:
    site.write(api_step_py=PYTHON, **{"api.step_js": NODE})
    core = site.core()
    early = get(core, "/py")
    assert early.status_code == 503 and early.json()["code"] == "NO_SIDECAR"
    assert get(core, "/__motia/live").status_code == 200
    core.said("waiting for a python sidecar")
    assert get(core, "/py").json()["error"] == f"{UNSERVED}; missing: node, python"
    reasons = get(core, "/__motia/ready").json()["reasons"]
    assert reasons == [f"the core waits for a {name} sidecar to attach" for name in ("node", "python")]
    emitted = httpx.post(f"{core.url}/__motia/emit", json={"topic": "begun", "data": {}})
    assert emitted.status_code == 503  # nobody knows who subscribes: it would be lost
    python = site.sidecar("python", core)
    core.said("has attached")
    early = get(core, "/py")
    assert early.status_code == 503 and early.json()["error"] == f"{UNSERVED}; missing: node"
    meanwhile = get(core, "/__motia/sidecars").json()
    assert [one["pid"] for one in meanwhile["sidecars"]] == [python.pid] and meanwhile["awaited"] == ["node"]
    node = site.sidecar("node", core)
    core.ready()
    assert (pid(core, "/py"), pid(core, "/js")) == (python.pid, node.pid)
    assert get(core, "/__motia/ready").status_code == 200
    now = get(core, "/__motia/sidecars").json()
    assert now["awaited"] == []
    shown = {one["group"]: one for one in now["sidecars"]}
    assert shown["node"]["pid"] == node.pid and shown["node"]["address"].startswith("127.0.0.1:")
    assert core.stop() == 0


def test_a_core_that_waits_can_be_stopped(site: Site) -> None:
    site.write(api_step_py=PYTHON)
    assert site.core().stop() == 0


@pytest.mark.parametrize("language", ["python", "node", "ruby"])
def test_replicas_share_the_load_and_leave_one_by_one(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    path = PATHS[language]
    first, second = site.sidecar(language, core), site.sidecar(language, core)
    core.ready()
    core.said("has attached", 2)
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(pid, core, f"{path}?s=1") for _ in range(8)]
        assert {answer.result() for answer in answers} == {first.pid, second.pid}
        answers = [threads.submit(pid, core, f"{path}?s=1") for _ in range(8)]
        first.signal(signal.SIGTERM)
        assert first.ended() == 0
        assert all(answer.result() for answer in answers)  # what it ran has ended
    core.said("is gone (drained)")
    assert pid(core, path) == second.pid
    second.signal(signal.SIGTERM)
    assert second.ended() == 0
    core.said("there is no other")
    assert get(core, path).status_code == 503
    assert get(core, "/__motia/ready").json()["reasons"] == [f"no {language} sidecar is connected"]
    third = site.sidecar(language, core)
    core.said("has attached", 3)
    assert pid(core, path) == third.pid


def test_events_wait_for_a_language_that_has_no_sidecar(site: Site) -> None:
    told = "export const handler = async (data, context) => context.logger.info('heard')"
    listening = "{ type: 'event', name: 'hear', subscribes: ['begun'], emits: [] }"
    site.write(begin_step_py=EMITTING, **{"hear.step_js": f"export const config = {listening}\n{told}\n"})
    core = site.core()
    site.sidecar("python", core)
    node = site.sidecar("node", core)
    core.ready()
    node.signal(signal.SIGTERM)
    assert node.ended() == 0
    core.said("is gone (drained)")
    assert httpx.post(f"{core.url}/begin", timeout=PATIENCE_S).status_code == 202
    assert not any('"message":"heard"' in line for line in core.lines)
    site.sidecar("node", core)
    core.said('"message":"heard"')


def test_what_a_killed_replica_ran_runs_again_in_another(site: Site) -> None:
    site.write(begin_step_py=EMITTING, work_step_py=WORKING)
    core = site.core()
    doomed = site.sidecar("python", core)
    core.ready()
    assert httpx.post(f"{core.url}/begin", timeout=PATIENCE_S).status_code == 202
    core.said('"message":"begins"')
    other = site.sidecar("python", core)
    core.said("has attached", 2)
    doomed.signal(signal.SIGKILL)
    core.said("is gone (not back within 1 s)")
    core.said('"message":"begins"', 2)
    (site.project / "go").touch()
    assert f'"pid":{other.pid}' in core.said('"message":"is done"')


@pytest.mark.parametrize("language", ["python", "node", "ruby"])
def test_a_short_loss_of_the_network_loses_nothing(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core(MOTIA_SIDECARS_RESUME_WINDOW_MS="20000")
    proxy: Proxy = site.remember(Proxy(core.address))
    sidecar = site.sidecar(language, proxy.address)
    core.ready()
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(pid, core, f"{PATHS[language]}?s=1.5")
        core.said('"message":"answers"')
        proxy.cut()
        proxy.mend()
        core.said("is back")
        assert answer.result() == sidecar.pid


@pytest.mark.parametrize("language", ["python", "node", "ruby"])
def test_after_a_long_loss_it_attaches_anew_with_what_it_has_loaded(site: Site, language: str) -> None:
    counted = {
        "python": {"api_step_py": PYTHON + "\nopen('imports', 'a').write('x')\n"},
        "ruby": {"api.step_rb": RUBY + "\nFile.write('imports', 'x', mode: 'a')\n"},
        "node": {"api.step_js": NODE + "\n;(await import('node:fs')).appendFileSync('imports', 'x')\n"},
    }
    site.write(**counted[language])
    core = site.core()
    proxy: Proxy = site.remember(Proxy(core.address))
    sidecar = site.sidecar(language, proxy.address)
    core.ready()
    with ThreadPoolExecutor(1) as threads:
        lost = threads.submit(get, core, f"{PATHS[language]}?s=20")
        core.said('"message":"answers"')
        proxy.cut()
        core.said("is gone (not back within 1 s)")
        assert lost.result().status_code == 502
        proxy.mend()
    core.said("has attached", 2)
    assert pid(core, PATHS[language]) == sidecar.pid
    assert (site.project / "imports").read_text() == "x"


@pytest.mark.parametrize("language", ["python", "node", "ruby"])
def test_sidecars_attach_to_a_core_that_was_started_again(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    core = site.core()
    sidecar = site.sidecar(language, core)
    core.ready()
    assert core.stop() == 0
    again = site.core(MOTIA_SIDECARS_LISTEN=core.address)
    again.ready()
    assert pid(again, PATHS[language]) == sidecar.pid
    again.signal(signal.SIGKILL)
    again.ended()
    third = site.core(MOTIA_SIDECARS_LISTEN=core.address)
    third.ready()
    assert pid(third, PATHS[language]) == sidecar.pid


@pytest.mark.parametrize("language", ["python", "node", "ruby"])
def test_a_sidecar_whose_core_is_not_there_waits_and_leaves_when_told(site: Site, language: str) -> None:
    site.write(**STEPS[language])
    sidecar = site.sidecar(language, "127.0.0.1:1")
    assert "127.0.0.1:1 cannot be reached" in sidecar.said("trying until it can")
    sidecar.signal(signal.SIGTERM)
    assert sidecar.ended() == 0


def test_one_whose_network_is_silent_is_lost_and_attaches_again(site: Site) -> None:
    site.write(begin_step_py=EMITTING, work_step_py=WORKING)
    core = site.core(
        MOTIA_SIDECARS_LOST_AFTER_MS="3000",
        MOTIA_SIDECARS_BUSY_AFTER_MS="1000",
        MOTIA_SIDECARS_HEARTBEAT_INTERVAL_MS="200",
    )
    proxy: Proxy = site.remember(Proxy(core.address))
    far = site.sidecar("python", proxy.address)
    core.ready()
    assert httpx.post(f"{core.url}/begin", timeout=PATIENCE_S).status_code == 202
    core.said('"message":"begins"')
    near = site.sidecar("python", core)
    core.said("has attached", 2)
    proxy.freeze()
    core.said("is busy")
    core.said("is gone (nothing came from it for")
    core.said('"message":"begins"', 2)
    (site.project / "go").touch()
    assert f'"pid":{near.pid}' in core.said('"message":"is done"')
    proxy.thaw()
    core.said("has attached", 3)
    shown = get(core, "/__motia/sidecars").json()["sidecars"]
    assert {one["pid"] for one in shown if one["connected"]} == {far.pid, near.pid}


def test_some_languages_are_launched_and_others_attach(site: Site) -> None:
    site.write(api_step_py=PYTHON, **{"api.step_js": NODE})
    core = site.core(MOTIA_SIDECARS_EXTERNAL="node")
    node = site.sidecar("node", core)
    core.ready()
    assert pid(core, "/js") == node.pid
    shown = {one["group"]: one for one in get(core, "/__motia/sidecars").json()["sidecars"]}
    assert shown["python"]["address"] == "" and shown["python"]["pid"] == pid(core, "/py")
    stranger = site.sidecar("python", core)
    assert stranger.ended() != 0
    assert "launches its python sidecars itself" in "".join(stranger.lines)


def test_a_restart_drains_each_and_whoever_runs_them_starts_them(site: Site) -> None:
    site.write(api_step_py=PYTHON)
    core = site.core()
    sidecars = [site.sidecar("python", core) for _ in range(2)]
    core.said("has attached", 2)
    core.ready()
    answer = httpx.post(f"{core.url}/__motia/sidecars/restart", json={"group": "python"}, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text
    assert [sidecar.ended() for sidecar in sidecars] == [0, 0]


def test_uploads_reach_a_sidecar_that_has_another_disk(site: Site) -> None:
    site.write(
        up_step_py="""
config = {"type": "api", "name": "up", "method": "POST", "path": "/up", "emits": []}

async def handler(request, context):
    (file,) = request["files"]
    return {"status": 200, "body": {"size": len(file.read()), "onDisk": file.path is not None}}
"""
    )
    core = site.core(MOTIA_HTTP_UPLOAD_MEMORY_BYTES="1000")
    site.sidecar("python", core)
    core.ready()
    answer = httpx.post(f"{core.url}/up", files={"file": b"x" * 3_000_000}, timeout=PATIENCE_S)
    assert answer.json() == {"size": 3_000_000, "onDisk": False}


def test_a_file_that_ends_each_process_is_left_out_in_the_end(site: Site) -> None:
    site.write(api_step_py=PYTHON, bad_step_py="import os\nos._exit(7)\n")
    core = site.core()
    for times in (1, 2, 3):
        assert site.sidecar("python", core).ended() == 7
        core.said("bad_step.py ended the process while loading", times)
    survivor = site.sidecar("python", core)
    core.ready()
    assert pid(core, "/py") == survivor.pid
    assert any("bad_step.py" in line and "found" in line for line in core.lines)
