"""`motia-core generate-types` on whole projects, and what the TypeScript compiler says of steps that use its files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from motia_core.model.python_types import PythonTypes, quoted
from tests.conformance.core import COMMAND
from tests.fakes.tsc import SDK, TSC
from tests.integration.types.test_typescript_compiles import ENDLESS, RECURSIVE
from tests.repo.repository import ROOT
from tests.unit.model.test_typescript import CASES

SCHEMAS = [*(schema for schema, _ in CASES), *ENDLESS, *RECURSIVE]
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


def mypy(project: Path, *files: str) -> str:
    """What mypy says of a project's files; empty for nothing."""
    environment = {**os.environ, "MYPYPATH": f"{ROOT / 'sdk-python'}:{project}"}
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", *files]
    cache = f"--cache-dir={project / '.mypy_cache'}"
    return subprocess.run(
        [*command, cache], cwd=project, env=environment, capture_output=True, text=True, timeout=55, check=False
    ).stdout


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


def test_python_steps_have_the_types_and_what_is_wrong_in_them_is_found(typed: Path) -> None:
    types = PythonTypes()
    asked = [types.type_of(schema, f"Case{at}") for at, schema in enumerate(SCHEMAS)]
    lines = [f"asked{at}: {quoted(written)}" for at, written in enumerate(asked)]
    imports = """
from typing import Any, Literal, TypeAlias, TypedDict
from typing_extensions import Never, NotRequired
"""
    (typed / "corpus.py").write_text("\n\n".join([imports, *types.declarations, *lines]))
    # an ignore in the steps that nothing needs is an error as well
    assert mypy(typed, "motia_types.py", "corpus.py", *map(str, sorted(typed.glob("steps/*_step.py")))) == ""


def test_the_python_file_costs_nothing_at_run_time(typed: Path) -> None:
    program = "import sys; from motia_types import GatesContext, Whatever; assert 'motia' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=typed, check=True, timeout=20)


def test_a_project_gets_the_files_of_its_languages_only(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    shutil.copy(PROJECT / "steps" / "gates_step.py", tmp_path / "steps")
    assert generate(tmp_path).stdout == "motia_types.py: written\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["motia_types.py", "steps"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples_compile_with_their_types(example: Path, tmp_path: Path) -> None:
    project = copied(example, tmp_path / "project")
    assert generate(project).returncode == 0
    assert tsc(project) == ""


def test_what_was_written_is_up_to_date(typed: Path) -> None:
    checked = generate(typed, "--check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
