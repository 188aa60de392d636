"""The management API, as the workbench and other tools ask it, against a running project in three languages."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conformance.core import COMMAND, RunningCore, running_core

PROJECT = Path(__file__).with_name("project")
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    with running_core(PROJECT, tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def api(core: RunningCore) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{core.url}/__motia", timeout=20) as client:
        yield client


def book(core: RunningCore, room: str, guest: str = "Ada", **headers: str) -> str:
    answer = httpx.post(f"{core.url}/bookings/{room}", json={"guest": guest}, headers=headers)
    assert answer.status_code == 201
    return str(answer.headers["x-trace-id"])


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 15
    while not (found := look()):
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.05)
    return found


def trace(api: httpx.Client, trace_id: str, steps: int = 3) -> Any:
    """A run with so many attempts."""

    def look() -> Any:
        found = api.get(f"/traces/{trace_id}").json()
        return found if len(found["attempts"]) == steps and found["run"]["status"] != "running" else None

    return until(look)


def test_a_run_is_seen_whole_through_all_languages(core: RunningCore, api: httpx.Client) -> None:
    found = trace(api, book(core, "r1", authorization="Bearer secret"))
    assert [(one["name"], one["language"], one["status"]) for one in found["attempts"]] == [
        ("Book", "typescript", "completed"),
        ("Confirm", "python", "completed"),
        ("Count", "javascript", "completed"),
    ]
    first, second, third = found["attempts"]
    assert (second["parentId"], third["parentId"]) == (first["id"], second["id"])
    assert first["input"]["method"] == "POST"
    assert first["input"]["path"] == "/bookings/r1"
    assert first["input"]["headers"]["authorization"] == "…", "secrets are not kept"
    assert first["input"]["body"] == {"json": {"guest": "Ada"}}
    assert first["output"]["status"] == 201
    assert first["output"]["body"] == {"json": {"id": "r1"}}
    assert [(call["type"], call["target"]) for call in first["calls"]] == [
        ("state.set", "bookings/r1"),
        ("emit", "booking.made"),
    ]
    assert [(call["type"], call["target"]) for call in second["calls"]] == [
        ("stream.set", "rooms/all/r1"),
        ("emit", "booking.confirmed"),
    ]
    assert second["input"] == {"json": {"id": "r1", "guest": "Ada"}}
    assert all(0 <= call["offsetMs"] <= one["durationMs"] + 1 for one in found["attempts"] for call in one["calls"])
    [log] = [record for record in found["logs"] if record["msg"] == "booked"]
    assert (log["level"], log["step"], log["fields"]) == ("info", "Book", {"id": "r1"})
    run = found["run"]
    assert (run["name"], run["label"], run["status"], run["attempts"]) == ("Book", "POST /bookings/:id", "completed", 3)


def test_a_failed_run_says_where(core: RunningCore, api: httpx.Client) -> None:
    found = trace(api, book(core, "r2", "Nobody"), 3)  # two attempts of Confirm
    assert found["run"]["status"] == "failed"
    assert found["run"]["failed"] == 2
    last = found["attempts"][-1]
    assert (last["name"], last["attempt"]) == ("Confirm", 2)
    assert last["error"]["type"] == "ValueError"
    assert last["error"]["file"].endswith("steps/confirm_step.py")
    assert "there is no guest" in last["error"]["stack"]


def test_runs_are_found_by_what_is_asked_for(core: RunningCore, api: httpx.Client) -> None:
    good, bad = book(core, "r3"), book(core, "r4", "Nobody")
    trace(api, good)
    trace(api, bad)

    def ids(**query: object) -> list[str]:
        return [run["traceId"] for run in api.get("/runs", params={"limit": 1000, **query}).json()["runs"]]

    assert good in ids(status="completed")
    assert bad not in ids(status="completed")
    assert bad in ids(status="failed", text="there is no guest")
    assert good in ids(step="Count")
    assert bad not in ids(step="Count")
    assert good not in ids(trigger="cron")
    assert ids(text=good) == [good]
    first = api.get("/runs", params={"limit": 1}).json()
    second = api.get("/runs", params={"limit": 1, "cursor": first["cursor"]}).json()
    assert first["runs"][0]["traceId"] != second["runs"][0]["traceId"]
    sorted_ids, failed = ids(order="errors"), ids(status="failed")
    assert sorted(sorted_ids) == sorted(ids())
    assert sorted_ids[: len(failed)] == failed
    assert ids(order="errors", step="Count") == ids(step="Count", order="newest") == ids(step="Count")
    paged, cursor = list[str](), "0"
    while cursor:
        page = api.get("/runs", params={"order": "errors", "limit": 1, "cursor": cursor}).json()
        paged += [run["traceId"] for run in page["runs"]]
        cursor = page["cursor"]
    assert paged == sorted_ids
    for query in ({"status": "odd"}, {"limit": 0}, {"cursor": "x"}, {"order": "odd"}, {"cursor": "rest-5"}):
        assert api.get("/runs", params=query).status_code == 400


def test_a_run_is_repeated_with_what_it_got_or_something_else(core: RunningCore, api: httpx.Client) -> None:
    found = trace(api, book(core, "r5", "Nobody"))
    confirm = found["attempts"][1]
    changed = {"attemptId": confirm["id"], "input": {"id": "r5", "guest": "Grace"}}
    again = trace(api, api.post("/replay", json=changed).json()["traceId"], 2)
    assert again["run"]["status"] == "completed"
    assert again["run"]["replayOf"] == confirm["id"]
    assert [one["name"] for one in again["attempts"]] == ["Confirm", "Count"]
    request = found["attempts"][0]
    body = {"attemptId": request["id"], "input": {"body": {"json": {"guest": "Linus"}}}}
    repeated = trace(api, api.post("/replay", json=body).json()["traceId"])
    assert repeated["attempts"][0]["input"]["body"] == {"json": {"guest": "Linus"}}
    assert repeated["run"]["replayOf"] == request["id"]
    assert api.post("/replay", json={"attemptId": 1}).status_code == 404
    refused = api.post("/replay", json={**body, "input": {"body": {"text": "no JSON"}}})
    assert refused.status_code == 409
    assert "refused before its step began: 400" in refused.json()["error"]


def test_logs_are_found(core: RunningCore, api: httpx.Client) -> None:
    trace_id = book(core, "r6")
    trace(api, trace_id)
    [log] = api.get("/logs", params={"traceId": trace_id, "step": "Book"}).json()["logs"]
    assert set(log) >= {"id", "level", "time", "msg", "traceId", "step"}
    assert api.get("/logs", params={"text": "BOOKED", "limit": 1}).json()["logs"][0]["msg"] == "booked"
    levels = {record["level"] for record in api.get("/logs", params={"level": "warn"}).json()["logs"]}
    assert levels <= {"warn", "error"}
    assert api.get("/logs", params={"level": "loud"}).status_code == 400


def test_state_is_browsed_changed_and_protected_from_losing_changes(core: RunningCore, api: httpx.Client) -> None:
    saved = api.post("/state/set", json={"group": "g", "key": "k", "value": {"a": 2**60 + 1}}).json()
    assert saved["value"] == {"a": 2**60 + 1}
    assert {"group": "g", "keys": 1} in api.get("/state/groups").json()["groups"]
    [item] = api.get("/state/values", params={"group": "g"}).json()["items"]
    assert item == {"key": "k", "value": {"a": 2**60 + 1}, "type": "object", "version": saved["version"]}
    api.post("/state/set", json={"group": "g", "key": "k", "value": 1, "version": saved["version"]})
    late = api.post("/state/set", json={"group": "g", "key": "k", "value": 2, "version": saved["version"]})
    assert (late.status_code, late.json()["code"]) == (409, "STATE_CONFLICT")
    before = api.get("/state", params={"groupId": "g"}).json()
    assert before == [{"groupId": "g", "key": "k", "type": "number", "value": 1}]
    api.post("/state", json={"groupId": "g", "key": "old", "value": [1]})
    assert api.post("/state/delete", json={"ids": ["g:old"]}).status_code == 204
    assert api.post("/state/remove", json={"group": "g", "keys": ["k", "none"]}).json() == {"removed": 1}
    assert api.post("/state/set", json={"group": "g", "key": "k"}).status_code == 400


def test_streams_are_listed_read_and_written(core: RunningCore, api: httpx.Client) -> None:
    item = {"stream": "rooms", "group": "west", "id": "1", "data": {"guest": "Ada"}}
    assert api.post("/stream-items", json=item).json()["guest"] == "Ada"
    [rooms] = api.get("/streams").json()["streams"]
    assert (rooms["name"], rooms["hidden"], rooms["filePath"]) == ("rooms", False, "steps/rooms.stream.ts")
    assert api.get("/streams/all").json()["streams"] == [rooms]
    assert api.get("/streams/details/rooms").json()["schema"]["type"] == "object"
    assert {"group": "west", "items": 1} in api.get("/stream-groups", params={"stream": "rooms"}).json()["groups"]
    group = api.get("/streams/group/rooms/west").json()
    assert (group["count"], group["items"][0]["guest"]) == (1, "Ada")
    assert api.get("/streams/item/rooms/west/1").json()["data"]["id"] == "1"
    assert api.get("/streams/item/rooms/west/2").status_code == 404
    assert api.get("/streams/details/none").status_code == 404
    with api.stream("GET", "/streams/rooms/west") as events:
        assert next(line for line in events.iter_lines() if line.startswith("event")) == "event: sync"
    api.post("/stream-items", json={**item, "data": None})
    assert api.get("/streams/group/rooms/west").json()["count"] == 0


def test_flows_sources_and_positions(core: RunningCore, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(PROJECT, tmp_path / "project")
    with running_core(tmp_path / "project", tmp_path / "data") as own, httpx.Client(base_url=own.url) as client:
        [flow] = client.get("/__motia/flows").json()["flows"]
        assert flow["id"] == "bookings"
        assert {step["name"] for step in flow["steps"]} == {"Book", "Confirm", "Count", "Nightly", "Letter"}
        edges = {(edge["source"], edge["target"], edge["data"]["variant"]) for edge in flow["edges"]}
        assert edges == {
            ("Book", "Confirm", "event"),
            ("Confirm", "Count", "event"),
            ("Confirm", "Letter", "virtual"),
        }
        config = {"steps/book.step.ts": {"x": 10, "y": 20}}
        client.post("/__motia/flows/bookings/config", json={"id": "bookings", "config": config})
        kept = json.loads((tmp_path / "project" / "motia-workbench.json").read_text())
        assert kept == [{"id": "bookings", "config": config}]
        assert client.get("/__motia/flows").json()["flows"][0]["config"] == config
        source = client.get("/__motia/steps/source", params={"step": "Confirm"}).json()
        assert (source["path"], source["language"]) == ("steps/confirm_step.py", "python")
        assert "there is no guest" in source["content"]
        assert client.get("/__motia/steps/source", params={"step": "../../etc/passwd"}).status_code == 404
        assert client.get("/__motia/flows/bookings/mermaid").text.startswith("flowchart LR\n")


def test_what_happens_is_counted(core: RunningCore, api: httpx.Client) -> None:
    trace(api, book(core, "r7"))
    stats = api.get("/stats", params={"minutes": 5}).json()
    book_stats = stats["steps"]["Book"]
    assert book_stats["completed"] >= 1
    assert sum(book_stats["completedBy"]) == book_stats["completed"]
    assert book_stats["p50Ms"] > 0
    assert stats["topics"]["booking.made"]["emitted"] >= 1
    assert stats["steps"]["Confirm"]["topics"]["booking.made"]["events"] >= 1
    families = {family.name: family for family in text_string_to_metric_families(api.get("/metrics").text)}
    counted = {
        (sample.labels["step"], sample.labels["status"]): sample.value
        for sample in families["motia_attempts"].samples
        if sample.name == "motia_attempts_total"
    }
    assert counted["Book", "completed"] >= 1
    routes = {sample.labels["route"] for sample in families["motia_attempts"].samples}
    assert "POST /bookings/:id" in routes
    for name in (
        "motia_attempt_duration_seconds",
        "motia_queue_depth",
        "motia_retries",
        "motia_dead_letters",
        "motia_sidecar_restarts",
        "motia_sidecar_memory_bytes",
        "motia_loop_lag_seconds",
        "motia_stream_clients",
        "motia_wait_seconds",
    ):
        assert families[name].samples or name in ("motia_queue_depth", "motia_dead_letters"), name


def test_queues_sidecars_and_health(core: RunningCore, api: httpx.Client) -> None:
    api.post("/emit", json={"topic": "booking.made", "data": {"id": "later", "guest": "Ada"}, "delaySeconds": 60})
    queues = {queue["step"]: queue for queue in api.get("/queues").json()["queues"]}
    assert queues["Confirm"]["topics"] == ["booking.made"]
    waiting = api.get("/queues/deliveries", params={"step": "Confirm"}).json()["deliveries"]
    assert all(set(one) >= {"id", "topic", "status", "data", "traceId"} for one in waiting)
    sidecars = {one["group"]: one for one in api.get("/sidecars").json()["sidecars"]}
    assert sidecars["node"]["languages"] == ["javascript", "typescript"]
    assert sidecars["python"]["restarts"] == 0
    assert api.get("/live").json() == {"status": "ok"}
    assert api.get("/ready").json() == {"status": "ok", "reasons": []}
    root = api.get("").json()
    assert root["isDev"] is False  # it serves: `dev` is another command
    assert root["workbenchBase"] == "/__motia/workbench"
    counts = api.get("/overview").json()
    assert counts["steps"] == {"api": 1, "event": 2, "cron": 1, "noop": 1}
    assert counts["problems"]["error"] == 1


def test_changes_are_written_down(core: RunningCore, api: httpx.Client) -> None:
    api.post("/state/set", json={"group": "audited", "key": "k", "value": 1})
    entry = until(lambda: [one for one in api.get("/audit").json()["entries"] if one["target"] == "audited/k"])[0]
    assert (entry["action"], entry["from"]) == ("state.set", "127.0.0.1")


def test_the_feed_tells_what_happens(core: RunningCore, api: httpx.Client) -> None:
    heard: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        with httpx.stream("GET", f"{core.url}/__motia/feed", timeout=20) as feed:
            for line in feed.iter_lines():
                ready.set()
                heard.append(line)
                if "seen live" in line:
                    return

    listener = threading.Thread(target=listen)
    listener.start()
    assert ready.wait(10)
    trace_id = book(core, "r8")
    until(lambda: any(trace_id in line for line in heard))
    api.post("/emit", json={"topic": "seen live", "data": {}})
    listener.join(15)
    assert not listener.is_alive()
    assert {line for line in heard if line.startswith("event: ")} >= {"event: attempts", "event: logs"}


def test_a_workbench_elsewhere_asks_for_the_token(tmp_path: Path) -> None:
    settings = {"MOTIA_HTTP_ADMIN_TOKEN": "secret"}
    with running_core(PROJECT, tmp_path, settings) as core:
        assert httpx.get(f"{core.url}/__motia/runs").status_code == 401
        assert httpx.get(f"{core.url}/__motia/feed").status_code == 401
        assert httpx.get(f"{core.url}/__motia/metrics").status_code == 401
        allowed = httpx.get(f"{core.url}/__motia/runs", headers={"authorization": "Bearer secret"})
        assert allowed.status_code == 200
        assert httpx.get(f"{core.url}/__motia/ready").status_code == 200
        page = httpx.get(f"{core.url}/__motia/workbench/")
        assert page.status_code == 200
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_runs_and_logs_are_there_after_a_kill_and_a_restart(tmp_path: Path) -> None:
    first = RunningCore(PROJECT, tmp_path, {})
    trace_id = book(first, "kept")
    with httpx.Client(base_url=f"{first.url}/__motia") as api:
        trace(api, trace_id)
        until(lambda: api.get("/logs", params={"traceId": trace_id}).json()["logs"])
    first.stop(signal.SIGKILL)
    with running_core(PROJECT, tmp_path) as second, httpx.Client(base_url=f"{second.url}/__motia") as api:
        assert len(trace(api, trace_id)["attempts"]) == 3
        assert api.get("/logs", params={"traceId": trace_id}).json()["logs"]
        assert api.post("/trace/clear", json={}).json() == {"message": "Traces cleared"}
        assert api.get(f"/traces/{trace_id}").status_code == 404
        api.post("/logs/clear", json={})
        assert trace_id not in api.get("/logs").text


def test_nothing_is_recorded_when_that_is_asked_for(tmp_path: Path) -> None:
    for mode, attempts, calls in (("off", 0, 0), ("attempts", 1, 0)):
        with running_core(PROJECT, tmp_path / mode, {"MOTIA_TRACING_RECORD": mode}) as core:
            url = f"{core.url}/__motia/traces/{book(core, 'r')}"
            time.sleep(0.5)
            if attempts:
                until(lambda url=url: httpx.get(url).json().get("attempts"))
            answer = httpx.get(url)
            assert (answer.status_code == 200) is (attempts > 0)
            if attempts:
                first = answer.json()["attempts"][0]
                assert (first["input"], len(first["calls"])) == (None, calls)


def test_the_terminal_shows_the_same(core: RunningCore, api: httpx.Client) -> None:
    trace_id = book(core, "r9", "Nobody")
    trace(api, trace_id)

    def shown(*arguments: str) -> str:
        done = subprocess.run(
            [COMMAND, *arguments, "--url", core.url], check=False, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert trace_id in shown("traces", "--status", "failed")
    assert trace_id in shown("traces", "--since", "10m")
    assert trace_id in shown("traces", "--errors-first").splitlines()[0]
    assert trace_id not in shown("traces", "--since", "0s")
    took = trace(api, trace_id)["run"]["durationMs"]
    assert trace_id in shown("traces", "--longer-than", f"{int(took)}ms")
    assert trace_id not in shown("traces", "--longer-than", f"{int(took) + 60_000}ms")
    waterfall = shown("trace", trace_id)
    assert "Confirm #2" in waterfall
    assert "confirm_step.py:" in waterfall
    assert "booked" in shown("logs", "--trace", trace_id)
    assert "Book" in shown("top", "--once")
    assert json.loads(shown("trace", trace_id, "--json"))["traceId"] == trace_id


def test_logs_are_followed(core: RunningCore) -> None:
    command = [COMMAND, "logs", "-f", "--limit", "1", "--step", "Book", "--json", "--url", core.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        book(core, "before")
        try:
            assert json.loads(process.stdout.readline())["step"] == "Book"
            trace_id = book(core, "after")
            while json.loads(process.stdout.readline())["traceId"] != trace_id:
                pass
        finally:
            process.kill()


def test_a_queue_is_paused_across_a_restart(tmp_path: Path) -> None:
    def asked(core: RunningCore, path: str, body: object) -> Any:
        answer = httpx.post(f"{core.url}/__motia{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    with running_core(PROJECT, tmp_path) as core:
        assert asked(core, "/queues/pause", {"step": "Confirm"}) == {"step": "Confirm", "paused": True}
        trace_id = book(core, "paused")
        with httpx.Client(base_url=f"{core.url}/__motia") as api:
            run = trace(api, trace_id, steps=1)["run"]
            assert (run["status"], run["waiting"]) == ("waiting", 1)
            waiting = api.get("/runs", params={"status": "waiting"}).json()["runs"]
            assert [one["traceId"] for one in waiting] == [trace_id]
    with running_core(PROJECT, tmp_path) as core, httpx.Client(base_url=f"{core.url}/__motia") as api:
        [queue] = [one for one in api.get("/queues").json()["queues"] if one["name"] == "Confirm"]
        assert (queue["paused"], queue["waiting"]) == (True, 1)
        assert 'motia_paused{step="Confirm"} 1.0' in api.get("/metrics").text
        time.sleep(0.3)
        trace(api, trace_id, steps=1)
        asked(core, "/queues/resume", {"step": "Confirm"})
        trace(api, trace_id, steps=3)
        actions = [one["action"] for one in api.get("/audit").json()["entries"]]
        assert actions[:2] == ["step.resume", "step.pause"]
        assert api.post("/queues/pause", json={"step": "Book"}).status_code == 404, "it has no queue"


def test_sidecars_are_restarted_without_a_failed_request(tmp_path: Path) -> None:
    with running_core(PROJECT, tmp_path) as core, httpx.Client(base_url=f"{core.url}/__motia") as api:
        restart_under_load(core, api)


def restart_under_load(core: RunningCore, api: httpx.Client) -> None:
    before = {one["pid"]: one["group"] for one in api.get("/sidecars").json()["sidecars"]}
    failed: list[object] = []
    over = threading.Event()

    def load() -> None:
        with httpx.Client(base_url=core.url) as client:
            while not over.is_set():
                answer = client.post("/bookings/load", json={"guest": "Ada"})
                if answer.status_code != 201:
                    failed.append(answer.text)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        for group in ("node", "python"):
            answer = api.post("/sidecars/restart", json={"group": group}, timeout=60)
            assert answer.json() == {"restarted": 1}, answer.text
        until(lambda: len(api.get("/sidecars").json()["sidecars"]) == 2)
    finally:
        over.set()
        thread.join()
    after = {one["pid"]: one["group"] for one in api.get("/sidecars").json()["sidecars"]}
    assert failed == []
    assert sorted(after.values()) == ["node", "python"]
    assert not before.keys() & after.keys()
    assert api.post("/sidecars/restart", json={"group": "cobol"}).status_code == 404


def test_the_history_of_a_value(core: RunningCore, api: httpx.Client) -> None:
    trace_id = book(core, "history")
    trace(api, trace_id)
    api.post("/state/set", json={"group": "bookings", "key": "history", "value": {"guest": 2**70}})
    api.post("/state/remove", json={"group": "bookings", "keys": ["history", "other"]})
    query = {"group": "bookings", "key": "history"}
    removed, edited, made = api.get("/state/history", params=query).json()["changes"]
    assert (removed["type"], removed["by"]) == ("state.remove", {"from": "127.0.0.1"})
    assert (edited["type"], edited["data"]) == ("state.set", {"json": {"guest": 2**70}})
    assert (made["type"], made["data"]) == ("state.set", {"json": {"guest": "Ada"}})
    assert (made["by"]["name"], made["by"]["traceId"]) == ("Book", trace_id)
    assert made["time"] <= edited["time"] <= removed["time"]
    assert api.get("/state/history", params={**query, "key": "never"}).json() == {"changes": []}


def test_integers_of_any_size_are_shown(core: RunningCore, api: httpx.Client) -> None:
    found = trace(api, book(core, "big", guest=2**70))  # type: ignore[arg-type]  # not only text
    assert found["attempts"][0]["input"]["body"] == {"json": {"guest": 2**70}}
