"""What a process says that it has imported: which files are the user's, and what is installed."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from motia.imports import Imports


@pytest.mark.parametrize(
    ("folder", "is_users"),
    [
        ("shop/src", True),  # where `pip install -e .` and `uv sync` put a project with src layout on the path
        ("shop/.venv/lib/python3/site-packages", False),
        ("usr/lib/python3/dist-packages", False),
        ("runtime/transport", False),
    ],
)
def test_the_path_makes_nothing_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, is_users: bool
) -> None:
    name = f"imported_{folder.replace('/', '_').replace('.', '_').replace('-', '_')}"
    there = tmp_path / folder
    there.mkdir(parents=True)
    target = there / f"{name}.py"
    if folder == "runtime/transport":  # which has links to what the core has installed, wherever that is
        target = tmp_path / "core" / target.name
        target.parent.mkdir()
        (there / target.name).symlink_to(target)
    target.write_text("")
    monkeypatch.syspath_prepend(str(there))
    imports = Imports(str(tmp_path / "runtime/transport"))
    importlib.import_module(name)
    found = imports.take()
    assert found is not None
    assert list(found.files) == ([str(target.resolve())] if is_users else [])
    assert (name in found.packages) is not is_users
