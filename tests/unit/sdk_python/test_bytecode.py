"""Bytecode is kept of files that have not changed for a while."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOAD = """
import sys
from pathlib import Path

from motia.modules import Modules

modules = Modules(Path(sys.argv[1]))
modules.prepare()
print(modules.load("steps/a_step.py").config)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "steps/a_step.py": "from lib.version import VERSION\nfrom shop.lib import name\nconfig = name + str(VERSION)\n",
        "lib/__init__.py": "name = 'v'\n",
        "lib/version.py": "VERSION = 1\n",
    }
    for path, text in files.items():
        (tmp_path / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / path).write_text(text)
    return tmp_path / "shop"


def load(project: Path) -> str:
    """What a process of its own loads."""
    env = {
        name: os.environ[name] for name in os.environ if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    }
    command = [sys.executable, "-c", LOAD, project]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


def kept(project: Path) -> set[str]:
    """The files whose bytecode there is."""
    return {path.name.partition(".")[0] for path in project.rglob("*.pyc")}


def test_file_saved_twice_within_a_second_is_loaded_as_it_is(project: Path) -> None:
    version = project / "lib" / "version.py"
    assert load(project) == "v1"
    saved = version.stat()
    version.write_text("VERSION = 2\n")
    os.utime(version, ns=(saved.st_atime_ns, saved.st_mtime_ns))  # as if that had taken no time
    assert load(project) == "v2"
    assert kept(project) == set()


def test_bytecode_of_files_that_have_settled_is_kept(project: Path) -> None:
    for path in project.rglob("*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert load(project) == "v1"
    assert kept(project) == {"a_step", "__init__", "version"}
    assert load(project) == "v1"
