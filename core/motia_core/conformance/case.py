"""What a case is: a folder with a case.toml, and step files that show in each language what it is about."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
TOOLS = CASES / "tools"
LEVELS = {"1": "l1_invoke", "2": "l2_context", "3": "l3_lifecycle"}
OURS = "kit_"  # step files that begin so are the kit's own part in a case, whatever SDK is tested

Json = Any  # what a TOML or JSON document may hold


@dataclass(frozen=True)
class Case:
    """One behaviour."""

    name: str  # for example "l1_invoke/echo"
    about: str
    rules: tuple[str, ...]  # of docs/protocol.md, that it proves
    steps: tuple[str, ...]  # the cases whose step files it needs
    profile: str  # the settings that it needs; "": any
    is_alone: bool  # it stops its core, or is in the way of others: it gets a core of its own
    document: Mapping[str, Json]

    @property
    def level(self) -> str:
        """Which level it belongs to: "1", "2" or "3"."""
        return self.name[1]


@cache
def cases() -> tuple[Case, ...]:
    """All cases of the levels, in order."""
    return tuple(
        _read(f"{level}/{path.parent.name}", path)
        for level in LEVELS.values()
        for path in sorted((CASES / level).glob("*/case.toml"))
    )


def _read(name: str, path: Path) -> Case:
    document = tomllib.loads(path.read_text("utf-8"))
    return Case(
        name,
        document["about"],
        tuple(document.get("rules", ())),
        tuple(document.get("steps", [name])),
        document.get("profile", ""),
        document.get("alone", False),
        document,
    )


def filled(value: Json, words: Mapping[str, str]) -> Json:
    """A document with its {words} filled in."""
    if isinstance(value, str):
        for name, word in words.items():
            value = value.replace(f"{{{name}}}", word)
        return value
    if isinstance(value, dict):
        return {filled(key, words): filled(entry, words) for key, entry in value.items()}
    if isinstance(value, list):
        return [filled(entry, words) for entry in value]
    return value
