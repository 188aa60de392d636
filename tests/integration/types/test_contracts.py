"""`motia-core check` on projects whose schemas disagree, with each other or with an earlier revision."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.core import COMMAND

EMITTER = """
config = {
    "type": "api", "name": "Create", "path": "/orders", "method": "POST",
    "emits": [{"topic": "order.created", "schema": {"type": "object", "properties": {"id": {"type": "string"}}}}],
}


async def handler(req, ctx):
    return {"status": 200}
"""
SUBSCRIBER = """
import shared

config = {
    "type": "event", "name": "Work", "subscribes": ["order.created"], "emits": [],
    "input": {"type": "object", "properties": {"id": {"type": "string"}}, "required": shared.REQUIRED},
}


async def handler(input, ctx):
    pass
"""


def check(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "check", str(project), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a git repository, committed."""
    root = tmp_path / "repository" / "services" / "orders"
    (root / "steps").mkdir(parents=True)
    (root / "steps" / "create_step.py").write_text(EMITTER)
    (root / "steps" / "work_step.py").write_text(SUBSCRIBER)
    (root / "shared.py").write_text("REQUIRED: list[str] = []\n")
    git(tmp_path, "init", "repository")
    (root / ".gitignore").write_text("__pycache__\n")  # as any project in Python has it
    git(root, "add", "--all")
    git(root, "commit", "-m", "one")
    return root


def test_an_emit_that_does_not_suit_a_subscriber_fails_a_strict_check(project: Path) -> None:
    assert check(project, "--strict").returncode == 0
    (project / "shared.py").write_text("REQUIRED = ['id']\n")
    assert check(project).returncode == 0
    strict = check(project, "--strict")
    assert strict.returncode == 1
    assert "steps/create_step.py" in strict.stdout
    assert "'Work' (steps/work_step.py)" in strict.stdout
    assert "/id: may be missing, and is required" in strict.stdout


def test_a_change_that_breaks_queued_events_is_found_against_a_revision_and_a_file(project: Path) -> None:
    kept = project.parent / "contracts.json"
    assert check(project, "--write-contracts", str(kept)).returncode == 0
    for before in ("HEAD", str(kept)):
        same = check(project, "--against", before)
        assert (same.returncode, same.stderr) == (0, "")
        assert f"nothing breaks compared with {before}" in same.stdout
    (project / "shared.py").write_text("REQUIRED = ['id']\n")
    for before in ("HEAD", str(kept)):
        found = check(project, "--against", before, "--json")
        assert found.returncode == 1
        assert json.loads(found.stdout)["changes"] == [
            {
                "breaks": "queued events",
                "what": "input: /id: may be missing, and is required now",
                "file": "steps/work_step.py",
                "step": "Work",
            }
        ]
    status = subprocess.run(["git", "-C", project, "status", "--short"], capture_output=True, text=True, check=True)
    assert status.stdout.split() == ["M", "shared.py", "??", "../contracts.json"]  # and nothing of ours


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("nothing-like-that", "no such revision"),
        ("--help", "no such revision"),
        ("broken.json", "no file of contracts"),
    ],
)
def test_what_cannot_be_compared_with_is_refused_with_a_reason(
    project: Path, before: str, why: str, monkeypatch: Any
) -> None:
    (project / "broken.json").write_text("{}")
    monkeypatch.chdir(project)
    done = check(project, f"--against={before}")
    assert done.returncode == 2
    assert why in done.stderr


def test_a_folder_without_repository_says_so(project: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    alone = tmp_path / "alone"
    (project / "steps").rename(alone.with_name("steps"))
    alone.mkdir()
    alone.with_name("steps").rename(alone / "steps")
    done = check(alone, "--against", "HEAD")
    assert done.returncode == 2
    assert "not a git repository" in done.stderr
