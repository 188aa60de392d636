"""Configs of Motia 1.0: what becomes of each trigger, and what is said of those that are wrong, in their own words."""

from __future__ import annotations

import pytest

from motia_core.model.project import Discovery, LoadedStep, Manifest, Project
from motia_core.model.rules import check_project
from motia_core.model.step import Backoff, Step, StepType
from motia_core.model.watch import Watch
from tests.fakes.projects import a_file

HTTP = {"type": "http", "method": "POST", "path": "/x"}


def project_of(*triggers: object, **fields: object) -> Project:
    """The project of one step with these triggers, as SDKs describe it."""
    config = {"name": "Step", "triggers": list(triggers), "enqueues": ["out"], **fields}
    numbers = range(1, len(triggers) + 1) if triggers else (0,)
    loaded = tuple(LoadedStep("a.step.ts", config, True, line=3, key=str(number), trigger=number) for number in numbers)
    return check_project(Discovery((a_file("a.step.ts"),)), {"node": Manifest(loaded)})


def only(*triggers: object, **fields: object) -> Step:
    project = project_of(*triggers, **fields)
    assert project.problems == ()
    [step] = project.steps
    return step


def test_http_is_an_api_step() -> None:
    schema = {"type": "object"}
    step = only({**HTTP, "bodySchema": schema, "responseSchema": {"200": schema}, "queryParams": [{"name": "q"}]})
    assert (step.id, step.type, step.method, step.route) == ("Step", StepType.API, "POST", "/x")
    assert step.schema is not None
    assert list(step.responses) == ["200"]


def test_everything_may_be_enqueued_whatever_is_declared() -> None:
    step = only(HTTP)
    assert [target.topic for target in step.emits] == ["out"]
    assert step.may_emit("anything")


def test_queue_is_an_event_step_with_its_policy() -> None:
    policy = {"type": "fifo", "maxRetries": 5, "visibilityTimeout": 30, "delaySeconds": 2, "concurrency": 4}
    policy |= {"backoffType": "exponential", "backoffDelayMs": 1500}
    step = only({"type": "queue", "topic": "t", "input": {"type": "object"}, "config": policy})
    assert (step.type, step.subscribes) == (StepType.EVENT, ("t",))
    queue = step.queue
    assert (queue.fifo, queue.max_retries, queue.visibility_timeout_s, queue.delay_s) == (True, 5, 30, 2)
    assert queue.concurrency == 4
    assert queue.backoff == Backoff(exponential=True, base_ms=1500)
    assert step.schema is not None


@pytest.mark.parametrize("policy", [{}, {"concurrency": None, "backoffType": None, "backoffDelayMs": None}])
def test_a_queue_that_says_nothing_has_the_defaults(policy: dict[str, object]) -> None:
    assert only({"type": "queue", "topic": "t", "config": policy}).queue == only({"type": "queue", "topic": "t"}).queue


@pytest.mark.parametrize("expression", ["0 9 * * *", "0 0 9 * * *", "0 0 9 * * * 2030"])
def test_cron_is_followed_in_utc(expression: str) -> None:
    step = only({"type": "cron", "expression": expression})
    assert (step.type, step.cron, step.timezone) == (StepType.CRON, expression, "UTC")


def test_state_and_streams_are_watched() -> None:
    assert only({"type": "state"}).watches == Watch()
    step = only({"type": "stream", "streamName": "s", "groupId": "g", "itemId": "i"})
    assert (step.watches, step.subscribes) == (Watch("s", "g", "i"), ())


def test_each_of_several_triggers_is_a_step_named_after_it() -> None:
    cron = {"type": "cron", "expression": "0 9 * * *"}
    stream = {"type": "stream", "streamName": "s"}
    queue = {"type": "queue", "topic": "t"}
    project = project_of(HTTP, queue, cron, {"type": "state"}, stream, queue)
    assert project.problems == ()
    assert [step.id for step in project.steps] == [
        "Step::http(POST /x)",
        "Step::queue(t)",
        "Step::cron(0 9 * * *)",
        "Step::state",
        "Step::stream(s)",
        "Step::queue(t)-5",
    ]
    assert [step.reference for step in project.steps[:2]] == ["a.step.ts#1", "a.step.ts#2"]


def test_no_trigger_is_a_step_that_is_only_drawn() -> None:
    step = only(virtualEnqueues=["v"], virtualSubscribes=["w"])
    assert (step.type, step.virtual_subscribes) == (StepType.NOOP, ("w",))
    assert [target.topic for target in step.virtual_emits] == ["v"]


@pytest.mark.parametrize(
    ("trigger", "cause", "remedy"),
    [
        ({"type": "que", "topic": "t"}, "config.triggers[0].type 'que' is not known", "did you mean queue?"),
        ({}, "config.triggers[0].type is missing", "type: one of http, queue"),
        ("queue", "config.triggers[0].type is missing", "type: one of"),
        ({"type": "queue"}, "config.triggers[0].topic is missing", "topic: 'order.created'"),
        ({"type": "queue", "topic": 5}, "config.triggers[0].topic must be a string", "topic"),
        ({"type": "stream"}, "config.triggers[0].streamName is missing", "streamName"),
        ({"type": "cron"}, "config.triggers[0].expression is missing", "cron"),
        ({"type": "cron", "expression": "x y"}, "cron expression 'x y' has 2 fields", "cron"),
        ({**HTTP, "method": "FETCH"}, "config.triggers[0].method 'FETCH' is not known", "PATCH"),
        ({**HTTP, "path": "x"}, "config.triggers[0].path 'x' must start with a slash", "path: '/x'"),
        (
            {"type": "queue", "topic": "t", "config": {"maxRetries": -1}},
            "config.triggers[0].config.maxRetries must be a whole number",
            "maxRetries",
        ),
        (
            {"type": "queue", "topic": "t", "config": {"backoffDelayMs": "1s"}},
            "config.triggers[0].config.backoffDelayMs must be a number",
            "backoffDelayMs",
        ),
    ],
)
def test_error_names_the_place_in_the_words_of_the_config(trigger: object, cause: str, remedy: str) -> None:
    project = project_of(trigger)
    assert project.steps == ()
    problem = project.problems[0]
    assert (problem.severity, problem.line) == ("error", 3)
    assert cause in problem.cause
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("config", "cause", "remedy"),
    [
        ({"enqueue": ["x"]}, "config.enqueue is not known", "did you mean enqueues?"),
        (
            {"triggers": [{**HTTP, "conditon": 1}]},
            "config.triggers[0].conditon is not known",
            "did you mean condition?",
        ),
    ],
)
def test_warning_names_a_key_that_is_not_known(config: dict[str, object], cause: str, remedy: str) -> None:
    project = project_of(*config.pop("triggers", [HTTP]), **config)  # type: ignore[misc]  # they are lists
    assert len(project.steps) == 1
    [problem] = project.problems
    assert cause in problem.cause
    assert remedy in problem.remedy


def test_a_key_of_the_config_that_is_not_known_is_told_of_once() -> None:
    project = project_of(HTTP, {"type": "queue", "topic": "t"}, enqueue=["x"])
    assert [problem.cause for problem in project.problems] == ["config.enqueue is not known and ignored"]


def test_an_sdk_that_does_not_take_triggers_apart_is_to_be_upgraded() -> None:
    loaded = LoadedStep("a.step.ts", {"name": "Step", "triggers": [HTTP]}, True)
    project = check_project(Discovery((a_file("a.step.ts"),)), {"node": Manifest((loaded,))})
    assert project.steps == ()
    assert "upgrade" in project.problems[0].remedy


def test_one_bad_trigger_costs_no_other() -> None:
    project = project_of({"type": "queue"}, HTTP)
    assert [step.type for step in project.steps] == [StepType.API]
    assert [problem.severity for problem in project.problems] == ["error"]
