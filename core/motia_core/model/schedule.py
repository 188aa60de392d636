"""When a cron step is due: cron expressions in a time zone, across clock changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from motia_core.model.calendar import Calendar, ScheduleError

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
NEVER_MS = 2**52  # due time of what is over
LONGEST_SHIFT_S = 3 * 3600  # clocks were never set by more, but where a country changed its date


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression in a time zone.

    Clock changes are treated as cron does. Times that the clock skips run at the moment of the change, times that
    it repeats run once; expressions with `*` in seconds, minutes or hours ("every …") follow the clock on the wall.
    """

    expression: str
    timezone: str
    _calendar: Calendar = field(repr=False)
    _offset_at: Callable[[int], int] = field(repr=False, compare=False)  # seconds east of UTC, at epoch seconds

    @classmethod
    def parse(cls, expression: str, timezone: str = "") -> Schedule:
        """Read an expression with 5 fields, with 6 (seconds first), with 7 (and the year last) or a name such
        as @daily.

        Args:
            expression: The cron expression.
            timezone: IANA name; empty: the machine's own zone.

        Raises:
            ScheduleError: It cannot be read, the zone is unknown, or no time ever fits.
        """
        text = expression.strip()
        if text.startswith("@"):
            if text.lower() not in NICKNAMES:
                raise ScheduleError(f"{expression!r} is not a known name; known are {', '.join(NICKNAMES)}")
            text = NICKNAMES[text.lower()]
        schedule = cls(expression, timezone, Calendar.parse(text), _zone(timezone))
        if schedule.next_after(0) == NEVER_MS:
            raise ScheduleError(f"cron expression {expression!r} fits no date")
        return schedule

    def next_after(self, epoch_ms: int) -> int:
        """The first due time later than `epoch_ms`, in milliseconds; NEVER_MS: there is none."""
        # A segment is a time in which the zone's offset stays the same: `since` is in it, `wall` is where the search
        # goes on, as seconds shown by the clock on the wall.
        since = epoch_ms // 1000
        offset = self._offset_at(since)
        wall = since + offset
        is_interval = self._calendar.is_interval
        while True:
            candidate = self._calendar.next_after(wall)
            if candidate is None and self._calendar.has_years:
                return NEVER_MS
            if candidate is None:
                raise ScheduleError(f"cron expression {self.expression!r} fits no date")
            due = candidate - offset
            if self._offset_at(due) == offset:
                if is_interval or not self._is_repeated(due, offset):
                    return due * 1000
                wall = candidate
                continue
            change = self._change(since, due, offset)
            offset = self._offset_at(change)
            if not is_interval and candidate < change + offset:
                return change * 1000  # the clock skips the candidate
            since, wall = change, change + offset - 1

    def latest(self, after_ms: int, now_ms: int) -> int:
        """The last due time later than `after_ms` and not later than `now_ms`, in milliseconds; 0: there is none."""
        first = self.next_after(after_ms)
        if first > now_ms:
            return 0
        if self.next_after(first) > now_ms:
            return first
        low, high = first // 1000, now_ms // 1000  # after `low` something is due until now, after `high` nothing
        while high - low > 1:
            middle = (low + high) // 2
            if self.next_after(middle * 1000) <= now_ms:
                low = middle
            else:
                high = middle
        return self.next_after(low * 1000)

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


__all__ = ["NEVER_MS", "NICKNAMES", "Schedule", "ScheduleError"]
