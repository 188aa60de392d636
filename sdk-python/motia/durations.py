"""Durations and times as handlers write them: seconds, timedeltas and texts such as "30s"; datetimes and ISO 8601."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MAX_DURATION_MS = 36_500 * UNITS_MS["d"]
MAX_UNIX_MS = 253_402_300_800_000  # the year 10,000; seconds mistaken for milliseconds are beyond it
FORMS = 'give seconds as a number, or a text such as "500ms", "30s", "5m", "2h" or "7d"'
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*", re.ASCII)


def duration_ms(value: Any, name: str) -> int:
    """A duration in milliseconds. Raises ValueError, with `name` in it, for what is none."""
    milliseconds = _milliseconds(value, name)
    if milliseconds < 0:
        raise ValueError(f"{name} is {value!r}: it must not be negative")
    if not milliseconds <= MAX_DURATION_MS:
        raise ValueError(f"{name} is {value!r}: the most is 36500 days")
    return max(1, round(milliseconds)) if milliseconds else 0


def positive_ms(value: Any, name: str) -> int:
    """As `duration_ms`, for durations that cannot be 0."""
    milliseconds = duration_ms(value, name)
    if milliseconds == 0:
        raise ValueError(f"{name} is {value!r}: it must be more than 0; leave it out for none")
    return milliseconds


def unix_ms(value: Any, name: str) -> int:
    """A time in milliseconds since the epoch. What has no UTC offset is local time, as everywhere in Python."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text)
        except ValueError:
            raise ValueError(f'{name} is {value!r}: write a time as ISO 8601, such as "2030-01-31T09:00:00Z"') from None
    if isinstance(value, datetime.datetime):
        value = value.timestamp()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        kind = type(value).__name__
        raise ValueError(f"{name} is a {kind}: give a datetime, an ISO 8601 text, or seconds since the epoch")
    if not 0 <= value * 1000 < MAX_UNIX_MS:
        raise ValueError(f"{name} is {value!r}: it must lie between 1970 and the year 10000, in seconds")
    return round(value * 1000)


def _milliseconds(value: Any, name: str) -> float:
    if isinstance(value, str):
        found = _TEXT.fullmatch(value)
        if found is None:
            raise ValueError(f"{name} is {value!r}, which is no duration: {FORMS}")
        return float(found[1]) * UNITS_MS[found[2]]
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(milliseconds=1)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name} is a {type(value).__name__}, which is no duration: {FORMS}")
    if math.isnan(value):
        raise ValueError(f"{name} is nan, which is no duration: {FORMS}")
    return value * 1000
