"""What a cron expression says of dates and times on the wall, whatever the zone.

The only importer of croniter. It is given fields that are read, checked and written out here, because it reads some of
them in its own way ("0-0" as every), and refuses others without saying what is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

LAST_DAY = 32  # `L`: the last day of the month, whichever it is

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
    _Field("year", 1970, 2099),
)
_MOST_YEARS = 41  # between two dates that fit: 29 February on a certain day of the week


@dataclass(frozen=True, slots=True)
class Calendar:
    """A parsed expression. Times are seconds since 1970 as the clock on the wall counts them."""

    expression: str  # six fields, of numbers only: the same to every reader of cron expressions
    needs_both: bool  # day of month and day of week must fit, not only one of them
    is_interval: bool  # `*` in seconds, minutes or hours: it says how often, not when
    has_years: bool = False  # it ends: after the last of them nothing is due any more

    @classmethod
    def parse(cls, expression: str) -> Calendar:
        """Read an expression with 5 fields, with 6 (seconds first), or with 7 (and the year last).

        Raises:
            ScheduleError: It cannot be read.
        """
        fields = _LONG_NAME.sub(lambda name: name[0][:3], expression.upper()).split()
        if len(fields) == 5:
            fields.insert(0, "0")
        if len(fields) == 6:
            fields.append("*")
        if len(fields) != 7:
            raise ScheduleError(
                f"cron expression {expression!r} has {len(fields)} fields; it must have 5 "
                "(minute, hour, day of month, month, day of week), 6 (second first) or 7 (year last)"
            )
        try:
            values = [kind.values(text) for kind, text in zip(_FIELDS, fields, strict=True)]
        except ScheduleError as error:
            raise ScheduleError(f"cron expression {expression!r}: {error}") from None
        second, minute, hour, day, month, weekday, year = (
            _text(kind, one) for kind, one in zip(_FIELDS, values, strict=True)
        )
        # as in every cron: a day field that begins with * leaves the choice to the other
        needs_both = any(field[0] in "*?" for field in (fields[3], fields[5]))
        if not needs_both and "*" in (day, weekday):  # written out, such as 0-6: either is enough, so every day fits
            day = weekday = "*"
        return cls(
            " ".join((minute, hour, day, month, weekday, second, *([] if year == "*" else [year]))),
            needs_both,
            any("*" in field for field in fields[:3]),
            year != "*",
        )

    def next_after(self, wall: int) -> int | None:
        """The first time later than this one; None: no date fits."""
        from croniter import CroniterBadDateError, croniter  # costs 50 ms, and many projects have no cron step

        start = datetime.fromtimestamp(wall, UTC)
        try:
            most_years = _FIELDS[-1].high - _FIELDS[-1].low if self.has_years else _MOST_YEARS
            times = croniter(self.expression, start, day_or=not self.needs_both, max_years_between_matches=most_years)
            return int(times.get_next(float))
        except CroniterBadDateError:
            return None


def _text(kind: _Field, values: frozenset[int]) -> str:
    """A field's values, written out."""
    if kind.top:  # Sunday is 0 as well as 7
        values = frozenset(day % 7 for day in values)
    if values.issuperset(range(kind.low, (kind.top or kind.high) + 1)):
        return "*"
    is_last = "L" in kind.specials
    return ",".join("L" if is_last and value == LAST_DAY else str(value) for value in sorted(values))
