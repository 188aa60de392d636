"""The SDK that is tested: one of ours by its name, or a folder with an sdk.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from motia_core.bundled import sdk_folder
from motia_core.conformance.case import CASES, OURS
from motia_core.errors import SettingsError
from motia_core.model.language import NODE, PYTHON, Language
from motia_core.project.sdk_file import BUNDLED, FILE, read_sdk

# What the SDKs that the core knows by itself say about themselves; the others say it in sdk.toml.
KNOWN = Path(__file__).parent / "ours.toml"
AS_TEXT = ".txt"
KEYS = ("steps", "gaps", "golden", "external")


@dataclass(frozen=True)
class Subject:
    """An SDK, and where its step files for the cases are."""

    language: Language
    folder: Path | None  # with the sdk.toml; None: the core knows it by itself
    steps: Path  # step files are at LEVEL/CASE below; for ours, beside each case.toml
    gaps: Mapping[str, str]  # cases that it is known to fail → the reason
    golden: tuple[str, ...] = ()  # the command that reads golden frames and writes them again
    attaches: bool = False  # its sidecars can be external

    @property
    def group(self) -> str:
        """Its language group."""
        return self.language.group

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the step files are in, each of which every case is run in."""
        return tuple(dict.fromkeys(self.language.suffixes.values()))

    def files(self, place: str, lang: str) -> list[Path]:
        """Its step files of a case ("l1_invoke/echo") in one of its languages."""
        endings = tuple(f".{suffix}" for suffix, name in self.language.suffixes.items() if name == lang)
        return [path for path in self.content(place) if placed(path).endswith(endings)]

    def content(self, place: str) -> list[Path]:
        """All that is in its folder of a case."""
        folder = self.steps / place
        found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        if self.steps != CASES:
            return found
        endings = tuple(f".{suffix}" for suffix in self.language.suffixes)
        return [path for path in found if placed(path).endswith(endings) and not path.name.startswith(OURS)]


def placed(path: Path) -> str:
    """What a file is called in the project: sources that tools should not read end in .txt."""
    return path.name.removesuffix(AS_TEXT)


def find_subject(sdk: str) -> Subject:
    """The SDK that somebody names: python, node, go, ruby, or a folder.

    Raises:
        SettingsError: There is no such SDK, or its sdk.toml cannot be used.
    """
    if sdk in (PYTHON.group, NODE.group):
        language = PYTHON if sdk == PYTHON.group else NODE
        gaps = tomllib.loads(KNOWN.read_text("utf-8"))[sdk]["gaps"]
        return Subject(language, None, CASES, gaps, attaches=True)
    folder = sdk_folder(sdk) if sdk in BUNDLED and not Path(sdk, FILE).exists() else Path(sdk)
    if not folder.is_dir():
        raise SettingsError(f"{sdk} is no folder with an {FILE}, nor one of python, node, {', '.join(BUNDLED)}")
    language = read_sdk(folder)
    path = folder / FILE
    content = tomllib.loads(path.read_text("utf-8-sig")).get("conformance", {})
    if not isinstance(content, dict) or not content.keys() <= set(KEYS):
        raise SettingsError(f"{path}: conformance must be a table with {', '.join(KEYS)}")
    steps, gaps = content.get("steps", "conformance"), content.get("gaps", {})
    if not isinstance(steps, str) or not (folder / steps).is_dir():
        raise SettingsError(
            f"{path}: conformance.steps must name the folder with step files for the cases; found {steps!r}"
        )
    if not isinstance(gaps, dict) or not all(isinstance(reason, str) and reason for reason in gaps.values()):
        raise SettingsError(f"{path}: conformance.gaps must give a reason for each case")
    golden = content.get("golden", [])
    if not isinstance(golden, list) or not all(isinstance(part, str) for part in golden):
        raise SettingsError(
            f"{path}: conformance.golden must be a list of strings, the program first; found {golden!r}"
        )
    attaches = content.get("external", False)
    if not isinstance(attaches, bool):
        raise SettingsError(f"{path}: conformance.external must be true or false; found {attaches!r}")
    return Subject(language, folder.resolve(), (folder / steps).resolve(), gaps, tuple(golden), attaches)
