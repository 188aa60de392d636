"""When cron steps are due."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.schedule import NEVER_MS, Schedule, ScheduleError

BERLIN = "Europe/Berlin"  # 2026: forward on 29 March 02:00 → 03:00, back on 25 October 03:00 → 02:00


def ms(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def due_times(expression: str, zone: str, after: str, count: int) -> list[str]:
    schedule = Schedule.parse(expression, zone)
    at_ms, found = ms(after, zone), []
    for _ in range(count):
        at_ms = schedule.next_after(at_ms)
        found.append(datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).strftime("%m-%d %H:%M:%S%z"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("* * * * *", "2026-01-01T00:00", "2026-01-01T00:01"),
        ("*/15 * * * *", "2026-01-01T00:44:59", "2026-01-01T00:45"),
        ("0 9 * * TUE", "2026-01-01T00:00", "2026-01-06T09:00"),
        ("0 9 * * tuesday", "2026-01-01T00:00", "2026-01-06T09:00"),
        ("0 9 * * 2", "2026-01-01T00:00", "2026-01-06T09:00"),
        ("0 0 * * 7", "2026-01-01T00:00", "2026-01-04T00:00"),
        ("0 0 1 January *", "2026-01-02T00:00", "2027-01-01T00:00"),
        ("0 0 1 * *", "2026-05-02T00:00", "2026-06-01T00:00"),
        ("0 0 * may mon", "2026-01-01T00:00", "2026-05-04T00:00"),
        ("* * 1 * *", "2026-01-01T23:59", "2026-02-01T00:00"),
        ("* * 1 * *", "2026-01-01T12:30", "2026-01-01T12:31"),
        ("0 0 * * * *", "2026-01-01T00:00", "2026-01-01T01:00"),
        ("30 * * * * *", "2026-01-01T00:00:30", "2026-01-01T00:01:30"),
        ("*/10 * * * * *", "2026-01-01T00:00:01", "2026-01-01T00:00:10"),
        ("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00"),
        ("0 0 L * *", "2026-02-01T00:00", "2026-02-28T00:00"),
        ("0 0 1,15 * 1", "2026-01-02T00:00", "2026-01-05T00:00"),
        ("@hourly", "2026-01-01T00:00", "2026-01-01T01:00"),
        ("@daily", "2026-01-01T00:00", "2026-01-02T00:00"),
        ("@Weekly", "2026-01-01T00:00", "2026-01-04T00:00"),
        ("  0   9 * * *  ", "2026-01-01T00:00", "2026-01-01T09:00"),
        ("0-0 * * * *", "2026-01-01T00:00", "2026-01-01T01:00"),
        ("3-3/5 * * * *", "2026-01-01T00:00", "2026-01-01T00:03"),
        ("50/5 * * * *", "2026-01-01T00:55", "2026-01-01T01:50"),
        ("0 22-2 * * *", "2026-01-01T23:30", "2026-01-02T00:00"),
        ("0 22-2 * * *", "2026-01-01T02:00", "2026-01-01T22:00"),
        ("0 0 * * FRI-MON", "2026-01-05T00:00", "2026-01-09T00:00"),
        ("0 0 * * 5-7", "2026-01-03T00:00", "2026-01-04T00:00"),
        ("0 0 * * 1/2", "2026-01-02T00:00", "2026-01-05T00:00"),
        ("0 0 */10 * MON", "2026-01-01T00:00", "2026-05-11T00:00"),
        ("0 0 L * FRI", "2026-01-24T00:00", "2026-01-30T00:00"),
        ("0 0 15,L * *", "2028-02-15T00:00", "2028-02-29T00:00"),
        ("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29T00:00"),
        ("0 0 ? * MON", "2026-01-01T00:00", "2026-01-05T00:00"),
        ("59 59 23 31 12 *", "2026-12-31T23:59:58", "2026-12-31T23:59:59"),
        ("59 59 23 31 12 *", "2026-12-31T23:59:59", "2027-12-31T23:59:59"),
    ],
)
def test_next_after_in_utc(expression: str, after: str, due: str) -> None:
    assert Schedule.parse(expression, "UTC").next_after(ms(after)) == ms(due)


def test_next_is_later_than_the_due_time_itself() -> None:
    schedule = Schedule.parse("0 * * * *", "UTC")
    assert schedule.next_after(ms("2026-01-01T01:00") - 1) == ms("2026-01-01T01:00")
    assert schedule.next_after(ms("2026-01-01T01:00")) == ms("2026-01-01T02:00")
    assert schedule.next_after(ms("2026-01-01T01:00") + 1) == ms("2026-01-01T02:00")


def test_due_times_are_those_of_the_zone() -> None:
    assert due_times("0 9 * * *", "Asia/Kolkata", "2026-01-01T10:00", 1) == ["01-02 09:00:00+0530"]


def test_without_zone_the_machine_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert Schedule.parse("0 9 * * *").next_after(ms("2026-07-01T00:00")) == ms("2026-07-01T13:00")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_skipped_time_runs_at_the_change() -> None:
    assert due_times("30 2 * * *", BERLIN, "2026-03-28T00:00", 3) == [
        "03-28 02:30:00+0100",
        "03-29 03:00:00+0200",
        "03-30 02:30:00+0200",
    ]


def test_skipped_time_runs_at_the_change_when_asked_just_before() -> None:
    schedule = Schedule.parse("30 2 * * *", BERLIN)
    change = ms("2026-03-29T03:00", BERLIN)
    assert schedule.next_after(change - 1) == change
    assert schedule.next_after(change) == ms("2026-03-30T02:30", BERLIN)


def test_skipped_and_following_time_run_once_when_they_fall_together() -> None:
    assert due_times("0 2,3 * * *", BERLIN, "2026-03-29T01:00", 2) == ["03-29 03:00:00+0200", "03-30 02:00:00+0200"]


def test_repeated_time_runs_once() -> None:
    assert due_times("30 2 * * *", BERLIN, "2026-10-24T12:00", 2) == ["10-25 02:30:00+0200", "10-26 02:30:00+0100"]


def test_repeated_time_is_not_run_again_when_asked_in_the_second_pass() -> None:
    schedule = Schedule.parse("45 2 * * *", BERLIN)
    in_second_pass = ms("2026-10-25T02:30", BERLIN, fold=1)
    assert schedule.next_after(in_second_pass) == ms("2026-10-26T02:45", BERLIN)


def test_interval_goes_on_when_the_clock_is_set_forward() -> None:
    assert due_times("*/30 * * * *", BERLIN, "2026-03-29T01:00", 3) == [
        "03-29 01:30:00+0100",
        "03-29 03:00:00+0200",
        "03-29 03:30:00+0200",
    ]


def test_interval_goes_on_when_the_clock_is_set_back() -> None:
    assert due_times("*/30 * * * *", BERLIN, "2026-10-25T01:30", 6) == [
        "10-25 02:00:00+0200",
        "10-25 02:30:00+0200",
        "10-25 02:00:00+0100",
        "10-25 02:30:00+0100",
        "10-25 03:00:00+0100",
        "10-25 03:30:00+0100",
    ]


def test_half_hour_change_runs_once() -> None:
    # Lord Howe Island sets its clocks by 30 minutes: back from 02:00 to 01:30 on 5 April 2026
    assert due_times("45 1 * * *", "Australia/Lord_Howe", "2026-04-05T00:00", 2) == [
        "04-05 01:45:00+1100",
        "04-06 01:45:00+1030",
    ]


def test_yearly_run_is_found_across_two_changes() -> None:
    assert due_times("0 12 1 7 *", BERLIN, "2026-07-01T12:00", 1) == ["07-01 12:00:00+0200"]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "has 0 fields"),
        ("* * *", "has 3 fields; it must have 5"),
        ("* * * * * * * *", "has 8 fields"),
        ("* * * * * * 1969", "year is '1969'; it may have numbers 1970-2099"),
        ("every day", "has 2 fields"),
        ("60 * * * *", "minute is '60'; it may have numbers 0-59"),
        ("* 25 * * *", "hour is '25'; it may have numbers 0-23"),
        ("* * 0 * *", "day of month is '0'"),
        ("* * * 13 *", "month is '13'; it may have numbers 1-12 or JAN-DEC"),
        ("* * * * 8", "day of week is '8'"),
        ("* * * * FUN", "day of week is 'FUN'"),
        ("*/0 * * * *", "minute is '*/0'"),
        ("1- * * * *", "minute is '1-'"),
        ("1,,2 * * * *", "minute is '1,,2'"),
        ("99 * * * * *", "second is '99'"),
        ("٣ * * * *", "minute is '٣'"),
        ("@reboot", "'@reboot' is not a known name"),
        ("0 0 30 2 *", "fits no date"),
        ("0 0 L/2 * *", "day of month is 'L/2'"),
        ("0 0 1-L * *", "day of month is '1-L'"),
        ("? * * * *", "minute is '?'"),
    ],
)
def test_invalid_expression_says_what_is_wrong(expression: str, says: str) -> None:
    with pytest.raises(ScheduleError) as raised:
        Schedule.parse(expression, "UTC")
    assert says in str(raised.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Europe", "Europe/Berlin\0", "/etc/localtime"])
def test_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(ScheduleError, match=r"time zone .* is not known here"):
        Schedule.parse("* * * * *", zone)


@given(
    expression=st.sampled_from(["30 2 * * *", "*/7 * * * *", "0 */2 * * *", "0 0 * * 0", "15 1,2,3 * * *"]),
    zone=st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC", "Africa/Cairo"]),
    after_s=st.integers(1_700_000_000, 1_900_000_000),
)
def test_due_times_rise_and_do_not_depend_on_where_the_search_began(expression: str, zone: str, after_s: int) -> None:
    schedule = Schedule.parse(expression, zone)
    found = [schedule.next_after(after_s * 1000)]
    for _ in range(3):
        found.append(schedule.next_after(found[-1]))
    assert found[0] > after_s * 1000
    for earlier, later in pairwise(found):
        assert earlier < later
        assert schedule.next_after((earlier + later) // 2) == later


@given(
    expression=st.sampled_from(["30 2 * * *", "*/7 * * * *", "0 0 * * 0", "* * * * * *", "* 9 * * 1-5", "0 0 1 1 *"]),
    zone=st.sampled_from([BERLIN, "Australia/Lord_Howe", "UTC"]),
    now_ms=st.integers(1_700_000_000_000, 1_900_000_000_000),
    back_ms=st.integers(0, 3 * 24 * 3_600_000),
)
def test_latest_is_the_last_before_the_next(expression: str, zone: str, now_ms: int, back_ms: int) -> None:
    schedule = Schedule.parse(expression, zone)
    latest = schedule.latest(now_ms - back_ms, now_ms)
    if latest:
        assert now_ms - back_ms < latest <= now_ms
        assert schedule.next_after(latest) > now_ms
        assert schedule.next_after(latest - 1) == latest
    else:
        assert schedule.next_after(now_ms - back_ms) > now_ms


def test_an_expression_with_years_ends() -> None:
    schedule = Schedule.parse("0 0 9 1 1 * 2027-2028", "UTC")
    first = schedule.next_after(1_780_000_000_000)  # in 2026
    assert first == 1_798_794_000_000
    assert schedule.next_after(first) == 1_830_330_000_000
    assert schedule.next_after(1_830_330_000_000) == NEVER_MS
    assert schedule.latest(first, 2_000_000_000_000) == 1_830_330_000_000
