"""The workbench in a browser: every page, every action, against a running project in three languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conformance.core import COMMAND, running_core

PROJECT = Path(__file__).with_name("project")
SDK = Path(__file__).parents[3] / "sdk-node"
NPM = Path(__file__).parents[2] / "npm"
BUILT = Path(__file__).parents[3] / "core" / "motia_core" / "workbench" / "static" / "index.html"
NOISE = """
export const config = { type: 'api', name: 'Noise', method: 'POST', path: '/noise', emits: [], flows: ['noise'] }
export const handler = async (_, { state, logger }) => {
  const keys = Array.from({ length: 3000 }, (_, at) => `k${String(at).padStart(4, '0')}`)
  await Promise.all(keys.map((key, at) => state.set('crowd', key, { at })))
  for (const key of keys) logger.info(`line ${key}`)
  return { status: 200 }
}
"""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""


def run_copied(project: Path, tests: Mapping[str, str]) -> None:
    """In the project that they were copied from."""
    (project / "test_copied.py").write_text(tests["pytest"])
    (project / "copied.test.ts").write_text(tests["vitest"])
    modules = project / "node_modules"
    modules.mkdir(exist_ok=True)
    for name, place in (("motia", SDK), ("vitest", SDK / "node_modules" / "vitest")):
        (modules / name).symlink_to(place)
    environment = {**os.environ, "MOTIA_CORE": COMMAND, "CI": "1", "NO_COLOR": "1"}
    for command in (
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_copied.py"],
        [SDK / "node_modules" / ".bin" / "vitest", "run", "copied.test.ts"],
    ):
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 passed" in done.stdout


@pytest.mark.timeout(540)  # the walk, and two test runners
def test_a_person_can_do_everything(tmp_path: Path) -> None:
    if not BUILT.exists():
        pytest.fail("the workbench is not built: run make setup")
    if not CHROMIUM:
        pytest.fail("chromium is missing: .ci/run installs it")
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project)
    (project / "steps" / "noise.step.js").write_text(NOISE)
    with running_core(project, tmp_path / "data") as core:
        command = ["node", NPM / "workbench.mjs", core.url, tmp_path / "pictures"]
        environment = {**os.environ, "CHROMIUM": CHROMIUM}
        done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    walks = found["walks"]
    assert {name: seen for name, seen in walks.items() if "FAILED" in str(seen)} == {}
    assert found["outside"] == [], "something was asked for elsewhere"
    assert found["errors"] == [], "errors in the console"
    assert found["unfit"] == [], "serious accessibility problems"
    assert walks["root"] == "/__motia/workbench/"
    assert walks["endpoints"].startswith("curl -X POST '")
    assert walks["run"]["names"] == 3
    run_copied(project, walks["run"]["tests"])
    assert walks["state"] == {"guest": "Grace", "nights": 3}
    assert walks["flows"] == {"mermaid": "flowchart LR", "svg": True, "isKept": True}
    assert walks["crowds"] == {"isBounded": True, "logs": True}
    assert walks["queues"] == 0
    assert walks["theme"] is True
    assert walks["components"] == {"colour": "rgb(18, 52, 86)", "isOpen": False, "drawn": 2}
    assert walks["tab"] == "21px", "utility classes"
    assert walks["edges"] == {"isLive": True, "edges": 3}
    positions = json.loads((project / "motia-workbench.json").read_text())
    assert [entry["id"] for entry in positions] == ["bookings"]
    assert "steps/nightly.step.js" in positions[0]["config"]
