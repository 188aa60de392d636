"""The management API: what it shows, what it does, what it refuses."""

from __future__ import annotations

import asyncio
import json

import pytest

from motia_core.errors import StoreFullError
from motia_core.model.event import EmitOptions
from tests.fakes.values import an_attempt
from tests.unit.workbench.management import Api, make_api


@pytest.fixture
def api() -> Api:
    return make_api()


def test_health_is_what_the_engine_says(api: Api) -> None:
    response = api.get("/__motia/health")
    assert (response.status_code, response.json()) == (200, api.admin.health())
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert not any(name.startswith("access-control") for name in response.headers)


def test_routes(api: Api) -> None:
    assert api.get("/__motia/routes").json() == {
        "routes": [
            {
                "method": "GET",
                "path": "/x/:id",
                "step": "Get",
                "language": "typescript",
                "file": "steps/get.step.ts",
                "line": 3,
            }
        ]
    }


def test_steps_have_the_fields_of_their_type(api: Api) -> None:
    steps = {step["name"]: step for step in api.get("/__motia/steps").json()["steps"]}
    assert list(steps) == ["Get", "Work", "Tick"]
    assert steps["Get"]["emits"] == [{"topic": "work", "label": None, "conditional": False}]
    assert steps["Work"]["subscribes"] == ["work"]
    assert steps["Work"]["queue"] == {"type": "standard", "maxRetries": 3, "delaySeconds": 0, "concurrency": 10}
    assert (steps["Tick"]["cron"], steps["Tick"]["timezone"]) == ("0 9 * * *", None)


def test_problems_have_the_shape_of_check(api: Api) -> None:
    content = api.get("/__motia/problems").json()
    assert content["steps"] == {"total": 4, "loaded": 3}
    assert content["streams"] == {"total": 1, "loaded": 1}
    assert content["problems"] == [
        {
            "severity": "error",
            "file": "steps/bad.step.ts",
            "line": 7,
            "step": None,
            "phase": "compile",
            "cause": "unexpected token",
            "remedy": "fix it",
            "stack": "at x",
        }
    ]


# --- traces


def test_trace_and_recent_attempts(api: Api) -> None:
    api.store.traces.record([an_attempt(1, trace_id="A"), an_attempt(2, trace_id="B", step="Other")])
    trace = api.get("/__motia/traces/A").json()
    assert trace["traceId"] == "A"
    assert [attempt["id"] for attempt in trace["attempts"]] == [1]
    assert trace["attempts"][0]["error"] == {"kind": "timeout", "message": "T: ü"}
    assert trace["attempts"][0]["durationMs"] == 0.25
    assert [a["id"] for a in api.get("/__motia/traces?limit=1").json()["attempts"]] == [2]
    assert [a["id"] for a in api.get("/__motia/traces?step=Work").json()["attempts"]] == [1]


def test_unknown_trace(api: Api) -> None:
    response = api.get("/__motia/traces/ZZ")
    assert response.status_code == 404
    assert response.json()["code"] == "NOT_AVAILABLE"
    assert "'ZZ'" in response.json()["error"]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1e3", "", "٣"])
def test_wrong_limit_is_named(api: Api, limit: str) -> None:
    response = api.get("/__motia/traces", params={"limit": limit})
    assert response.status_code == 400
    assert response.json()["code"] == "QUERY_INVALID"
    assert "limit must be a number from 1 to 1000" in response.json()["error"]


# --- dead letters


def test_dead_letters_are_listed_newest_first_in_pages(api: Api) -> None:
    api.bury(1, 2, 3)
    first = api.get("/__motia/dlq?limit=2").json()
    assert [letter["id"] for letter in first["deadLetters"]] == [3, 2]
    assert first["deadLetters"][0]["queue"] == "work.Work.dlq"
    assert first["deadLetters"][0]["reason"] == "boom"
    assert "data" not in first["deadLetters"][0]
    assert first["nextBefore"] == 2
    second = api.get("/__motia/dlq?limit=2&before=2").json()
    assert [letter["id"] for letter in second["deadLetters"]] == [1]
    assert second["nextBefore"] is None


def test_dead_letters_are_filtered(api: Api) -> None:
    api.bury(1)
    api.bury(2, topic="other", step_id="Else")
    assert [one["id"] for one in api.get("/__motia/dlq?topic=other").json()["deadLetters"]] == [2]
    assert [one["id"] for one in api.get("/__motia/dlq?step=Work").json()["deadLetters"]] == [1]


def test_dead_letter_is_shown_whole_with_its_numbers_intact(api: Api) -> None:
    api.bury(7, data=b'{"big":123456789012345678901234567890,"f":1.0}')
    response = api.get("/__motia/dlq/7")
    assert '"data":{"big":123456789012345678901234567890,"f":1.0}' in response.text
    (failure,) = response.json()["failures"]
    assert failure["message"] == "boom"
    assert failure["stack"] == "at line 1\n at line 2"
    assert failure["details"] == {"a": 1}
    assert failure["cause"]["message"] == "inner"


def test_dead_letter_of_an_event_without_data(api: Api) -> None:
    api.bury(7, data=b"")
    assert api.get("/__motia/dlq/7").json()["data"] is None


def test_unknown_dead_letter(api: Api) -> None:
    assert api.get("/__motia/dlq/7").status_code == 404
    assert api.get("/__motia/dlq/x").status_code == 404


def test_redrive_by_id_skips_what_is_not_there(api: Api) -> None:
    api.bury(1, 2)
    response = api.post("/__motia/dlq/redrive", {"ids": [2, 99, 1]})
    assert response.json() == {"redriven": 2}
    assert api.admin.redriven == [[1, 2, 99]]


def test_redrive_with_other_data(api: Api) -> None:
    api.bury(1, 2, 3)
    body = {"ids": [1], "data": {"n": 123456789012345678901234567890, "ü": None}}
    assert api.post("/__motia/dlq/redrive", body).json() == {"redriven": 1}
    assert api.post("/__motia/dlq/redrive", {"all": True, "data": None}).json() == {"redriven": 2}
    stored = api.store.memory.deliveries
    assert [stored[number].data.decode() for number in (1, 2, 3)] == [
        '{"n":123456789012345678901234567890,"ü":null}',
        "null",
        "null",
    ]


def test_cron_shows_due_times(api: Api) -> None:
    [shown] = api.get("/__motia/cron").json()["cron"]
    assert shown == {
        "step": "Tick",
        "name": "Tick",
        "cron": "0 9 * * *",
        "timezone": None,
        "overlap": "skip",
        "catchUp": "none",
        "jitterMs": 0,
        "nextMs": [1_700_000_000_000, 1_700_086_400_000],
        "lastMs": None,
        "paused": False,
    }


def test_cron_runs_now(api: Api) -> None:
    assert api.post("/__motia/cron/run", {"step": "Tick"}).json() == {"traceId": "Q7KPD-4821907"}
    assert api.admin.ran == ["Tick"]
    unknown = api.post("/__motia/cron/run", {"step": "Tock"})
    assert (unknown.status_code, unknown.json()["error"]) == (404, "There is no cron step 'Tock'; there are 'Tick'.")
    assert api.post("/__motia/cron/run", {"step": 7}).status_code == 400


def test_emit_with_options(api: Api) -> None:
    options = {"messageGroupId": "g", "delay": "2h", "idempotencyKey": "k", "idempotencyWindow": 90, "priority": -3}
    assert api.post("/__motia/emit", {"topic": "work", "data": 1, **options}).status_code == 200
    assert api.post("/__motia/emit", {"topic": "work", "data": 1, "at": "2030-01-31T09:00:00Z"}).status_code == 200
    assert (
        api.post("/__motia/emit", {"topic": "work", "data": 1, "at": 1_900_000_000_000, "delay": None}).status_code
        == 200
    )
    assert [given for _, _, given in api.admin.emitted] == [
        EmitOptions("g", 7_200_000, 0, "k", 90_000, -3),
        EmitOptions(at_ms=1_896_080_400_000),
        EmitOptions(at_ms=1_900_000_000_000),
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delay": "soon"}, "delay must be a number of seconds or a text such as '30s', at most 36500d."),
        ({"delay": -1}, "delay must be"),
        ({"delay": True}, "delay must be"),
        ({"delay": 1e300}, "delay must be"),
        ({"at": "tomorrow"}, "at must be a time as ISO 8601"),
        ({"at": 1_900_000_000}, "at must be a time as ISO 8601"),
        ({"at": "2030-01-31T09:00:00Z", "delay": 5}, "delay and at do not go together"),
        ({"idempotencyWindow": 5}, "idempotencyWindow does nothing without idempotencyKey"),
        ({"idempotencyKey": 7}, "idempotencyKey must be a string"),
        ({"idempotencyKey": "k", "idempotencyWindow": 0}, "idempotencyWindow must be"),
        ({"messageGroupId": {}}, "messageGroupId must be a string"),
        ({"priority": 101}, "priority must be a whole number from -100 to 100"),
        ({"priority": 1.5}, "priority must be"),
    ],
)
def test_options_that_make_no_sense(api: Api, options: dict[str, object], message: str) -> None:
    answer = api.post("/__motia/emit", {"topic": "work", "data": 1, **options})
    assert (answer.status_code, answer.json()["code"]) == (400, "BODY_INVALID")
    assert answer.json()["error"].startswith(message)
    assert api.admin.emitted == []


def test_redrive_all_goes_through_every_page_oldest_first(api: Api) -> None:
    api.bury(*range(1, 1202))
    api.bury(2000, topic="other")
    assert api.post("/__motia/dlq/redrive", {"all": True, "topic": "work"}).json() == {"redriven": 1201}
    assert [number for ids in api.admin.redriven for number in ids] == list(range(1, 1202))
    assert list(api.store.queue.letters) == [2000]


def test_discard(api: Api) -> None:
    api.bury(1, 2, 3)
    assert api.post("/__motia/dlq/discard", {"ids": [1]}).json() == {"discarded": 1}
    assert api.post("/__motia/dlq/discard", {"all": True, "step": "Work"}).json() == {"discarded": 2}
    assert api.store.queue.letters == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": "1"},
        {"ids": [1.5]},
        {"ids": [True]},
        {"all": False},
        {"all": "yes"},
        {"ids": [1], "all": True},
        {"topic": "work"},
    ],
)
def test_unclear_selection_moves_nothing(api: Api, body: dict[str, object]) -> None:
    api.bury(1)
    response = api.post("/__motia/dlq/discard", body)
    assert (response.status_code, response.json()["code"]) == (400, "BODY_INVALID")
    assert list(api.store.queue.letters) == [1]


# --- emit


def test_emit(api: Api) -> None:
    body = '{"topic":"work","data":{"n":123456789012345678901234567890,"ü":1.0},"messageGroupId":"g"}'
    headers = {"content-type": "application/json"}
    response = api.ask("POST", "/__motia/emit", content=body.encode(), headers=headers)
    assert response.json() == {"traceId": "Q7KPD-4821907", "subscribers": 2}
    assert api.admin.emitted == [("work", '{"n":123456789012345678901234567890,"ü":1.0}'.encode(), EmitOptions("g"))]


def test_emit_without_data_and_with_null_are_different(api: Api) -> None:
    api.post("/__motia/emit", {"topic": "a"})
    api.post("/__motia/emit", {"topic": "b", "data": None})
    assert api.admin.emitted == [("a", b"", EmitOptions()), ("b", b"null", EmitOptions())]


@pytest.mark.parametrize("body", [{}, {"topic": ""}, {"topic": 1}, {"topic": "a", "messageGroupId": 1}, [], "x", None])
def test_emit_of_nothing_is_refused(api: Api, body: object) -> None:
    response = api.post("/__motia/emit", body)
    assert (response.status_code, response.json()["code"]) == (400, "BODY_INVALID")
    assert api.admin.emitted == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"NaN", b'{"topic": Infinity}', b"[" * 5_000])
def test_body_that_is_no_json_is_refused(api: Api, content: bytes) -> None:
    response = api.ask("POST", "/__motia/emit", content=content, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "BODY_INVALID")


def test_error_of_the_store_reaches_the_client(api: Api) -> None:
    api.admin.failing = StoreFullError()
    response = api.post("/__motia/emit", {"topic": "a"})
    assert (response.status_code, response.json()["code"]) == (503, "STORE_FULL")


def test_fault_of_ours_is_logged_and_not_shown(api: Api) -> None:
    api.admin.failing = ZeroDivisionError("secret")
    response = api.post("/__motia/emit", {"topic": "a"})
    assert (response.status_code, response.json()) == (500, {"error": "Internal server error", "code": "INTERNAL"})
    assert api.log.records == [("error", "unexpected error in the management API: ZeroDivisionError: secret")]


def test_too_large_body_is_refused(api: Api) -> None:
    response = api.post("/__motia/emit", {"topic": "a", "data": "x" * 10_001})
    assert (response.status_code, response.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_emit_as_in_0x(api: Api) -> None:
    response = api.post("/emit", {"topic": "work", "data": {"a": 1}, "other": 2})
    assert response.json() == {"success": True, "emitted": {"topic": "work", "data": {"a": 1}}}
    assert api.admin.emitted == [("work", b'{"a":1}', EmitOptions())]


def test_emit_as_in_0x_without_a_topic_succeeds_and_warns(api: Api) -> None:
    response = api.post("/emit", {"data": {"a": 1}})
    assert (response.status_code, response.json()) == (200, {"success": True, "emitted": {"data": {"a": 1}}})
    assert api.admin.emitted == []
    assert api.log.records == [("warn", "POST /emit without a topic: nothing was emitted")]


# --- paths and methods


@pytest.mark.parametrize("path", ["/__motia/nothing", "/__motia/dlq/1/2", "/__motia/static/x"])
def test_unknown_path(api: Api, path: str) -> None:
    response = api.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "NOT_AVAILABLE")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/__motia/emit"), ("POST", "/__motia/health"), ("OPTIONS", "/__motia/emit")]
)
def test_wrong_method(api: Api, method: str, path: str) -> None:
    response = api.ask(method, path, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert not any(name.startswith("access-control") for name in response.headers)


def test_websockets_are_refused(api: Api) -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    asyncio.run(api.app({"type": "websocket", "path": "/__motia"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_responses_are_json_whatever_is_asked_for(api: Api) -> None:
    response = api.get("/__motia/nothing", headers={"accept": "text/html"})
    assert json.loads(response.content)["error"]


def test_recorded_integers_of_any_size_are_shown(api: Api) -> None:
    data = b'{"n":%d}' % 2**70
    kept = (("event", data, len(data)), (), 0, [], 0)
    api.store.traces.record([an_attempt(1, trace_id="BIG")], [(1, kept)])
    response = api.get("/__motia/traces/BIG")
    assert response.status_code == 200
    assert f'"json":{{"n":{2**70}}}' in response.text
