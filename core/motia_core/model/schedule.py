"""When a cron step is due: cron expressions with 5 or 6 fields, in a time zone, across clock changes.

The only importer of croniter, which is given times without zones; clock changes are decided here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
LONGEST_SHIFT_S = 3 * 3600  # clocks were never set by more, but where a country changed its date

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# full names are as good as their first three letters, as in node-cron
_LONG_NAME = re.compile(
    r"\b(JAN|FEB|MAR|APR|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]+|\b(SUN|MON|TUE|WED|THU|FRI|SAT)[A-Z]*DAY"
)


class ScheduleError(ValueError):
    """A cron expression or a time zone is wrong; the message says which part of it, and what it may be."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    specials: tuple[str, ...] = ()

    def check(self, text: str) -> None:
        """Raises ScheduleError."""
        for part in text.split(","):
            span, slash, step = part.partition("/")
            start, dash, end = span.partition("-")
            is_any = span == "*" or span in self.specials
            is_good = is_any or (self._is_value(start) and (not dash or self._is_value(end)))
            if not is_good or (slash and not (step.isascii() and step.isdigit() and int(step) > 0)):
                names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
                raise ScheduleError(
                    f"{self.name} is {text!r}; it may have numbers {self.low}-{self.high}{names}, "
                    "*, ranges (1-5), steps (*/5) and lists (1,3)"
                )

    def _is_value(self, text: str) -> bool:
        return text in self.names or (text.isascii() and text.isdigit() and self.low <= int(text) <= self.high)


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31, specials=("?", "L")),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _DAYS, specials=("?",)),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed cron expression.

    Clock changes are treated as cron does. Times that the clock skips run at the moment of the change, times that
    it repeats run once; expressions with `*` in seconds, minutes or hours ("every …") follow the clock on the wall.
    """

    expression: str  # six fields
    timezone: str
    is_interval: bool
    _offset_at: Callable[[int], int] = field(repr=False, compare=False)  # seconds east of UTC, at epoch seconds

    @classmethod
    def parse(cls, expression: str, timezone: str = "") -> Schedule:
        """Read an expression with 5 fields, with 6 (seconds first) or a name such as @daily.

        Args:
            expression: The cron expression.
            timezone: IANA name; empty: the machine's own zone.

        Raises:
            ScheduleError: It cannot be read, the zone is unknown, or no time ever fits.
        """
        fields = _fields(expression)
        schedule = cls(" ".join(fields), timezone, any("*" in part for part in fields[:3]), _zone(timezone))
        schedule.next_after(0)
        return schedule

    def next_after(self, epoch_ms: int) -> int:
        """The first due time later than `epoch_ms`, in milliseconds."""
        # A segment is a time in which the zone's offset stays the same: `since` is in it, `wall` is where the search
        # goes on, as seconds shown by the clock on the wall.
        since = epoch_ms // 1000
        offset = self._offset_at(since)
        wall = since + offset
        while True:
            candidate = self._next_wall(wall)
            due = candidate - offset
            if self._offset_at(due) == offset:
                if self.is_interval or not self._is_repeated(due, offset):
                    return due * 1000
                wall = candidate
                continue
            change = self._change(since, due, offset)
            offset = self._offset_at(change)
            if not self.is_interval and candidate < change + offset:
                return change * 1000  # the clock skips the candidate
            since, wall = change, change + offset - 1

    def _next_wall(self, wall: int) -> int:
        from croniter import CroniterBadDateError, croniter  # costs 50 ms, and many projects have no cron step

        start = datetime.fromtimestamp(wall, UTC)
        try:
            return int(croniter(self.expression, start, second_at_beginning=True).get_next(float))
        except CroniterBadDateError:
            raise ScheduleError(f"cron expression {self.expression!r} fits no date") from None

    def _is_repeated(self, due: int, offset: int) -> bool:
        """Whether the clock showed this time before."""
        before = self._offset_at(due - LONGEST_SHIFT_S)
        return before > offset and self._offset_at(due + offset - before) == before

    def _change(self, low: int, high: int, offset: int) -> int:
        """The first second with another offset, between `low`, which has this one, and `high`, which has not."""
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset_at(middle) == offset:
                low = middle
            else:
                high = middle
        return high


def _fields(expression: str) -> list[str]:
    text = expression.strip()
    if text.startswith("@"):
        if text.lower() not in NICKNAMES:
            raise ScheduleError(f"{expression!r} is not a known name; known are {', '.join(NICKNAMES)}")
        text = NICKNAMES[text.lower()]
    fields = _LONG_NAME.sub(lambda name: name[0][:3], text.upper()).split()
    if len(fields) == 5:
        fields.insert(0, "0")
    if len(fields) != 6:
        raise ScheduleError(
            f"cron expression {expression!r} has {len(fields)} fields; it must have 5 "
            "(minute, hour, day of month, month, day of week) or 6 (second first)"
        )
    for kind, part in zip(_FIELDS, fields, strict=True):
        try:
            kind.check(part)
        except ScheduleError as error:
            raise ScheduleError(f"cron expression {expression!r}: {error}") from None
    return fields


def _zone(timezone: str) -> Callable[[int], int]:
    if not timezone:
        return lambda epoch_s: time.localtime(epoch_s).tm_gmtoff
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, OSError, ValueError):  # not found, a folder of zones, a path
        raise ScheduleError(
            f"time zone {timezone!r} is not known here; write a name such as Europe/Berlin or UTC"
        ) from None

    def offset_at(epoch_s: int) -> int:
        offset = datetime.fromtimestamp(epoch_s, zone).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    return offset_at
