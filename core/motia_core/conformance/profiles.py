"""Settings under which the cases run again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from motia_core.conformance.case import Case
from motia_core.conformance.subject import Subject

DEFAULT = "default"


@dataclass(frozen=True)
class Profile:
    """One set of settings."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)  # environment variables
    cases: tuple[str, ...] = ()  # cases that run under it as well, beside those that name it
    files: Mapping[str, str] = field(default_factory=dict)  # added to the project: name → text
    command: str = "serve"  # or "dev"
    is_cut: bool = False  # the connection of its sidecars is cut again and again
    needs: str = ""  # a language group without which it says nothing
    is_external: bool = False  # the sidecars of the SDK are not launched by the core: they attach
    levels: tuple[str, ...] = ()  # all cases of these run under it as well that need no settings of their own,
    but: tuple[str, ...] = ()  # but these

    def has(self, case: Case) -> bool:
        """Whether a case runs under it."""
        if not case.profile and case.level in self.levels and case.name not in self.but:
            return True
        return (case.profile or DEFAULT) == self.name or case.name in self.cases

    def suits(self, subjects: Sequence[Subject]) -> bool:
        """Whether it says something about these SDKs."""
        if self.is_external and not all(subject.attaches for subject in subjects):
            return False
        return not self.needs or self.needs in [subject.group for subject in subjects]

    def settings_for(self, subjects: Sequence[Subject]) -> dict[str, str]:
        """The settings; what has {group} in it is said of each language group."""
        return {
            name: ",".join(value.replace("{group}", subject.group) for subject in subjects)
            if "{group}" in value
            else value
            for name, value in self.settings.items()
        }


@cache
def profiles() -> tuple[Profile, ...]:
    """All profiles, the default one first."""
    documents = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple(
        Profile(
            name,
            document.get("settings", {}),
            tuple(document.get("cases", ())),
            document.get("files", {}),
            document.get("command", "serve"),
            document.get("cut", False),
            document.get("needs", ""),
            document.get("external", False),
            tuple(document.get("levels", ())),
            tuple(document.get("but", ())),
        )
        for name, document in documents.items()
    )
