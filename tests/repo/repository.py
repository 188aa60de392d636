"""The repository as its own tests see it: files, Markdown, tables, anchors."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
GENERATED = (
    "core/motia_core/_gen/",
    "sdk-python/motia/_gen/",
    "sdk-node/src/gen/",
    "sdk-go/gen/",
    "sdk-ruby/lib/motia/gen/",
)
_FENCE = re.compile(r"^( *)(```|~~~)(\w*)[^\n]*\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_ID = re.compile(r'<a (?:id|name)="([^"]+)"')


class Block(NamedTuple):
    """A fenced block of a document."""

    language: str
    text: str


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Files that are, or would be, committed; by suffix, without generated code."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = sorted({name for name in listed.split("\0") if name.endswith(suffixes) and not name.startswith(GENERATED)})
    return tuple(path for name in names if (path := ROOT / name).is_file())


def documents() -> tuple[Path, ...]:
    """All Markdown files."""
    return files(".md")


def name_of(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a document."""
    return [Block(match[3], match[4]) for match in _FENCE.finditer(path.read_text())]


def prose(path: Path) -> str:
    """A document without its fenced blocks."""
    return _FENCE.sub("", path.read_text())


@cache
def anchors(path: Path) -> frozenset[str]:
    """What a link into a document may name: its headings as GitHub makes them, and explicit ids."""
    text = prose(path)
    found: dict[str, int] = {}
    names = set(_ID.findall(text))
    for heading in _HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        seen = found.get(slug, 0)
        found[slug] = seen + 1
        names.add(f"{slug}-{seen}" if seen else slug)
    return frozenset(names)


def table(path: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    text = prose(path)
    start = re.search(rf"^#+ +{re.escape(heading)} *$", text, re.MULTILINE)
    assert start is not None, f"{name_of(path)} has no heading {heading!r}"
    rows: list[list[str]] = []
    for line in text[start.end() :].splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
        elif rows or line.startswith("#"):
            break
    assert len(rows) > 2, f"{name_of(path)} has no table below {heading!r}"
    return rows[2:]


def code(cell: str) -> str:
    """What stands between backticks in a table's cell."""
    match = re.fullmatch(r"`([^`]+)`", cell)
    assert match is not None, f"expected `code` in a table's cell, found {cell!r}"
    return match[1]


def occurrences(pattern: re.Pattern[str], *suffixes: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Matches in all files with these suffixes: where, and what."""
    for path in files(*suffixes):
        text = path.read_text()
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name_of(path)}:{line}", match
