"""A full disk is an error to the caller, never silence, and heals when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MOUNT = 'mount -t tmpfs -o size=14m none "$1"'


def in_small_disk(directory: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command with a disk of 14 MB at the directory, visible to it alone. Needs no privileges, but a kernel that
    lets users make namespaces."""
    script = f'{MOUNT} && shift && exec "$@"'
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(directory), *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "core")])},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_full_disk_refuses_keeps_and_heals(tmp_path: Path) -> None:
    if not shutil.which("unshare") or in_small_disk(tmp_path, "true").returncode:
        pytest.skip("NOT TESTED: a full disk. This machine does not let users mount a tmpfs (unshare --user --mount).")
    done = in_small_disk(tmp_path, sys.executable, "-m", "tests.integration.store.filling", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("healed after"), done.stdout
