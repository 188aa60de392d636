"""The endpoints of 0.x for BullMQ, on top of queues and dead letters."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.values import a_delivery, an_attempt
from tests.unit.workbench.management import Api, make_api

QUEUE, DEAD = "/__motia/bullmq/queues/work.Work", "/__motia/bullmq/dlq/work.Work.dlq"
NONE = {"waiting": 0, "active": 0, "completed": 0, "failed": 0, "delayed": 0, "paused": 0, "prioritized": 0}


@pytest.fixture
def api() -> Api:
    return make_api()


def enqueue(api: Api, *numbers: int, due_ms: int = 0, topic: str = "work") -> None:
    async def run() -> None:
        for number in numbers:
            delivery = a_delivery(number, topic=topic)
            delivery.due_ms = due_ms
            await api.store.queue.enqueue([delivery])

    asyncio.run(run())


def queues(api: Api) -> Any:
    return {queue["name"]: queue for queue in api.get("/__motia/bullmq/queues").json()["queues"]}


def jobs(api: Api, status: str, **query: int) -> list[str]:
    return [job["id"] for job in api.get(f"{QUEUE}/jobs", params={"status": status, **query}).json()["jobs"]]


def test_each_topic_of_a_step_is_a_queue_with_one_for_its_dead_letters(api: Api) -> None:
    assert list(queues(api)) == ["work.Work", "work.Work.dlq"]
    assert queues(api)["work.Work.dlq"] == {
        "name": "work.Work.dlq", "displayName": "work.Work.dlq", "isPaused": False, "isDLQ": True, "stats": NONE,
    }  # fmt: skip
    assert api.get(QUEUE).json() == queues(api)["work.Work"]
    assert api.get("/__motia/bullmq/queues/work.None").status_code == 404


def test_what_is_in_a_queue_is_counted(api: Api) -> None:
    enqueue(api, 1, 2)
    enqueue(api, 3, due_ms=2**52)
    enqueue(api, 4, topic="other")
    api.bury(5, 6)
    api.app._management.stats.count([an_attempt(9)._replace(status="completed")])
    found = queues(api)
    assert found["work.Work"]["stats"] == NONE | {"waiting": 2, "delayed": 1, "failed": 2, "completed": 1}
    assert found["work.Work.dlq"]["stats"] == NONE | {"waiting": 2}
    assert found["other.Work"]["stats"] == NONE | {"waiting": 1}, "a topic that the step has left"


def test_jobs_are_found_by_status_and_place(api: Api) -> None:
    enqueue(api, 1, 2, 3)
    enqueue(api, 4, due_ms=2**52)
    enqueue(api, 5, topic="other")
    api.bury(6, 7)
    assert jobs(api, "waiting") == ["1", "2", "3"]
    assert jobs(api, "waiting", start=1, end=1) == ["2"]
    assert jobs(api, "delayed") == ["4"]
    assert jobs(api, "failed") == ["7", "6"]
    assert jobs(api, "failed", start=1) == ["6"]
    assert jobs(api, "active") == jobs(api, "completed") == jobs(api, "paused") == jobs(api, "prioritized") == []
    assert api.get(f"{QUEUE}/jobs?status=odd").json()["code"] == "QUERY_INVALID"
    assert api.get(f"{QUEUE}/jobs?start=-1").status_code == 400


def test_a_delivery_is_a_job(api: Api) -> None:
    enqueue(api, 1)
    assert api.get(f"{QUEUE}/jobs/1").json() == {
        "id": "1",
        "name": "work",
        "data": {"topic": "work", "data": {"n": 1}, "traceId": "Q7KPD-4821907", "flows": []},
        "opts": {"attempts": 4, "delay": 0},
        "progress": 0,
        "timestamp": 1_700_000_000_000,
        "attemptsMade": 0,
        "processedOn": None,
        "finishedOn": None,
        "returnvalue": None,
        "failedReason": None,
        "stacktrace": [],
    }
    assert api.get(f"{QUEUE}/jobs/2").status_code == 404


def test_a_completed_attempt_is_a_job(api: Api) -> None:
    done = an_attempt(9, started_ms=5_000)._replace(status="completed", duration_us=2_000)
    others = [an_attempt(8), done._replace(id=7, label="other"), done._replace(id=6, trigger="http")]
    kept = (("event", b'{"n":9}', 7), (), 0, [], 0)
    api.store.traces.record([done, *others], [(9, kept)])
    assert jobs(api, "completed") == ["9"]
    job = api.get(f"{QUEUE}/jobs/9").json()
    assert job["data"]["data"] == {"n": 9}
    assert (job["timestamp"], job["processedOn"], job["finishedOn"]) == (4_993, 5_000, 5_002)
    assert api.get(f"{QUEUE}/jobs/8").status_code == 404


def test_a_dead_letter_is_retried(api: Api) -> None:
    api.bury(1, 2)
    assert api.post(f"{QUEUE}/jobs/1/retry", {}).status_code == 200
    assert api.post(f"{DEAD}/retry/2", {}).status_code == 200
    assert api.admin.redriven == [[1], [2]]
    assert api.post(f"{QUEUE}/jobs/1/retry", {}).status_code == 404, "it waits"
    assert [text for _, text in api.log.records] == ["management: dlq.redrive work.Work.dlq"] * 2


def test_dead_letters_of_one_queue_are_retried_and_cleared(api: Api) -> None:
    api.bury(1, 2)
    api.bury(3, topic="other")
    assert api.post(f"{DEAD}/retry-all", {}).json()["count"] == 2
    api.bury(4)
    assert api.post("/__motia/bullmq/dlq/work.Work/clear", {}).json()["count"] == 1
    assert list(api.store.memory.letters) == [3]


def test_dead_letters_have_what_happened_to_them(api: Api) -> None:
    api.bury(1)
    [job] = api.get(f"{DEAD}/jobs").json()["jobs"]
    assert job["originalEvent"] == job["data"] == {
        "topic": "work", "data": {"n": 1}, "traceId": "Q7KPD-4821907", "flows": [],
    }  # fmt: skip
    assert (job["failureReason"], job["failureTimestamp"], job["attemptsMade"]) == ("boom", 1_700_000_001_000, 1)
    assert api.get(f"{QUEUE}.dlq/jobs").json()["jobs"][0]["stacktrace"] == ["at line 1\n at line 2"]
    assert api.get("/__motia/bullmq/dlq/none/jobs").status_code == 404


def test_failed_jobs_are_removed_one_by_one_and_by_age(api: Api) -> None:
    api.bury(1, 2, 3)
    assert api.post(f"{QUEUE}/jobs/1/remove", {}).status_code == 200
    now_ms = api.app._management.clock.now_ms()
    assert now_ms < 1_700_000_001_000, "they are younger than now"
    assert api.post(f"{QUEUE}/clean", {"status": "failed"}).json() == {"deleted": 0, "ids": []}
    api.app._management.clock.ms += 10_000  # type: ignore[attr-defined]  # the fake's
    assert api.post(f"{QUEUE}/clean", {"status": "failed", "grace": 60_000}).json()["deleted"] == 0
    assert api.post(f"{QUEUE}/clean", {"status": "failed", "limit": 1}).json() == {"deleted": 1, "ids": ["2"]}
    assert api.post(f"{QUEUE}/clean", {}).json() == {"deleted": 0, "ids": []}, "completed ones leave by themselves"
    assert list(api.store.memory.letters) == [3]


@pytest.mark.parametrize("path", ["drain", "jobs/1/remove", "jobs/1/promote"])
def test_what_our_queues_cannot_do_is_said(api: Api, path: str) -> None:
    enqueue(api, 1)
    response = api.post(f"{QUEUE}/{path}", {})
    assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert jobs(api, "waiting") == ["1"]
    assert api.log.records == []
    assert api.post(f"{QUEUE}/clean", {"status": "waiting"}).json()["code"] == "BODY_INVALID"


def test_pausing_a_queue_pauses_its_step(api: Api) -> None:
    assert api.post(f"{QUEUE}/pause", {}).json() == {"message": "Queue paused successfully"}
    assert api.admin.paused == {"Work"}
    shown = queues(api)
    assert (shown["work.Work"]["isPaused"], shown["work.Work.dlq"]["isPaused"]) == (True, False)
    assert api.post(f"{QUEUE}/resume", {}).json() == {"message": "Queue resumed successfully"}
    assert not queues(api)["work.Work"]["isPaused"]
    assert api.post("/__motia/bullmq/queues/work.None/pause", {}).status_code == 404
