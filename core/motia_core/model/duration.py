"""Durations as people write them: "500ms", "30s", "5m", "2h", "7d"."""

from __future__ import annotations

import re

UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 24 * 3_600_000}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.ASCII)


def read_duration(text: str) -> int | None:
    """Milliseconds; None when the text is no duration."""
    match = _DURATION.fullmatch(text.strip())
    return round(float(match[1]) * UNITS_MS[match[2]]) if match else None


def write_duration(ms: float) -> str:
    """The shortest text that says the same."""
    if ms == 0:
        return "0s"
    unit = next(unit for unit in reversed(UNITS_MS) if ms % UNITS_MS[unit] == 0 or unit == "ms")
    return f"{ms / UNITS_MS[unit]:g}{unit}"
