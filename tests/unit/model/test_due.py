"""Which due times run, and when they start."""

from __future__ import annotations

from datetime import datetime

import pytest

from motia_core.model.due import ON_TIME_MS, due_times, is_missed, start_ms
from motia_core.model.schedule import Schedule
from motia_core.model.step import CatchUp, CronPolicy

HOURLY = Schedule.parse("@hourly", "UTC")
MINUTE, HOUR = 60_000, 3_600_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"2026-01-01T{text}+00:00").timestamp() * 1000)


def due(policy: CronPolicy, after: str, now: str) -> list[int]:
    return list(due_times(HOURLY, policy, at(after), at(now)))


@pytest.mark.parametrize("catch_up", CatchUp)
def test_what_is_due_now_runs_and_nothing_before_it_is(catch_up: CatchUp) -> None:
    policy = CronPolicy(catch_up=catch_up)
    assert due(policy, "08:30", "08:59:59.999") == []
    assert due(policy, "08:30", "09:00") == [at("09:00")]
    assert due(policy, "09:00", "09:00") == []


@pytest.mark.parametrize(
    ("catch_up", "runs"), [(CatchUp.NONE, []), (CatchUp.ONCE, ["11:00"]), (CatchUp.ALL, ["09:00", "10:00", "11:00"])]
)
def test_missed_due_times_follow_the_policy(catch_up: CatchUp, runs: list[str]) -> None:
    assert due(CronPolicy(catch_up=catch_up), "08:30", "11:30") == [at(text) for text in runs]


@pytest.mark.parametrize("catch_up", CatchUp)
def test_window_limits_how_far_back(catch_up: CatchUp) -> None:
    policy = CronPolicy(catch_up=catch_up, catch_up_window_ms=HOUR)
    assert due(policy, "01:30", "11:30") == ([] if catch_up is CatchUp.NONE else [at("11:00")])
    assert due(policy, "01:30", "11:00:05") == [at("11:00")]


@pytest.mark.parametrize("catch_up", CatchUp)
def test_short_window_does_not_make_late_what_is_on_time(catch_up: CatchUp) -> None:
    policy = CronPolicy(catch_up=catch_up, catch_up_window_ms=1_000)
    assert due(policy, "08:30", "09:00:09") == [at("09:00")]
    assert due(policy, "08:30", "09:00:11") == []


def test_missed_is_what_only_catching_up_runs() -> None:
    assert not is_missed(at("09:00"), at("09:00") + ON_TIME_MS)
    assert is_missed(at("09:00"), at("09:00") + ON_TIME_MS + 1)


def test_jitter_spreads_starts_alike_on_every_core() -> None:
    policy = CronPolicy(jitter_ms=MINUTE)
    starts = [start_ms("Tick", policy, at("09:00") + hour * HOUR) - (at("09:00") + hour * HOUR) for hour in range(500)]
    assert starts[0] == start_ms("Tick", policy, at("09:00")) - at("09:00")
    assert all(0 <= start <= MINUTE for start in starts)
    in_thirds = [sum(start * 3 // (MINUTE + 1) == third for start in starts) for third in range(3)]
    assert min(in_thirds) > 120
    assert len({start_ms(f"Step{number}", policy, at("09:00")) for number in range(100)}) > 90


def test_without_jitter_starts_are_the_due_times() -> None:
    assert start_ms("Tick", CronPolicy(), at("09:00")) == at("09:00")
