"""Rate limits: never more starts in any period than allowed, and no start later than it must be."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from motia_core.engine.rate import FINEST, RateLimiter
from motia_core.model.step import RateLimit

STEPS = st.lists(st.integers(0, 400), min_size=1, max_size=200)  # ms between two tries


def starts(limiter: RateLimiter, steps: list[int]) -> list[int]:
    """When it lets something start, at tries that lie so far apart."""
    now_ms, started = 1_000_000, []
    for step in steps:
        now_ms += step
        if limiter.take(now_ms) == 0:
            started.append(now_ms)
    return started


def most_in_a_period(started: list[int], per_ms: int) -> int:
    return max((bisect_right(started, at + per_ms - 1) - index for index, at in enumerate(started)), default=0)


@given(st.integers(1, 20), st.integers(1, 2_000), STEPS)
def test_no_period_has_more_starts_than_allowed(limit: int, per_ms: int, steps: list[int]) -> None:
    assert most_in_a_period(starts(RateLimiter(RateLimit(limit, per_ms)), steps), per_ms) <= limit


@given(st.integers(1, 20), st.integers(1, 2_000), STEPS)
def test_a_start_is_refused_only_when_the_period_is_full(limit: int, per_ms: int, steps: list[int]) -> None:
    limiter, now_ms, started = RateLimiter(RateLimit(limit, per_ms)), 0, list[int]()
    for step in steps:
        now_ms += step
        in_period = [at for at in started if at > now_ms - per_ms]
        wait_ms = limiter.take(now_ms)
        assert wait_ms == (0 if len(in_period) < limit else in_period[-limit] + per_ms - now_ms)
        if not wait_ms:
            started.append(now_ms)


@given(STEPS)
def test_large_limit_holds_with_little_memory(steps: list[int]) -> None:
    limit, per_ms = FINEST + 5, 40_000
    limiter = RateLimiter(RateLimit(limit, per_ms))
    started = starts(limiter, [part for step in steps for part in (step, *[0] * 40)])
    assert most_in_a_period(started, per_ms) <= limit
    assert len(limiter._starts) <= FINEST + 1


def test_large_limit_is_used_up_to_a_part_of_its_period() -> None:
    limiter = RateLimiter(RateLimit(10_000, 60_000))
    assert [limiter.take(1_000) for _ in range(10_001)] == [0] * 10_000 + [60_000]
    assert limiter.take(61_000) == 0


def test_wait_is_over_when_it_says() -> None:
    limiter = RateLimiter(RateLimit(2, 1_000))
    assert [limiter.take(0), limiter.take(300), limiter.take(400)] == [0, 0, 600]
    assert limiter.take(999) == 1
    assert limiter.take(1_000) == 0
    assert limiter.take(1_000) == 300


def test_clock_that_is_set_back_costs_one_period_at_most() -> None:
    limiter = RateLimiter(RateLimit(2, 1_000))
    assert [limiter.take(10_000_000), limiter.take(10_000_001)] == [0, 0]
    assert limiter.take(5_000) == 1_000
    assert [limiter.take(6_000), limiter.take(6_000), limiter.take(6_000)] == [0, 0, 1_000]
