"""Configs of single steps: what they may say, and what is said about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.cron_config import CRON_KEYS
from motia_core.model.project import Problem
from motia_core.model.queue_config import QUEUE_KEYS
from motia_core.model.step import EmitTarget, QueuePolicy, Step, StepType
from motia_core.model.watch import Watch
from tests.fakes.projects import a_project

API: dict[str, object] = {"type": "api", "name": "A", "path": "/a", "method": "GET", "emits": []}
EVENT: dict[str, object] = {"type": "event", "name": "E", "subscribes": ["t"], "emits": []}
CRON: dict[str, object] = {"type": "cron", "name": "C", "cron": "0 9 * * *", "emits": []}
NOOP: dict[str, object] = {"type": "noop", "name": "N", "virtualEmits": [], "virtualSubscribes": []}


def read(config: dict[str, object], path: str = "steps/one.step.ts") -> tuple[Step | None, tuple[Problem, ...]]:
    project = a_project({path: config})
    return (project.steps[0] if project.steps else None), project.problems


def fine(config: dict[str, object], path: str = "steps/one.step.ts") -> Step:
    step, problems = read(config, path)
    assert problems == ()
    assert step is not None
    return step


def the_error(config: dict[str, object]) -> Problem:
    step, problems = read(config)
    assert step is None
    assert [problem.severity for problem in problems] == ["error"], problems
    assert problems[0].phase == "config"
    assert problems[0].line == 3
    assert problems[0].remedy
    return problems[0]


def the_warning(config: dict[str, object]) -> tuple[Step, Problem]:
    step, problems = read(config)
    assert step is not None
    assert [problem.severity for problem in problems] == ["warning"], problems
    return step, problems[0]


# --- complete configs


def test_api_step_is_read_with_all_fields() -> None:
    step = fine(
        {
            **API,
            "path": "/users/:id?",
            "method": "PATCH",
            "description": "d",
            "flows": ["f", "g"],
            "emits": ["a", {"topic": "b", "label": "L", "conditional": True}, {"topic": "c"}],
            "virtualEmits": ["v"],
            "virtualSubscribes": ["/default", "api:create"],
            "bodySchema": {"type": "object"},
            "responseSchema": {"200": {"error": "string"}},
            "queryParams": [{"name": "q", "description": "x"}, {"name": "p"}],
            "includeFiles": ["./x.mustache"],
            "infrastructure": {"handler": {"timeout": 20}},
            "cancelOnDisconnect": True,
        }
    )
    assert (step.type, step.method, step.route) == (StepType.API, "PATCH", "/users/:id?")
    assert step.flows == ("f", "g")
    assert step.emits == (EmitTarget("a"), EmitTarget("b", "L", True), EmitTarget("c"))
    assert step.emit_topics == {"a", "b", "c"}
    assert step.virtual_emits == (EmitTarget("v"),)
    assert step.virtual_subscribes == ("/default", "api:create")
    assert (step.timeout_ms, step.cancel_on_disconnect, step.line) == (20_000, True, 3)


def test_event_step_is_read_with_all_fields() -> None:
    queue = {"type": "fifo", "maxRetries": 0, "visibilityTimeout": 61, "delaySeconds": 5, "concurrency": 2}
    handler = {"ram": 2048, "cpu": 1, "timeout": 60}
    step = fine({**EVENT, "subscribes": ["a:b", "c"], "infrastructure": {"queue": queue, "handler": handler}})
    assert step.subscribes == ("a:b", "c")
    assert step.timeout_ms == 60_000
    assert step.queue == QueuePolicy(
        fifo=True, max_retries=0, visibility_timeout_s=61, delay_s=5, concurrency=2, concurrency_is_own=True
    )


def test_cron_step_has_expression_and_zone() -> None:
    step = fine({**CRON, "cron": "0 0 * * * *", "timezone": "Europe/Berlin"})
    assert (step.cron, step.timezone) == ("0 0 * * * *", "Europe/Berlin")


def test_noop_step_needs_no_handler() -> None:
    assert a_project({"a.step.ts": NOOP}, no_handler=("a.step.ts",)).steps[0].type is StepType.NOOP


def test_event_defaults_come_from_the_settings() -> None:
    project = a_project({"a.step.ts": EVENT})
    assert project.steps[0].queue == QueuePolicy()
    assert project.steps[0].config == EVENT


def test_queue_may_stand_outside_infrastructure() -> None:
    assert fine({**EVENT, "queue": {"concurrency": 3}}).queue.concurrency == 3


# --- what 0.x refused and we take


@pytest.mark.parametrize(
    ("config", "path", "name"),
    [
        ({"type": "cron", "schedule": "0 9 * * *", "emits": ["r"]}, "steps/daily-report.step.js", "daily-report"),
        ({"type": "event", "subscribes": ["x"]}, "steps/process_user_step.py", "process_user"),
        ({"type": "event", "subscribes": ["x"]}, "steps/process-user.step.py", "process-user"),
        ({"type": "api", "path": "/u/:id", "method": "GET"}, "steps/02 data collection.step.ts", "02 data collection"),
        ({"type": "api", "path": "/u", "method": "GET", "name": None}, "src/user-api.step.ts", "user-api"),
    ],
)
def test_name_is_that_of_the_file_when_there_is_none(config: dict[str, object], path: str, name: str) -> None:
    step = fine(config, path)
    assert (step.name, step.id) == (name, name)


def test_method_is_post_when_there_is_none() -> None:
    step, problem = the_warning({"type": "api", "path": "/process-data", "emits": ["x"], "flows": ["f"]})
    assert step.method == "POST"
    assert "POST is assumed" in problem.cause


def test_method_may_be_written_in_lower_case() -> None:
    assert fine({**API, "method": "post"}).method == "POST"


def test_missing_emits_allows_every_topic() -> None:
    step = fine({"type": "event", "name": "E", "subscribes": []})
    assert step.subscribes == ()
    assert step.may_emit("anything")


def test_null_is_the_same_as_missing() -> None:
    fields = ("description", "flows", "emits", "virtualEmits", "virtualSubscribes", "input", "infrastructure", "queue")
    assert fine({**EVENT, **dict.fromkeys(fields)}).flows == ()
    assert fine({**API, "bodySchema": None, "responseSchema": None, "queryParams": None, "flows": None})


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "object"},
        {"type": "array", "items": {"type": "string"}},
        {"$ref": "#/$defs/X", "$defs": {"X": {"type": "object"}}},
        {"error": "string"},
    ],
)
def test_any_shape_of_schema_is_taken(schema: object) -> None:
    assert fine({**EVENT, "input": schema})
    assert fine({**API, "bodySchema": schema, "responseSchema": {"200": schema}})


def test_a_schema_that_leads_nowhere_is_not_enforced_and_said() -> None:
    step, problem = the_warning({**EVENT, "input": {"$ref": "#/$defs/X"}})
    assert step.schema is None
    assert problem.cause.startswith("config.input is not a valid JSON Schema and not enforced: ")


@pytest.mark.parametrize("key", ["bodySchema", "querySchema", "pathSchema", "headersSchema"])
def test_what_is_no_schema_is_not_enforced_and_said(key: str) -> None:
    _, problem = the_warning({**API, key: "string"})
    assert problem.cause.startswith(f"config.{key} is not a schema")


def test_responses_have_schemas_by_status() -> None:
    step = fine({**API, "responseSchema": {"200": {"type": "object"}, "4xx": {}, "default": True}})
    assert step.responses.keys() == {"200", "4XX", "DEFAULT"}
    _, problem = the_warning({**API, "responseSchema": {"ok": {}}})
    assert problem.cause == "config.responseSchema has a schema for 'ok', which is no status"


def test_unknown_key_is_a_warning_with_a_suggestion() -> None:
    _, problem = the_warning({**EVENT, "inputSchema": {}})
    assert problem.cause == "config.inputSchema is not known and ignored"
    assert problem.remedy == "did you mean input?"


def test_unknown_key_unlike_any_other_is_to_be_removed() -> None:
    _, problem = the_warning({**EVENT, "zzz": 1})
    assert problem.remedy == "remove it"


def test_key_of_another_type_is_a_warning() -> None:
    _, problem = the_warning({**API, "subscribes": ["x"]})
    assert problem.cause == "config.subscribes is for event steps and ignored in api steps"


def test_options_step_is_told_that_it_gets_nothing() -> None:
    _, problem = the_warning({**API, "method": "OPTIONS"})
    assert "answered by the core" in problem.cause


@pytest.mark.parametrize("field", ["bodySchema", "responseSchema", "queryParams"])
def test_field_that_only_describes_costs_no_step(field: str) -> None:
    _, problem = the_warning({**API, field: "text"})
    assert field in problem.cause
    assert problem.remedy


def test_size_that_has_no_effect_costs_no_step() -> None:
    _, problem = the_warning({**EVENT, "infrastructure": {"handler": {"ram": 2048, "cpu": 4}}})
    assert problem.remedy == "write cpu: 1, or leave it out: it has no effect here"
    _, problem = the_warning({**EVENT, "infrastructure": {"handler": {"ram": 64}}})
    assert "from 128 to 10240 (MB)" in problem.cause


def test_queue_key_in_the_wrong_place_is_a_warning() -> None:
    step, problem = the_warning({**EVENT, "infrastructure": {"maxRetries": 7}})
    assert step.queue.max_retries == 3
    assert problem.remedy == "write it as infrastructure.queue.maxRetries"


def test_queue_of_an_api_step_is_a_warning() -> None:
    _, problem = the_warning({**API, "infrastructure": {"queue": {"type": "fifo"}}})
    assert "for event and cron steps only" in problem.cause


def test_differing_cron_and_schedule_is_a_warning() -> None:
    step, problem = the_warning({**CRON, "schedule": "0 8 * * *"})
    assert step.cron == "0 9 * * *"
    assert "'0 9 * * *' is used" in problem.cause


# --- errors


@pytest.mark.parametrize(
    ("config", "cause", "remedy"),
    [
        ({"name": "X"}, "config.type is missing", "type: one of api, event, cron, noop"),
        ({"type": 3}, "config.type must be one of api, event, cron, noop, found the number 3", "type: 'event'"),
        ({"type": "evnt"}, "config.type 'evnt' is not known", "did you mean event?"),
        ({"type": "API"}, "config.type 'API' is not known", "did you mean api?"),
        ({"type": "lambda"}, "config.type 'lambda' is not known", "known are api, event, cron, noop"),
        ({"name": "X", "triggers": [{"type": "http"}]}, "the SDK of the sidecar does not know", "upgrade it"),
        ({**EVENT, "name": 5}, "config.name must be a string, found the number 5", "name: 'ProcessOrder'"),
        ({**EVENT, "description": ["d"]}, "config.description must be a string, found a list", "description"),
        ({**EVENT, "flows": "f"}, 'config.flows must be a list of strings, found the string "f"', "flows: ['orders']"),
        ({**EVENT, "flows": ["f", 1]}, "config.flows has the number 1 in it", "flows"),
        ({**EVENT, "flows": ["f", None]}, "config.flows has null in it", "flows"),
        ({**EVENT, "emits": "t"}, 'config.emits must be a list of topics, found the string "t"', "['order.created']"),
        ({**EVENT, "emits": [7]}, "config.emits[0] must be a topic, found the number 7", "{topic: '…'}"),
        ({**EVENT, "emits": ["a", ""]}, 'config.emits[1] must be a topic, found the string ""', "topic"),
        ({**EVENT, "emits": [{"label": "x"}]}, "config.emits[0].topic is missing", "topic"),
        ({**EVENT, "emits": [{"topic": 1}]}, "config.emits[0].topic must be a string", "topic"),
        ({**EVENT, "emits": [{"topic": "a", "conditional": "yes"}]}, "conditional must be true or false", "true"),
        ({"type": "event", "name": "E"}, "config.subscribes is missing", "subscribes: ['order.created']"),
        ({**EVENT, "subscribes": "t"}, 'found the string "t"', "subscribes: ['order.created']"),
        ({**EVENT, "subscribes": {"t": True}}, "found an object", "subscribes"),
        ({**EVENT, "subscribes": [""]}, "an empty topic", "subscribes"),
        ({**API, "path": None}, "config.path is missing", "path: '/orders/:id'"),
        ({**API, "path": 1}, "config.path must be a string, found the number 1", "path"),
        ({**API, "path": "orders"}, "config.path 'orders' must start with a slash", "path: '/orders'"),
        ({**API, "path": ""}, "must start with a slash", "path: '/'"),
        ({**API, "path": "/a("}, "config.path '/a(' is not a valid pattern", "Express pattern"),
        ({**API, "method": "GTE"}, "config.method 'GTE' is not known", "did you mean GET?"),
        ({**API, "method": "TRACE"}, "config.method 'TRACE' is not known", "known are GET"),
        ({**API, "method": ""}, 'found the string ""', "method"),
        ({**API, "method": ["GET"]}, "config.method must be a string, found a list", "method: 'POST'"),
        ({**API, "cancelOnDisconnect": "no"}, "config.cancelOnDisconnect must be true or false", "true"),
        ({**API, "infrastructure": 1}, "config.infrastructure must be an object, found the number 1", "{…}"),
        ({"type": "cron", "name": "C"}, "config.cron is missing", "cron: '0 9 * * *'"),
        ({**CRON, "cron": 5}, "config.cron must be a string, found the number 5", "cron"),
        ({**CRON, "cron": "0 25 * * *"}, "hour is '25'", "cron: '0 9 * * *'"),
        ({**CRON, "cron": ""}, "has 0 fields", "cron"),
        ({**CRON, "timezone": "Mars"}, "time zone 'Mars' is not known", "cron"),
        (
            {**EVENT, "infrastructure": {"handler": {"timeout": 901}}},
            "from 1 to 900 (seconds), found the number 901",
            "1",
        ),
        ({**EVENT, "infrastructure": {"handler": {"timeout": True}}}, "found true", "timeout"),
        ({**EVENT, "infrastructure": {"queue": {"type": "lifo"}}}, "'standard' or 'fifo'", "did you mean fifo?"),
        ({**EVENT, "infrastructure": {"queue": {"maxRetries": -1}}}, "a whole number of at least 0", "maxRetries"),
        ({**EVENT, "infrastructure": {"queue": {"maxRetries": 1.5}}}, "a whole number", "maxRetries"),
        ({**EVENT, "infrastructure": {"queue": {"delaySeconds": 901}}}, "from 0 to 900", "delaySeconds"),
        ({**EVENT, "infrastructure": {"queue": {"concurrency": 0}}}, "at least 1", "concurrency"),
        (
            {**EVENT, "queue": {"concurrency": "2"}},
            "config.queue.concurrency must be a whole number of at least 1",
            "concurrency",
        ),
        (
            {**EVENT, "infrastructure": {"queue": {"visibilityTimeout": 30}, "handler": {"timeout": 30}}},
            "visibilityTimeout (30 s) must be above infrastructure.handler.timeout (30 s)",
            "visibilityTimeout: 31",
        ),
    ],
)
def test_error_names_field_finding_and_remedy(config: dict[str, object], cause: str, remedy: str) -> None:
    problem = the_error(config)
    assert cause in problem.cause
    assert remedy in problem.remedy


def test_all_errors_of_a_step_are_said_at_once() -> None:
    step, problems = read({"type": "event", "subscribes": 1, "flows": 2, "name": 3})
    assert step is None
    assert len(problems) == 3


def test_missing_handler_is_an_error_of_the_config() -> None:
    (problem,) = a_project({"steps/a.step.ts": EVENT}, no_handler=("steps/a.step.ts",)).problems
    assert (problem.severity, problem.phase, problem.cause) == ("error", "config", "there is no handler")
    assert problem.remedy == "export a function named handler from steps/a.step.ts"


def test_long_values_are_cut_in_messages() -> None:
    assert len(the_error({**EVENT, "subscribes": "x" * 5_000}).cause) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(
    {*API, *EVENT, *CRON, *NOOP, "infrastructure", "queue", "timezone", "schedule", "bodySchema", "flows", "triggers"}
    | {"atomic", "waitsFor", *CRON_KEYS}
)


@given(st.dictionaries(st.sampled_from(sorted(QUEUE_KEYS)), JSON))
def test_any_json_is_a_queue_or_an_error(queue: dict[str, object]) -> None:
    step, problems = read({**EVENT, "queue": queue})
    assert (step is None) == any(problem.severity == "error" for problem in problems)


@given(
    st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON), st.sampled_from(["api", "event", "cron", "noop", None])
)
def test_any_json_is_a_step_or_an_error(config: dict[str, object], kind: str | None) -> None:
    config = {**config, "type": kind} if kind else config
    step, problems = read(config)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert (step is None) == bool(errors)
    assert all(problem.remedy for problem in errors)


# --- what is watched


@pytest.mark.parametrize(
    ("watches", "expected"),
    [
        ({"state": True}, Watch()),
        ({"stream": "s"}, Watch("s")),
        ({"stream": "s", "group": "g", "item": "i"}, Watch("s", "g", "i")),
    ],
)
def test_event_steps_may_watch_instead_of_subscribing(watches: dict[str, object], expected: Watch) -> None:
    config = {key: value for key, value in EVENT.items() if key != "subscribes"}
    assert fine({**config, "watches": watches}).watches == expected


@pytest.mark.parametrize("watches", [{}, {"state": False}, {"state": True, "stream": "s"}, {"stream": 5}])
def test_watches_must_name_one_thing(watches: dict[str, object]) -> None:
    config = {key: value for key, value in EVENT.items() if key != "subscribes"}
    step, problems = read({**config, "watches": watches})
    assert step is None
    assert any("config.watches" in problem.cause for problem in problems)


def test_watching_and_subscribing_are_two_steps() -> None:
    assert "do not go together" in the_error({**EVENT, "watches": {"state": True}}).cause
