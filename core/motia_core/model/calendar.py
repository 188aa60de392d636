"""What a cron expression says of dates and times on the wall, whatever the zone: its fields, and the next time that
fits them."""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LAST_DAY = 32  # `L`: the last day of the month, whichever it is
LONGEST_SEARCH_DAYS = 41 * 366  # 29 February falls on each day of the week within 40 years

_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)
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
    top: int = 0  # where * and open ranges end, if not at `high`

    def values(self, text: str) -> frozenset[int]:
        """All that the field lets through.

        Raises:
            ScheduleError: It cannot be read.
        """
        found: set[int] = set()
        for part in text.split(","):
            span, slash, step = part.partition("/")
            if slash and not (step.isascii() and step.isdigit() and int(step) > 0):
                raise self._unreadable(text)
            if span in self.specials and span == "L" and not slash:
                found.add(LAST_DAY)
            else:
                found.update(self._span(span, text, is_open=bool(slash))[:: int(step or 1)])
        return frozenset(found)

    def _span(self, span: str, text: str, *, is_open: bool) -> list[int]:
        top = self.top or self.high
        if span == "*" or (span == "?" and "?" in self.specials):
            return list(range(self.low, top + 1))
        start, dash, end = span.partition("-")
        if not self._is_value(start) or (dash and not self._is_value(end)):
            raise self._unreadable(text)
        first = self._number(start)
        last = self._number(end) if dash else top if is_open else first
        if first <= last:
            return list(range(first, last + 1))
        return [*range(first, top + 1), *range(self.low, last + 1)] if dash else [first]  # 22-2 goes on after midnight

    def _is_value(self, text: str) -> bool:
        return text in self.names or (text.isascii() and text.isdigit() and self.low <= int(text) <= self.high)

    def _number(self, text: str) -> int:
        return self.names.index(text) + self.low if text in self.names else int(text)

    def _unreadable(self, text: str) -> ScheduleError:
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return ScheduleError(
            f"{self.name} is {text!r}; it may have numbers {self.low}-{self.high}{names}, "
            "*, ranges (1-5), steps (*/5) and lists (1,3)"
        )


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31, specials=("?", "L")),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _DAYS, specials=("?",), top=6),  # 7 is Sunday, too
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A parsed expression. Times are seconds since 1970 as the clock on the wall counts them."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0: Sunday
    needs_both: bool  # day of month and day of week must fit, not only one of them
    is_interval: bool  # `*` in seconds, minutes or hours: it says how often, not when

    @classmethod
    def parse(cls, expression: str) -> Calendar:
        """Read an expression with 5 fields, or with 6 (seconds first).

        Raises:
            ScheduleError: It cannot be read.
        """
        fields = _LONG_NAME.sub(lambda name: name[0][:3], expression.upper()).split()
        if len(fields) == 5:
            fields.insert(0, "0")
        if len(fields) != 6:
            raise ScheduleError(
                f"cron expression {expression!r} has {len(fields)} fields; it must have 5 "
                "(minute, hour, day of month, month, day of week) or 6 (second first)"
            )
        try:
            values = [kind.values(text) for kind, text in zip(_FIELDS, fields, strict=True)]
        except ScheduleError as error:
            raise ScheduleError(f"cron expression {expression!r}: {error}") from None
        seconds, minutes, hours = (tuple(sorted(found)) for found in values[:3])
        return cls(
            seconds,
            minutes,
            hours,
            values[3],
            values[4],
            frozenset(day % 7 for day in values[5]),
            # as in every cron: a day field that begins with * leaves the choice to the other
            any(field[0] in "*?" for field in (fields[3], fields[5])),
            any("*" in field for field in fields[:3]),
        )

    def next_after(self, wall: int) -> int | None:
        """The first time later than this one; None: no date fits."""
        start = datetime.fromtimestamp(wall + 1, UTC)
        day = start.date()
        if self._fits(day) and (time := self._time_from(start.hour, start.minute, start.second)) is not None:
            return _midnight(day) + time
        following = self._day_after(day)
        if following is None:
            return None
        return _midnight(following) + self.hours[0] * 3600 + self.minutes[0] * 60 + self.seconds[0]

    def _time_from(self, hour: int, minute: int, second: int) -> int | None:
        """The first time of day that is not earlier, in seconds."""
        seconds, minutes, hours = self.seconds, self.minutes, self.hours
        at_hour = bisect_left(hours, hour)
        if at_hour < len(hours) and hours[at_hour] == hour:
            at_minute = bisect_left(minutes, minute)
            if at_minute < len(minutes) and minutes[at_minute] == minute:
                at_second = bisect_left(seconds, second)
                if at_second < len(seconds):
                    return hour * 3600 + minute * 60 + seconds[at_second]
                at_minute += 1
            if at_minute < len(minutes):
                return hour * 3600 + minutes[at_minute] * 60 + seconds[0]
            at_hour += 1
        return hours[at_hour] * 3600 + minutes[0] * 60 + seconds[0] if at_hour < len(hours) else None

    def _day_after(self, day: date) -> date | None:
        end = day + timedelta(days=LONGEST_SEARCH_DAYS)
        day += _DAY
        while day < end:
            if day.month not in self.months:
                day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            elif self._fits(day):
                return day
            else:
                day += _DAY
        return None

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        days = self.days
        in_month = day.day in days or (LAST_DAY in days and day.day == monthrange(day.year, day.month)[1])
        in_week = day.isoweekday() % 7 in self.weekdays
        return in_month and in_week if self.needs_both else in_month or in_week


def _midnight(day: date) -> int:
    return (day - _EPOCH).days * 86_400
