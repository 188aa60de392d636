"""Due times against an oracle that knows nothing of cron but its rules: it looks at every second of the clock on the
wall, on the days around which clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from motia_core.model.schedule import Schedule

DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # an example takes up to a minute where there are many
NAMES = {name: number for names, first in ((DAYS, 0), (MONTHS, 1)) for number, name in enumerate(names, first)}


class Change(NamedTuple):
    """A day on which clocks are changed."""

    zone: str
    day: str
    shift_s: int  # forward, or back


# New York and Berlin change by an hour at night, Lord Howe by half an hour, Cairo by an hour at midnight.
CHANGES = (
    Change("Europe/Berlin", "2026-03-29", 3600),
    Change("Europe/Berlin", "2026-10-25", -3600),
    Change("America/New_York", "2026-03-08", 3600),
    Change("America/New_York", "2026-11-01", -3600),
    Change("Australia/Lord_Howe", "2026-04-05", -1800),
    Change("Australia/Lord_Howe", "2026-10-04", 1800),
    Change("Africa/Cairo", "2026-04-24", 3600),
    Change("Africa/Cairo", "2026-10-29", -3600),
)


def values(field: str, low: int, high: int) -> set[int]:
    """What a field lets through."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        start, dash, end = span.partition("-")
        first = low if start == "*" else number(start)
        last = number(end) if dash else high if start == "*" or step else first
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def number(text: str) -> int:
    return NAMES[text] if text in NAMES else int(text)


class Oracle:
    """The rules, one by one."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        if len(fields) == 5:
            fields.insert(0, "0")
        limits = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
        every = [values(field, *limit) for field, limit in zip(fields, limits, strict=True)]
        self.seconds, self.minutes, self.hours, self.days, self.months, self.weekdays = every
        self.weekdays = {day % 7 for day in self.weekdays}
        # a field that begins with * restricts nothing that the other day field allows
        self.needs_both = fields[3].startswith("*") or fields[5].startswith("*")
        self.is_interval = any("*" in field for field in fields[:3])

    def fits(self, wall: datetime) -> bool:
        day, weekday = wall.day in self.days, wall.isoweekday() % 7 in self.weekdays
        return (
            wall.second in self.seconds
            and wall.minute in self.minutes
            and wall.hour in self.hours
            and wall.month in self.months
            and (day and weekday if self.needs_both else day or weekday)
        )

    def due(self, change: Change) -> list[int]:
        """All due times from the day before to the day after."""
        found: set[int] = set()
        shown: set[datetime] = set()
        step = 1 if self.seconds != {0} else 60
        before = None
        for at, wall in walls(change.zone, change.day, step):
            if before is not None:
                skipped = before + timedelta(seconds=step)
                while skipped < wall:  # the clock went forward: times that it never shows run now
                    if not self.is_interval and self.fits(skipped):
                        found.add(at)
                    skipped += timedelta(seconds=step)
            if self.fits(wall) and (self.is_interval or wall not in shown):
                found.add(at)
            shown.add(wall)
            before = wall
        return sorted(found)


@cache
def walls(zone: str, day: str, step: int) -> list[tuple[int, datetime]]:
    """Times, and what the clock on the wall shows: 1.5 days before the change to 1.5 days after it when seconds do not
    count, else the six hours around it."""
    middle = int((datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)) + timedelta(hours=3)).timestamp())
    reach = 4 * 3600 if step == 1 else 36 * 3600
    times = range(middle - reach, middle + reach, step)
    return [(at, datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for at in times]


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high).map(str)
    pair = st.tuples(st.integers(low, high), st.integers(low, high)).map(sorted)
    span = pair.map(lambda ends: f"{ends[0]}-{ends[1]}")
    steps = st.integers(2, max(2, (high - low) // 2)).map(lambda step: f"*/{step}")
    stepped = st.tuples(span, st.integers(1, 5)).map(lambda parts: f"{parts[0]}/{parts[1]}")
    listed = st.lists(st.one_of(one, span), min_size=2, max_size=3).map(",".join)
    return st.one_of(st.just("*"), one, span, steps, stepped, listed)


def expressions(*, with_seconds: bool) -> st.SearchStrategy[str]:
    days = st.one_of(st.just("*"), st.just("*"), numbers(1, 28))
    weekdays = st.one_of(st.just("*"), st.just("*"), numbers(0, 6), st.sampled_from(DAYS), st.just("MON-FRI"))
    hours = st.one_of(numbers(0, 23), numbers(0, 4))  # clocks are changed at night
    fields = [numbers(0, 59), hours, days, st.one_of(st.just("*"), st.sampled_from(MONTHS)), weekdays]
    return st.tuples(*([numbers(0, 59), *fields] if with_seconds else fields)).map(" ".join)


def found(expression: str, change: Change, first: int, last: int) -> list[int]:
    """The due times of the code under test from `first` to `last`."""
    schedule = Schedule.parse(expression, change.zone)
    due, at_ms = [], first * 1000 - 1
    while (at_ms := schedule.next_after(at_ms)) <= last * 1000:
        due.append(at_ms // 1000)
    return due


def check(expression: str, change: Change) -> None:
    oracle = Oracle(expression)
    times = walls(change.zone, change.day, 1 if oracle.seconds != {0} else 60)
    first = times[len(times) // 8][0]  # repeated times before it have been shown
    expected = [at for at in oracle.due(change) if at >= first]
    assert found(expression, change, first, times[-1][0]) == expected


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_oracle_sees_the_changes(change: Change) -> None:
    times = walls(change.zone, change.day, 60)
    jumps = [later - earlier for (_, earlier), (_, later) in pairwise(times)]
    assert [int(jump.total_seconds()) - 60 for jump in jumps if jump != timedelta(minutes=1)] == [change.shift_s]


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize(
    "expression",
    [
        "30 2 * * *",
        "0 0 * * *",
        "0 1,2,3 * * *",
        "15,45 0-3 * * *",
        "*/20 * * * *",
        "0 */2 * * *",
        "*/15 2 * * *",
        "30 2 * * SUN",
        "30 0 1-7 * SUN",
        "59 23 * * *",
        "10,50 30 0-2 * * *",
        "*/7 30 2 * * *",
        "0 59 1 * * *",
    ],
)
def test_what_people_write(expression: str, change: Change) -> None:
    check(expression, change)


@settings(max_examples=60, deadline=None, phases=NO_SHRINKING)
@given(expression=expressions(with_seconds=False), change=st.sampled_from(CHANGES))
@example("0 2 29 MAR SUN", CHANGES[0])
@example("0 1 */7 * 1-5", CHANGES[3])
@example("0 1 10 * 0-6", CHANGES[3])
@example("0 1 1-31 * 2", CHANGES[3])
def test_five_fields(expression: str, change: Change) -> None:
    check(expression, change)


@settings(max_examples=6, deadline=None, phases=NO_SHRINKING)
@given(expression=expressions(with_seconds=True), change=st.sampled_from(CHANGES))
def test_six_fields(expression: str, change: Change) -> None:
    check(expression, change)
