"""One broken file costs that file only: the others run, and each problem is reported with its cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import COMMAND, running_core

GOOD = {
    "steps/good_step.py": """
config = {"type": "api", "name": "GoodPy", "method": "GET", "path": "/py", "emits": []}


async def handler(req, context):
    return {"status": 200, "body": "py"}
""",
    "steps/good.step.ts": """
export const config = { type: 'api', name: 'GoodTs', method: 'GET', path: '/ts', emits: [] }
export const handler = async () => ({ status: 200, body: 'ts' })
""",
}
CONFIG_JS = "export const config = { type: 'event', name: 'x', subscribes: [], emits: [] }\n"
CONFIG_PY = "config = {'type': 'event', 'name': 'x', 'subscribes': [], 'emits': []}\n"
# file → (source, phase, part of the cause, line)
BROKEN = {
    "steps/syntax.step.ts": (f"{CONFIG_JS}const = 1\n", "compile", "syntax error", 2),
    "steps/package.step.ts": (f"import x from 'not-there'\n{CONFIG_JS}x()\n", "resolve", "not-there", 0),
    "steps/local.step.js": (f"import './nowhere'\n{CONFIG_JS}", "resolve", "./nowhere", 0),
    "steps/throws.step.ts": (f"{CONFIG_JS}throw new Error('KEY is required')\n", "import", "KEY is required", 2),
    "steps/exits.step.js": (f"{CONFIG_JS}process.exit(0)\n", "import", "called process.exit(0) while loading", 0),
    "steps/aborts.step.js": (f"{CONFIG_JS}process.abort()\n", "import", "ended the process while loading", 0),
    "steps/none.step.ts": ("export const handler = async () => {}\n", "config", "no config", 0),
    "steps/type.step.ts": ("export const config = { type: 'apy', name: 'a' }\n", "config", "apy", 0),
    "steps/syntax_step.py": (f"{CONFIG_PY}def (\n", "compile", "syntax", 2),
    "steps/module_step.py": (f"import not_there\n{CONFIG_PY}", "resolve", "not_there", 1),
    "steps/raises_step.py": (f"{CONFIG_PY}raise ValueError('KEY is required')\n", "import", "KEY is required", 2),
    "steps/exits_step.py": (f"{CONFIG_PY}import sys\nsys.exit(0)\n", "import", "sys.exit(0)", 3),
    "steps/dies_step.py": (f"{CONFIG_PY}import os\nos._exit(3)\n", "import", "exit code 3", 0),
    "steps/hangs_step.py": (f"{CONFIG_PY}import time\ntime.sleep(60)\n", "import", "still loading after 2 s", 0),
    "steps/none_step.py": ("async def handler(input, context):\n    pass\n", "config", "config", 0),
    "steps/cron_step.py": (
        "config = {'type': 'cron', 'name': 'c', 'cron': '61 * * * *', 'emits': []}\ndef handler(context): ...\n",
        "config",
        "cron",
        0,
    ),
}
NOISY = f"print('noise' * 200_000)\n{CONFIG_PY}\nasync def handler(input, context):\n    pass\n"
SETTINGS = {"MOTIA_SIDECARS_IMPORT_TIMEOUT_MS": "2000"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("broken")
    (folder / "steps").mkdir()
    for path, source in GOOD.items():
        (folder / path).write_text(source)
    for path, (source, *_) in BROKEN.items():
        (folder / path).write_text(source)
    (folder / "steps/noisy_step.py").write_text(NOISY)
    return folder


def test_good_steps_run_beside_broken_ones(project: Path, tmp_path: Path) -> None:
    with running_core(project, tmp_path, SETTINGS) as core:
        assert httpx.get(f"{core.url}/py").text == "py"
        assert httpx.get(f"{core.url}/ts").text == "ts"
        assert httpx.get(f"{core.url}/__motia/health").json()["problems"] >= len(BROKEN)
        assert core.stop() == 0


def test_check_reports_each_problem_once(project: Path, tmp_path: Path) -> None:
    command = [COMMAND, "check", str(project), "--json"]
    checked = subprocess.run(command, env={**os.environ, **SETTINGS}, capture_output=True, text=True, timeout=50)
    assert checked.returncode == 1, checked.stderr
    report = json.loads(checked.stdout)
    problems = {
        problem["file"]: problem for problem in report["problems"] if problem.get("severity", "error") == "error"
    }
    assert set(problems) == set(BROKEN)
    assert report["steps"] == {"total": len(BROKEN) + len(GOOD) + 1, "loaded": len(GOOD) + 1}
    for path, (_, phase, cause, line) in BROKEN.items():
        problem = problems[path]
        assert (problem["phase"] in (phase, "rules"), cause in problem["cause"]) == (True, True), problem
        assert not line or problem["line"] == line, problem


def test_check_of_a_sound_project_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    for path, source in GOOD.items():
        (tmp_path / path).write_text(source)
    checked = subprocess.run([COMMAND, "check", str(tmp_path)], capture_output=True, text=True, timeout=50)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "loaded 2 steps" in checked.stdout
    assert not (tmp_path / ".motia-core").exists()


def test_sidecar_that_is_killed_before_it_imports_anything_is_started_again(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "steps").mkdir(parents=True)
    (project / "steps/good_step.py").write_text(GOOD["steps/good_step.py"])
    unlucky = tmp_path / "python"  # the machine is short of memory, twice
    unlucky.write_text(f"""#!/bin/sh
echo start >> {tmp_path}/starts
[ "$(wc -l < {tmp_path}/starts)" -gt 2 ] || kill -9 $$
exec {sys.executable} "$@"
""")
    unlucky.chmod(0o755)
    with running_core(project, tmp_path / "data", {"MOTIA_SIDECARS_PYTHON": str(unlucky)}) as core:
        assert httpx.get(f"{core.url}/py").text == "py"
