"""SDKs describe their languages in sdk.toml; what is wrong in one is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from motia_core.errors import SettingsError
from motia_core.model.language import Start
from motia_core.project.sdk_file import read_languages, read_sdk
from motia_core.settings import Settings, SidecarSettings

ELIXIR = """
group = "elixir"
name = "Elixir"
suffixes = { ex = "elixir", exs = "elixir" }
also = ["mix.exs"]
command = ["{output}/run", "{project}"]
environment = { MIX_ENV = "prod" }
remedy = "install Elixir"

[build]
command = ["mix", "release"]
timeout_s = 60

[conformance]
steps = "conformance"
"""


def sdk(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "sdk.toml").write_text(text)
    return folder


def test_everything_that_is_said_is_read(tmp_path: Path) -> None:
    language = read_sdk(sdk(tmp_path, ELIXIR))
    assert (language.group, language.name, language.remedy) == ("elixir", "Elixir", "install Elixir")
    assert language.sources == {".ex", ".exs"}  # those of its steps, when it does not say
    assert language.also == {"mix.exs"}
    assert language.start == Start(
        tmp_path, ("{output}/run", "{project}"), {"MIX_ENV": "prod"}, ("mix", "release"), 60.0
    )


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ('group = "elixir"', "", "group must be a word of small letters, such as go; it is not there"),
        ('group = "elixir"', 'group = "Elixir 1"', "group must be a word of small letters"),
        ('command = ["{output}/run", "{project}"]', 'command = "run"', "command must be a list of strings"),
        ('ex = "elixir"', '".ex" = "elixir"', "suffixes must be a language for each suffix without a dot"),
        ('remedy = "install', 'remedies = "install', "remedies is not known; did you mean remedy?"),
        ("timeout_s = 60", 'timeout_s = "soon"', "timeout_s must be a number of seconds; found"),
        ("timeout_s = 60", "time_s = 60", "build.time_s is not known"),
        ("[build]", "[build", "cannot be read"),
        ('remedy = "install', 'patterns = "new"\nremedy = "install', "patterns: "),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, was: str, is_now: str, said: str) -> None:
    assert was in ELIXIR
    with pytest.raises(SettingsError) as error:
        read_sdk(sdk(tmp_path, ELIXIR.replace(was, is_now)))
    assert said in error.value.message
    assert str(tmp_path / "sdk.toml") in error.value.message


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"sdk\.toml is not there: an SDK describes"):
        read_languages(Settings(sidecars=SidecarSettings(sdks=(tmp_path / "nowhere",))))


def test_groups_and_suffixes_have_one_owner(tmp_path: Path) -> None:
    mine = sdk(tmp_path / "mine", ELIXIR)
    languages = read_languages(Settings(sidecars=SidecarSettings(sdks=(mine,), processes={"elixir": 2})))
    assert languages.of_suffix("exs") == ("elixir", "elixir")
    other = sdk(tmp_path / "other", ELIXIR.replace('group = "elixir"', 'group = "erlang"'))
    with pytest.raises(SettingsError, match=r"elixir and erlang both want \*\.step\.ex files"):
        read_languages(Settings(sidecars=SidecarSettings(sdks=(mine, other))))


def test_processes_of_an_unknown_group_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"no language group 'pyton'.*did you mean python"):
        read_languages(Settings(sidecars=SidecarSettings(processes={"pyton": 2})))
