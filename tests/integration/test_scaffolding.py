"""Every file that `generate step` and `generate stream` write works as it is: it loads without a warning, and its
TypeScript has no type errors."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from motia_core.cli import main
from tests.conformance.core import COMMAND, running_core
from tests.repo.repository import ROOT

SDK = ROOT / "sdk-node"
TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "nodenext",
        "paths": {"motia": [str(SDK / "dist" / "index.d.ts")]},
        "typeRoots": [str(SDK / "node_modules" / "@types")],
        "types": ["node"],
    },
    "include": ["steps", "types.d.ts"],
}

pytestmark = pytest.mark.timeout(180)  # three compilers and a core


def generate(project: Path, *arguments: str) -> None:
    done = CliRunner().invoke(main, ["generate", *arguments, "--project", str(project)])
    assert done.exit_code == 0, done.output


def generate_all(project: Path, language: str) -> None:
    project.mkdir(exist_ok=True)
    for kind in ("api", "event", "cron", "noop"):
        generate(project, "step", f"{kind}-{language}", "--type", kind, "--language", language)
    generate(project, "stream", f"live-{language}", "--language", language)


@pytest.mark.parametrize("language", ["typescript", "javascript", "python", "go", "ruby"])
def test_every_new_file_loads_and_runs(tmp_path: Path, language: str) -> None:
    project = tmp_path / "project"
    generate_all(project, language)
    checked = subprocess.run([COMMAND, "check", project, "--json", "--strict"], capture_output=True, check=False)
    found = json.loads(checked.stdout)
    assert (found["steps"]["loaded"], found["streams"]["loaded"], found["problems"]) == (4, 1, [])
    with running_core(project, tmp_path / "data") as core:
        answer = httpx.get(f"{core.url}/api-{language}")
        assert answer.status_code == 200
        assert answer.json() == {"traceId": answer.headers["x-trace-id"]}


@pytest.mark.parametrize("template", ["go", "ruby"])
def test_a_new_project_without_packages_runs_and_its_tests_pass(tmp_path: Path, template: str) -> None:
    project = tmp_path / "project"
    done = CliRunner().invoke(main, ["create", str(project), "--template", template, "--yes"])
    assert done.exit_code == 0, done.output
    assert "motia-core install" not in done.output
    with running_core(project, tmp_path / "data") as core:
        asked = httpx.post(f"{core.url}/greetings", json={"name": "Ada"})
        assert asked.status_code == 202
        place = f"{core.url}/greetings/{asked.json()['id']}"
        while (found := httpx.get(place)).status_code == 404:  # at the latest when the test times out
            time.sleep(0.02)
        assert found.json() == {"id": asked.json()["id"], "text": "Hello, Ada!"}
        assert httpx.post(f"{core.url}/greetings", json={"name": ""}).status_code == 400
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_new_typescript_has_no_type_errors(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for language in ("typescript", "javascript"):
        generate_all(project, language)
    subprocess.run([COMMAND, "generate-types", project], check=True, capture_output=True)
    (project / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (project / "package.json").write_text('{"type": "module"}')
    compiler = SDK / "node_modules" / ".bin" / "tsc"
    compiled = subprocess.run([compiler, "-p", project], capture_output=True, text=True, timeout=120, check=False)
    assert compiled.returncode == 0, compiled.stdout
