"""Finds step and stream files in a project's folders, in a fixed order."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from motia_core.model.language import BUILT_IN, Languages
from motia_core.model.project import Discovery, Problem, SourceFile

ROOTS = ("steps", "src", "streams")  # in registration order
STREAMS_ROOT = "streams"  # where Motia 1.0 looks for streams, and for nothing else
IGNORED_FOLDERS = frozenset({"node_modules", "python_modules", "__pycache__", "site-packages", "tests", "__tests__"})


def discover(root: Path, languages: Languages = BUILT_IN) -> Discovery:
    """Find the project's files: `steps/` before `src/`, `*.step.*` before `*_step.*`, then by path."""
    problems: list[Problem] = []
    found: list[tuple[int, str, str, SourceFile]] = []
    search = _Search(root, languages.pattern, problems)
    for position, name in enumerate(ROOTS):
        for path in search.walk(name):
            if match := languages.pattern.fullmatch(path.rpartition("/")[2]):
                kind: Literal["step", "stream"] = "step" if match["kind"] == "step" else "stream"
                if kind == "step" and name == STREAMS_ROOT:
                    continue
                file = SourceFile(path, kind, *languages.of_suffix(match["suffix"]))
                found.append((position, match["mark"], path, file))
    found.sort(key=lambda entry: entry[:3])  # "." sorts before "_"
    files = tuple(file for *_, file in found)
    if not files:
        problems.append(_nothing(root))
    return Discovery(files, tuple(problems))


def digest(root: Path, files: Sequence[SourceFile], config_file: str = "") -> str:
    """Identifies these files, and a config file by its path, and what is in them. SDKs compute the same
    (docs/protocol.md, REMOTE-6)."""
    summary = hashlib.sha256()
    for path in filter(None, (*(file.path for file in files), config_file)):
        try:
            content = (root / path).read_bytes()
        except OSError:
            content = b""  # the sidecar will say what is wrong with it
        name = path.encode()
        summary.update(b"%d:%d:%s" % (len(name), len(content), name))
        summary.update(content)
    return summary.hexdigest()


@dataclass(slots=True)
class _Search:
    """Goes through folders, into each of them once: links may lead in circles or to the same place twice."""

    root: Path
    pattern: re.Pattern[str]  # of the names of the files
    problems: list[Problem]
    seen: set[tuple[int, int]] = field(default_factory=set)  # device and inode of folders

    def walk(self, name: str) -> Iterator[str]:
        """Relative paths of the source files below a folder of the project."""
        links: list[str] = []
        yield from self._walk(name, links)
        while links:  # after the real folders, so that a file is found under its real path
            link = links.pop()
            if _identity(self.root / link) in self.seen:
                self.problems.append(_known_already(link))
            else:
                yield from self._walk(link, links)

    def _walk(self, name: str, links: list[str]) -> Iterator[str]:
        pending = [name]
        while pending:
            folder = pending.pop()
            try:
                self.seen.add(_identity(self.root / folder))
                with os.scandir(self.root / folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except (FileNotFoundError, NotADirectoryError):
                continue  # no such root, or removed just now
            except OSError as error:
                self.problems.append(_unreadable(folder, error))
                continue
            for entry in found:
                path = f"{folder}/{entry.name}"
                if _is_folder(entry):
                    if is_searched(entry):
                        (links if entry.is_symlink() else pending).append(path)
                elif self.pattern.fullmatch(entry.name):
                    if problem := _unusable(entry, path):
                        self.problems.append(problem)
                    else:
                        yield path


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError:  # removed just now: scandir will say so
        return (0, 0)
    return status.st_dev, status.st_ino


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def is_searched(entry: os.DirEntry[str]) -> bool:
    """Not what is hidden, installed or generated; a virtual environment may have any name."""
    name = entry.name
    if name.startswith(".") or name in IGNORED_FOLDERS:
        return False
    return not os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))  # noqa: PTH110, PTH118  # thousands of folders


def _unusable(entry: os.DirEntry[str], path: str) -> Problem | None:
    try:
        path.encode()
    except UnicodeEncodeError:  # surrogates stand for bytes that are not UTF-8
        cause = "the name of the file or of a folder above it is not UTF-8"
        return Problem("error", _shown(path), "discover", cause, remedy="rename it")
    try:
        if entry.is_file():
            return None
        cause = "this is not a file, or a link to a file that does not exist"
    except OSError as error:
        cause = f"the file cannot be read: {error.strerror}"
    return Problem("error", path, "discover", cause, remedy="remove it, or point the link to a file")


def _shown(path: str) -> str:
    return os.fsencode(path).decode(errors="backslashreplace")


def _unreadable(folder: str, error: OSError) -> Problem:
    cause = f"the folder cannot be read: {error.strerror}"
    return Problem("error", _shown(folder), "discover", cause, remedy="let the user that runs motia-core read it")


def _known_already(link: str) -> Problem:
    cause = "this links to a folder that is searched anyway; its files are loaded once, under their real path"
    return Problem("warning", _shown(link), "discover", cause, remedy="remove the link")


def _nothing(root: Path) -> Problem:
    there = [name for name in ROOTS if name != STREAMS_ROOT and (root / name).is_dir()]
    cause = f"no steps found in {' and '.join(f'{name}/' for name in there)}" if there else "no steps/ or src/ folder"
    remedy = "a step is a file such as steps/hello.step.ts, steps/hello.step.js or steps/hello_step.py"
    return Problem("warning", ".", "discover", cause, remedy=remedy)
