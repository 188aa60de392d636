"""The management API describes itself, all of it, as it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from quart import Quart

from motia_core.model.step import StepType
from motia_core.workbench.api import build_api
from motia_core.workbench.described.document import REASONS, described, document
from motia_core.workbench.descriptions import rules_of
from tests.described import Described
from tests.fakes.values import a_delivery, a_failure
from tests.unit.workbench.management import Api, make_api

PAGE = Path(__file__).parents[3] / "docs" / "management-api.md"


def rules() -> list[tuple[str, str]]:
    app = build_api(make_api().app._management)
    assert isinstance(app, Quart)
    return rules_of(app)


@pytest.fixture(scope="module")
def shown() -> Any:
    return make_api().get("/__motia/management.json").json()


def test_it_is_openapi(shown: Any) -> None:
    assert shown["openapi"] == "3.1.0"
    validate(shown)


def test_every_route_is_described_and_nothing_else() -> None:
    assert {f"{method} {path}" for method, path in rules()} == set(described())


def test_a_route_that_is_not_described_is_noticed() -> None:
    with pytest.raises(KeyError, match="/__motia/new"):
        document([("GET", "/__motia/new")])


def test_operations_have_what_tools_need(shown: Any) -> None:
    operations = [one for methods in shown["paths"].values() for one in methods.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids)) == len(rules())
    for one in operations:
        assert one["summary"]
        assert {"500", "404"} & set(one["responses"])
    for path, methods in shown["paths"].items():
        for one in methods.values():
            named = {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path)), path
            assert ("requestBody" in one) == (one is methods.get("post")), path
    assert not [name for name in shown["components"]["schemas"] if "." in name], "two shapes have the same name"


def test_the_page_of_docs_names_every_path() -> None:
    page = PAGE.read_text()
    missing = []
    for _, path in rules():
        names = re.sub(r"<[^>]+>", "ID", path.removeprefix("/__motia")) or "/__motia"
        if names != "/" and not re.search(rf"[`, ]{_loosely(names)}[`?, ]", page):
            missing.append(path)
    assert missing == []


def _loosely(path: str) -> str:
    """Names of parameters are what the page likes, in capitals."""
    return re.sub("ID", "[A-Z]+", re.escape(path))


# --- answers are as described


def filled() -> Api:
    api = make_api()
    api.bury(1, 2, 3)
    api.bury(4, topic="gone", step_id="Gone")

    async def more() -> None:
        await api.store.queue.enqueue([a_delivery(10), a_delivery(11, data=b"")])
        delayed = a_delivery(12)
        delayed.due_ms = 2**52
        await api.store.queue.enqueue([delayed])

    asyncio.run(more())
    return api


@pytest.fixture(scope="module")
def answers(shown: Any) -> Iterator[Described]:
    yield Described(shown)


GETS = [
    *("", "/", "/overview", "/health", "/live", "/ready", "/metrics", "/steps", "/routes", "/problems", "/flows"),
    *("/flows/default/mermaid", "/flows/none/mermaid", "/stats", "/stats?minutes=0", "/sidecars", "/openapi.json"),
    *("/asyncapi.json", "/management.json", "/docs", "/docs/page.js", "/docs/none", "/steps/source?step=none"),
    *("/step/none", "/runs", "/runs?limit=0", "/traces", "/traces/none", "/logs", "/logs?level=odd", "/audit"),
    *("/state", "/state/groups", "/state/values?group=g", "/state/values?limit=x", "/streams", "/streams/all"),
    *("/streams/details/chat", "/streams/details/none", "/streams/group/chat/g", "/streams/item/chat/g/none"),
    *("/stream-groups?stream=chat", "/stream-groups", "/queues", "/queues/deliveries?step=Work", "/dlq"),
    *("/dlq?limit=x", "/dlq/1", "/dlq/99", "/cron", "/bullmq/queues", "/bullmq/queues/work.Work"),
    *("/bullmq/queues/none", "/bullmq/queues/work.Work/jobs", "/bullmq/queues/work.Work/jobs?status=failed"),
    *("/bullmq/queues/work.Work/jobs?status=delayed", "/bullmq/queues/work.Work/jobs?status=odd"),
    *("/bullmq/queues/work.Work/jobs/10", "/bullmq/queues/work.Work/jobs/99", "/bullmq/dlq/work.Work.dlq/jobs"),
]
POSTS: list[tuple[str, object]] = [
    ("/flows/x/config", {"id": "x"}),
    ("/replay", {"attemptId": 1}),
    ("/trace/clear", {}),
    ("/logs/clear", {}),
    ("/state/set", {"group": "g", "key": "k", "value": [1]}),
    ("/state/set", {"group": "g", "key": "k", "value": 1, "version": 7}),
    ("/state/set", {"group": "g"}),
    ("/state/remove", {"group": "g", "keys": ["k"]}),
    ("/state", {"groupId": "g", "key": "k", "value": None}),
    ("/state/delete", {"ids": ["g:k"]}),
    ("/stream-items", {"stream": "chat", "group": "g", "id": "1", "data": {"a": 1}}),
    ("/stream-items", {"stream": "chat", "group": "g", "id": "none", "data": None}),
    ("/stream-items", {"stream": "none", "group": "g", "id": "1"}),
    ("/dlq/redrive", {"ids": [1]}),
    ("/dlq/discard", {"all": True, "topic": "none"}),
    ("/dlq/discard", {}),
    ("/emit", {"topic": "work", "data": 1}),
    ("/emit", {"topic": ""}),
    ("/cron/run", {"step": "Tick"}),
    ("/cron/run", {"step": "none"}),
    ("/bullmq/queues/work.Work/drain", {}),
    ("/bullmq/queues/work.Work/clean", {"status": "failed", "limit": 1}),
    ("/bullmq/queues/work.Work/clean", {"status": "waiting"}),
    ("/bullmq/queues/work.Work/clean", {"limit": -1}),
    ("/bullmq/queues/work.Work/jobs/1/retry", {}),
    ("/bullmq/queues/work.Work/jobs/10/retry", {}),
    ("/bullmq/queues/work.Work/jobs/1/remove", {}),
    ("/bullmq/queues/work.Work/jobs/10/remove", {}),
    ("/bullmq/queues/work.Work/jobs/12/promote", {}),
    ("/bullmq/dlq/work.Work.dlq/retry/1", {}),
    ("/bullmq/dlq/work.Work.dlq/retry-all", {}),
    ("/bullmq/dlq/work.Work/clear", {}),
]


@pytest.mark.parametrize("path", GETS)
def test_what_is_read_is_as_described(path: str, answers: Described) -> None:
    answers.check(filled().get(f"/__motia{path}"))


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_what_is_done_is_as_described(path: str, body: object, answers: Described) -> None:
    answers.check(filled().post(f"/__motia{path}", body))


def test_what_0x_had_elsewhere_is_as_described(answers: Described) -> None:
    api = filled()
    answers.check(api.post("/emit", {"topic": "work", "data": {}}))
    for path in ("user", "status"):
        assert answers.check(api.get(f"/motia/analytics/{path}"))["analyticsEnabled"] is False


def test_the_comparison_notices_what_is_not_described(answers: Described) -> None:
    api = make_api()
    health = api.admin.health()
    api.admin.health = lambda: {**health, "mood": "good"}  # type: ignore[method-assign]  # as if somebody added it
    with pytest.raises(AssertionError, match="mood"):
        answers.check(api.get("/__motia/health"))
    api.admin.health = lambda: {"status": "ok"}  # type: ignore[method-assign]  # or removed the rest
    with pytest.raises(AssertionError, match="durability"):
        answers.check(api.get("/__motia/health"))


def test_every_status_has_its_reason() -> None:
    used = {status for _, one in described().values() for status in (*one.errors, *(one.also or {}))}
    assert used <= set(REASONS)


def test_kinds_of_steps_are_those_that_there_are(shown: Any) -> None:
    kinds = shown["components"]["schemas"]["Step"]["properties"]["type"]["enum"]
    assert set(kinds) == {kind.value for kind in StepType}


def test_failures_have_causes_of_any_depth(answers: Described) -> None:
    api = make_api()

    async def bury() -> None:
        delivery = a_delivery(1)
        await api.store.queue.enqueue([delivery])
        await api.store.queue.bury(delivery, a_failure(), 1)

    asyncio.run(bury())
    letter = answers.check(api.get("/__motia/dlq/1"))
    assert letter["failures"][0]["cause"]["message"] == "inner"
