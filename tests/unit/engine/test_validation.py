"""What schemas let through, in each mode."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from motia_core.engine.validation import Mode, Validation
from motia_core.errors import EmitInvalidError, RequestSchemaError, ResponseSchemaError, StreamItemError
from motia_core.model.failure import FailureKind, Retry
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse
from motia_core.model.schema import Parameters, Schema
from motia_core.model.step import RequestSchemas, Step, StepType
from motia_core.model.stream import Stream
from tests.fakes.engine import event_step, running
from tests.fakes.sidecars import FakeLog, settle

ORDER = Schema({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]})
STEP = Step("Orders", "Orders", "orders.step.ts", StepType.API, "typescript", "node", method="POST", route="/orders")
PAGE = {"type": "object", "properties": {"page": {"type": "integer", "minimum": 1, "default": 1}}}


def request(body: bytes = b"", format: BodyFormat = BodyFormat.JSON, **fields: Any) -> HttpRequest:
    fields = {"path_params": [], "query_params": b"", "headers": [], **fields}
    return HttpRequest("POST", "/orders", body_format=format, body=body, raw_body=b"", **fields)


def refused(step: Step, what: HttpRequest) -> list[Any]:
    with pytest.raises(RequestSchemaError) as caught:
        Validation("strict", FakeLog()).request(step, what, "T")
    errors = caught.value.details["errors"]
    assert isinstance(errors, list)
    return errors


def test_a_body_that_violates_its_schema_is_refused_with_every_reason() -> None:
    step = replace(STEP, schema=ORDER)
    assert refused(step, request(b'{"id": "x"}')) == [
        {"in": "body", "path": "/id", "message": '"x" is not of type "integer"', "keyword": "type"}
    ]
    assert refused(step, request(b"", BodyFormat.NONE))[0]["keyword"] == "required"
    assert refused(step, request(b"id", BodyFormat.TEXT))[0]["keyword"] == "type"


def test_bytes_are_not_compared_with_a_schema() -> None:
    Validation("strict", FakeLog()).request(replace(STEP, schema=ORDER), request(b"\0", BodyFormat.BINARY), "T")


def test_warn_says_what_is_wrong_and_lets_it_through() -> None:
    log = FakeLog()
    Validation("warn", log).request(replace(STEP, schema=ORDER), request(b"{}"), "T")
    assert "the request violates the schemas of 'Orders'" in log.messages("warn")[0]
    log = FakeLog()
    Validation("off", log).request(replace(STEP, schema=ORDER), request(b"{}"), "T")
    assert log.messages("warn") == []


@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_query_and_path_become_what_their_schemas_say(mode: Mode) -> None:
    path = Parameters({"type": "object", "properties": {"id": {"type": "integer"}}})
    step = replace(STEP, request=RequestSchemas(query=Parameters(PAGE), path=path))
    what = request(query_params=b'{"page":"3","q":"x"}', path_params=["id", "7"])
    Validation(mode, FakeLog()).request(step, what, "T")
    assert orjson.loads(what.query_params) == {"page": 3, "q": "x"}
    assert orjson.loads(what.path_values) == {"id": 7}
    what = request()
    Validation(mode, FakeLog()).request(replace(STEP, request=RequestSchemas(query=Parameters(PAGE))), what, "T")
    assert orjson.loads(what.query_params) == {"page": 1}


def test_what_is_wrong_is_told_place_by_place() -> None:
    headers = Parameters({"required": ["X-Key"], "properties": {"X-Key": {"minLength": 3}}}, any_case=True)
    step = replace(STEP, schema=ORDER, request=RequestSchemas(query=Parameters(PAGE), headers=headers))
    errors = refused(step, request(b"{}", query_params=b'{"page":"0"}', headers=["x-key", "ab"]))
    assert [(error["in"], error["path"], error["keyword"]) for error in errors] == [
        ("query", "/page", "minimum"),
        ("headers", "/x-key", "minLength"),
        ("body", "", "required"),
    ]


def response(body: bytes, status: int = 200, kind: BodyKind = BodyKind.JSON) -> HttpResponse:
    return HttpResponse(status, [], kind, body)


def test_responses_are_compared_with_the_schema_of_their_status() -> None:
    step = replace(STEP, responses={"200": ORDER, "4XX": Schema({"required": ["error"]}), "DEFAULT": Schema(True)})
    strict = Validation("off", log := FakeLog(), responses="strict")
    for fine in (response(b'{"id":1}'), response(b"{}", 500), response(b"\0", kind=BodyKind.BINARY)):
        strict.response(step, fine, "T")
    for wrong in (response(b"{}"), response(b"{}", 404), response(b"id", kind=BodyKind.TEXT)):
        with pytest.raises(ResponseSchemaError, match="the response of 'Orders' violates its schema"):
            strict.response(step, wrong, "T")
    assert len(log.messages("error")) == 3
    Validation("off", log, responses="warn").response(step, response(b"{}"), "T")
    assert "violates its schema for 200" in log.messages("warn")[0]
    Validation("off", log).response(step, response(b"{}"), "T")
    Validation("off", log, responses="strict").response(
        replace(STEP, responses={"200": ORDER}), response(b"", 201), "T"
    )


def test_stream_items_are_compared_with_the_schema_of_their_stream() -> None:
    stream = Stream("board", "board.stream.ts", "typescript", "node", schema=ORDER)
    with pytest.raises(StreamItemError, match=r"item 'a' of stream 'board' \(group 'g'\) violates .*board.stream.ts"):
        Validation("strict", FakeLog()).item(stream, "g", "a", {"id": "x"})
    Validation("strict", FakeLog()).item(stream, "g", "a", {"id": 1})
    log = FakeLog()
    Validation("warn", log).item(stream, "g", "a", {})
    assert len(log.messages("warn")) == 1


def test_strict_refuses_an_emit_that_a_subscriber_does_not_take_and_stores_nothing() -> None:
    async def scenario() -> None:
        async with running(replace(event_step(), schema=ORDER), validation="strict") as world:
            with pytest.raises(EmitInvalidError, match=r"event 't' violates the input schema of 'Work'"):
                await world.emit('{"id": "x"}')
            await settle()
            assert world.inputs == []
            assert not world.store.memory.deliveries

    asyncio.run(scenario())


def test_strict_dead_letters_what_was_queued_before_its_schema_changed() -> None:
    async def scenario() -> None:
        step = event_step()
        async with running(step, validation="strict") as world:
            with_schema = replace(step, schema=ORDER)
            validation = Validation("strict", world.log)
            failure = validation.event(with_schema, "t", b"{}", "T")
            assert failure is not None
            assert (failure.kind, failure.retry) == (FailureKind.SCHEMA, Retry.NEVER)
            assert orjson.loads(failure.details)["errors"][0]["in"] == "data"

    asyncio.run(scenario())


def test_warn_hands_over_what_arrived() -> None:
    async def scenario() -> None:
        async with running(replace(event_step(), schema=ORDER), validation="warn") as world:
            await world.emit('{"id": "x"}')
            await settle()
            assert world.inputs == ['{"id": "x"}']
            assert "violates the input schema of 'Work'" in world.log.messages("warn")[0]

    asyncio.run(scenario())
