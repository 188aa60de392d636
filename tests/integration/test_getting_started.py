"""The guides for newcomers are done as they say: every command is typed, every file written, every request sent."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.repo.repository import ROOT, Block, blocks

GUIDES = ROOT / "docs" / "guides"
BIN = Path(sys.executable).parent
_FILE = re.compile(r"(?://|#) (steps/\S+)\n")
pytestmark = pytest.mark.timeout(300)  # packages are installed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def typed(line: str, folder: Path, port: int) -> Iterator[None]:
    """A command that serves, as it is typed, until the block ends."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "MOTIA_HTTP_PORT": str(port)}
    process = subprocess.Popen(shlex.split(line), cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert any("ready in" in text or '"event":"ready"' in text for text in process.stdout)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def run(line: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        shlex.split(line), cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


def shell(block: Block) -> list[str]:
    return block.text.splitlines() if block.language == "sh" else []


def test_getting_started_is_as_the_guide_says(tmp_path: Path) -> None:
    port = free_port()
    guide = blocks(GUIDES / "getting-started.md")
    first, requests, more, *_, checks, production = (block for block in guide if block.language == "sh")
    pip, create, change, install, dev = shell(first)
    assert (pip, change) == ("pip install motia-core", "cd my-app")
    run(create, tmp_path)
    project = tmp_path / "my-app"
    run(install, project)
    for line in shell(more):
        assert "written" in run(line, project)
    for block in guide:
        if match := _FILE.match(block.text):
            assert (project / match[1]).exists(), "generate step names its file as the guide does"
            (project / match[1]).write_text(block.text)
    with typed(dev, project, port):
        there = [line.replace(":3000", f":{port}") for line in shell(requests)]
        created = json.loads(run(f"{there[0]} --silent", tmp_path))
        greeting = wait_for(f"{there[1]} --silent".replace("ID", created["id"]), "text", tmp_path)
        assert greeting["text"] == "Hello, Ada!"
        assert json.loads(run(f"{there[2]} --silent", tmp_path))["code"] == "REQUEST_SCHEMA"
        logs = f"http://127.0.0.1:{port}/__motia/logs"
        deadline = time.monotonic() + 20
        while not all(text in httpx.get(logs).text for text in ("Ada has been greeted", "Cheer up, Ada")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    for line in shell(checks):
        run(line, project)
    with typed(shell(production)[0], project, port):
        assert httpx.get(f"http://127.0.0.1:{port}/greetings/{created['id']}").json() == greeting


def wait_for(command: str, member: str, folder: Path) -> dict[str, object]:
    deadline = time.monotonic() + 20
    while member not in (found := json.loads(run(command, folder))):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return dict(found)


def test_plugin_of_the_guide_serves_its_route(tmp_path: Path) -> None:
    (config,) = (block.text for block in blocks(GUIDES / "migrating-from-motia.md") if block.language == "ts")
    (tmp_path / "motia.config.ts").write_text(config)
    (tmp_path / "steps").mkdir()
    step = "export const config = { type: 'noop', name: 'Outside', virtualEmits: [], virtualSubscribes: [] }\n"
    (tmp_path / "steps" / "outside.step.js").write_text(step)
    port = free_port()
    doctor, *_ = (line for block in blocks(GUIDES / "migrating-from-motia.md") for line in shell(block)[1:2])
    assert "everything works" in run(doctor, tmp_path)
    with typed("motia-core serve", tmp_path, port):
        assert httpx.get(f"http://127.0.0.1:{port}/stock").json() == {"orders": 0}


def test_project_of_1_0_runs_with_the_settings_of_the_guide(tmp_path: Path) -> None:
    guide = blocks(GUIDES / "migrating-from-motia.md")
    (settings,) = (block.text for block in guide if block.language == "toml")
    _, doctor, _, dev = next(lines for block in guide if (lines := shell(block)) and lines[-1] == "motia-core dev")
    (tmp_path / "motia.toml").write_text(settings)
    (tmp_path / "config.yaml").write_text("modules:\n  - class: modules::api::RestApiModule\n    config: { port: 9 }\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"motia": "1.0.0-rc.1"}}')
    (tmp_path / "steps").mkdir()
    step = """import { http, step } from 'motia'
export const { config, handler } = step(
  { name: 'Hello', triggers: [http('GET', '/hello')], enqueues: [], flows: [] },
  async () => ({ status: 200, body: { hello: '1.0' } }),
)
"""
    (tmp_path / "steps" / "hello.step.js").write_text(step)
    said = run(doctor, tmp_path)
    assert "everything works" in said
    assert "motia in package.json: not used here" in said
    assert "config.yaml" not in said
    changed = json.loads(run("motia-core config --changed --json", tmp_path))
    assert changed["http.port"]["value"] == 3111
    assert set(changed) == {"default_timeout_ms", "http.port", "http.cors.allow_origins", "otlp.endpoint"}
    port = free_port()
    with typed(dev, tmp_path, port):
        assert httpx.get(f"http://127.0.0.1:{port}/hello").json() == {"hello": "1.0"}
