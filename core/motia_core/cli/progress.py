"""How far a package manager is: only what can be known, from its lockfile and from what it prints."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOKED_EVERY_S = 0.5
_PNPM = re.compile(r"Progress: resolved (\d+), reused \d+, downloaded \d+, added (\d+)")
_YARN = re.compile(r"^\[(\d+)/(\d+)\] ")  # yarn 1; the step that it is at


@dataclass(frozen=True, slots=True)
class Share:
    """So much of something is done."""

    done: int
    total: int
    what: str

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total

    def __str__(self) -> str:
        return f"{self.percent:3d} %  {self.done} of {self.total} {self.what}"


Measure = Callable[[Sequence[str]], Share | None]


def unknown(_: Sequence[str]) -> Share | None:
    """Nothing can be known: npm without a lockfile; pip and uv, which find out as they go."""
    return None


def measure_of(tool: str, project: Path) -> Measure:
    """What tells from the lines that a tool has printed how far it is."""
    if tool == "pnpm":
        return _of_pnpm
    if tool == "yarn":
        return _of_yarn
    wanted = locked_packages(project) if tool == "npm" else []
    return _Unpacked(wanted) if wanted else unknown


def locked_packages(project: Path) -> list[Path]:
    """The folders of the packages that the lockfile of npm names; but those that a platform may not need."""
    for name in ("npm-shrinkwrap.json", "package-lock.json"):
        try:
            packages = json.loads((project / name).read_text("utf-8")).get("packages", {})
        except (OSError, ValueError, AttributeError):
            continue
        return [
            project / path
            for path, package in packages.items()
            if "node_modules/" in path and not any(package.get(key) for key in ("link", "optional", "devOptional"))
        ]
    return []


def _of_pnpm(lines: Sequence[str]) -> Share | None:
    # What is resolved grows at first, and all of it is added.
    match = next((match for line in reversed(lines) if (match := _PNPM.search(line))), None)
    resolved, added = (int(match[1]), int(match[2])) if match else (0, 0)
    return Share(min(added, resolved), resolved, "packages") if added else None


def _of_yarn(lines: Sequence[str]) -> Share | None:
    match = next((match for line in reversed(lines) if (match := _YARN.search(line))), None)
    return Share(int(match[1]) - 1, int(match[2]), "steps") if match and int(match[2]) else None


class _Unpacked:
    """Of npm, which prints nothing before its end: the packages that are there."""

    def __init__(self, wanted: Sequence[Path]) -> None:
        self._wanted = wanted
        self._looked_s = float("-inf")
        self._there = 0

    def __call__(self, _: Sequence[str]) -> Share:
        if time.monotonic() - self._looked_s >= LOOKED_EVERY_S:
            self._there = sum((folder / "package.json").is_file() for folder in self._wanted)
            self._looked_s = time.monotonic()
        return Share(self._there, len(self._wanted), "packages")
