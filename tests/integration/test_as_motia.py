"""`motia`, as the scripts of Motia 0.x projects call it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

BIN = Path(sys.executable).parent
MOTIA = BIN / "motia"
READY = re.compile(r"""(?:ready in .* on |"event":"ready".*?"urls":\[")(http://[^\s"]+)""")  # as text, or as JSON

FILES = {
    "package.json": json.dumps(
        {
            "name": "shop",
            "scripts": {
                "postinstall": "motia install",
                "dev": "motia dev --port 0",
                "start": "motia start --port ${PORT:-3000} --host 127.0.0.1 --disable-verbose",
                "build": "motia build",
                "generate-types": "motia generate-types",
            },
        }
    ),
    "motia.config.ts": """
import { defineConfig } from '@motiadev/core'
const statesPlugin = require('@motiadev/plugin-states/plugin')
export default defineConfig({ plugins: [statesPlugin] })
""",
    "src/hello.step.ts": """
import type { ApiRouteConfig } from 'motia'
export const config: ApiRouteConfig = {
  type: 'api', name: 'Hello', method: 'GET', path: '/hello', emits: ['said'], flows: ['hello'],
}
export const handler = async (_req: unknown, { state }: any) => ({ status: 200, body: await state.get('said', 'last') })
""",
    "src/said_step.py": """
import sys

config = {"type": "event", "name": "Said", "subscribes": ["said"], "emits": [], "flows": ["hello"]}


async def handler(input, context):
    await context.state.set("said", "last", {"what": input["what"], "python": sys.prefix})
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **more}


def motia(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MOTIA, *arguments], cwd=project, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def started(project: Path, *command: str, **more: str) -> Iterator[str]:
    """The URL of what a command serves."""
    process = subprocess.Popen(
        command, cwd=project, env=environment(**more), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        yield next(match[1] for line in process.stdout if (match := READY.search(line)))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)


def test_scripts_of_package_json_serve_the_project(project: Path) -> None:
    with started(project, "npm", "run", "dev") as url:
        port = url.rpartition(":")[2]
        emitted = motia(project, "emit", "--topic", "said", "--message", '{"what": "hi"}', "--port", port)
        assert emitted.returncode == 0, emitted.stderr
        while (found := httpx.get(f"{url}/hello")).status_code != 200 or not found.text.startswith("{"):
            time.sleep(0.02)
        assert found.json()["what"] == "hi"
    with started(project, "npm", "start", PORT="0") as url:
        assert httpx.get(f"{url}/hello").json()["what"] == "hi"


def test_activated_environment_of_the_project_is_that_of_its_steps(project: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / "python_modules"], check=True)
    script = "source python_modules/bin/activate && motia dev --port 0 --debug"
    with started(project, "bash", "-c", script) as url:
        httpx.post(f"{url}/emit", json={"topic": "said", "data": {"what": "hi"}})
        while (found := httpx.get(f"{url}/hello")).status_code != 200 or not found.text.startswith("{"):
            time.sleep(0.02)
        assert found.json()["python"] == str(project / "python_modules")


def test_command_of_the_npm_package_does_not_come_before_ours_after_an_installation(project: Path) -> None:
    theirs = project / "node_modules" / ".bin" / "motia"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("#!/bin/sh\necho theirs\n")
    theirs.chmod(0o755)
    run = ["npm", "run", "--silent", "generate-types"]
    before = subprocess.run(run, cwd=project, env=environment(), capture_output=True, text=True, timeout=60, check=True)
    assert before.stdout == "theirs\n"
    installed = motia(project, "install")
    assert installed.returncode == 0, installed.stderr
    assert "npm run dev starts it" in installed.stdout
    after = subprocess.run(run, cwd=project, env=environment(), capture_output=True, text=True, timeout=60, check=True)
    assert "types.d.ts: written" in after.stdout


def test_installation_by_npm_calls_us_once_and_we_do_not_call_npm(project: Path) -> None:
    install = ["npm", "install", "--no-audit", "--no-fund", "--foreground-scripts"]
    done = subprocess.run(
        install, cwd=project, env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("> motia install") == 1
    assert "python  nothing to install" in done.stdout
    assert "node  " not in done.stdout


def test_build_checks_and_says_that_nothing_is_built(project: Path) -> None:
    done = motia(project, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing has to be built" in done.stdout
    assert "plugins" in done.stdout  # they do no harm
    (project / "src" / "again.step.ts").write_text(FILES["src/hello.step.ts"])
    assert motia(project, "build").returncode == 1  # the name and the route are there twice
    (project / "src" / "again.step.ts").write_text("export const config = {")
    assert motia(project, "build").returncode == 1


def test_other_commands_of_0x(project: Path) -> None:
    version = motia(project, "-V")
    assert (version.returncode, "motia-core" in version.stdout) == (0, True)
    assert motia(project, "get-config", "--output", "./out").returncode == 0
    steps = json.loads((project / "out" / "motia.steps.json").read_text())["steps"]
    assert steps["src/hello.step.ts"]["path"] == "/hello"
    assert motia(project, "create", "new", "-t", "starter-python", "--skip-redis").returncode == 0
    assert (project / "new" / "steps").is_dir()
    assert motia(project, "generate", "step", "Look", "-d", "src/look").returncode == 0
    assert (project / "src" / "look" / "look.step.ts").exists()
    for gone in ("cloud", "rules"):
        refused = motia(project, gone, "deploy", "--api-key", "x")
        assert (refused.returncode, f"motia {gone}" in refused.stderr, "→" in refused.stderr) == (2, True, True)


def test_mermaid_writes_the_flows(project: Path) -> None:
    with started(project, str(MOTIA), "dev", "-p", "0", "-m"):
        assert "flowchart" in (project / ".mermaid" / "hello.mmd").read_text()
