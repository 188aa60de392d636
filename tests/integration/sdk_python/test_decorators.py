"""Functions as steps: what the decorators make of them, and what they say of mistakes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motia._gen.motia.v1 import manifest_pb2
from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_python.conftest import STEP, Play

HEAD = """
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from pydantic import BaseModel

from motia import ApiRequest, api, cron, event

if TYPE_CHECKING:
    from somewhere import Hidden


class Order(BaseModel):
    id: str
    total: float = 0


@dataclass
class Point:
    x: int


class Keys(TypedDict):
    a: int


"""
FIRST = HEAD.count("\n") + 1  # line of what follows


def kind_of(value: str) -> str:
    return f'{{"status": 200, "body": type({value}).__name__}}'


@pytest.mark.parametrize(
    ("text", "config"),
    [
        (
            '@api("POST", "/x", emits=["a"], cancel_on_disconnect=False)\ndef f(req, ctx): ...\n',
            {"type": "api", "method": "POST", "path": "/x", "emits": ["a"], "cancelOnDisconnect": False},
        ),
        (
            '@event("a", "b", queue={"maxRetries": 2}, name="N")\nasync def f(data, ctx): ...\n',
            {"type": "event", "subscribes": ["a", "b"], "queue": {"maxRetries": 2}, "name": "N"},
        ),
        (
            '@cron("0 9 * * *", timezone="UTC", catch_up="once")\ndef f(ctx): ...\n',
            {"type": "cron", "cron": "0 9 * * *", "timezone": "UTC", "catchUp": "once"},
        ),
        ('@event(watches={"state": True})\ndef f(data): ...\n', {"type": "event", "watches": {"state": True}}),
    ],
)
def test_keywords_are_the_fields_of_the_config(play: Play, text: str, config: dict[str, Any]) -> None:
    async def script(core: ScriptedCore) -> None:
        [step] = (await core.load(STEP)).steps
        assert (step.key, step.line, step.has_handler) == ("f", FIRST, True)
        assert json.loads(step.config) == config

    play(HEAD + text, script)


@pytest.mark.parametrize("more", [", ctx", ""])
@pytest.mark.parametrize("prefix", ["", "async "])
@pytest.mark.parametrize(
    ("parameter", "value", "body", "expected"),
    [
        ("order: Order", "order", {"id": "1"}, b"Order"),
        ("order: 'Order'", "order", {"id": "1"}, b"Order"),
        ("point: Point", "point", {"x": 1}, b"Point"),
        ("keys: Keys", "keys", {"a": 1}, b"dict"),
        ("req: ApiRequest[Order]", "req.body", {"id": "1"}, b"Order"),
        ("req: ApiRequest", "req.body", {"id": "1"}, b"Record"),
    ],
)
def test_the_hint_says_what_a_request_becomes(
    play: Play, more: str, prefix: str, parameter: str, value: str, body: Any, expected: bytes
) -> None:
    text = f'@api("POST", "/x")\n{prefix}def f({parameter}{more}):\n    return {kind_of(value)}\n'

    async def script(core: ScriptedCore) -> None:
        [step] = (await core.load(STEP)).steps
        assert ("bodySchema" in json.loads(step.config)) is (parameter != "req: ApiRequest")
        complete = await core.call_api(f"{STEP}#f", body)
        assert complete.http.body == expected, complete

    play(HEAD + text, script)


def test_what_does_not_fit_the_hint_never_reaches_the_function(play: Play) -> None:
    text = '@api("POST", "/x")\ndef f(order: Order):\n    raise AssertionError(order)\n'

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(f"{STEP}#f", {"total": "much"})
        assert complete.failure.type == "InputError"

    play(HEAD + text, script)


@pytest.mark.parametrize("more", [", ctx", ""])
@pytest.mark.parametrize("prefix", ["", "async "])
def test_an_event_becomes_what_the_hint_says(play: Play, prefix: str, more: str) -> None:
    body = 'logger.info(f"{type(point).__name__} {point.x}")'
    text = f'from motia import logger\n\n\n@event("t")\n{prefix}def f(point: Point{more}):\n    {body}\n'

    async def script(core: ScriptedCore) -> None:
        [step] = (await core.load(STEP)).steps
        assert json.loads(step.config)["input"]["required"] == ["x"]
        await core.invoke(f"{STEP}#f", event={"topic": "t", "data": b'{"x": 3}'})
        await core.until(lambda: bool(core.logs))
        assert core.logs[0].message == "Point 3"

    play(HEAD + text, script)


def test_a_hint_that_is_not_there_at_run_time_is_a_warning(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        [step] = (await core.load(STEP)).steps
        assert "import what it names at run time" in step.warnings[0]
        assert (await core.call_api(f"{STEP}#f", {"a": 1})).http.body == b"Record"

    play(HEAD + f'@api("POST", "/x")\ndef f(req: "Hidden", ctx):\n    return {kind_of("req")}\n', script)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('@api("POST", "/x", emit=["a"])\ndef f(req): ...\n', "unknown keyword 'emit': did you mean 'emits'?", 0),
        ('@event("t", retries=3)\ndef f(data): ...\n', "event() got an unknown keyword 'retries': ", 0),
        ('@cron("* * * * *", time_zone="UTC")\ndef f(): ...\n', "did you mean 'timezone'?", 0),
        ('@event("t", subscribes=["u"])\ndef f(data): ...\n', "event() has subscribes twice", 0),
        ("@event()\ndef f(data): ...\n", 'event() has no topic: write @event("order.created")', 0),
        ("@event\ndef f(data): ...\n", "event() takes topics, not a function", 0),
        ('@api("POST")\ndef f(req): ...\n', "missing 1 required positional argument: 'path'", 0),
        ('@api("GET", "/x")\nclass F: ...\n', "is for functions, not for a type", 0),
        ('@api("GET", "/x", condition=print)\ndef f(req): ...\n', "condition is for triggers of Motia 1.0", 0),
        (
            '@event("t")\ndef f(data): ...\n\n\n@event("u")\ndef f(data): ...\n',
            f"line {FIRST} and line {FIRST + 4} both define a step called 'f': rename one",
            4,
        ),
        ('@event("t")\ndef f(data):\n    yield 1\n', "handler is a generator", 0),
    ],
)
def test_a_mistake_is_named_with_its_line(play: Play, text: str, message: str, line: int) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        assert list(manifest.steps) == []
        [error] = manifest.errors
        assert message in error.message
        assert (error.file, error.line) == (STEP, FIRST + line)
        assert error.phase in (manifest_pb2.LOAD_PHASE_IMPORT, manifest_pb2.LOAD_PHASE_CONFIG)

    play(HEAD + text, script)


def test_functions_stay_what_they_are(play: Play) -> None:
    text = '@api("GET", "/x")\ndef f(req, ctx=None):\n    return {"status": 200, "body": req}\n'

    async def script(core: ScriptedCore) -> None:
        assert [step.key for step in (await core.load(STEP)).steps] == ["f"]

    play(HEAD + text + '\n\nassert f(1)["body"] == 1\n', script)


def test_a_config_and_functions_may_be_in_one_file(play: Play) -> None:
    file = 'config = {"type": "event", "subscribes": ["t"]}\n\n\ndef handler(data): ...\n\n\n'
    text = file + '@event("u")\ndef f(data): ...\n'

    async def script(core: ScriptedCore) -> None:
        steps = (await core.load(STEP)).steps
        assert [(step.key, step.line) for step in steps] == [("", FIRST), ("f", FIRST + 6)]

    play(HEAD + text, script)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('@event("t")\nasync def handler(data): ...\n', ["handler"]),
        ('config = {}\n\n\n@event("t")\nasync def handler(data): ...\n', ["handler"]),
        (
            "from motia import step\n\n\nasync def handler(data): ...\n\n\n"
            'config = {"type": "event", "subscribes": ["t"]}\nclean_up = step(config, handler)\n',
            ["clean_up"],
        ),
        ('from lib.more import handler\n\n\n@event("t")\ndef f(data): ...\n', ["f"]),
    ],
)
def test_a_handler_of_another_step_makes_no_step_of_the_file(play: Play, text: str, keys: list[str]) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        assert [step.key for step in manifest.steps] == keys, manifest.errors

    play({"lib/more.py": "def handler(data): ...\n", STEP: HEAD + text}, script)


def test_a_function_that_is_decorated_elsewhere_is_told_of(play: Play) -> None:
    files = {
        "lib/more.py": 'from motia import event\n\n\n@event("t")\ndef lost(data): ...\n',
        "steps/b_step.py": 'from motia import event\n\n\n@event("t")\ndef kept(data): ...\n',
        STEP: 'import lib.more\nimport steps.b_step\nfrom motia import event\n\n\n@event("t")\ndef own(data): ...\n',
    }

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP, "steps/b_step.py")
        assert [step.key for step in manifest.steps] == ["own", "kept"]
        core.drain()
        output = await core.output()
        assert "lost in" in output
        assert "kept in" not in output

    play(files, script)
