"""What follows a failed attempt."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.retry import FREE_LOSSES, GiveUp, TryAgain, after_failure, wait_ms
from motia_core.model.step import Backoff, QueuePolicy

POLICY = QueuePolicy()
RAISED = Failure(FailureKind.APPLICATION, "boom")
LOST = Failure(FailureKind.SIDECAR_LOST, "gone")
RANDOM = Random(7)


def after(attempt: int, failure: Failure, losses: int = 0, policy: QueuePolicy = POLICY) -> TryAgain | GiveUp:
    return after_failure(policy, attempt, failure, losses, RANDOM)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_failure_is_retried_after_two_seconds(attempt: int) -> None:
    assert after(attempt, RAISED) == TryAgain(attempt + 1, 2_000)


def test_fourth_attempt_is_the_last() -> None:
    assert after(4, RAISED) == GiveUp()


def test_step_without_retries_has_one_attempt() -> None:
    assert after(1, RAISED, policy=QueuePolicy(max_retries=0)) == GiveUp()


def test_terminal_error_is_never_retried() -> None:
    terminal = Failure(FailureKind.APPLICATION, "no", retry=Retry.NEVER)
    assert after(1, terminal) == GiveUp()


def test_retryable_error_says_when() -> None:
    later = Failure(FailureKind.APPLICATION, "later", retry=Retry.AFTER, retry_after_ms=30_000)
    exponential = QueuePolicy(backoff=Backoff(True, max_ms=1, jitter=1))
    assert after(1, later) == TryAgain(2, 30_000)
    assert after(1, later, policy=exponential) == TryAgain(2, 30_000)
    assert after(4, later) == GiveUp()


def test_retryable_error_that_does_not_say_when_waits_as_the_policy_does() -> None:
    assert after(1, Failure(FailureKind.APPLICATION, "later", retry=Retry.AFTER)) == TryAgain(2, 2_000)


def test_lost_sidecar_costs_no_attempt_and_no_time() -> None:
    assert after(4, LOST, 1) == TryAgain(4, 0)


def test_delivery_that_keeps_ending_its_sidecar_runs_out_of_attempts() -> None:
    assert after(1, LOST, FREE_LOSSES + 1) == TryAgain(2, 0)
    assert after(4, LOST, FREE_LOSSES + 4) == GiveUp()


# --- backoff


def waits(backoff: Backoff, attempts: int = 6) -> list[int]:
    return [wait_ms(backoff, attempt, RANDOM) for attempt in range(1, attempts + 1)]


def test_fixed_backoff_is_always_the_same() -> None:
    assert waits(Backoff(base_ms=7_200_000)) == [7_200_000] * 6  # the cap is for what grows


def test_exponential_backoff_doubles_up_to_its_cap() -> None:
    assert waits(Backoff(True, 1_000, 10_000)) == [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]


def test_exponential_backoff_takes_any_number_of_attempts() -> None:
    assert wait_ms(Backoff(True, 1, 5_000), 1_000_000, RANDOM) == 5_000


def test_jitter_is_the_same_for_the_same_seed_and_differs_within_it() -> None:
    backoff = Backoff(base_ms=100_000, jitter=0.5)
    first, again = ([wait_ms(backoff, 1, random) for _ in range(50)] for random in (Random(3), Random(3)))
    assert first == again
    assert len(set(first)) > 40


@given(
    st.builds(
        Backoff, st.booleans(), st.integers(0, 10**9), st.integers(1, 10**9), st.floats(0, 1, allow_subnormal=False)
    ),
    st.integers(1, 10_000),
    st.randoms(use_true_random=False),
)
def test_jitter_only_shortens_and_never_below_its_part(backoff: Backoff, attempt: int, random: Random) -> None:
    plain = wait_ms(Backoff(backoff.exponential, backoff.base_ms, backoff.max_ms), attempt, random)
    wait = wait_ms(backoff, attempt, random)
    assert plain * (1 - backoff.jitter) - 1 <= wait <= plain
    if backoff.exponential:
        assert wait <= backoff.max_ms
