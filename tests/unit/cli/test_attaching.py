"""`motia-core sidecar`, up to where it becomes another process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from motia_core.cli import main

FILES = ("steps/b.step.go", "steps/a_step.go", "src/c.step.go", "steps/d.step.ts", "streams/e.stream.go")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sidecar", *arguments], env={"MOTIA_SIDECAR_ADDRESS": None})


def test_files_are_those_of_the_language_in_the_order_in_which_they_are_loaded(tmp_path: Path) -> None:
    for name in (*FILES, "steps/tests/f.step.go", "streams/g.step.go"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = run("go", str(tmp_path), "--files")
    assert found.exit_code == 0
    assert found.stdout.splitlines() == ["steps/b.step.go", "steps/a_step.go", "src/c.step.go", "streams/e.stream.go"]
    assert run("node", str(tmp_path), "--files").stdout.splitlines() == ["steps/d.step.ts"]


def test_a_language_that_nobody_knows_is_said_before_all_else(tmp_path: Path) -> None:
    refused = run("golang", str(tmp_path))
    assert refused.exit_code != 0
    assert "there is no language group 'golang'" in refused.output


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    assert "MOTIA_SIDECAR_ADDRESS is not set" in run("node", str(tmp_path)).output
