"""The import rules hold, and the check of them can fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.repo.repository import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("core/motia_core", "sdk-python/motia")
BAD_IMPORTS = {
    "rings": ("core/motia_core/model/ids.py", "import motia_core.engine.tasks"),
    "edges apart": ("core/motia_core/ingress/date.py", "import motia_core.sidecars.json_object"),
    "no technology inside": ("core/motia_core/engine/tasks.py", "import sqlalchemy"),
    "croniter in one place": ("core/motia_core/engine/tasks.py", "import croniter"),
    "protobuf in one place": ("core/motia_core/ingress/date.py", "import motia_core._gen.motia.v1.call_pb2"),
    "core and SDK apart": ("core/motia_core/clock.py", "import motia"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import rules of a tree."""
    paths = [str((folder / package).parent) for package in PACKAGES]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [str(LINT), "--no-cache"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=50, check=False)


def broken(result: subprocess.CompletedProcess[str]) -> set[str]:
    """Names of the contracts that do not hold."""
    return set(re.findall(r"^(.+?) BROKEN", result.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the rules are about."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return folder


def test_every_module_of_the_core_has_a_ring() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [rings] = [contract for contract in contracts if contract["type"] == "layers"]
    ringed = {name.strip().removeprefix("motia_core.") for layer in rings["layers"] for name in layer.split("|")}
    found = {path.stem for path in (ROOT / "core" / "motia_core").iterdir() if not path.name.startswith(("_", "py."))}
    assert sorted(found - ringed) == []


def test_import_rules_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("rule", BAD_IMPORTS)
def test_bad_import_is_caught(rule: str, tree: Path) -> None:
    name, line = BAD_IMPORTS[rule]
    before = broken(lint(tree))
    path = tree / name
    text = path.read_text()
    path.write_text(f"{text}\n{line}\n")
    try:
        result = lint(tree)
    finally:
        path.write_text(text)
    assert result.returncode != 0
    assert broken(result) - before, result.stdout + result.stderr
