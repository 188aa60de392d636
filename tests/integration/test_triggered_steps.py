"""Steps of Motia 1.0 in three languages, beside one of 0.x, in one project that was written from the contract."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.conformance.core import RunningCore, running_core
from tests.repo.repository import ROOT

PROJECT = ROOT / "tests" / "projects" / "warehouse"
ZOD = ROOT / "sdk-node" / "node_modules" / "zod4"
LANGUAGES = ("py", "ts", "js")


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    folder = tmp_path_factory.mktemp("warehouse")
    shutil.copytree(PROJECT, folder / "project", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    (folder / "project" / "node_modules").mkdir()
    (folder / "project" / "node_modules" / "zod").symlink_to(ZOD)
    with running_core(folder / "project", folder / "data", {"MOTIA_LOG_FORMAT": "json"}) as core:
        yield core


def until(look: Callable[[], Any], expected: Any) -> None:
    deadline = time.monotonic() + 20
    while (found := look()) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def emit(core: RunningCore, topic: str, data: Any) -> None:
    httpx.post(f"{core.url}/__motia/emit", json={"topic": topic, "data": data}).raise_for_status()


def group(core: RunningCore, name: str) -> Any:
    return httpx.get(f"{core.url}/look/{name}").json()


def test_every_file_loads_without_a_problem(core: RunningCore) -> None:
    problems = httpx.get(f"{core.url}/__motia/problems").json()["problems"]
    assert problems == []
    steps = {step["id"]: step for step in httpx.get(f"{core.url}/__motia/steps").json()["steps"]}
    assert {name for name in steps if name.startswith("TsMany")} == {
        "TsMany::http(GET /ts/many)",
        "TsMany::queue(ts.many)",
        "TsMany::cron(0 0 0 1 1 * 2099)",
        "TsMany::state",
        "TsMany::stream(ts-shelf)",
    }
    assert steps["TsMany::stream(ts-shelf)"]["watches"] == "stream ts-shelf/front"
    assert steps["PyShelve"]["queue"]["maxRetries"] == 1
    assert steps["PyMany::cron(0 0 0 1 1 * 2099)"]["timezone"] == "UTC"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_goes_through_the_queue_to_state_and_to_steps_of_both_generations(
    core: RunningCore, language: str
) -> None:
    response = httpx.post(f"{core.url}/{language}/goods/7", json={"sku": f"tea-{language}", "count": 3})
    assert response.status_code == 201, response.text
    assert response.headers["x-bay"] == "7"
    assert response.json()["sku"] == f"tea-{language}"
    assert response.json()["trace"] == response.headers["x-trace-id"]
    tea = f"tea-{language}"
    until(lambda: [one["count"] for one in group(core, f"{language}-stock") if one["id"] == tea], [3])
    if language != "js":
        until(lambda: [one["bay"] for one in group(core, "old-log") if one["sku"] == f"tea-{language}"], ["7"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_whose_condition_is_false_is_answered_422(core: RunningCore, language: str) -> None:
    response = httpx.post(f"{core.url}/{language}/goods/7", json={"sku": "refused", "count": 3})
    assert response.status_code == 422
    assert response.json() == {"error": "Request condition not met", "skipped": True}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_event_whose_condition_is_false_is_skipped_and_done(core: RunningCore, language: str) -> None:
    emit(core, f"{language}.received", {"sku": f"none-{language}", "count": 0})
    emit(core, f"{language}.received", {"sku": f"some-{language}", "count": 1})
    until(lambda: any(one["id"] == f"some-{language}" for one in group(core, f"{language}-stock")), True)
    assert all(one["id"] != f"none-{language}" for one in group(core, f"{language}-stock"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_step_runs_for_all_its_triggers_and_knows_which(core: RunningCore, language: str) -> None:
    emit(core, f"{language}.received", {"sku": f"milk-{language}", "count": 2})
    emit(core, f"{language}.many", {"id": f"a-{language}", "n": 5})

    def kinds() -> dict[str, Any]:
        answer = httpx.get(f"{core.url}/{language}/many").json()
        return {entry["kind"]: entry for entry in answer["log"]}

    until(lambda: sorted(kinds().keys() - {"cron"}), ["queue", "state", "stream"])
    found = kinds()
    assert found["queue"]["what"] == {"id": f"a-{language}", "n": 5}
    assert found["queue"]["is"] == [True, False, False]
    assert found["state"]["is"] == [False, True, False]
    assert found["state"]["what"]["type"] in ("state:created", "state:updated")
    assert found["state"]["what"]["new"]["id"].endswith(language)
    assert found["stream"]["is"] == [False, False, True]
    assert found["stream"]["what"] == {"group": "front", "type": "create", "n": 5}
    answer = httpx.get(f"{core.url}/{language}/many").json()
    assert answer["trigger"] == {"type": "http", "index": 0, "method": "GET", "path": f"/{language}/many"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cron_trigger_can_be_run_now(core: RunningCore, language: str) -> None:
    step = f"{language.title()}Many::cron(0 0 0 1 1 * 2099)"
    httpx.post(f"{core.url}/__motia/cron/run", json={"step": step}).raise_for_status()
    until(lambda: any(entry["kind"] == "cron" for entry in group(core, f"{language}-log")), True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_response_is_written_piece_by_piece_within_middleware(core: RunningCore, language: str) -> None:
    headers = {"content-type": "application/json"}
    response = httpx.post(f"{core.url}/{language}/export", content=b'{"a": 1}', headers=headers)
    assert response.status_code == 206
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["x-before"] == "yes"
    assert response.text.lower() == '{"a": 1}|true'


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_imported_says_that_it_works_within_a_step_only(core: RunningCore, language: str) -> None:
    assert "works within a step only" in httpx.get(f"{core.url}/{language}/outside").json()["refused"]


def test_the_logger_that_is_imported_logs_for_the_step_that_runs(core: RunningCore) -> None:
    httpx.post(f"{core.url}/ts/goods/9", json={"sku": "log", "count": 1}).raise_for_status()

    def logged() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in core.log_lines() if "goods in typescript" in line]
        return [line for line in lines if line.get("bay") == "9" or '"9"' in json.dumps(line)]

    until(lambda: [line["step"] for line in logged()], ["TsReceive"])


def test_clients_of_streams_are_authenticated_by_the_export_of_1_0(core: RunningCore) -> None:
    address = core.url.replace("http", "ws", 1)
    with pytest.raises(InvalidStatus):
        connect(f"{address}/?user=thief")
    join = {"type": "join", "data": {"subscriptionId": "s", "streamName": "ts-shelf", "groupId": "locked"}}
    for user, is_let_in in (("guest", False), ("keeper", True)):
        with connect(f"{address}/?user={user}") as socket:
            socket.send(json.dumps(join))
            assert (json.loads(socket.recv(timeout=10))["event"]["type"] == "sync") is is_let_in


def test_the_source_of_each_step_begins_where_it_is(core: RunningCore) -> None:
    source = httpx.get(f"{core.url}/__motia/steps/source", params={"step": "PyMany::state"}).json()
    assert source["path"] == "steps/many_step.py"
    assert source["content"].splitlines()[source["line"] - 1] == "config = {"


def test_the_project_is_one_flow_with_a_node_for_each_trigger(core: RunningCore) -> None:
    flows = {flow["id"]: flow for flow in httpx.get(f"{core.url}/__motia/flows").json()["flows"]}
    nodes = [node["name"] for node in flows["warehouse"]["steps"]]
    assert "JsMany::queue(js.many)" in nodes
    assert len(nodes) == len(set(nodes))
