"""What tests give: durations, times, options, requests, configs. What makes no sense is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from motia_core.model.event import EmitOptions
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse
from motia_core.model.invocation import CronTick, EventInput
from motia_core.model.step import Step, StepType
from motia_core.testing.errors import RigError
from motia_core.testing.fakes import failure_of
from motia_core.testing.log import RigLog
from motia_core.testing.operations import emit_options, to_ms, to_text, to_time_ms
from motia_core.testing.steps import GivenStep, given_project, step
from motia_core.testing.triggers import from_response, from_trigger, to_response, to_trigger

API = Step("A", "A", "a.step.ts", StepType.API, "typescript", "node", method="POST", route="/orders/:id")
EVENT = Step("E", "E", "e_step.py", StepType.EVENT, "python", "python", subscribes=("t", "u"))
CRON = Step("C", "C", "c_step.py", StepType.CRON, "python", "python", cron="* * * * *")


@pytest.mark.parametrize(
    ("given", "ms"), [(1.5, 1500), ("250ms", 250), ("2h", 7_200_000), (timedelta(minutes=1), 60_000), (0, 0)]
)
def test_durations(given: object, ms: int) -> None:
    assert to_ms(given, "x") == ms


@pytest.mark.parametrize("given", [-1, "soon", None, True, [1]])
def test_what_is_no_duration_is_said(given: object) -> None:
    with pytest.raises(RigError, match=r"the pause is .*: give seconds"):
        to_ms(given, "the pause")


@pytest.mark.parametrize(
    "given", ["2030-01-31T09:00:00Z", datetime(2030, 1, 31, 9, tzinfo=UTC), datetime(2030, 1, 31, 9), 1_896_080_400]
)
def test_times(given: object) -> None:
    assert to_time_ms(given, "x") == 1_896_080_400_000


@pytest.mark.parametrize("given", ["tomorrow", None, True])
def test_what_is_no_time_is_said(given: object) -> None:
    with pytest.raises(RigError, match="at is"):
        to_time_ms(given, "at")


def test_emit_options_are_read_in_both_ways_of_writing() -> None:
    expected = EmitOptions("g", 5000, 0, "k", 60_000, 3)
    snake = {"message_group_id": "g", "delay": "5s", "idempotency_key": "k", "idempotency_window": 60, "priority": 3}
    camel = {"messageGroupId": "g", "delay": 5, "idempotencyKey": "k", "idempotencyWindow": "1m", "priority": 3}
    assert emit_options(snake) == emit_options(camel) == expected
    assert emit_options({}) == EmitOptions()


def test_an_emit_option_that_does_not_exist_is_said() -> None:
    with pytest.raises(RigError, match="emit does not know delya; it knows messageGroupId, delay"):
        emit_options({"delya": 1})


def test_what_json_cannot_hold_is_said() -> None:
    with pytest.raises(RigError, match="data cannot be written as JSON"):
        to_text({1, 2}, "data")


def test_an_event_step_is_called_with_its_data() -> None:
    assert to_trigger(EVENT, {"a": 1}, 7) == EventInput("t", b'{"a":1}', "", 7)
    assert to_trigger(EVENT, None, 7) == EventInput("t", b"", "", 7)
    assert to_trigger(CRON, None, 7) == CronTick(7)


def test_an_api_step_is_called_with_a_request() -> None:
    given = {"body": {"n": 1}, "pathParams": {"id": "a b"}, "queryParams": {"q": "1"}, "headers": {"X-Y": "z"}}
    request = to_trigger(API, given, 0)
    assert isinstance(request, HttpRequest)
    assert (request.method, request.path, request.body_format) == ("POST", "/orders/a%20b", BodyFormat.JSON)
    seen = from_trigger(request)
    assert seen["body"] == {"n": 1}
    assert seen["pathParams"] == {"id": "a b"}
    assert seen["queryParams"] == {"q": "1"}
    assert seen["headers"] == {"x-y": "z", "content-type": "application/json"}
    assert from_trigger(to_trigger(API, None, 0))["body"] == {}


def test_a_request_of_another_shape_is_said() -> None:
    with pytest.raises(RigError, match="A is an api step: call it with a dict of body, headers"):
        to_trigger(API, {"id": 1}, 0)


@pytest.mark.parametrize(
    ("result", "kind", "body"),
    [
        ({"status": 201, "body": {"a": 1}}, BodyKind.JSON, {"a": 1}),
        ({"status": 200, "body": "text"}, BodyKind.TEXT, "text"),
        ({"status": 200, "body": b"\x00"}, BodyKind.BINARY, b"\x00"),
        ({"status": 204}, BodyKind.NONE, None),
    ],
)
def test_fakes_of_api_steps_answer(result: Any, kind: BodyKind, body: Any) -> None:
    response = to_response(API, {**result, "headers": {"x-a": 1}})
    assert isinstance(response, HttpResponse)
    assert response.body_kind is kind
    assert from_response(response) == {"status": result["status"], "headers": {"x-a": "1"}, "body": body}


@pytest.mark.parametrize("result", [None, {}, {"body": 1}, "ok"])
def test_a_fake_of_an_api_step_that_does_not_answer_fails(result: Any) -> None:
    failure = to_response(API, result)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.BAD_RESULT
    assert "the fake of A returned" in failure.message


def test_the_stack_of_a_fake_is_that_of_the_test() -> None:
    def handler() -> None:
        raise LookupError("nothing here")

    try:
        handler()
    except LookupError as error:
        failure = failure_of(error)
    assert (failure.type, failure.message, failure.retry) == ("LookupError", "nothing here", Retry.DEFAULT)
    assert "test_values.py" in failure.stack
    assert failure.stack.endswith("LookupError: nothing here")


def test_errors_of_the_sdk_steer_retries_of_fakes() -> None:
    from motia import RetryableError, TerminalError

    assert failure_of(TerminalError("no")).retry is Retry.NEVER
    later = failure_of(RetryableError("later", "30s"))
    assert (later.retry, later.retry_after_ms) == (Retry.AFTER, 30_000)
    assert failure_of(RetryableError("later")).retry is Retry.DEFAULT


def test_given_steps_make_a_project() -> None:
    @step({"type": "event", "name": "E", "subscribes": ["t"], "emits": []})
    def handler() -> None: ...

    project = given_project([handler], [{"name": "board", "schema": None}])
    assert [one.name for one in project.steps] == ["E"]
    assert [one.name for one in project.streams] == ["board"]


def test_a_wrong_config_of_a_given_step_is_said() -> None:
    with pytest.raises(RigError, match=r"steps of the test are wrong:\n  Pay: .*subscribes"):
        given_project([GivenStep({"type": "event", "name": "Pay", "emits": []}, print)], [])


def test_the_log_shows_a_stack_once() -> None:
    log = RigLog()
    for number in (1, 2):
        fields = b'{"error":{"stack":"Error: x\\n  at y"},"attempt":%d}' % number
        log.record("error", "failed", step="Pay", fields=fields)
    assert log.text().splitlines() == [
        'ERROR Pay failed {"attempt":1}',
        "      Error: x",
        "        at y",
        'ERROR Pay failed {"attempt":2} (the stack is the same)',
    ]
