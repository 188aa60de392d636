"""What follows a failed attempt."""

from __future__ import annotations

import pytest

from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.retry import FREE_LOSSES, GiveUp, TryAgain, after_failure
from motia_core.model.step import QueuePolicy

POLICY = QueuePolicy()
RAISED = Failure(FailureKind.APPLICATION, "boom")
LOST = Failure(FailureKind.SIDECAR_LOST, "gone")


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_failure_is_retried_after_two_seconds(attempt: int) -> None:
    assert after_failure(POLICY, attempt, RAISED, 0) == TryAgain(attempt + 1, 2_000)


def test_fourth_attempt_is_the_last() -> None:
    assert after_failure(POLICY, 4, RAISED, 0) == GiveUp()


def test_terminal_error_is_never_retried() -> None:
    terminal = Failure(FailureKind.APPLICATION, "no", retry=Retry.NEVER)
    assert after_failure(POLICY, 1, terminal, 0) == GiveUp()


def test_retryable_error_says_when() -> None:
    later = Failure(FailureKind.APPLICATION, "later", retry=Retry.AFTER, retry_after_ms=30_000)
    assert after_failure(POLICY, 1, later, 0) == TryAgain(2, 30_000)
    assert after_failure(POLICY, 4, later, 0) == GiveUp()


def test_lost_sidecar_costs_no_attempt_and_no_time() -> None:
    assert after_failure(POLICY, 4, LOST, 1) == TryAgain(4, 0)


def test_delivery_that_keeps_ending_its_sidecar_runs_out_of_attempts() -> None:
    assert after_failure(POLICY, 1, LOST, FREE_LOSSES + 1) == TryAgain(2, 0)
    assert after_failure(POLICY, 4, LOST, FREE_LOSSES + 4) == GiveUp()
