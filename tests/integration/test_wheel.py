"""A newcomer with nothing but the wheel: an empty home, a fresh environment, no repository, no npm cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.repo.repository import ROOT

LARGEST_BYTES = 12 * 1024 * 1024
TEMPLATES = ("typescript", "javascript", "python", "polyglot")
pytestmark = pytest.mark.timeout(600)  # an environment is made, and a dozen packages are installed into it

WHERE_PYTHON = """
import motia
import motia.worker

config = {"type": "event", "name": "Where", "subscribes": ["where"], "emits": []}


async def handler(input, context):
    await context.state.set("where", "python", {"file": motia.worker.__file__, "asked": input["by"]})
"""
WHERE_NODE = """
import { config as identity } from 'motia'

export const config = { type: 'api', name: 'Ask', method: 'POST', path: '/where', emits: ['where'] }
export const handler = async (_req, { emit }) => {
  await emit({ topic: 'where', data: { by: typeof identity } })
  return { status: 200, body: process.argv[1] }
}
"""
WHERE_TYPESCRIPT = """
export const config = { type: 'api' as const, name: 'Tell', method: 'GET', path: '/where', emits: [] }
export const handler = async (_req: unknown, { state }: any) => {
  return { status: 200, body: await state.get('where', 'python') }
}
"""
MY_SDK = """
group = "node"
suffixes = { js = "mine" }
command = ["node", "MAIN"]
"""
MY_ECHO = """
export const config = { type: 'api', name: 'echo mine', method: 'POST', path: '/mine/echo' }
export const handler = async (req) => ({ status: 200, body: req.body })
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An environment with the wheel in it."""

    wheel: Path
    bin: Path
    home: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """Nothing of the repository, nor of the user who runs the tests; but how to reach the registries."""
        kept = {
            name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "UV_")) or "PROXY" in name.upper()
        }
        node = shutil.which("node")
        assert node is not None
        path = os.pathsep.join([str(self.bin), str(Path(node).parent), "/usr/bin", "/bin"])
        npmrc = os.environ.get("NPM_CONFIG_USERCONFIG") or str(Path.home() / ".npmrc")
        return {**kept, "PATH": path, "HOME": str(self.home), "NPM_CONFIG_USERCONFIG": npmrc, "LANG": "C.UTF-8"}

    def run(self, *arguments: str, cwd: Path, code: int = 0) -> str:
        done = subprocess.run(
            [self.bin / "motia-core", *arguments], cwd=cwd, env=self.environment, capture_output=True, text=True,
            timeout=300, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def passes_tests(self, project: Path) -> None:
        """Run the tests that a new project has."""
        if (project / "tests" / "test_greetings.py").exists():
            pip = [self.bin / "pip", "install", "--quiet", "--disable-pip-version-check", "pytest"]
            subprocess.run(pip, check=True, timeout=300)
            command = [str(self.bin / "pytest"), "-q"]
        else:
            command = ["npm", "test"]
        done = subprocess.run(
            command, cwd=project, env=self.environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def serving(self, command: str, project: Path) -> Iterator[str]:
        """The URL of the project, which is served until the block ends."""
        arguments = [self.bin / "motia-core", command, "--port", "0", "--log-format", "json"]
        process = subprocess.Popen(arguments, cwd=project, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield next(
                event["urls"][0] for line in process.stdout if (event := json.loads(line)).get("event") == "ready"
            )
        finally:
            process.terminate()
            process.communicate(timeout=20)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    folder = tmp_path_factory.mktemp("newcomer")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = folder / "venv" / "bin" / "pip"
    subprocess.run([pip, "install", "--quiet", "--disable-pip-version-check", wheel], check=True, timeout=300)
    (folder / "home").mkdir()
    return Newcomer(wheel, folder / "venv" / "bin", folder / "home")


def greet(url: str, name: str) -> str:
    """The text of a greeting that the starter wrote."""
    with httpx.Client(base_url=url, timeout=10) as client:
        asked = client.post("/greetings", json={"name": name})
        assert asked.status_code == 202, asked.text
        while (found := client.get(f"/greetings/{asked.json()['id']}")).status_code == 404:
            time.sleep(0.02)
        return str(found.json()["text"])


def test_wheel_is_of_this_platform_and_has_what_it_needs(newcomer: Newcomer) -> None:
    assert newcomer.wheel.stat().st_size < LARGEST_BYTES
    assert newcomer.wheel.name.split("-")[2:4] == ["py3", "none"]
    with zipfile.ZipFile(newcomer.wheel) as wheel:
        names = wheel.namelist()
    inside = {name.removeprefix("motia_core/") for name in names}
    assert {"workbench/static/index.html", "_sdk/node/dist/main.js", "_sdk/python/motia/worker.py"} <= inside
    assert [name for name in names if name.endswith((".map", ".pyc"))] == []
    assert [name for name in names if "node_modules" in name and name.endswith(".d.ts")] == []


def test_both_languages_run_from_the_wheel_alone(newcomer: Newcomer, tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "where_step.py").write_text(WHERE_PYTHON)
    (tmp_path / "steps" / "ask.step.js").write_text(WHERE_NODE)
    (tmp_path / "steps" / "tell.step.ts").write_text(WHERE_TYPESCRIPT)
    with newcomer.serving("serve", tmp_path) as url, httpx.Client(base_url=url) as client:
        node = client.post("/where").text
        while (python := client.get("/where")).status_code != 200 or not python.text.startswith("{"):
            time.sleep(0.02)
        page = client.get("/__motia/workbench/")
    installed = str(newcomer.bin.parent)
    assert node.startswith(installed)
    assert python.json()["file"].startswith(installed)
    assert python.json()["asked"] == "function"
    assert (page.status_code, "<script" in page.text) == (200, True)


def test_an_sdk_is_put_through_the_cases_with_the_wheel_alone(newcomer: Newcomer, tmp_path: Path) -> None:
    (main,) = newcomer.bin.parent.glob("lib/*/site-packages/motia_core/_sdk/node/dist/main.js")
    steps = tmp_path / "my-sdk" / "conformance" / "l1_invoke" / "echo"
    steps.mkdir(parents=True)
    (tmp_path / "my-sdk" / "sdk.toml").write_text(MY_SDK.replace("MAIN", str(main)))
    (steps / "echo.step.js").write_text(MY_ECHO)
    told = newcomer.run("conformance", "./my-sdk", "--case", "echo", "--profile", "default", cwd=tmp_path)
    assert "| 1: handlers | 1 | 1 | 0 | 0 |" in told
    (steps / "echo.step.js").write_text(MY_ECHO.replace("req.body", "{}"))
    told = newcomer.run("conformance", "./my-sdk", "--case", "echo", "--profile", "default", cwd=tmp_path, code=1)
    assert "INVOKE-2 The sidecar MUST send exactly one `Complete`" in told  # the rules are in the wheel


@pytest.mark.parametrize("template", TEMPLATES)
def test_newcomer_gets_from_nothing_to_passing_tests_and_running(
    newcomer: Newcomer, template: str, tmp_path: Path
) -> None:
    told = newcomer.run("create", "my-app", "--template", template, "--yes", cwd=tmp_path)
    project = tmp_path / "my-app"
    said = newcomer.run("install", cwd=project)
    assert "installed with" in said or "motia-core install" not in told
    newcomer.passes_tests(project)
    assert "loaded 4 steps" in newcomer.run("check", "--strict", cwd=project)
    if (types := project / "types.d.ts").exists():
        shipped = types.read_text()
        newcomer.run("generate-types", cwd=project)
        assert types.read_text() == shipped
    (project / ".env").write_text("GREETING=Welcome\n")
    newcomer.run("generate", "step", "Look", "--path", "/look", cwd=project)
    newcomer.run("generate-types", cwd=project)
    with newcomer.serving("dev", project) as url:
        assert greet(url, "Ada") == "Welcome, Ada!"
        (writer,) = (project / "steps").glob("write[-_]greeting*")
        writer.write_text(writer.read_text().replace("!", ", it is good to see you!"))
        while greet(url, "Ada") != "Welcome, Ada, it is good to see you!":  # at the latest when the test times out
            time.sleep(0.02)
        writer.write_text(writer.read_text().replace(", it is good to see you!", "!"))
    for command in ("dev", "serve"):
        with newcomer.serving(command, project) as url:
            assert greet(url, "Ada") == "Welcome, Ada!"
            assert httpx.get(f"{url}/look").status_code == 200
            refused = httpx.post(f"{url}/greetings", json={})
            assert (refused.status_code, refused.json()["code"]) == (400, "REQUEST_SCHEMA")  # validation is strict


def test_create_with_install_leaves_nothing_to_do(newcomer: Newcomer, tmp_path: Path) -> None:
    told = newcomer.run("create", ".", "--template", "typescript", "--yes", "--install", cwd=tmp_path)
    assert "motia-core install" not in told
    assert "up to date" in newcomer.run("install", cwd=tmp_path)
