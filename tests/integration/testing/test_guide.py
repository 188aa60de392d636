"""The guide to testing: its project and its tests, run as the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.core import COMMAND
from tests.fakes.tsc import compile_errors
from tests.repo.repository import ROOT, blocks

SDK = ROOT / "sdk-node"
BLOCKS = blocks(ROOT / "docs" / "guides" / "testing.md")
TYPES = """
import type { ApiResponse, ApiRouteHandler } from 'motia'
declare module 'motia' {
  interface Handlers { TakeOrder: ApiRouteHandler<unknown, ApiResponse, { topic: string; data: unknown }> }
}
"""
_FILE = re.compile(r"^(?://|#) ((?:steps|tests)/\S+|vitest\.config\.ts)\n")


pytestmark = pytest.mark.timeout(120)  # each starts a test runner, and that cores


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files of the guide."""
    folder = tmp_path_factory.mktemp("guide") / "project"
    for block in BLOCKS:
        if name := _FILE.match(block.text):
            file = folder / name[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text)
    (folder / "package.json").write_text('{"type": "module"}')
    modules = folder / "node_modules"
    modules.mkdir()
    (modules / "motia").symlink_to(SDK)
    (modules / "vitest").symlink_to(SDK / "node_modules" / "vitest")
    return folder


def run(project: Path, *command: str) -> str:
    env = {**os.environ, "MOTIA_CORE": COMMAND, "NO_COLOR": "1", "CI": "1"}
    result = subprocess.run(command, cwd=project, env=env, check=False, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_pytest_runs_the_tests_of_the_guide(project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    out = run(project, sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider", "-W", "error")
    assert "8 passed" in out


def test_vitest_runs_the_tests_of_the_guide(project: Path) -> None:
    out = run(
        project,
        "node",
        "node_modules/vitest/vitest.mjs",
        "run",
        "--exclude=tests/*.mjs",
        "--testTimeout=50000",
        "--hookTimeout=50000",
    )
    assert re.search(r"Tests +6 passed", out), out


def test_the_tests_of_the_guide_have_no_type_errors(tmp_path: Path) -> None:
    files = {name[1]: block.text for block in BLOCKS if (name := _FILE.match(block.text)) and name[1].endswith(".ts")}
    modules = tmp_path / "node_modules"
    (modules / "@motiadev").mkdir(parents=True)
    (modules / "motia").symlink_to(SDK)
    (modules / "vitest").symlink_to(SDK / "node_modules" / "vitest")
    (modules / "@motiadev" / "test").symlink_to(SDK / "motiadev-test")
    files["types.d.ts"] = TYPES
    assert compile_errors(tmp_path, files, skipLibCheck=True) == []


def test_node_runs_the_tests_of_the_guide(project: Path) -> None:
    out = run(project, "node", "--test", "tests/orders.test.mjs")
    assert re.search(r"^# pass 1$|pass 1$", out, re.MULTILINE), out


def test_old_tests_find_their_package_when_it_is_linked(project: Path) -> None:
    scope = project / "node_modules" / "@motiadev"
    scope.mkdir()
    (scope / "test").symlink_to(SDK / "motiadev-test")
    command = "import { createMockContext } from '@motiadev/test'; createMockContext().emit({}); console.log('found')"
    assert run(project, "node", "--input-type=module", "-e", command) == "found\n"
