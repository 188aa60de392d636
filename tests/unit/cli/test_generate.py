"""`motia-core generate`: what is written where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import motia_core.app
from motia_core.model.project import Project
from motia_core.settings import Settings
from tests.fakes.projects import a_project
from tests.unit.cli.test_commands import API, BROKEN, run


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes `load_project` answer with a project; the folder that was asked for."""

    def use(project: Project) -> str:
        async def load_project(settings: Settings, log: object) -> Project:
            return project

        monkeypatch.setattr(motia_core.app, "load_project", load_project)
        (tmp_path / "package.json").write_text('{"name": "shop", "version": "3.0.0"}')
        return str(tmp_path)

    return use


def test_openapi_is_written_to_a_file_of_its_name(
    project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(a_project({"steps/a.step.ts": API}))
    monkeypatch.chdir(tmp_path)
    result = run("generate", "openapi", folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "openapi.json: written\n")
    document = json.loads((tmp_path / "openapi.json").read_text())
    assert document["info"] == {"title": "shop", "version": "3.0.0"}
    assert document["servers"] == [{"url": "http://127.0.0.1:3000"}]
    assert list(document["paths"]) == ["/x/{id}"]


def test_title_version_and_file_can_be_chosen_as_in_0x(project: Any, tmp_path: Path) -> None:
    target = tmp_path / "api.json"
    folder = project(a_project({"steps/a.step.ts": API}))
    assert run("generate", "openapi", folder, "-t", "Mine", "-v", "9", "-o", str(target)).exit_code == 0
    assert json.loads(target.read_text())["info"] == {"title": "Mine", "version": "9"}


def test_a_dash_is_standard_output(project: Any) -> None:
    folder = project(a_project({"steps/a.step.ts": {**API, "emits": ["t"]}}))
    assert json.loads(run("generate", "asyncapi", folder, "-o", "-").stdout)["channels"].keys() == {"t"}
    assert "export class Client" in run("generate", "client", folder, "-o", "-").stdout


def test_files_that_did_not_load_are_told_and_fail(project: Any) -> None:
    result = run("generate", "openapi", project(a_project({"steps/a.step.ts": API}, problems=(BROKEN,))), "-o", "-")
    assert (result.exit_code, "/x/{id}" in result.stdout) == (1, True)
    assert "1 file failed to load" in result.stderr


def test_a_file_that_cannot_be_written_is_one_line(project: Any, tmp_path: Path) -> None:
    result = run("generate", "client", project(a_project({})), "-o", str(tmp_path / "no" / "client.ts"))
    assert result.exit_code == 1
    assert "cannot write" in result.stderr
