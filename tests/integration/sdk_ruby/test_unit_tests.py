"""The Ruby SDK's own tests, and what its process says when it cannot do its work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import COMMAND, running_core
from tests.repo.repository import ROOT

SDK = ROOT / "sdk-ruby"
RUBY = """
def config
  { type: 'api', name: 'InRuby', method: 'GET', path: '/ruby', emits: [] }
end

def handler
  { status: 200, body: 'ruby' }
end
"""
PYTHON = """
config = {"type": "api", "name": "InPython", "method": "GET", "path": "/python", "emits": []}


def handler(req):
    return {"status": 200, "body": "python"}
"""


def ruby(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTIA_")}
    return subprocess.run(
        ["ruby", "-I", SDK / "lib", *arguments],
        cwd=SDK,
        env={**clean, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.mark.ruby
def test_its_own_tests_pass_without_warnings() -> None:
    done = ruby("-w", "test/all.rb")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failures, 0 errors, 0 skips" in done.stdout
    assert [line for line in done.stderr.splitlines() if str(SDK) in line] == []


@pytest.mark.ruby
def test_who_starts_it_by_hand_is_told_what_is_missing() -> None:
    done = ruby("bin/motia-ruby")
    assert done.returncode == 2
    assert "MOTIA_SIDECAR_ADDRESS is not set" in done.stderr
    external = {"MOTIA_SIDECAR_ADDRESS": "localhost:1", "MOTIA_SIDECAR_EXTERNAL": "1"}
    assert "MOTIA_SIDECAR_TOKEN is not set" in ruby("bin/motia-ruby", environment=external).stderr
    half = external | {"MOTIA_SIDECAR_TOKEN": "t", "MOTIA_SIDECAR_CA": "/nowhere"}
    assert "MOTIA_SIDECAR_CA is /nowhere, which cannot be read" in ruby("bin/motia-ruby", environment=half).stderr


def test_a_machine_without_ruby_serves_what_is_in_other_languages(tmp_path: Path) -> None:
    steps = tmp_path / "project" / "steps"
    steps.mkdir(parents=True)
    (steps / "a.step.rb").write_text(RUBY)
    (steps / "b_step.py").write_text(PYTHON)
    programs = tmp_path / "bin"  # all that there is, but for Ruby
    programs.mkdir()
    for name in ("node", "sh", "env"):
        (programs / name).symlink_to(shutil.which(name) or "")
    environment = {"PATH": str(programs)}
    checked = subprocess.run(
        [COMMAND, "check", steps.parent, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    [problem] = json.loads(checked.stdout)["problems"]
    assert problem["file"] == "steps/a.step.rb"
    assert "ruby cannot be started" in problem["cause"]
    assert "install Ruby 3.1 or newer" in problem["remedy"]
    with running_core(steps.parent, tmp_path / "data", environment) as core:
        assert httpx.get(f"{core.url}/python").text == "python"
        assert httpx.get(f"{core.url}/ruby").status_code in (404, 503)
