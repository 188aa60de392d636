"""`motia-core generate-types` on whole projects, and what the TypeScript compiler says of steps that use its files."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.core import COMMAND
from tests.fakes.tsc import SDK, TSC
from tests.repo.repository import ROOT

PROJECT = Path(__file__).parent / "project"
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/package.json"))


def copied(project: Path, to: Path) -> Path:
    """A copy of a project, with the npm packages that its steps import."""
    shutil.copytree(project, to, ignore=shutil.ignore_patterns("node_modules", "types.d.ts", "motia_types.py"))
    own = project / "node_modules"
    (to / "node_modules").symlink_to(own if own.exists() else SDK / "node_modules")
    return to


def generate(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "generate-types", str(project), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def tsc(project: Path) -> str:
    """What the compiler says of a project's steps with its `types.d.ts`; empty for nothing."""
    options = {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "paths": {"motia": [str(SDK / "dist" / "index.d.ts")]},
        "typeRoots": [str(SDK / "node_modules" / "@types")],
        "types": ["node"],
    }
    config = {"compilerOptions": options, "include": ["steps", "middlewares", "types.d.ts"]}
    (project / "tsconfig.json").write_text(json.dumps(config))
    return subprocess.run([TSC, "-p", project], capture_output=True, text=True, timeout=50, check=False).stdout


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of this folder with its generated types."""
    project = copied(PROJECT, tmp_path_factory.mktemp("typed") / "project")
    done = generate(project)
    assert done.returncode == 0, done.stderr
    return project


def test_steps_compile_and_what_is_wrong_in_them_is_found(typed: Path) -> None:
    # @ts-expect-error in the steps: that nothing is wrong there is an error as well
    assert tsc(typed) == ""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples_compile_with_their_types(example: Path, tmp_path: Path) -> None:
    project = copied(example, tmp_path / "project")
    assert generate(project).returncode == 0
    assert tsc(project) == ""


def test_what_is_up_to_date_is_left_alone_and_checked(typed: Path) -> None:
    file = typed / "types.d.ts"
    before = file.stat()
    again, checked = generate(typed), generate(typed, "--check")
    assert (again.returncode, checked.returncode) == (0, 0)
    assert "types.d.ts: up to date" in again.stdout
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_says_what_differs_and_writes_nothing(typed: Path) -> None:
    file = typed / "types.d.ts"
    right = file.read_text()
    try:
        file.write_text(right.replace("price: number", "price: string"))
        checked = generate(typed, "--check")
        assert checked.returncode == 1
        assert "price: string" in file.read_text()
        assert any(line.startswith("-") and "price: string" in line for line in checked.stdout.splitlines())
        assert "motia-core generate-types" in checked.stderr
        file.unlink()
        assert "types.d.ts: missing" in generate(typed, "--check").stdout
        assert not file.exists()
    finally:
        file.write_text(right)
