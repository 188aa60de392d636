"""Text for terminals: colours where they are wanted, columns that fit, nothing that a terminal would obey."""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

INDENT = "  "
NARROWEST = 40
NARROWEST_COLUMN = 6
NARROWEST_LAST = 16
UNBOUNDED = 100_000  # columns of what is not a terminal
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_KEEPS_COLOUR = re.compile(rf"({_COLOUR.pattern})|{_CONTROL.pattern}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide the output is and whether it has colours."""

    width: int = UNBOUNDED
    has_colour: bool = False

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str] = os.environ) -> Layout:
        """What suits a stream; NO_COLOR and FORCE_COLOR are heeded."""
        is_terminal = stream.isatty()
        wanted = bool(environ.get("FORCE_COLOR")) or (is_terminal and environ.get("TERM") != "dumb")
        width = max(NARROWEST, shutil.get_terminal_size().columns) if is_terminal else UNBOUNDED
        return cls(width, wanted and not environ.get("NO_COLOR"))

    # --- colours

    def bold(self, text: str) -> str:
        return self._styled("1", text)

    def dim(self, text: str) -> str:
        return self._styled("2", text)

    def red(self, text: str) -> str:
        return self._styled("31", text)

    def green(self, text: str) -> str:
        return self._styled("32", text)

    def yellow(self, text: str) -> str:
        return self._styled("33", text)

    def cyan(self, text: str) -> str:
        return self._styled("36", text)

    def _styled(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_colour and text else text

    # --- shapes

    def columns(self, rows: Sequence[Sequence[str]], *, ends_with_path: bool = True) -> list[str]:
        """Lines of aligned cells. What does not fit is cut: paths at their start, everything else at its end."""
        if not rows:
            return []
        rows = [[clean(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        available = self.width - len(INDENT) * len(widths)
        last = widths.pop()
        while sum(widths) > available - min(last, NARROWEST_LAST) and max(widths) > NARROWEST_COLUMN:
            widths[widths.index(max(widths))] -= 1
        room = available - sum(widths)
        return [self._row(row, widths, room, ends_with_path=ends_with_path) for row in rows]

    def _row(self, row: Sequence[str], widths: Sequence[int], room: int, *, ends_with_path: bool) -> str:
        *cells, last = row
        shown = [shortened(cell, width).ljust(width) for cell, width in zip(cells, widths, strict=True)]
        last = shortened(last[::-1], room)[::-1] if ends_with_path else shortened(last, room)
        return f"{INDENT}{INDENT.join([*shown, self.dim(last)])}".rstrip()

    def paragraph(self, text: str, indent: str, hanging: str | None = None) -> list[str]:
        """Text wrapped to the width; its own line breaks stay."""
        first, rest = indent, indent if hanging is None else hanging
        lines: list[str] = []
        for part in clean(text).splitlines() or [""]:
            prefix = rest if lines else first
            wrapped = textwrap.wrap(
                part, self.width, initial_indent=prefix, subsequent_indent=rest, break_on_hyphens=False
            )
            lines += wrapped or [prefix]
        return lines


def shortened(text: str, width: int) -> str:
    """Text cut at its end."""
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"


def clean(text: str, *, keeps_colour: bool = False) -> str:
    """Text without control characters, so that what user code logs or clients send cannot move the cursor, rename
    the window or reverse the text. Tabs and line breaks stay; colours stay where they are shown."""
    if text.isprintable():
        return text
    if keeps_colour:
        return _KEEPS_COLOUR.sub(lambda match: match[1] or _escaped(match), text)
    return _CONTROL.sub(_escaped, _COLOUR.sub("", text))


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\r":
        return ""
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def duration(ms: float) -> str:
    """A duration for people: "1.2 ms", "3.45 s"."""
    if ms < 10:
        return f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.2f} s" if ms < 60_000 else f"{ms / 60_000:.1f} min"
