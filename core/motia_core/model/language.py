"""A language group: which files are its, what a change of them means, and how its SDK is started."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

VENVS = ("python_modules", ".venv", "venv")  # a Python project's environment, in the order it is looked for


@dataclass(frozen=True, slots=True)
class Start:
    """How an SDK that describes itself is started; {sdk}, {project}, {build} and {output} stand for folders."""

    sdk: Path  # where its sdk.toml is
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    build: tuple[str, ...] = ()  # run before a version of the project is started; empty: there is nothing to build
    build_timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Language:
    """One language group."""

    group: str  # "go"; what its sidecars call themselves
    name: str  # "Go"; for people
    suffixes: Mapping[str, str]  # of step and stream files, without the dot; the language that each of them is
    sources: frozenset[str]  # endings of the files that it imports
    also: frozenset[str] = frozenset()  # files that decide how those are loaded, by their place below the root
    remedy: str = ""  # when it cannot be started
    start: Start | None = None  # None: one of those that the core knows by itself
    patterns: Path | None = None  # what `motia-core generate` makes new files from

    @property
    def is_built(self) -> bool:
        """Whether its files are built before they can be started."""
        return self.start is not None and bool(self.start.build)


NODE = Language(
    "node",
    "Node.js",
    {"ts": "typescript", "js": "javascript"},
    frozenset({".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"}),
    frozenset(
        {
            "package.json",
            "tsconfig.json",
            "node_modules/.package-lock.json",
            "node_modules/.modules.yaml",
            "node_modules/.yarn-state.yml",
        }
    ),
    "check that `node --version` says 20 or newer",
)
PYTHON = Language(
    "python",
    "Python",
    {"py": "python"},
    frozenset({".py"}),
    frozenset(f"{venv}/pyvenv.cfg" for venv in VENVS),
    "check the project's Python environment (python_modules, .venv or venv)",
)


class Languages:
    """All language groups, those that the core knows by itself first."""

    def __init__(self, languages: Sequence[Language] = (NODE, PYTHON)) -> None:
        self._by_group = {language.group: language for language in languages}
        self._by_suffix = {suffix: language for language in languages for suffix in language.suffixes}

    def __getitem__(self, group: str) -> Language:
        return self._by_group[group]

    def __iter__(self) -> Iterator[Language]:
        return iter(self._by_group.values())

    def __contains__(self, group: str) -> bool:
        return group in self._by_group

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What names of step and stream files look like."""
        suffixes = "|".join(map(re.escape, self._by_suffix))
        return re.compile(rf".+(?P<mark>[._])(?P<kind>step|stream)\.(?P<suffix>{suffixes})", re.DOTALL)

    @cached_property
    def sources(self) -> frozenset[str]:
        """The endings of all files that some language imports."""
        return frozenset().union(*(language.sources for language in self))

    @cached_property
    def also(self) -> frozenset[str]:
        """The files that decide for some language how its files are loaded, by their place below the root."""
        return frozenset().union(*(language.also for language in self))

    def of_suffix(self, suffix: str) -> tuple[str, str]:
        """Language and group of files with a suffix."""
        language = self._by_suffix[suffix]
        return language.suffixes[suffix], language.group


BUILT_IN = Languages()
