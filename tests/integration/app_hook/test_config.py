"""What can be wrong with motia.config: it is reported, and the steps run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.core import COMMAND, running_core
from tests.integration.app_hook.conftest import MODULES

STEP = """export const config = { type: 'api', name: 'Hello', method: 'GET', path: '/hello', emits: [] }
export const handler = async () => ({ status: 200, body: 'hello' })
"""
PYTHON_STEP = """config = {"type": "api", "name": "Hello", "method": "GET", "path": "/hello", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": "hello"}
"""
HOOK = (
    "import { config } from 'motia'\nexport default config({ app: (app) => { app.use((req, res, next) => { %s }) } })\n"
)


def write(folder: Path, config: str, files: Mapping[str, str] | None = None, *, name: str = "motia.config.ts") -> Path:
    for path, text in {"steps/hello.step.ts": STEP, **(files or {}), name: config}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def check(project: Path, **settings: str) -> list[dict[str, Any]]:
    """The problems that are found."""
    result = subprocess.run(
        [COMMAND, "check", project, "--json"],
        check=False,
        capture_output=True,
        timeout=60,
        env={**os.environ, **settings},
    )
    found = json.loads(result.stdout)
    assert found["steps"]["loaded"] == found["steps"]["total"]
    return list(found["problems"])


RUNS_ON = "the steps run without its app hook"
THROWS = "export default { app: %s () => { throw new Error('%s') } }"


@pytest.mark.parametrize(
    ("config", "phase", "cause", "remedy"),
    [
        ("throw new Error('no key')", "import", "threw while loading: no key", RUNS_ON),
        ("import x from 'helmet-x'; x()", "resolve", "Cannot find module 'helmet-x'", "npm install helmet-x"),
        ("export default { app: ( => 1 }", "compile", "syntax error", RUNS_ON),
        ("export const config = {}", "config", "there is no default export", RUNS_ON),
        ("export default { app: 1 }", "config", "app must be a function", RUNS_ON),
        (THROWS % ("", "SHOP_KEY is not set"), "import", "the app hook threw: SHOP_KEY is", "set SHOP_KEY in .env"),
        (THROWS % ("async", "late"), "import", "the app hook threw: late", RUNS_ON),
        ("process.exit(3)", "import", "process.exit(3)", "ends the process"),
        ("export default { app: (a) => a.get('*x(', () => {}) }", "import", "the app hook threw: Invalid", RUNS_ON),
    ],
)
def test_config_that_fails_is_a_problem_and_the_steps_are_loaded(
    config: str, phase: str, cause: str, remedy: str, tmp_path: Path
) -> None:
    (problem,) = check(write(tmp_path, config))
    assert (problem["severity"], problem["file"], problem["phase"]) == ("error", "motia.config.ts", phase)
    assert cause in problem["cause"]
    assert remedy in problem["remedy"]


@pytest.mark.alone  # the limit is short, for a test that is: a busy machine needs longer for the step beside it
@pytest.mark.parametrize("where", ["top", "hook"])
def test_config_that_hangs_or_kills_the_process_is_left_out(where: str, tmp_path: Path) -> None:
    endless = "for (;;) {}" if where == "top" else "export default { app: () => new Promise(() => {}) }"
    # long enough for the step beside it on a busy machine
    (problem,) = check(write(tmp_path, endless), MOTIA_SIDECARS_IMPORT_TIMEOUT_MS="2500")
    assert problem["cause"] == "still loading after 2.5 s"
    assert problem["remedy"]


def test_steps_run_without_the_hook_of_a_broken_config(tmp_path: Path) -> None:
    project = write(tmp_path / "project", "process.kill(process.pid, 'SIGABRT')\n" + HOOK % "res.send('hook')")
    with running_core(project, tmp_path / "data") as core:
        assert httpx.get(f"{core.url}/hello").text == "hello"


def test_keys_that_do_nothing_are_named_once(tmp_path: Path) -> None:
    config = """
import { RedisStateAdapter } from '@motiadev/adapter-redis-state'
import observability from '@motiadev/plugin-observability/plugin'
import { DefaultQueueEventAdapter, MemoryStateAdapter, StreamAdapter, defineConfig } from '@motiadev/core'
class OwnStreams extends StreamAdapter { constructor() { super('own') } }
const states = require('@motiadev/plugin-states/plugin')
const bull = require('@motiadev/plugin-bullmq/plugin').default
export default defineConfig({
  plugins: [observability({}), states({}), bull],
  adapters: {
    state: new RedisStateAdapter({ host: 'localhost' }) ?? new MemoryStateAdapter(),
    events: new DefaultQueueEventAdapter(),
    streams: new OwnStreams(),
  },
  redis: { useMemoryServer: true },
  streamAuth: undefined,
  colour: 'red',
})
"""
    problems = check(write(tmp_path, config))
    assert {problem["severity"] for problem in problems} == {"warning"}
    assert {problem["file"] for problem in problems} == {"motia.config.ts"}
    assert [problem["cause"].split(":")[0] for problem in problems] == [
        "plugins does nothing",
        "adapters does nothing",
        "redis does nothing",
        "colour is not a key that is known",
    ]


@pytest.mark.parametrize(
    ("config", "files"),
    [
        ("module.exports = { app: (app) => app.get('/health', (req, res) => res.send('up')) }", {"package.json": "{}"}),
        ("exports.default = { app(app) { app.get('/health', (req, res) => res.send('up')) } }", {}),
        (
            "import { app } from './server/app'\nexport default { app }",
            {
                "package.json": '{"type": "module"}',
                "server/app.js": "export const app = async (app) => { app.get('/health', (q, res) => res.send('up')) }",
            },
        ),
    ],
    ids=["module.exports", "exports.default", "imported"],
)
def test_hook_in_plain_javascript_and_beside_python_only(config: str, files: dict[str, str], tmp_path: Path) -> None:
    project = write(tmp_path / "project", config, {**files, "steps/hello_step.py": PYTHON_STEP}, name="motia.config.js")
    (project / "steps/hello.step.ts").unlink()
    with running_core(project, tmp_path / "data") as core:
        assert httpx.get(f"{core.url}/health").text == "up"
        assert httpx.get(f"{core.url}/hello").text == "hello"


def test_python_project_with_a_config_without_hook_starts_no_node(tmp_path: Path) -> None:
    config = "// app: (app) => {}\nexport default { plugins: [] } /* app( */"
    project = write(tmp_path / "project", config, {"steps/hello_step.py": PYTHON_STEP})
    (project / "steps/hello.step.ts").unlink()
    with running_core(project, tmp_path / "data") as core:
        assert core.sidecar_pids("node") == []
        assert httpx.get(f"{core.url}/hello").text == "hello"


def test_python_project_without_node_keeps_its_steps(tmp_path: Path) -> None:
    project = write(tmp_path, HOOK % "next()", {"steps/hello_step.py": PYTHON_STEP})
    (project / "steps/hello.step.ts").unlink()
    (problem,) = check(project, MOTIA_SIDECARS_NODE="/nowhere/node")
    assert (problem["file"], problem["severity"]) == ("motia.config.ts", "error")
    assert problem["remedy"] == "check that `node --version` says 20 or newer"


@pytest.mark.parametrize(("declared", "version"), [(True, "the project's"), (False, "ours")])
def test_express_of_the_project_is_used_when_its_package_json_names_it(
    declared: bool, version: str, tmp_path: Path
) -> None:
    express = f"""const make = require({str(MODULES / "express")!r})
module.exports = () => make().set('mark', "the project's")"""
    package = {"name": "p", "dependencies": {"express": "*"} if declared else {}}
    files = {"package.json": json.dumps(package), "node_modules/express/index.js": express}
    config = "export default { app: (app) => app.get('/mark', (req, res) => res.send(app.get('mark') ?? 'ours')) }"
    with running_core(write(tmp_path / "project", config, files), tmp_path / "data") as core:
        assert httpx.get(f"{core.url}/mark").text == version
