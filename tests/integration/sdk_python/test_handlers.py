"""What handlers get and what becomes of what they return."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motia._gen.motia.v1 import failure_pb2, invoke_pb2
from tests.fakes.scripted_core import ScriptedCore, event, json_request
from tests.integration.sdk_python.conftest import STEP, Play, api, cron, event_step

ECHO = api("""
    async def handler(req, ctx):
        return {"status": 200, "body": req}
    """)


def body(complete: invoke_pb2.Complete) -> Any:
    assert complete.http.status == 200, complete
    return json.loads(complete.http.body)


def test_request_has_exactly_five_keys(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        request = json_request(
            {"b": 1, "a": [{"ü": "🎉"}]},
            headers=["content-type", "application/json", "x-a", "1, 2"],
            path_params=["id", "bad id!"],
            query_params=b'{"q":["1","2"],"hub.mode":"x"}',
        )
        assert body(await core.invoke(STEP, http=request)) == {
            "body": {"b": 1, "a": [{"ü": "🎉"}]},
            "headers": {"content-type": "application/json", "x-a": "1, 2"},
            "pathParams": {"id": "bad id!"},
            "queryParams": {"q": ["1", "2"], "hub.mode": "x"},
            "rawBody": '{"b": 1, "a": [{"\\u00fc": "\\ud83c\\udf89"}]}',
        }
        empty = body(await core.call_api(STEP))
        assert empty == {"body": {}, "headers": {}, "pathParams": {}, "queryParams": {}, "rawBody": ""}

    play(ECHO, script)


def test_body_formats(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            raw = req.rawBody
            return {"status": 200, "body": [req.body, type(raw).__name__, raw if isinstance(raw, str) else raw.hex()]}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        text = invoke_pb2.HttpRequest(body_format=invoke_pb2.BODY_FORMAT_TEXT, body="grüße".encode())
        assert body(await core.invoke(STEP, http=text)) == ["grüße", "str", "grüße"]
        form = invoke_pb2.HttpRequest(body_format=invoke_pb2.BODY_FORMAT_JSON, body=b'{"a":"1"}', raw_body=b"a=1")
        assert body(await core.invoke(STEP, http=form)) == [{"a": "1"}, "str", "a=1"]
        binary = invoke_pb2.HttpRequest(body_format=invoke_pb2.BODY_FORMAT_BINARY, body=b"\x00\xff")
        assert body(await core.invoke(STEP, http=binary)) == [{}, "bytes", "00ff"]

    play(step, script)


def test_big_integers_and_big_payloads_survive(play: Play) -> None:
    big = 10**400 + 7
    megabyte = {"text": "ü" * 524_288, "n": big}

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        echoed = body(await core.call_api(STEP, megabyte))
        assert echoed["body"] == megabyte

    play(ECHO, script)


@pytest.mark.parametrize(
    ("returned", "kind", "sent"),
    [
        ("{'status': 201, 'body': {'a': 1}}", invoke_pb2.BODY_KIND_JSON, b'{"a":1}'),
        ("{'status': 201, 'body': [1, None]}", invoke_pb2.BODY_KIND_JSON, b"[1,null]"),
        ("{'status': 201, 'body': None}", invoke_pb2.BODY_KIND_JSON, b"null"),
        ("{'status': '201'}", invoke_pb2.BODY_KIND_UNSPECIFIED, b""),
        ("{'status': 201, 'body': '<b>ü</b>'}", invoke_pb2.BODY_KIND_TEXT, "<b>ü</b>".encode()),
        ("{'status': 201, 'body': b'\\x00'}", invoke_pb2.BODY_KIND_BINARY, b"\x00"),
        ("{'status': 201, 'body': memoryview(b'm')}", invoke_pb2.BODY_KIND_BINARY, b"m"),
        ("__import__('motia').ApiResponse(201, 'x')", invoke_pb2.BODY_KIND_TEXT, b"x"),
        ("__import__('types').SimpleNamespace(status=201, body=b'n')", invoke_pb2.BODY_KIND_BINARY, b"n"),
    ],
)
def test_response_body_kinds(play: Play, returned: str, kind: int, sent: bytes) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        response = (await core.call_api(STEP)).http
        assert (response.status, response.body_kind, response.body) == (201, kind, sent)

    play(api(f"async def handler(req, ctx):\n    return {returned}\n"), script)


def test_response_headers_may_repeat(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            return {"status": 200, "headers": {"set-cookie": ["a=1", "b=2"], "x-n": 3, "x-b": True, "x-none": None}}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        headers = list((await core.call_api(STEP)).http.headers)
        assert headers == ["set-cookie", "a=1", "set-cookie", "b=2", "x-n", "3", "x-b", "true"]

    play(step, script)


@pytest.mark.parametrize(
    ("returned", "kind", "said"),
    [
        ("None", failure_pb2.FAILURE_KIND_BAD_RESULT, "handler returned None"),
        ("{}", failure_pb2.FAILURE_KIND_BAD_RESULT, "handler returned {}"),
        ("'ok'", failure_pb2.FAILURE_KIND_BAD_RESULT, "'ok' (str)"),
        ("{'body': 1}", failure_pb2.FAILURE_KIND_BAD_RESULT, "no status"),
        ("{'status': 'fine'}", failure_pb2.FAILURE_KIND_BAD_RESULT, "'fine' (str)"),
        ("{'status': True}", failure_pb2.FAILURE_KIND_BAD_RESULT, "True (bool)"),
        ("{'status': 200, 'headers': 7}", failure_pb2.FAILURE_KIND_BAD_RESULT, "headers must be a dict"),
        ("{'status': 200, 'body': {'a': [0, float('nan')]}}", failure_pb2.FAILURE_KIND_SCHEMA, "body.a[1] is nan"),
        ("{'status': 200, 'body': {'a': b'x'}}", failure_pb2.FAILURE_KIND_SCHEMA, "body.a is bytes"),
        ("{'status': 200, 'body': {'a': object()}}", failure_pb2.FAILURE_KIND_SCHEMA, "body.a is a object"),
    ],
)
@pytest.mark.parametrize("keyword", ["async def", "def"])
def test_results_that_are_no_response_fail(play: Play, keyword: str, returned: str, kind: int, said: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.call_api(STEP)).failure
        assert failure.kind == kind
        assert said in failure.message

    play(api(f"{keyword} handler(req, ctx):\n    return {returned}\n"), script)


@pytest.mark.parametrize(
    "handler",
    [
        "async def handler(): return {'status': 200, 'body': 'x'}",
        "async def handler(req): return {'status': 200, 'body': 'x'}",
        "async def handler(*args): return {'status': 200, 'body': 'x' * (len(args) == 2)}",
        "def handler(req, ctx, more=None): return {'status': 200, 'body': 'x'}",
        "handler = lambda req, ctx: {'status': 200, 'body': 'x'}",
        "class H:\n    async def __call__(self, req, ctx): return {'status': 200, 'body': 'x'}\nhandler = H()",
        "async def inner(req, ctx): return {'status': 200, 'body': 'x'}\n"
        "def wrap(f): return lambda *a: f(*a)\nhandler = wrap(inner)",
    ],
)
def test_handler_forms(play: Play, handler: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b"x"

    play(api(handler), script)


@pytest.mark.parametrize(
    "handler", ["async def handler(ctx): print(ctx.traceId)", "def handler(_, ctx): print(ctx.trace_id)"]
)
def test_cron_handler_gets_the_context(play: Play, handler: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP, cron=invoke_pb2.CronTick(scheduled_unix_ms=1))
        assert complete.HasField("done"), complete
        assert "Q7KPD-4821907" in await core.output()

    play(cron(handler), script)


def test_event_input_is_a_dict_with_attributes(play: Play) -> None:
    step = event_step("""
        import copy, json
        def handler(input, ctx):
            assert input.user.name == input["user"]["name"] == "ü", input
            assert getattr(input, "missing", "unknown") == "unknown"
            assert json.loads(json.dumps(input)) == {"user": {"name": "ü"}, "n": [{"k": 1}]}
            assert dict(**input) == input == copy.deepcopy(input)
            assert input.n[0].k == 1
            return {"status": 500, "body": object()}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.invoke(STEP, event=event({"user": {"name": "ü"}, "n": [{"k": 1}]}))
        assert complete.HasField("done"), complete

    play(step, script)


def test_event_values_that_are_no_object(play: Play) -> None:
    step = event_step("async def handler(input, ctx): await ctx.emit({'topic': 'seen', 'data': repr(input)})")

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        for data in ([1, "a"], "text", 12345678901234567890, None, False):
            await core.invoke(STEP, event=event(data))
        await core.invoke(STEP)
        seen = [json.loads(call.emit.data) for call in core.of_kind("call")]
        assert seen == ["[1, 'a']", "'text'", "12345678901234567890", "None", "False", "None"]

    play(step, script)


def test_failure_has_a_trimmed_stack_details_and_causes(play: Play) -> None:
    step = api("""
        class Declined(Exception):
            def __init__(self, message, code):
                super().__init__(message)
                self.code = code

        def charge():
            try:
                {}["card"]
            except KeyError as error:
                raise Declined("no carté", code=51) from error

        async def handler(req, ctx):
            charge()
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        failure = (await core.call_api(STEP)).failure
        assert (failure.kind, failure.type, failure.message) == (
            failure_pb2.FAILURE_KIND_APPLICATION,
            "Declined",
            "no carté",
        )
        assert failure.language == "python"
        assert json.loads(failure.details) == {"code": 51}
        assert failure.cause.type == "KeyError"
        assert "in charge" in failure.stack
        assert "in handler" in failure.stack
        assert "sdk-python" not in failure.stack
        assert failure.retry == failure_pb2.RETRY_UNSPECIFIED

    play(step, script)


def test_retry_is_steered_by_two_exceptions(play: Play) -> None:
    step = event_step("""
        from motia import RetryableError, TerminalError
        async def handler(input, ctx):
            assert (ctx.attempt, ctx.max_attempts, ctx.maxAttempts) == (1, 4, 4)
            raise {"never": TerminalError("bad"), "later": RetryableError("busy", retry_after_s=1.5)}[input]
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        never = (await core.invoke(STEP, event=event("never"))).failure
        assert (never.retry, never.message) == (failure_pb2.RETRY_NEVER, "bad")
        later = (await core.invoke(STEP, event=event("later"))).failure
        assert (later.retry, later.retry_after_ms) == (failure_pb2.RETRY_AFTER, 1500)

    play(step, script)


@pytest.mark.parametrize("keyword", ["async def", "def"])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit(1)", "handler called sys.exit(1)"),
        ("raise KeyboardInterrupt", "handler raised KeyboardInterrupt"),
        ("raise StopIteration('s')", "s"),
    ],
)
def test_exits_fail_the_attempt_only(play: Play, keyword: str, code: str, message: str) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.load(STEP, "steps/b_step.py")
        failure = (await core.call_api(STEP)).failure
        assert message in failure.message
        assert body(await core.call_api("steps/b_step.py"))["body"] == {}

    play({STEP: api(f"{keyword} handler(req, ctx):\n    {code}\n"), "steps/b_step.py": ECHO}, script)


def test_a_task_of_the_user_that_exits_does_not_end_the_sidecar(play: Play) -> None:
    step = api("""
        import asyncio, sys
        async def leave(): sys.exit(5)
        async def handler(req, ctx):
            asyncio.get_running_loop().create_task(leave())
            await asyncio.sleep(0.01)
            return {"status": 200, "body": {}}
        """)

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        for _ in range(3):
            assert body(await core.call_api(STEP)) == {}

    play(step, script)


MIDDLEWARE = """
def config_of(middleware):
    return {{"type": "api", "name": "m", "path": "/m", "method": "POST", "emits": [], "middleware": middleware}}

{outer_keyword} outer(req, ctx, next_fn):
    req["trail"] = ["outer"]
    if req.body.get("stop"):
        return {{"status": 403, "body": "stopped"}}
    response = {outer_await} next_fn()
    response["headers"] = {{"x-outer": "yes"}}
    return response

{inner_keyword} inner(req, ctx, next_fn):
    req.trail.append("inner")
    return {inner_await} next_fn(req)

config = config_of([outer, inner])

{handler_keyword} handler(req, ctx):
    return {{"status": 200, "body": [*req.trail, "handler"]}}
"""
FORMS = {"async": ("async def", "await"), "sync": ("def", "")}


@pytest.mark.parametrize("outer", FORMS)
@pytest.mark.parametrize("inner", FORMS)
@pytest.mark.parametrize("handler", FORMS)
def test_middleware_order_mutation_and_short_circuit(play: Play, outer: str, inner: str, handler: str) -> None:
    text = MIDDLEWARE.format(
        outer_keyword=FORMS[outer][0],
        outer_await=FORMS[outer][1],
        inner_keyword=FORMS[inner][0],
        inner_await=FORMS[inner][1],
        handler_keyword=FORMS[handler][0],
    )

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        assert manifest.steps[0].middleware_count == 2
        assert "middleware" not in json.loads(manifest.steps[0].config)
        complete = await core.call_api(STEP, {})
        assert body(complete) == ["outer", "inner", "handler"]
        assert list(complete.http.headers) == ["x-outer", "yes"]
        stopped = await core.call_api(STEP, {"stop": True})
        assert (stopped.http.status, stopped.http.body) == (403, b"stopped")

    play(text, script)


def test_a_middleware_that_forgets_to_return_is_told(play: Play) -> None:
    text = """
async def forgetful(req, ctx, next_fn):
    await next_fn()
config = {"type": "api", "name": "m", "path": "/m", "method": "POST", "emits": [], "middleware": [forgetful]}
async def handler(req, ctx):
    return {"status": 200}
"""

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert "return await next_fn()" in (await core.call_api(STEP)).failure.message

    play(text, script)


def test_step_without_handler_and_unknown_step_are_load_errors(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        assert not manifest.steps[0].has_handler
        for step in (STEP, "steps/unknown_step.py"):
            failure = (await core.invoke(step)).failure
            assert (failure.kind, step in failure.message) == (failure_pb2.FAILURE_KIND_LOAD_ERROR, True)
            assert failure.retry == failure_pb2.RETRY_UNSPECIFIED

    play(event_step(""), script)


def test_payload_over_the_limit_fails_that_attempt(play: Play) -> None:
    step = api("""
        async def handler(req, ctx):
            if req.body.get("emit"):
                await ctx.emit({"topic": "t", "data": "x" * 2000})
            return {"status": 200, "body": "x" * 2000}
        """)

    async def script(core: ScriptedCore) -> None:
        core.limits.max_payload_bytes = 1000
        await core.load(STEP)
        for request in ({}, {"emit": True}):
            failure = (await core.call_api(STEP, request)).failure
            assert failure.kind == failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE, failure
            assert "the limit is 1,000" in failure.message
        assert not core.of_kind("call")

    play(step, script)
