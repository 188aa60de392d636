"""What a project says about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.model.description.info import Info
from motia_core.project.package import project_info


def test_package_json_comes_first(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "shop", "version": "2.1.0", "description": "Sells"}')
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert project_info(tmp_path) == Info("shop", "2.1.0", "Sells")


def test_pyproject_counts_where_there_is_no_package_json(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "0.3"\n')
    assert project_info(tmp_path) == Info("other", "0.3")


@pytest.mark.parametrize("content", [None, "", "[]", "{", '{"name": 1, "version": null}', "[" * 100_000, b"\xff"])
def test_what_cannot_be_read_is_made_up(tmp_path: Path, content: str | bytes | None) -> None:
    if content is not None:
        (tmp_path / "package.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert project_info(tmp_path) == Info(tmp_path.name, "1.0.0")
