"""Which tool installs what a project needs, with which commands."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from motia_core.project.dependencies import DependencyError, Installation, node_installation, python_installation
from motia_core.project.provided import has_foreign_command, link_types, take_command

ZOD = {"dependencies": {"zod": "^4"}}


@pytest.fixture(autouse=True)
def tools(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with npm, pnpm, yarn and bun, and nothing else."""
    folder = tmp_path_factory.mktemp("tools")
    for name in ("npm", "pnpm", "yarn", "bun"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def package(project: Path, **content: object) -> None:
    (project / "package.json").write_text(json.dumps(content))


def shown(installation: Installation | None) -> list[str]:
    assert installation is not None
    return [" ".join([Path(command[0]).name, *command[1:]]) for command in installation.commands]


@pytest.mark.parametrize("content", ["", "{}", '{"scripts": {"a": "b"}}', '{"dependencies": {}}'])
def test_nothing_to_install_is_no_installation(content: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / "package.json").write_text(content)
    assert node_installation(tmp_path) is None
    assert python_installation(tmp_path, None, None) is None


@pytest.mark.parametrize(
    ("lockfile", "command"),
    [
        ("", "npm install --no-audit --no-fund"),
        ("package-lock.json", "npm install --no-audit --no-fund"),
        ("pnpm-lock.yaml", "pnpm install"),
        ("yarn.lock", "yarn install"),
        ("bun.lock", "bun install"),
        ("bun.lockb", "bun install"),
    ],
)
def test_lockfile_says_which_tool(lockfile: str, command: str, tmp_path: Path) -> None:
    package(tmp_path, **ZOD)
    if lockfile:
        (tmp_path / lockfile).touch()
    assert shown(node_installation(tmp_path)) == [command]


def test_package_manager_field_comes_before_lockfiles(tmp_path: Path) -> None:
    package(tmp_path, **ZOD, packageManager="pnpm@9.1.0+sha512.abc")
    (tmp_path / "package-lock.json").touch()
    installation = node_installation(tmp_path)
    assert shown(installation) == ["pnpm install"]
    assert installation is not None
    assert "package-lock.json is there too" in installation.notes[0]


def test_workspace_above_says_which_tool(tmp_path: Path) -> None:
    project = tmp_path / "packages" / "api"
    project.mkdir(parents=True)
    package(project, **ZOD)
    (tmp_path / "pnpm-lock.yaml").touch()
    assert shown(node_installation(project)) == ["npm install --no-audit --no-fund"]
    (tmp_path / "pnpm-workspace.yaml").touch()
    assert shown(node_installation(project)) == ["pnpm install"]


def test_frozen_installations_never_change_a_lockfile(tmp_path: Path) -> None:
    package(tmp_path, **ZOD)
    assert shown(node_installation(tmp_path, frozen=True)) == ["npm ci --no-audit --no-fund"]
    (tmp_path / "pnpm-lock.yaml").touch()
    assert shown(node_installation(tmp_path, frozen=True)) == ["pnpm install --frozen-lockfile"]


def test_scripts_are_run_afterwards_when_one_of_them_would_call_us(tmp_path: Path) -> None:
    package(tmp_path, **ZOD, scripts={"postinstall": "motia install"})
    assert shown(node_installation(tmp_path)) == [
        "npm install --no-audit --no-fund --ignore-scripts",
        "npm rebuild --no-bin-links",
    ]
    assert shown(node_installation(tmp_path, ignore_scripts=True)) == [
        "npm install --no-audit --no-fund --ignore-scripts"
    ]


def test_missing_tool_is_said_with_what_to_do(tmp_path: Path, tools: Path) -> None:
    package(tmp_path, **ZOD, packageManager="bun@1.0.0")
    (tools / "bun").unlink()
    with pytest.raises(DependencyError, match="uses bun, which is not installed") as caught:
        node_installation(tmp_path)
    assert caught.value.remedy == "npm install -g bun"


def test_corepack_stands_in_for_the_tools_it_knows(tmp_path: Path, tools: Path) -> None:
    package(tmp_path, **ZOD, packageManager="yarn@4.1.0")
    (tools / "yarn").rename(tools / "corepack")
    assert shown(node_installation(tmp_path)) == ["corepack yarn install"]


def test_broken_package_json_is_said(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{")
    with pytest.raises(DependencyError, match=r"package\.json cannot be read"):
        node_installation(tmp_path)


def test_installation_is_done_until_something_changes(tmp_path: Path) -> None:
    package(tmp_path, **ZOD)
    installation = node_installation(tmp_path)
    assert installation is not None
    assert not installation.is_done()
    installation.done()
    assert not installation.is_done()  # there is no node_modules
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package-lock.json").write_text("made by the installation")
    installation.done()
    again = node_installation(tmp_path)
    assert again is not None
    assert again.is_done()
    (tmp_path / "package-lock.json").write_text("changed")
    assert not again.is_done()


def test_requirements_go_into_an_environment_that_is_made(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx\n")
    made, filled = shown(python_installation(tmp_path, None, None))
    assert made == f"{Path(sys.executable).name} -m venv --clear {tmp_path / 'python_modules'}"
    assert filled == "python -m pip install -r requirements.txt"


def test_environment_that_is_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx\n")
    python = tmp_path / ".venv" / "bin" / "python"
    (tmp_path / ".venv" / "lib" / "python3.11" / "site-packages" / "pip").mkdir(parents=True)
    (command,) = shown(python_installation(tmp_path, python, sys.version_info[:2]))
    assert command == "python -m pip install -r requirements.txt"


def test_environment_of_another_python_gets_what_our_sdk_needs(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("httpx\n")
    python = tmp_path / "venv" / "bin" / "python"
    (command,) = shown(python_installation(tmp_path, python, (3, 10)))
    assert command.endswith("install -r requirements.txt grpcio>=1.62 protobuf>=4.25")
    assert f"--python {python}" in command  # it has no pip of its own


def test_uv_is_used_where_it_is(tmp_path: Path, tools: Path) -> None:
    (tools / "npm").rename(tools / "uv")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\ndependencies = ["httpx>=0.27"]\n')
    python = tmp_path / "python_modules" / "bin" / "python"
    made, filled = shown(python_installation(tmp_path, None, None))
    assert made == f"uv venv --python {sys.executable} {tmp_path / 'python_modules'}"
    assert filled == f"uv pip install --python {python} httpx>=0.27"
    (tmp_path / "uv.lock").touch()
    assert shown(python_installation(tmp_path, None, None)) == ["uv sync"]


def test_lockfile_of_uv_needs_uv(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").touch()
    with pytest.raises(DependencyError, match="uv is not installed"):
        python_installation(tmp_path, None, None)


def test_included_requirements_count_as_changes(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r base.txt\n")
    (tmp_path / "base.txt").write_text("httpx\n")
    installation = python_installation(tmp_path, None, None)
    assert installation is not None
    installation.folder.mkdir()
    installation.done()
    assert installation.is_done()
    (tmp_path / "base.txt").write_text("httpx\nanyio\n")
    assert not installation.is_done()


def test_types_are_linked_for_steps_of_node_only(tmp_path: Path) -> None:
    (tmp_path / "sdk").mkdir()
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "a_step.py").touch()
    assert not link_types(tmp_path, tmp_path / "sdk")
    (tmp_path / "steps" / "b.step.ts").touch()
    assert link_types(tmp_path, tmp_path / "sdk")
    assert (tmp_path / "node_modules" / "motia").resolve() == tmp_path / "sdk"
    assert not link_types(tmp_path, tmp_path / "sdk")
    (tmp_path / "sdk").rename(tmp_path / "moved")
    assert link_types(tmp_path, tmp_path / "moved")


def test_package_that_is_installed_stays(tmp_path: Path) -> None:
    (tmp_path / "node_modules" / "motia").mkdir(parents=True)
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "b.step.ts").touch()
    assert not link_types(tmp_path, tmp_path)


def test_command_of_the_npm_package_is_replaced(tmp_path: Path) -> None:
    theirs = tmp_path / "node_modules" / "motia" / "cli.js"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    command = tmp_path / "node_modules" / ".bin" / "motia"
    command.parent.mkdir()
    ours = tmp_path / "ours"
    ours.write_text('#!/bin/sh\necho "ours $@"\n')
    ours.chmod(0o755)
    assert not take_command(tmp_path, ours)
    command.symlink_to(theirs)
    assert has_foreign_command(tmp_path)
    assert take_command(tmp_path, ours)
    assert not has_foreign_command(tmp_path)
    assert not take_command(tmp_path, ours)
    assert theirs.read_text() == "theirs"
    assert os.access(command, os.X_OK)
