"""Which files are steps and streams, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from motia.digest import digest as sdk_digest
from motia_core.model.language import NODE, PYTHON, Language, Languages
from motia_core.model.project import SourceFile
from motia_core.project.discover import digest, discover


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("config")


def paths(root: Path) -> list[str]:
    return [file.path for file in discover(root).files]


def test_every_name_that_makes_a_step_or_a_stream(tmp_path: Path) -> None:
    names = {
        f"steps/x{mark}{kind}.{suffix}": (kind, language, group)
        for mark in "._"
        for kind in ("step", "stream")
        for suffix, language, group in (
            ("ts", "typescript", "node"),
            ("js", "javascript", "node"),
            ("py", "python", "python"),
        )
    }
    make(tmp_path, *names)
    found = {file.path: (file.kind, file.language, file.group) for file in discover(tmp_path).files}
    assert found == names


@pytest.mark.parametrize(
    "name",
    [
        "steps/a.step.tsx",
        "steps/a.step.jsx",
        "steps/a.step.mts",
        "steps/a.step.cjs",
        "steps/a.step.test.ts",
        "steps/a_step.test.py",
        "steps/a.step.ts.bak",
        "steps/a.step.ts~",
        "steps/a.step.d.ts",
        "steps/a.Step.ts",
        "steps/astep.ts",
        "steps/.step.ts",
        "steps/step.ts",
        "steps/a.step.ts-features.json",
        "steps/tests/a.step.ts",
        "steps/x/__tests__/a.step.ts",
        "steps/node_modules/p/a.step.ts",
        "src/python_modules/lib/a_step.py",
        "src/__pycache__/a_step.py",
        "src/.hidden/a_step.py",
        "a.step.ts",
        "streams/a.step.ts",
        "lib/steps/a.step.ts",
    ],
)
def test_file_is_not_a_step(tmp_path: Path, name: str) -> None:
    make(tmp_path, name)
    assert paths(tmp_path) == []


def test_a_folder_of_streams_is_searched_for_streams_only(tmp_path: Path) -> None:
    make(tmp_path, "streams/deep/a.stream.ts", "streams/a_step.py", "src/b_step.py")
    assert paths(tmp_path) == ["src/b_step.py", "streams/deep/a.stream.ts"]


def test_virtual_environment_of_any_name_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "src/my-env/pyvenv.cfg", "src/my-env/lib/a_step.py", "src/b_step.py")
    assert paths(tmp_path) == ["src/b_step.py"]


def test_names_with_spaces_digits_and_other_letters(tmp_path: Path) -> None:
    names = ["steps/02 data collection.step.ts", "steps/Üb/été_step.py", "steps/analyze-email.step.py"]
    make(tmp_path, *names)
    assert sorted(paths(tmp_path)) == sorted(names)


def test_order_is_root_then_mark_then_path(tmp_path: Path) -> None:
    names = [
        "steps/b.step.ts",
        "steps/z/a.step.js",
        "steps/a_step.py",
        "steps/b/a_step.ts",
        "src/a.step.ts",
        "src/a_step.py",
    ]
    make(tmp_path, *reversed(names))
    assert paths(tmp_path) == names


def test_folder_named_like_a_step_is_searched(tmp_path: Path) -> None:
    make(tmp_path, "steps/x.step.ts/b.step.ts")
    assert paths(tmp_path) == ["steps/x.step.ts/b.step.ts"]


def test_files_of_other_languages_are_found_when_an_sdk_is_there(tmp_path: Path) -> None:
    make(tmp_path, "steps/a.step.ex", "steps/b_step.py", "streams/c.stream.ex")
    assert paths(tmp_path) == ["steps/b_step.py"]
    elixir = Language("elixir", "Elixir", {"ex": "elixir"}, frozenset({".ex"}))
    files = discover(tmp_path, Languages([NODE, PYTHON, elixir])).files
    found = [(file.path, file.language, file.group) for file in files]
    assert found == [
        ("steps/a.step.ex", "elixir", "elixir"),
        ("steps/b_step.py", "python", "python"),
        ("streams/c.stream.ex", "elixir", "elixir"),
    ]


def test_project_without_steps_is_told_where_they_go(tmp_path: Path) -> None:
    (problem,) = discover(tmp_path).problems
    assert (problem.severity, problem.cause) == ("warning", "no steps/ or src/ folder")
    make(tmp_path, "steps/readme.md")
    (problem,) = discover(tmp_path).problems
    assert problem.cause == "no steps found in steps/"
    assert "hello_step.py" in problem.remedy


def test_linked_folder_is_followed(tmp_path: Path) -> None:
    make(tmp_path, "shared/a.step.ts")
    (tmp_path / "steps").symlink_to("shared")
    (tmp_path / "src").mkdir()
    (tmp_path / "other").mkdir()
    make(tmp_path, "other/b_step.py")
    (tmp_path / "src" / "linked").symlink_to("../other")
    discovery = discover(tmp_path)
    assert [file.path for file in discovery.files] == ["steps/a.step.ts", "src/linked/b_step.py"]
    assert discovery.problems == ()


@pytest.mark.parametrize("target", ["..", ".", "../../steps", "../a"])
def test_link_in_a_circle_is_a_warning_and_files_are_found_once(tmp_path: Path, target: str) -> None:
    make(tmp_path, "steps/a/one.step.ts", "steps/b/two.step.ts")
    (tmp_path / "steps" / "b" / "again").symlink_to(target)
    discovery = discover(tmp_path)
    assert [file.path for file in discovery.files] == ["steps/a/one.step.ts", "steps/b/two.step.ts"]
    (problem,) = discovery.problems
    assert (problem.severity, problem.file) == ("warning", "steps/b/again")


def test_links_that_lead_nowhere_and_things_that_are_no_files_are_problems(tmp_path: Path) -> None:
    make(tmp_path, "steps/fine.step.ts")
    (tmp_path / "steps" / "gone.step.ts").symlink_to("nothing")
    (tmp_path / "steps" / "self.step.ts").symlink_to("self.step.ts")
    (tmp_path / "steps" / "self").symlink_to("self")
    os.mkfifo(tmp_path / "steps" / "pipe_step.py")
    discovery = discover(tmp_path)
    assert [file.path for file in discovery.files] == ["steps/fine.step.ts"]
    assert [problem.file for problem in discovery.problems] == [
        "steps/gone.step.ts",
        "steps/pipe_step.py",
        "steps/self.step.ts",
    ]
    assert all(problem.severity == "error" and problem.remedy for problem in discovery.problems)


def test_name_that_is_not_utf8_is_a_problem(tmp_path: Path) -> None:
    make(tmp_path, "steps/fine.step.ts")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/steps/\xff.step.ts"))).write_text("x")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/steps/\xff.txt"))).write_text("x")
    discovery = discover(tmp_path)
    assert [file.path for file in discovery.files] == ["steps/fine.step.ts"]
    (problem,) = discovery.problems
    assert problem.file == "steps/\\xff.step.ts"
    assert "not UTF-8" in problem.cause


def test_folder_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "steps/fine.step.ts", "steps/locked/a.step.ts")
    real = os.scandir

    def scandir(path: Path) -> os.ScandirIterator[str]:  # type: ignore[name-defined]  # typeshed has no public name
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    discovery = discover(tmp_path)
    assert [file.path for file in discovery.files] == ["steps/fine.step.ts"]
    (problem,) = discovery.problems
    assert (problem.file, problem.cause) == ("steps/locked", "the folder cannot be read: Permission denied")


def test_root_that_is_a_file_is_no_root(tmp_path: Path) -> None:
    make(tmp_path, "steps")
    assert paths(tmp_path) == []


# --- digest


def test_digest_follows_contents_names_and_order(tmp_path: Path) -> None:
    make(tmp_path, "steps/a.step.ts", "steps/b.step.ts")
    files = discover(tmp_path).files
    first = digest(tmp_path, files)
    assert digest(tmp_path, files) == first
    assert digest(tmp_path, files[::-1]) != first
    assert digest(tmp_path, files[:1]) != first
    (tmp_path / "steps" / "b.step.ts").write_text("config2")
    assert digest(tmp_path, files) != first


def test_digest_is_the_one_that_sdks_compute(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text("config")
    expected = "927197fbb4f1cf7db980b80e55cfcde1f666ddbd37f2b3e9882a8615d0008496"  # also in sdk-node/test
    files = [SourceFile("a.ts", "step", "typescript", "node")]
    assert digest(tmp_path, files, "ä.ts") == expected  # a file that is not there is an empty one
    assert sdk_digest(tmp_path, ["a.ts", "ä.ts"]) == expected


def test_digest_does_not_mix_names_and_contents(tmp_path: Path) -> None:
    make(tmp_path, "steps/a.step.ts")
    (tmp_path / "steps/a.step.ts").write_text("0:5:b")
    one = digest(tmp_path, discover(tmp_path).files)
    (tmp_path / "steps/a.step.ts").write_text("")
    assert digest(tmp_path, discover(tmp_path).files) != one


def test_digest_of_a_removed_file_is_still_one(tmp_path: Path) -> None:
    make(tmp_path, "steps/a.step.ts")
    files = discover(tmp_path).files
    (tmp_path / "steps/a.step.ts").unlink()
    assert digest(tmp_path, files)
