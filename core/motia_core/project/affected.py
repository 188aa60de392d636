"""What a change of files means for the sidecars: which language groups must be loaded again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from motia_core.model.language import BUILT_IN, Languages
from motia_core.model.project import Project
from motia_core.project.config_file import NAMES as CONFIGS

DOTENV = ".env"
SETTINGS = "motia.toml"
_SITE_PACKAGES = re.compile(r"(python_modules|\.venv|venv)/lib/python[\d.]+/site-packages")


@dataclass(frozen=True, slots=True)
class Changes:
    """Files that are different, as absolute paths; a folder is one when what is in it was installed."""

    added: Set[str] = frozenset()
    changed: Set[str] = frozenset()
    removed: Set[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __or__(self, other: Changes) -> Changes:
        return Changes(self.added | other.added, self.changed | other.changed, self.removed | other.removed)

    @property
    def all(self) -> Set[str]:
        return self.added | self.changed | self.removed


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is loaded now.

    Args:
        imported: Files that the sidecars have imported, as absolute paths, by language group; None: they do not say.
        failing: Groups with files that could not be loaded: what they miss may be there now.
    """

    root: Path
    project: Project
    imported: Mapping[str, Collection[str] | None]
    failing: Collection[str]
    languages: Languages = BUILT_IN


@dataclass(frozen=True, slots=True)
class Affected:
    """What is to be done."""

    groups: frozenset[str] = frozenset()  # to be loaded again
    environment: bool = False  # what processes got at their start has changed: none that runs is of use
    settings: bool = False  # the core's own settings have changed


def affected(changes: Changes, loaded: Loaded) -> Affected:
    """What follows from a change. Discovered files that are new or gone are found by looking for them, not here."""
    groups: set[str] = set()
    environment = settings = False
    places = {path: _place(loaded.root, path) for path in changes.all}
    for path, place in places.items():
        if place == SETTINGS:
            settings = True
        elif place == DOTENV:
            environment = True
            groups |= {language.group for language in loaded.languages}
        for language in loaded.languages:
            if place in language.also or (language.group == "python" and _SITE_PACKAGES.fullmatch(place)):
                environment = True
                groups.add(language.group)
        groups |= {group for group, names in CONFIGS.items() if place in names}
        groups |= {group for group, files in loaded.imported.items() if files is not None and path in files}
        suffix = Path(path).suffix
        if suffix != ".json":  # handlers write those; one that an import misses is among `imported`
            doubtful = {group for group, files in loaded.imported.items() if files is None}.union(loaded.failing)
            groups |= {language.group for language in loaded.languages if suffix in language.sources} & doubtful
    groups |= _including(set(places.values()), loaded.project)
    return Affected(frozenset(groups), environment, settings)


def _including(places: Set[str], project: Project) -> set[str]:
    """The groups of steps that include one of these files: handlers read them."""
    groups = set()
    for step in project.steps:
        patterns = step.config.get("includeFiles")
        folder = Path(step.path).parent
        for pattern in patterns if isinstance(patterns, list) else ():
            if isinstance(pattern, str) and any(_matches(place, folder, pattern) for place in places):
                groups.add(step.group)
    return groups


def _matches(place: str, folder: Path, pattern: str) -> bool:
    wanted = _normal(f"{folder.as_posix()}/{pattern}")
    return place == wanted or Path(place).match(wanted)


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _place(root: Path, path: str) -> str:
    """Where a file is below the root, with forward slashes; its whole path when it is elsewhere."""
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return path
