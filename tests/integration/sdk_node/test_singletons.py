"""What step files import of Motia 1.0: found however they write it, and handlers for kinds of triggers."""

from __future__ import annotations

import pytest

from tests.fakes.scripted_core import ScriptedCore
from tests.integration.sdk_node.conftest import STEP, Play, api

CONFIG = api("")
MODULE = {"package.json": '{"type": "module"}'}


@pytest.mark.parametrize(
    ("source", "use"),
    [
        ("import { logger } from 'motia'", "logger.info('here')"),
        ("import * as motia from 'motia'", "motia.logger.info('here')"),
        ("import * as $m from 'motia'", "$m.logger.info('here')"),
        ("const motia = await import('motia')", "motia.logger.info('here')"),
        ("import * as motia from 'motia'\nconst { logger } = motia", "logger.info('here')"),
    ],
)
def test_the_attempt_that_runs_is_found_in_modules(play: Play, source: str, use: str) -> None:
    found_by(play, f"{source}\n{CONFIG}export const handler = async () => {{ {use}; return {{ status: 200 }} }}\n")


@pytest.mark.parametrize(
    ("source", "use"),
    [
        ("const { logger } = require('motia')", "logger.info('here')"),
        ("const motia = require('motia')", "motia.logger.info('here')"),
        ("const motia = require('motia')\nconst { logger } = motia", "logger.info('here')"),
    ],
)
def test_the_attempt_that_runs_is_found_in_commonjs(play: Play, source: str, use: str) -> None:
    config = CONFIG.replace("export const", "const")
    handler = (
        f"const handler = async () => {{ {use}; return {{ status: 200 }} }}\nmodule.exports = {{ config, handler }}"
    )
    found_by(play, f"{source}\n{config}{handler}\n", package={})


def found_by(play: Play, step: str, package: dict[str, str] = MODULE) -> None:
    async def script(core: ScriptedCore) -> None:
        assert not (await core.load(STEP)).errors
        complete = await core.call_api(STEP)
        assert complete.http.status == 200, complete
        await core.until(lambda: [log.message for log in core.logs] == ["here"])
        assert core.logs[0].step == STEP

    play({STEP: step, **package}, script)


def test_a_helper_that_no_step_file_imports_for_is_told_what_to_do(play: Play) -> None:
    step = f"import {{ help }} from '../lib/help.js'\n{CONFIG}export const handler = async () => help()\n"
    helper = "import { enqueue } from 'motia'\nexport const help = () => enqueue({ topic: 't' })\n"

    async def script(core: ScriptedCore) -> None:
        await core.load(STEP)
        complete = await core.call_api(STEP)
        assert "import it in the step file and hand it on" in complete.failure.message

    play({STEP: step, "lib/help.js": helper, **MODULE}, script)


def test_a_kind_of_trigger_without_a_handler_is_known_when_it_is_loaded(play: Play) -> None:
    step = (
        "import { multiTriggerStep, http, queue } from 'motia'\n"
        "export const both = multiTriggerStep({ name: 'B', triggers: [http('GET', '/b'), queue('t')] })\n"
        "  .onQueue(async () => {})\n  .handlers()\n"
    )

    async def script(core: ScriptedCore) -> None:
        steps = (await core.load(STEP)).steps
        assert [(step.key, step.has_handler) for step in steps] == [("both.0", False), ("both.1", True)]

    play({STEP: step, **MODULE}, script)
