"""What internal streams show, in the shapes of 0.x (contract 10)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

import motia_core.workbench.internal.run_views as run_views
from motia_core.engine.live import Batch
from motia_core.model.recording import Packed
from motia_core.model.trace import AttemptRecord, LogRecord
from motia_core.settings import Settings
from motia_core.workbench.internal.views import internal_views
from motia_core.workbench.mount import Management, ManagementApp
from tests.fakes.projects import a_project
from tests.fakes.values import an_attempt
from tests.unit.workbench.management import Api, make_api

SCHEMA = {"type": "object"}
PROJECT = a_project(
    {
        "src/get.step.ts": {
            "type": "api", "name": "Get", "path": "/x/:id", "method": "GET", "description": "Gets", "flows": ["shop"],
            "emits": ["work", {"topic": "more", "label": "perhaps", "conditional": True}], "bodySchema": SCHEMA,
            "queryParams": [{"name": "q", "description": "d"}],
        },
        "src/work_step.py": {"type": "event", "name": "Work", "subscribes": ["work", "more"], "flows": ["shop"]},
        "src/chat.stream.ts": {"name": "chat"},
    }
)  # fmt: skip


@pytest.fixture
def api(tmp_path: Path) -> Api:
    made = make_api()
    settings = Settings(project=tmp_path)
    made.app = ManagementApp(replace(made.app._management, settings=settings, project=lambda: PROJECT))
    return made


def management(api: Api) -> Management:
    return api.app._management


def items(api: Api, stream: str, group: str = "default") -> list[Any]:
    async def run() -> list[Any]:
        found = await internal_views(management(api))[stream].items(group)
        read = [(item_id, json.loads(text)) for item_id, text in found]
        assert all(item["id"] == item_id for item_id, item in read)
        return [item for _, item in read]

    return asyncio.run(run())


def news(api: Api, stream: str, batch: Batch, group: str = "default", known: tuple[str, ...] = ()) -> Any:
    found = asyncio.run(internal_views(management(api))[stream].news(group, batch, known))
    return None if found is None else [json.loads(text) for _, text in found]


def step_id(root: Path, path: str) -> str:
    return str(uuid5(UUID("7f1c3ff2-9b00-4d0a-bdd7-efb8bca49d4f"), f"{root}/{path}"))


def test_flows_are_graphs_with_the_ids_of_0x(api: Api, tmp_path: Path) -> None:
    [flow] = items(api, "__motia.flows")
    get, work = step_id(tmp_path, "src/get.step.ts"), step_id(tmp_path, "src/work_step.py")
    assert (flow["id"], flow["name"]) == ("shop", "shop")
    assert [(node["id"], node["name"]) for node in flow["steps"]] == [(get, "Get"), (work, "Work")]
    assert (flow["steps"][0]["webhookUrl"], flow["steps"][0]["bodySchema"]) == ("GET /x/:id", SCHEMA)
    assert flow["edges"] == [
        {"id": f"{get}-{work}", "source": get, "target": work, "data": data}
        for data in (
            {"variant": "event", "topic": "work", "labelVariant": "default"},
            {"variant": "event", "topic": "more", "label": "perhaps", "labelVariant": "conditional"},
        )
    ]


def test_the_source_of_a_step_is_found_by_that_id(api: Api, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "tutorial").mkdir()
    (tmp_path / "src" / "get.step.ts").write_text("export const config = {}")
    step = step_id(tmp_path, "src/get.step.ts")
    expected = {"id": step, "content": "export const config = {}", "features": []}
    assert api.get(f"/__motia/step/{step}").json() == expected
    features = tmp_path / "tutorial" / "get.step.ts-features.json"
    features.write_text('[{"id":"f","title":"t"}]')
    assert api.get(f"/__motia/step/{step}").json() == expected | {"features": [{"id": "f", "title": "t"}]}
    for text in ("{}", "["):
        features.write_text(text)
        assert api.get(f"/__motia/step/{step}").json() == expected
    assert api.get(f"/__motia/step/{step_id(tmp_path, 'src/work_step.py')}").status_code == 404, "it is not there"
    assert api.get("/__motia/step/other").status_code == 404


def test_positions_are_those_of_the_file(api: Api, tmp_path: Path) -> None:
    assert items(api, "__motia.flowsConfig") == []
    entry = {"id": "shop", "config": {"src/get.step.ts": {"x": 1, "y": 2}}}
    assert api.post("/__motia/flows/shop/config", entry).status_code == 200
    assert items(api, "__motia.flowsConfig") == [entry]
    assert json.loads((tmp_path / "motia-workbench.json").read_text()) == [entry]


def test_endpoints_and_streams_are_listed(api: Api, tmp_path: Path) -> None:
    assert items(api, "__motia.api-endpoints") == [
        {
            "id": f"{tmp_path}/src/get.step.ts", "method": "GET", "path": "/x/:id", "description": "Gets",
            "queryParams": [{"name": "q", "description": "d"}], "responseSchema": None, "bodySchema": SCHEMA,
            "flows": ["shop"],
        }
    ]  # fmt: skip
    assert items(api, "__motia.streams-registry") == [
        {"id": "chat", "name": "chat", "hidden": False, "filePath": "src/chat.stream.ts"}
    ]


@pytest.mark.parametrize(
    "stream",
    ["__motia.flows", "__motia.flowsConfig", "__motia.api-endpoints", "__motia.streams-registry"],
)
def test_what_the_project_is_changes_with_the_project(api: Api, stream: str) -> None:
    assert news(api, stream, Batch(changed={"project"})) is None
    assert news(api, stream, Batch(changed={"state"}, logs=[LOG])) == []
    assert news(api, stream, Batch(changed={"flows"})) == (None if stream == "__motia.flowsConfig" else [])


LOG = LogRecord(7, 1_000, 2, "Work", "A", "hm", b'{"n":1}')
SHOWN = {
    "id": "7", "level": "warn", "time": 1_000, "msg": "hm",
    "traceId": "A", "step": "Work", "n": 1, "flows": ["shop"],
}  # fmt: skip


def test_logs_are_the_latest_oldest_first(api: Api) -> None:
    api.store.traces.log([LOG, *(LOG._replace(id=number) for number in range(10, 1_100))])
    found = items(api, "__motia.logs")
    assert [int(item["id"]) for item in found] == list(range(100, 1_100))
    assert found[-1] == SHOWN | {"id": "1099"}
    assert news(api, "__motia.logs", Batch(logs=[LOG])) == [SHOWN]
    assert news(api, "__motia.logs", Batch(changed={"logs"})) is None


def test_runs_are_shown_once_when_they_begin(api: Api) -> None:
    first = an_attempt(1, trace_id="A", step="Get", started_ms=5)
    api.store.traces.record([first, an_attempt(2, trace_id="A")._replace(parent_id=1), an_attempt(3, trace_id="B")])
    assert items(api, "motia-trace-group") == [
        {"id": "A", "name": "Get", "startTime": 5},
        {"id": "B", "name": "Work", "startTime": 1_000},
    ]
    begun = [first._replace(trace_id="C"), first._replace(id=2, trace_id="C", step="Work")]
    batch = Batch({one.id: one for one in begun})
    assert news(api, "motia-trace-group", batch) == [{"id": "C", "name": "Get", "startTime": 5}]
    assert news(api, "motia-trace-group", batch, known=("C",)) == []
    for later in (first._replace(parent_id=9), first._replace(attempt=2)):
        assert news(api, "motia-trace-group", Batch({1: later})) == []
    assert news(api, "motia-trace-group", Batch({1: first._replace(parent_id=-3)}))[0]["id"] == "A", "a replay"
    assert news(api, "motia-trace-group", Batch(changed={"runs"})) is None


def test_of_many_runs_the_latest_are_shown(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_views, "MOST", 3)
    api.store.traces.record([an_attempt(number, trace_id=str(number)) for number in range(10)])
    assert [item["id"] for item in items(api, "motia-trace-group")] == ["7", "8", "9"]


def test_of_many_attempts_of_a_run_the_latest_are_shown(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_views, "MOST", 3)
    api.store.traces.record([an_attempt(number) for number in range(10)])
    assert [item["id"] for item in items(api, "motia-trace", "A")] == ["7", "8", "9"]


def kept(attempt: AttemptRecord, *calls: Any, left: Any = ()) -> tuple[int, Packed]:
    return attempt.id, ((), left, 0, list(calls), 0)


def test_a_trace_has_its_attempts_with_what_they_did(api: Api) -> None:
    get = an_attempt(1, step="Get")._replace(trigger="http", status="completed", duration_us=9_000)
    work = an_attempt(2)._replace(parent_id=1, error="TypeError: boom", error_kind="application", started_ms=1_020)
    calls = (
        ("state.compareAndSet", "group/key/more", 2_000_000, 0, b"1", 1, "", 1),
        ("stream.set", "chat/room/1", 4_000_000, 3_000_000, b'{"a":1}', 7, "", 5),
        ("emit", "work", 5_000_000, 0, b"", 0, "no disk", 1),
        ("socket.send", "c1", 6_000_000, 0, b"", 0, "", 1),
    )
    failure = ("failure", "application", "TypeError", "boom", "at x", "")
    api.store.traces.record([get, work], [kept(get, *calls), kept(work, left=failure)])
    logs = [LOG._replace(time_ms=1_003, step="Get"), LOG._replace(id=8, time_ms=1_021), LOG._replace(id=9, time_ms=5)]
    api.store.traces.log(logs)
    first, second = items(api, "motia-trace", "A")
    assert first == {
        "id": "1", "name": "Get", "parentTraceId": "A", "status": "completed", "startTime": 1_000, "endTime": 1_009,
        "entryPoint": {"type": "api", "stepName": "Get"},
        "events": [
            {"type": "state", "timestamp": 1_002, "operation": "set",
             "data": {"groupId": "group", "key": "key/more", "value": 1}},
            {"type": "log", "timestamp": 1_003, "level": "warn", "message": "hm", "metadata": {"n": 1}},
            {"type": "stream", "timestamp": 1_004, "streamName": "chat", "operation": "set", "calls": 5,
             "maxTimestamp": 1_007, "data": {"groupId": "room", "id": "1", "data": {"a": 1}}},
            {"type": "emit", "timestamp": 1_005, "topic": "work", "success": False, "data": None},
        ],
    }  # fmt: skip
    assert second["status"] == "failed"
    assert second["error"] == {"message": "boom", "code": "application", "stack": "at x"}
    assert [event["timestamp"] for event in second["events"]] == [1_021], "a record from before it is of no attempt"
    assert items(api, "motia-trace", "B") == []


def test_a_trace_is_read_again_when_something_of_it_is_heard(api: Api) -> None:
    assert news(api, "motia-trace", Batch({1: an_attempt(1)}), "A") is None
    assert news(api, "motia-trace", Batch(logs=[LOG]), "A") is None
    assert news(api, "motia-trace", Batch({1: an_attempt(1)}, [LOG]), "B") == []
    assert news(api, "motia-trace", Batch(changed={"runs"}), "B") is None


def test_queues_are_counted_once_a_second(api: Api) -> None:
    async def run() -> None:
        view = internal_views(management(api))["__motia.bullmq-queues"]
        names = [item_id for item_id, _ in await view.items("default")]
        assert names == ["work.Work", "work.Work.dlq", "more.Work", "more.Work.dlq"]
        assert await view.news("default", Batch(), ()) == []
        management(api).clock.ms += 1_000  # type: ignore[attr-defined]  # the fake's
        assert await view.news("default", Batch(), ()) is None
        assert await view.news("other", Batch(), ()) == []

    asyncio.run(run())


@pytest.mark.parametrize("stream", sorted(internal_views(make_api().app._management)))
def test_other_groups_are_empty(api: Api, stream: str) -> None:
    api.store.traces.log([LOG])
    api.store.traces.record([an_attempt(1)])
    assert items(api, stream, "other") == []
