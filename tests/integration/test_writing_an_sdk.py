"""docs/writing-an-sdk.md: the SDK that it makes is made as it says, and does what it says after each step."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conformance.core import COMMAND, RunningCore, running_core
from tests.integration.test_guides import until
from tests.repo.repository import ROOT, blocks

PAGE = ROOT / "docs" / "writing-an-sdk.md"
PROTOC = ROOT / ".tools" / "protoc" / "bin" / "python"
_FILE = re.compile(r"# ((?:my-sdk|project)/[\w./-]+)(, .+)?\n")
_ACTIONS = re.compile(r"^ACTIONS = \{.*?\}[^\n]*\n", re.MULTILINE | re.DOTALL)
CREDITS = "    link.send(\n        SidecarFrame(credit="


def written(folder: Path, step: int = 4) -> None:
    """What somebody has who has followed the page up to a step."""
    part = 0
    for heading, text in re.findall(r"^## (\d?)(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        part = int(heading) if heading else 9
        if part > max(step, 5):
            continue
        for block in re.findall(r"^```(?:python|toml)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            if (name := _FILE.match(block)) and (part <= step or part == 5):
                write(folder / name[1], name[2] or "", block)


def write(file: Path, where: str, block: str) -> None:
    """One block of the page: a file, or a change of one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = block.split("\n", 1)[1]
    if where.startswith(", instead of ACTIONS"):
        content, replaced = _ACTIONS.subn(content, re.sub(r"^import (load|run)\n", "", file.read_text(), flags=re.M))
        assert replaced == 1
    elif where.startswith(", before the Credits"):
        before = file.read_text()
        assert before.count(CREDITS) == 1
        content = before.replace(CREDITS, content + CREDITS)
    else:
        assert not where, where
    file.write_text(content)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page's protoc command makes; run with the repository's own compiler, and not once more per test."""
    folder = tmp_path_factory.mktemp("generated")
    [commands] = [
        block.text.splitlines() for block in blocks(PAGE) if "protoc" in block.text and block.language == "sh"
    ]
    protoc = shlex.split(commands[-1].replace("--python_out=my-sdk", f"--python_out={folder}"))
    assert protoc[0] == "my-sdk/.venv/bin/python"
    subprocess.run([PROTOC, *protoc[1:]], cwd=ROOT, check=True)
    return folder


def prepared(folder: Path, generated: Path, step: int) -> Path:
    """The folder, with an environment that has grpcio and grpcio-tools: the repository has one."""
    written(folder, step)
    (folder / "my-sdk" / "motia").symlink_to(generated / "motia")
    python = folder / "my-sdk" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PROTOC))} "$@"\n')
    python.chmod(0o755)
    return folder / "project"


def settings(folder: Path) -> dict[str, str]:
    return {"MOTIA_SIDECARS_SDKS": str(folder / "my-sdk")}


def said(core: RunningCore, text: str) -> bool:
    return any(text in line for line in core.log_lines())


def test_the_first_step_is_a_welcome(tmp_path: Path, generated: Path) -> None:
    project = prepared(tmp_path, generated, 2)
    command = [COMMAND, "serve", project, "--port", "0", "--data-dir", tmp_path / "data"]
    environment = {**os.environ, **settings(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as core:
        assert core.stdout is not None
        assert any("tiny: welcome to session" in line for line in core.stdout)
        core.kill()  # it waits for a manifest


def test_the_second_step_loads_what_can_be_loaded(tmp_path: Path, generated: Path) -> None:
    project = prepared(tmp_path, generated, 3)
    (project / "steps" / "nonsense.step.tiny").write_text("config = {\n")
    without_drain = {"MOTIA_DRAIN_GRACE_MS": "100"}  # the SDK of this step does not know it yet
    with running_core(project, tmp_path / "data", settings(tmp_path) | without_drain) as core:
        until(lambda: said(core, "tiny: 1 steps, 1 errors"), True)
        until(lambda: said(core, "nonsense.step.tiny") and said(core, "was never closed"), True)


def test_the_third_step_answers_and_survives_what_handlers_do(tmp_path: Path, generated: Path) -> None:
    project = prepared(tmp_path, generated, 4)
    (project / "steps" / "raises.step.tiny").write_text(
        'config = {"type": "api", "name": "Raises", "method": "GET", "path": "/raises", "emits": []}\n\n\n'
        'def handler():\n    raise ValueError("of mine")\n'
    )
    with running_core(project, tmp_path / "data", settings(tmp_path)) as core:
        assert httpx.get(f"{core.url}/hello/Ada").json() == {"hello": "Ada"}
        assert httpx.get(f"{core.url}/raises").status_code == 500
        until(lambda: said(core, "of mine"), True)


def test_the_kit_runs_the_case_that_the_page_shows(tmp_path: Path, generated: Path) -> None:
    prepared(tmp_path, generated, 4)
    [command] = [
        line for one in blocks(PAGE) if one.language == "sh" for line in one.text.splitlines() if "--case" in line
    ]
    done = subprocess.run(
        [COMMAND, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| 1: handlers | 1 | 1 | 0 | 0 |" in done.stdout


def test_the_kit_says_which_step_file_is_missing(tmp_path: Path, generated: Path) -> None:
    prepared(tmp_path, generated, 4)
    command = [COMMAND, "conformance", "./my-sdk", "--case", "l1_invoke/bodies"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1
    assert "conformance/l1_invoke/bodies/*.step.tiny" in done.stdout
