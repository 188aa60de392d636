"""`motia-core install` with the real npm and pip, on packages that are folders beside the project: no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("motia-core")
pytestmark = pytest.mark.timeout(180)

PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "price-list"
version = "1"
"""
# As small as a build backend can be: pip must not fetch one.
BACKEND = """
import zipfile

NAME = "price_list-1-py3-none-any.whl"
INFO = "price_list-1.dist-info"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/{NAME}", "w") as wheel:
        wheel.writestr("price_list.py", "TEA = 3\\n")
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\\nName: price-list\\nVersion: 1\\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    return NAME
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs a package of npm and one of Python, both in folders beside it."""
    files = {
        "teas/package.json": json.dumps({"name": "teas", "version": "1.0.0", "scripts": {"postinstall": "touch ran"}}),
        "teas/index.js": "module.exports = { kind: 'green' }\n",
        "prices/pyproject.toml": PYPROJECT,
        "prices/backend.py": BACKEND,
        "app/package.json": json.dumps(
            {"dependencies": {"teas": "file:../teas"}, "scripts": {"postinstall": "motia install && touch after"}}
        ),
        "app/requirements.txt": "../prices\n",
        "app/steps/tea.step.ts": "import teas from 'teas'\nexport const config = { type: 'noop', name: teas.kind }\n",
        "app/steps/price_step.py": "import price_list\n\nconfig = {'type': 'noop', 'name': str(price_list.TEA)}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "app"


def install(project: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "install", *flags],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def test_packages_of_both_languages_are_there_afterwards(project: Path) -> None:
    theirs = project.parent / "teas" / "cli.js"  # as the npm package `motia` has one
    theirs.write_text("#!/bin/sh\necho theirs; exit 1\n")
    package = json.loads((theirs.parent / "package.json").read_text())
    (theirs.parent / "package.json").write_text(json.dumps({**package, "bin": {"motia": "cli.js"}}))
    done = install(project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installed with npm" in done.stdout
    assert "python  up to date" in done.stdout  # the project's own script has called us for that
    assert "node_modules/.bin/motia runs motia-core now" in done.stdout
    checked = subprocess.run([COMMAND, "check", project, "--json"], capture_output=True, text=True, check=False)
    assert json.loads(checked.stdout)["steps"] == {"total": 2, "loaded": 2}, checked.stdout
    assert (project / "node_modules" / "teas" / "ran").exists()  # scripts of packages run
    assert (project / "after").exists()  # and those of the project, once
    again = install(project)
    assert again.stdout.count("up to date") == 2


def test_scripts_can_be_left_out(project: Path) -> None:
    (project / "requirements.txt").unlink()
    assert install(project, "--ignore-scripts").returncode == 0
    assert not (project / "node_modules" / "teas" / "ran").exists()
    assert not (project / "after").exists()


def test_tool_that_fails_is_shown_and_the_other_language_installed(project: Path) -> None:
    (project / "package.json").write_text('{"dependencies": {"teas": "file:../nowhere.tgz"}}')
    done = install(project)
    assert done.returncode == 1
    assert "npm install failed with exit code" in done.stdout
    assert "nowhere" in done.stdout  # the end of what npm said
    assert "installed with pip" in done.stdout
    assert "the packages for node are not installed" in done.stderr
    assert "up to date" in install(project).stdout  # Python's; npm is tried again
    assert install(project).returncode == 1


def test_lockfile_stays_as_it_is_when_it_is_frozen(project: Path) -> None:
    (project / "requirements.txt").unlink()
    assert install(project).returncode == 0
    lockfile = (project / "package-lock.json").read_bytes()
    package = json.loads((project / "package.json").read_text())
    (project / "package.json").write_text(json.dumps({**package, "devDependencies": {"others": "file:../others"}}))
    assert install(project, "--frozen").returncode == 1
    assert (project / "package-lock.json").read_bytes() == lockfile


def test_npm_that_runs_our_command_is_not_run_by_it(project: Path) -> None:
    done = install(project, npm_lifecycle_event="postinstall")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installed with pip" in done.stdout
    assert "npm" not in done.stdout
