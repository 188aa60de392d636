"""The project's own source files, as text: steps, helpers, configs; not what is installed or generated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from motia_core.project.discover import IGNORED_FOLDERS

ENDINGS = (".ts", ".js", ".mjs", ".cjs", ".mts", ".cts", ".py")
GENERATED = frozenset({"types.d.ts", "motia_types.py"})
OTHERS = frozenset({"dist", "build", "frontend", "coverage"})  # folders that hold no backend code
MOST_FILES = 5_000
LARGEST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """One file."""

    path: str  # relative to the project
    text: str

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    def line(self, position: int) -> int:
        """The line of a position in the text, from 1."""
        return self.text.count("\n", 0, position) + 1


def read_sources(project: Path) -> Iterator[Source]:
    """The files, by path; at most MOST_FILES of them."""
    left = MOST_FILES
    for folder, names, files in os.walk(project):
        names[:] = sorted(name for name in names if _is_searched(Path(folder) / name))
        for name in sorted(files):
            path = Path(folder) / name
            if not name.endswith(ENDINGS) or name in GENERATED or left == 0:
                continue
            try:
                if path.stat().st_size > LARGEST_BYTES:
                    continue
                text = path.read_text("utf-8", errors="replace")
            except OSError:
                continue  # loading says what is wrong with it
            left -= 1
            yield Source(path.relative_to(project).as_posix(), text)


def _is_searched(folder: Path) -> bool:
    name = folder.name
    is_hidden = name.startswith(".") or name in IGNORED_FOLDERS or name in OTHERS
    return not is_hidden and not (folder / "pyvenv.cfg").exists()
