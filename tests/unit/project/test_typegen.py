"""Writing the generated types: only what differs, at once or not at all, and `generate-types --check`."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import motia_core.app
from motia_core.cli import main
from motia_core.model.project import Problem, Project
from motia_core.project.typegen import outdated_types, refresh_types, write_types
from motia_core.settings import Settings
from tests.fakes.projects import a_project

API: dict[str, object] = {"type": "api", "name": "Get", "path": "/x/:id", "method": "GET", "emits": []}
BOTH = a_project({"steps/a.step.ts": API, "steps/b_step.py": {**API, "name": "B", "path": "/y"}})


def test_each_language_has_its_file() -> None:
    assert [*outdated_types(Path("/nowhere"), BOTH)] == ["types.d.ts", "motia_types.py"]
    assert [*outdated_types(Path("/nowhere"), a_project({"steps/a.step.js": API}))] == ["types.d.ts"]
    assert [*outdated_types(Path("/nowhere"), a_project({"steps/a_step.py": API}))] == ["motia_types.py"]


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    assert write_types(tmp_path, BOTH) == ["types.d.ts", "motia_types.py"]
    before = (tmp_path / "types.d.ts").stat()
    (tmp_path / "motia_types.py").write_bytes(b"\xff")
    assert write_types(tmp_path, BOTH) == ["motia_types.py"]
    assert write_types(tmp_path, BOTH) == []
    assert (tmp_path / "types.d.ts").stat().st_ino == before.st_ino
    assert sorted(path.name for path in tmp_path.iterdir()) == ["motia_types.py", "types.d.ts"]


def test_a_core_that_serves_keeps_the_files_that_are_there(tmp_path: Path) -> None:
    assert refresh_types(tmp_path, BOTH) == []
    (tmp_path / "types.d.ts").write_text("declare module 'motia' {}  // of Motia 0.x")
    broken = replace(BOTH, problems=(Problem("error", "steps/c.step.ts", "import", "no"),))
    assert refresh_types(tmp_path, broken) == []
    assert refresh_types(tmp_path, BOTH) == ["types.d.ts"]
    assert refresh_types(tmp_path, BOTH) == []
    (tmp_path / "types.d.ts").write_text("interface Mine {}")
    assert refresh_types(tmp_path, BOTH) == []
    assert [path.name for path in tmp_path.iterdir()] == ["types.d.ts"]


def test_files_can_be_read_as_others_of_the_user(tmp_path: Path) -> None:
    write_types(tmp_path, BOTH)
    (tmp_path / "own").touch()
    assert stat.S_IMODE((tmp_path / "types.d.ts").stat().st_mode) == stat.S_IMODE((tmp_path / "own").stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "types.d.ts").symlink_to(tmp_path / "real" / "types.d.ts")
    write_types(tmp_path, BOTH)
    assert (tmp_path / "types.d.ts").is_symlink()
    assert "declare module 'motia'" in (tmp_path / "real" / "types.d.ts").read_text()


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError("full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="full"):
        write_types(tmp_path, BOTH)
    assert [*tmp_path.iterdir()] == []


# --- the command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the command on a project in `tmp_path` that loads as given."""

    def use(project: Project, *options: str) -> Any:
        async def load_project(settings: Settings, log: object) -> Project:
            return project

        monkeypatch.setattr(motia_core.app, "load_project", load_project)
        return CliRunner().invoke(main, ["generate-types", str(tmp_path), *options])

    return use


def test_the_command_writes_and_says_what(run: Any, tmp_path: Path) -> None:
    result = run(BOTH)
    assert (result.exit_code, result.stdout) == (0, "types.d.ts: written\nmotia_types.py: written\n")
    (tmp_path / "types.d.ts").unlink()
    assert run(BOTH).stdout == "types.d.ts: written\nmotia_types.py: up to date\n"


def test_check_says_what_differs_and_writes_nothing(run: Any, tmp_path: Path) -> None:
    run(BOTH)
    (tmp_path / "motia_types.py").unlink()
    file = tmp_path / "types.d.ts"
    file.write_text(file.read_text().replace("{ id: string }", "{ key: string }"))
    result = run(BOTH, "--check")
    assert result.exit_code == 1
    assert any(line.startswith("-") and "{ key: string }" in line for line in result.stdout.splitlines())
    assert any(line.startswith("+") and "{ id: string }" in line for line in result.stdout.splitlines())
    assert "motia_types.py: missing" in result.stdout
    assert "not up to date: types.d.ts and motia_types.py" in result.stderr
    assert "run `motia-core generate-types`" in result.stderr
    assert "{ key: string }" in file.read_text()
    assert not (tmp_path / "motia_types.py").exists()


def test_steps_that_failed_to_load_make_the_command_fail(run: Any, tmp_path: Path) -> None:
    broken = Problem("error", "steps/bad.step.ts", "compile", "unexpected token")
    result = run(a_project({"steps/a.step.ts": API}, problems=(broken,)))
    assert result.exit_code == 1
    assert "1 file failed to load" in result.stderr
    assert (tmp_path / "types.d.ts").exists()


def test_a_folder_that_cannot_be_written_is_one_readable_error(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(root: Path, project: Project) -> list[str]:
        raise PermissionError(13, "Permission denied", "types.d.ts")

    monkeypatch.setattr("motia_core.project.typegen.write_types", fail)
    result = run(BOTH)
    assert result.exit_code == 1
    assert "cannot write types.d.ts: Permission denied" in result.stderr
