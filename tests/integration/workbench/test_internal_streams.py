"""The streams and endpoints that the Workbench of 0.x read, and the description of the API, on a running core."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.conformance.core import RunningCore, running_core
from tests.described import Described
from tests.integration.workbench.test_management import PROJECT, book, trace, until

TOKEN = "s3cret/with=odd+characters"


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCore]:
    project = tmp_path_factory.mktemp("inside") / "project"
    shutil.copytree(PROJECT, project)
    with running_core(project, tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def api(core: RunningCore) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{core.url}/__motia", timeout=20) as client:
        yield client


class Watcher:
    """A client of streams that keeps what it hears."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[tuple[str, str, Any]] = []  # stream, type of the event, its data

    async def join(self, stream: str, group: str = "default") -> Any:
        """Subscribe; the data of the sync."""
        data = {"streamName": stream, "groupId": group, "subscriptionId": stream}
        await self.connection.send(json.dumps({"type": "join", "data": data}))
        return await self.wait(lambda name, kind, data: name == stream and kind == "sync")

    async def wait(self, wanted: Callable[[str, str, Any], bool]) -> Any:
        """The data of the first that is wanted."""
        async with asyncio.timeout(10):
            while True:
                for one in self.heard:
                    if wanted(*one):
                        return one[2]
                frame = json.loads(await self.connection.recv())
                event = frame["event"]
                assert "event" not in event, event
                self.heard.append((frame["streamName"], event["type"], event["data"]))


def watch(core: RunningCore, script: Callable[[Watcher], Awaitable[None]], path: str = "/", **more: Any) -> None:
    async def main() -> None:
        async with connect(core.url.replace("http", "ws", 1) + path, proxy=None, **more) as connection:
            await script(Watcher(connection))

    asyncio.run(main())


def test_what_happens_is_seen_as_in_0x(core: RunningCore, api: httpx.Client) -> None:
    async def script(watcher: Watcher) -> None:
        for stream in ("motia-trace-group", "__motia.logs", "__motia.bullmq-queues"):
            await watcher.join(stream)
        trace_id = await asyncio.to_thread(book, core, "i1", "Nobody")
        run = await watcher.wait(lambda name, kind, data: name == "motia-trace-group" and kind == "create")
        assert (run["id"], run["name"]) == (trace_id, "Book")
        log = await watcher.wait(lambda name, kind, data: name == "__motia.logs" and kind == "create")
        assert (log["msg"], log["step"], log["traceId"], log["flows"]) == ("booked", "Book", trace_id, ["bookings"])
        await watcher.join("motia-trace", trace_id)
        await asyncio.to_thread(trace, api, trace_id, 3)
        failed = await watcher.wait(
            lambda name, kind, data: name == "motia-trace" and any(one.get("error") for one in _listed(data))
        )
        error = next(one["error"] for one in _listed(failed) if one.get("error"))
        assert error["message"] == "there is no guest"
        queue = await watcher.wait(
            lambda name, kind, data: (
                name == "__motia.bullmq-queues"
                and any(one["name"] == "booking.made.Confirm" and one["stats"]["failed"] for one in _listed(data))
            )
        )
        assert _listed(queue)[0]["isDLQ"] is False

    watch(core, script)


def _listed(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]


def test_what_the_project_is_is_seen_as_in_0x(core: RunningCore, api: httpx.Client) -> None:
    async def script(watcher: Watcher) -> None:
        [flow] = [one for one in await watcher.join("__motia.flows") if one["id"] == "bookings"]
        nodes = {node["name"]: node for node in flow["steps"]}
        assert {(edge["source"], edge["target"]) for edge in flow["edges"]} >= {
            (nodes["Book"]["id"], nodes["Confirm"]["id"])
        }
        found = await asyncio.to_thread(api.get, f"/step/{nodes['Confirm']['id']}")
        assert "there is no guest" in found.json()["content"]
        assert [one["path"] for one in await watcher.join("__motia.api-endpoints")] == ["/bookings/:id"]
        assert [one["name"] for one in await watcher.join("__motia.streams-registry")] == ["rooms"]
        assert await watcher.join("__motia.flowsConfig") == []
        entry = {"id": "bookings", "config": {"steps/book.step.ts": {"x": 3, "y": 4}}}
        await asyncio.to_thread(api.post, "/flows/bookings/config", json=entry)
        assert await watcher.wait(lambda name, kind, data: name == "__motia.flowsConfig" and kind == "create") == entry

    watch(core, script)


def test_cleared_runs_and_logs_are_gone_for_those_who_watch(core: RunningCore, api: httpx.Client) -> None:
    trace(api, book(core, "i2"))

    async def script(watcher: Watcher) -> None:
        assert await watcher.join("motia-trace-group")
        assert await watcher.join("__motia.logs")
        await asyncio.to_thread(api.post, "/trace/clear", json={})
        await asyncio.to_thread(api.post, "/logs/clear", json={})
        await watcher.wait(lambda name, kind, data: name == "motia-trace-group" and data == [])
        # clearing is in the audit log, which are log records as well
        await watcher.wait(lambda name, kind, data: name == "__motia.logs" and kind == "sync" and len(data) <= 1)

    watch(core, script)


def test_jobs_are_found_and_retried(core: RunningCore, api: httpx.Client) -> None:
    trace_id = book(core, "i3", "Nobody")
    name = "booking.made.Confirm"

    def failed() -> Any:
        jobs = api.get(f"/bullmq/queues/{name}/jobs", params={"status": "failed"}).json()["jobs"]
        return [job for job in jobs if job["data"]["traceId"] == trace_id]

    [job] = until(failed)
    assert (job["data"]["data"]["guest"], job["failedReason"]) == ("Nobody", "there is no guest")
    assert api.get(f"/bullmq/queues/{name}.dlq/jobs/{job['id']}").json() == job
    assert api.post(f"/bullmq/dlq/{name}.dlq/retry/{job['id']}", json={}).status_code == 200
    until(lambda: len(api.get(f"/traces/{trace_id}").json()["attempts"]) >= 4)
    again = until(failed)
    assert api.post(f"/bullmq/queues/{name}/jobs/{again[0]['id']}/remove", json={}).status_code == 200
    assert not failed()
    done = book(core, "i4")
    trace(api, done)
    jobs = api.get(f"/bullmq/queues/{name}/jobs", params={"status": "completed"}).json()["jobs"]
    assert done in [job["data"]["traceId"] for job in jobs]
    stats = {queue["name"]: queue["stats"] for queue in api.get("/bullmq/queues").json()["queues"]}
    assert stats[name]["completed"] >= 1


def test_a_running_core_answers_as_it_describes_itself(core: RunningCore, api: httpx.Client) -> None:
    described = Described(api.get("/management.json").json())
    good, bad = book(core, "i5"), book(core, "i6", "Nobody")
    trace(api, good)
    trace(api, bad)
    [letter] = until(lambda: [one for one in api.get("/dlq").json()["deadLetters"] if one["traceId"] == bad])
    described.check(api.post("/state/set", json={"group": "g", "key": "k", "value": {"a": [1]}}))
    item = {"stream": "rooms", "group": "g", "id": "1", "data": {"free": True}}
    described.check(api.post("/stream-items", json=item))
    attempt = described.check(api.get(f"/traces/{good}"))["attempts"][0]["id"]
    nodes = api.get("/flows").json()["flows"][0]["steps"]
    paths = [
        *("", "/overview", "/health", "/live", "/ready", "/metrics", "/steps", "/routes", "/problems", "/flows"),
        *("/flows/bookings/mermaid", "/stats", "/sidecars", "/openapi.json", "/asyncapi.json", "/docs", "/audit"),
        *("/runs", "/runs?status=failed", "/traces", f"/traces/{bad}", "/logs", "/state", "/state/groups"),
        *("/state/values?group=g", "/streams", "/streams/details/rooms", "/streams/group/rooms/all"),
        *("/streams/item/rooms/g/1", "/stream-groups?stream=rooms", "/queues", "/cron", "/dlq"),
        *(f"/dlq/{letter['id']}", f"/steps/source?step={nodes[0]['id']}", "/queues/deliveries?step=Confirm"),
        *("/bullmq/queues", "/bullmq/queues/booking.made.Confirm", "/bullmq/dlq/booking.made.Confirm.dlq/jobs"),
        *(f"/bullmq/queues/booking.made.Confirm/jobs?status={status}" for status in ("failed", "completed", "active")),
    ]
    for path in paths:
        described.check(api.get(path))
    described.check(api.post("/replay", json={"attemptId": attempt}))
    described.check(api.post("/dlq/discard", json={"ids": [letter["id"]]}))
    described.check(api.post("/state/remove", json={"group": "g", "keys": ["k"]}))
    described.check(api.post("/state", json={"groupId": "g", "key": "k", "value": 1}))
    described.check(api.post("/state/delete", json={"ids": ["g:k"]}))
    described.check(api.post("/emit", json={"topic": "booking.confirmed", "data": {"id": "i9"}}))
    with httpx.Client(base_url=core.url) as root:
        described.check(root.post("/emit", json={"topic": "nothing"}))
        described.check(root.get("/motia/analytics/user"))
    assert len(described.seen) > 45


def test_pages_of_other_origins_read_nothing(core: RunningCore) -> None:
    async def script(watcher: Watcher) -> None:
        with pytest.raises(AssertionError, match="STREAM_ACCESS_DENIED"):
            await watcher.join("__motia.logs")
        assert await watcher.join("rooms", "none") == [], "streams of the project are for pages of any origin"

    watch(core, script, origin="https://elsewhere.example")
    headers = {"origin": "https://elsewhere.example"}
    for path in ("/__motia/streams/__motia.logs/default", "/__motia/management.json"):
        assert httpx.get(f"{core.url}{path}", headers=headers).status_code == 403


def test_where_a_token_is_set_clients_show_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "steps").mkdir(parents=True)
    (project / "package.json").write_text('{"type":"module"}')
    (project / "steps" / "hi.step.js").write_text(
        "export const config = {type: 'api', name: 'Hi', path: '/hi', method: 'GET', emits: []}\n"
        "export const handler = async () => ({status: 200, body: {}})\n"
    )

    async def endpoints(watcher: Watcher) -> None:
        assert [one["path"] for one in await watcher.join("__motia.api-endpoints")] == ["/hi"]

    for token in (TOKEN, "s3cret"):
        with running_core(project, tmp_path / f"data-{len(token)}", {"MOTIA_HTTP_ADMIN_TOKEN": token}) as core:
            watch(core, endpoints, additional_headers={"authorization": f"Bearer {token}"})
            watch(core, endpoints, f"/?{httpx.QueryParams({'authToken': token})}")
            if token == "s3cret":
                watch(core, endpoints, subprotocols=["Authorization", token], origin="https://elsewhere.example")
            # the project has no streams: nothing is there for others
            with pytest.raises(Exception, match="403"):
                watch(core, endpoints)
