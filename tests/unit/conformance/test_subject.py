"""What an SDK says about itself for the kit is read, and mistakes in it are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.conformance.case import CASES
from motia_core.conformance.kit import run
from motia_core.conformance.profiles import profiles
from motia_core.conformance.subject import find_subject
from motia_core.errors import SettingsError

SDK = """
group = "tiny"
name = "Tiny"
suffixes = { tiny = "tiny" }
command = ["tiny"]
"""


def write(folder: Path, conformance: str = "") -> str:
    (folder / "sdk.toml").write_text(SDK + conformance)
    (folder / "conformance" / "l1_invoke" / "echo" / "below").mkdir(parents=True, exist_ok=True)
    for name in ("echo.step.tiny", "below/more.tiny", "bad.step.tiny.txt", "notes"):
        (folder / "conformance" / "l1_invoke" / "echo" / name).write_text("")
    return str(folder)


def test_folder_with_an_sdk(tmp_path: Path) -> None:
    sdk = write(tmp_path, '[conformance.gaps]\n"l2_context/sockets" = "later"\n')
    subject = find_subject(sdk)
    assert (subject.group, subject.languages, subject.folder) == ("tiny", ("tiny",), tmp_path)
    assert subject.gaps == {"l2_context/sockets": "later"}
    names = [path.name for path in subject.files("l1_invoke/echo", "tiny")]
    assert sorted(names) == ["bad.step.tiny.txt", "echo.step.tiny", "more.tiny"]
    assert len(subject.content("l1_invoke/echo")) == 4
    assert subject.content("l1_invoke/sync") == []


def test_external_profiles_are_for_sdks_that_say_so(tmp_path: Path) -> None:
    external = [profile for profile in profiles() if profile.is_external]
    assert external
    for conformance, attaches in (("", False), ("[conformance]\nexternal = true\n", True)):
        subject = find_subject(write(tmp_path, conformance))
        assert [profile.suits([subject]) for profile in external] == [attaches] * len(external)
        assert all(profile.suits([find_subject(ours)]) for profile in external for ours in ("python", "node"))
    write(tmp_path)
    with pytest.raises(SettingsError, match="say `external = true` in"):
        run(tmp_path, profile="external")


def test_our_own_have_their_files_beside_the_cases() -> None:
    python, node = find_subject("python"), find_subject("node")
    assert (python.steps, node.languages) == (CASES, ("typescript", "javascript"))
    assert [path.name for path in python.content("l2_context/fan_out")] == ["python_step.py"]
    assert [path.name for path in node.files("l2_context/fan_out", "typescript")] == ["typescript.step.ts"]


@pytest.mark.parametrize(
    ("conformance", "told"),
    [
        ("[conformance]\nstep = 'x'\n", "conformance must be a table with steps, gaps, golden"),
        ("[conformance]\nsteps = 'nowhere'\n", "conformance.steps must name the folder"),
        ("[conformance.gaps]\n'l1_invoke/echo' = ''\n", "conformance.gaps must give a reason for each case"),
        ("[conformance]\nexternal = 'yes'\n", "conformance.external must be true or false; found 'yes'"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, conformance: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        find_subject(write(tmp_path, conformance))


def test_what_is_no_sdk_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"is no folder with an sdk\.toml, nor one of python, node, go, ruby"):
        find_subject(str(tmp_path / "nowhere"))
