"""Importing the project's files: what goes wrong stays with the file it goes wrong in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motia._gen.motia.v1 import manifest_pb2
from tests.fakes.scripted_core import Limits, ScriptedCore
from tests.integration.sdk_python.conftest import API, EVENT, STEP, Play, api

GOOD = "steps/good_step.py"
GOOD_TEXT = api("""
    async def handler(req, ctx):
        return {"status": 200, "body": "good"}
    """)
RESOLVE, COMPILE = manifest_pb2.LOAD_PHASE_RESOLVE, manifest_pb2.LOAD_PHASE_COMPILE
IMPORT, CONFIG = manifest_pb2.LOAD_PHASE_IMPORT, manifest_pb2.LOAD_PHASE_CONFIG


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n\nimport no_such_package.deep\n", {"phase": RESOLVE, "line": 3, "missing_module": "no_such_package"}),
        ("from services.gone import x\n", {"phase": RESOLVE, "line": 1, "missing_module": "services"}),
        ("from ..gone import x\n", {"phase": RESOLVE, "line": 1, "missing_module": "gone"}),
        (
            "x = 1\ndef broken(:\n",
            {"phase": COMPILE, "line": 2, "column": 12, "message": "SyntaxError: invalid syntax"},
        ),
        ("if True:\npass\n", {"phase": COMPILE, "line": 2}),
        ("\nraise ValueError('no KEY\\nsecond line')\n", {"phase": IMPORT, "line": 2, "message": "ValueError: no KEY"}),
        ("import sys\nsys.exit(3)\n", {"phase": IMPORT, "line": 2, "message": "called sys.exit(3) while loading"}),
        (
            "raise KeyboardInterrupt\n",
            {"phase": IMPORT, "line": 1, "message": "raised KeyboardInterrupt while loading"},
        ),
        ("import json\njson.loads('{')\n", {"phase": IMPORT, "line": 2}),
        (
            "def handler(req, ctx): pass\n",
            {"phase": CONFIG, "message": "no config: define `config = {…}` at the top level of the file"},
        ),
        ("\nconfig = [1]\n", {"phase": CONFIG, "line": 2, "message": "config must be a dict, it is a list"}),
        ("\n\nconfig = {'flows': [object()]}\n", {"phase": CONFIG, "line": 3}),
        (
            "config = {'middleware': ['auth']}\n",
            {"phase": CONFIG, "line": 1, "message": "config.middleware[0] must be a function, it is a str"},
        ),
        (
            "config = {}\nhandler = 5\n",
            {"phase": CONFIG, "line": 1, "message": "handler must be a function, it is a int"},
        ),
        ("config = {}\nasync def handler(req, ctx):\n    yield 1\n", {"phase": CONFIG, "line": 1}),
        (
            "from lib.broken import x\n",
            {"phase": IMPORT, "file": "lib/broken.py", "line": 2, "message": "ZeroDivisionError: division by zero"},
        ),
        ("from lib import syntax\n", {"phase": COMPILE, "file": "lib/syntax.py", "line": 1}),
    ],
)
def test_a_broken_file_is_reported_and_the_others_run(play: Play, text: str, expected: dict[str, Any]) -> None:
    files = {STEP: text, GOOD: GOOD_TEXT, "lib/broken.py": "\nx = 1 / 0\n", "lib/syntax.py": "x = = 1\n"}

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP, GOOD)
        assert [step.path for step in manifest.steps] == [GOOD]
        (error,) = manifest.errors
        assert error.path == STEP
        found = {name: getattr(error, name) for name in expected}
        assert found == expected, error
        assert error.message
        assert "\n" not in error.message
        assert (await core.call_api(GOOD)).http.body == b"good"

    play(files, script)


def test_a_process_that_dies_while_loading_has_named_the_file(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        await core.frame("hello")
        with pytest.raises(AssertionError):
            await core.load(GOOD, STEP)
        assert [loading.path for loading in core.of_kind("loading")] == [GOOD, STEP]
        assert await core.exit_code() == 9

    play({GOOD: GOOD_TEXT, STEP: "import os\nos._exit(9)\n"}, script)


def test_a_file_is_imported_only_after_its_ack(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        core.ack_loading = False
        await core.send_load(STEP)
        await core.frame("loading")
        core.drain()
        assert await core.exit_code() == 0
        assert "imported" not in await core.output()

    play("print('imported')\nconfig = {}\n", script)


def test_the_protocol_stays_alive_while_a_file_is_imported(play: Play) -> None:
    text = "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.01)\n" + GOOD_TEXT

    async def script(core: ScriptedCore) -> None:
        await core.send_load(STEP)
        await core.until(lambda: len(core.of_kind("heartbeat")) >= 3)
        (core.root / "go").touch()
        assert (await core.frame("manifest")).manifest.steps[0].path == STEP

    play(text, script, limits=Limits(heartbeat_interval_ms=20))


def test_imports_within_the_project(play: Play) -> None:
    files = {
        "src/orders.v2/create-order.step.py": "from ..shared.money import EURO as relative\n"
        "from src.shared.money import EURO as absolute\n"
        "from services.mail import SENDER\n"
        "from shop.services.mail import SENDER as from_parent\n"
        + EVENT
        + "def handler(input, ctx):\n    print(relative, absolute, SENDER, from_parent, __file__, __name__)\n",
        "src/orders.v2/02 data collection_step.py": "from ...services.mail import SENDER\nfrom . import names\n"
        + EVENT
        + "def handler(input, ctx):\n    print(names.NAME, SENDER)\n",
        "src/orders.v2/create-order_step.py": "import os\nos.chdir('/')\n" + EVENT + "def handler(input, ctx): pass\n",
        "src/orders.v2/names.py": "NAME = 'name'\n",
        "src/shared/__init__.py": "",
        "src/shared/money.py": "EURO = '€'\n",
        "services/mail.py": "SENDER = 'me'\n",
    }
    steps = [path for path in files if "step" in path]

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(*steps)
        assert not manifest.errors, manifest.errors
        for step in steps:
            assert (await core.invoke(step)).HasField("done")
        output = await core.output()
        file = core.root / steps[0]
        assert f"€ € me me {file} shop.src.orders_v2.create-order-step" in output
        assert "name me" in output

    play(files, script)


def test_the_working_directory_is_the_root_and_files_of_the_user_do_not_shadow_the_sdk(play: Play) -> None:
    files = {
        STEP: "import os, pathlib, queue\n" + EVENT + "def handler(input, ctx): print(os.getcwd(), queue.MINE)\n",
        "queue.py": "MINE = 'not the library'\n",
        "lib.py": "",
    }

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        # The library's queue was loaded by then, as in any program.
        assert [step.path for step in manifest.steps] == [STEP]
        assert "MINE" in (await core.invoke(STEP)).failure.message

    play(files, script)


def test_module_level_asyncio_run_and_print(play: Play) -> None:
    text = "import asyncio\nasync def f(): return 4\nX = asyncio.run(f())\nprint('at import', X)\n" + GOOD_TEXT

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        assert (await core.call_api(STEP)).http.body == b"good"
        assert "at import 4" in await core.output()

    play(text, script)


def test_schemas_become_json_schema(play: Play) -> None:
    text = (
        """
from typing import List
from pydantic import BaseModel
class Item(BaseModel):
    name: str
class Plain: ...
"""
        + API
        + """
config["bodySchema"] = Item
config["responseSchema"] = {200: List[Item], 201: Item(name="x"), 202: {"type": "object"}, 500: Plain}
config["responseSchema"][400] = {"error": "string"}
config["input"] = None
config["extra"] = {"f": len, "n": 1}
config["handlerOptions"] = lambda: 1
async def handler(req, ctx): ...
"""
    )

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        (step,) = manifest.steps
        config = json.loads(step.config)
        assert config["bodySchema"]["properties"] == {"name": {"title": "Name", "type": "string"}}
        assert config["responseSchema"]["200"]["type"] == "array"
        assert config["responseSchema"]["201"] == config["bodySchema"]
        assert config["responseSchema"]["202"] == {"type": "object"}
        assert config["responseSchema"]["400"] == {"error": "string"}
        assert "500" not in config["responseSchema"]
        assert config["input"] is None
        assert config["extra"] == {"n": 1}
        assert "handlerOptions" not in config
        (warning,) = step.warnings
        assert warning.startswith("config.responseSchema.500 was dropped: Plain")
        assert step.line == 7
        assert step.has_handler

    play(text, script)


def test_stream_definitions(play: Play) -> None:
    stream = """
from pydantic import BaseModel
class Message(BaseModel):
    text: str
config = {"name": "chat", "schema": Message, "baseConfig": {"storageType": "default"}, "canAccess": lambda s, a: True}
"""

    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP, streams=("steps/chat_stream.py", "steps/bad_stream.py"))
        (definition,) = manifest.streams
        assert definition.has_can_access
        config = json.loads(definition.config)
        assert (config["name"], config["schema"]["type"]) == ("chat", "object")
        assert "canAccess" not in config
        assert [error.path for error in manifest.errors] == ["steps/bad_stream.py"]

    play({STEP: GOOD_TEXT, "steps/chat_stream.py": stream, "steps/bad_stream.py": "config = None\n"}, script)


SEVERAL = """
from motia import step

CONFIG = {"type": "event", "subscribes": ["t"], "emits": []}


def handler_of(text):
    async def handler(data, ctx):
        ctx.logger.info(text)

    return handler


one = step(CONFIG, handler_of("one"))
other = step(CONFIG).handle(handler_of("other"))
"""


def test_a_file_defines_several_steps_which_are_invoked_by_their_keys(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP)
        assert [(step.key, step.line, step.has_handler) for step in manifest.steps] == [
            ("one", 14, True),
            ("other", 15, True),
        ]
        await core.invoke(f"{STEP}#other", event={"topic": "t", "data": b"1"})
        await core.until(lambda: bool(core.logs))
        assert [(log.message, log.step) for log in core.logs] == [("other", f"{STEP}#other")]

    play(SEVERAL, script, limits=Limits(capabilities=("several-steps",)))


def test_a_core_that_takes_one_step_of_a_file_is_told_what_to_do(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        [error] = (await core.load(STEP)).errors
        assert "upgrade motia-core" in error.message

    play(SEVERAL, script, limits=Limits(capabilities=()))


def test_an_imported_definition_is_a_step_of_the_file_that_defines_it(play: Play) -> None:
    async def script(core: ScriptedCore) -> None:
        manifest = await core.load(STEP, GOOD)
        assert [(step.path, step.key) for step in manifest.steps] == [
            (STEP, "one"),
            (STEP, "other"),
            (GOOD, ""),
        ]

    play({STEP: SEVERAL, GOOD: "from steps.a_step import one\n" + GOOD_TEXT}, script)
