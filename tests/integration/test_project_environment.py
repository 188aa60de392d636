"""A project's own Python environment runs its steps, also when it has neither grpc nor protobuf."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from tests.conformance.core import COMMAND, running_core

STEP = """
import importlib.util
import os
import sys

config = {"type": "api", "name": "Where", "method": "GET", "path": "/where", "emits": []}


async def handler(req, context):
    body = {
        "prefix": sys.prefix,
        "cwd": os.getcwd(),
        "file": __file__,
        "ours": importlib.util.find_spec("sqlalchemy") is not None,
        "env": os.environ.get("FROM_DOTENV"),
        "token": any("TOKEN" in name for name in os.environ if name.startswith("MOTIA_")),
    }
    return {"status": 200, "body": body}
"""


def test_own_environment_is_used_and_sees_nothing_of_the_core(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "steps").mkdir(parents=True)
    (project / "steps" / "where_step.py").write_text(STEP)
    (project / ".env").write_text("FROM_DOTENV=yes\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / "python_modules"], check=True)
    with running_core(project, tmp_path / "data") as core:
        found = httpx.get(f"{core.url}/where").json()
    assert found == {
        "prefix": str(project / "python_modules"),
        "cwd": str(project),
        "file": str(project / "steps" / "where_step.py"),
        "ours": False,
        "env": "yes",
        "token": False,
    }


def test_project_without_any_step_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "broken_step.py").write_text("raise ValueError('no')\n")
    served = subprocess.run(
        [COMMAND, "serve", tmp_path, "--port", "0", "--data-dir", tmp_path / "data", "--log-format", "text"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert served.returncode == 1
    assert "broken_step.py" in served.stdout
    assert "loaded 0 of 1 step" in served.stdout
