"""On which line of motia.toml or .env something is set, for people: what is too clever for it has none."""

from __future__ import annotations

import re
from pathlib import Path

_TABLE = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"\s*([\w.\"' -]+?)\s*=")
_VARIABLE = re.compile(r"\s*(?:export\s+)?([\w.]+)\s*=")


def line_of_setting(file: Path, name: str) -> int:
    """The line of a setting such as `http.port`, from 1; 0: unknown."""
    table = ""
    for number, line in enumerate(_lines(file), 1):
        if match := _TABLE.match(line):
            table = f"{_plain(match[1])}."
        elif match := _KEY.match(line):
            found = table + _plain(match[1])
            if name == found or name.startswith(f"{found}."):
                return number
    return 0


def line_of_variable(file: Path, name: str) -> int:
    """The line of a variable in .env, from 1; the last one counts; 0: there is none."""
    found = 0
    for number, line in enumerate(_lines(file), 1):
        match = _VARIABLE.match(line)
        if match and match[1] == name:
            found = number
    return found


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
