"""The pytest plugin costs nothing where it is not used, and finds the project of a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("grpc", "sqlalchemy", "httpx", "uvicorn", "motia_core.core", "motia_core.testing.motia")


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=50, check=False)


def test_a_run_that_does_not_use_it_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        f"import sys\n\ndef test_it():\n    assert [name for name in {HEAVY!r} if name in sys.modules] == []\n"
        "    assert 'motia_core.testing.plugin' in sys.modules\n"
    )
    result = pytest_in(tmp_path, "-W", "error", "--strict-markers", "-p", "no:randomly", "-p", "no:schemathesis")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_wrong_mark_is_said(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.motia(projct='x')\ndef test_it(motia):\n    pass\n"
    )
    result = pytest_in(tmp_path, "--strict-markers")
    assert "the mark motia does not take projct; it takes cron, env, project" in result.stdout + result.stderr


def test_a_folder_without_steps_is_said(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(motia):\n    pass\n")
    result = pytest_in(tmp_path)
    assert f"there is nothing to test in {tmp_path}" in result.stdout
    assert "no steps/ or src/ folder" in result.stdout


def test_a_project_that_does_not_exist_is_said(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmotia_project = shop\n")
    (tmp_path / "test_it.py").write_text("def test_it(motia):\n    pass\n")
    result = pytest_in(tmp_path)
    assert f"the project folder '{tmp_path}/shop' does not exist" in result.stdout
