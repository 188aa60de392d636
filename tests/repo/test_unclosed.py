"""What a test forgets to close is reported by that test."""

import subprocess
import sys
from pathlib import Path

from tests.repo.repository import ROOT

FORGETFUL = """
import socket

kept = []


def test_forgets():
    one = socket.socket()
    kept.append(one)
    cycle = [one]
    cycle.append(cycle)
    kept.clear()


def test_closes():
    socket.socket().close()
"""


def test_the_test_that_forgets_is_named(tmp_path: Path) -> None:
    (tmp_path / "test_them.py").write_text(FORGETFUL)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.unclosed", "-p", "no:randomly", "-W", "error"]
    done = subprocess.run(
        [*command, tmp_path, "--rootdir", tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "test_them.py::test_forgets left something unclosed" in done.stdout, done.stdout
    assert "ResourceWarning" in done.stdout
    assert "2 passed, 1 error" in done.stdout
