"""What follows a failed attempt of a delivery: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.step import Backoff, QueuePolicy

LONGEST_CONFLICT_MS = 50  # until an attempt runs again whose state was changed under it
FREE_LOSSES = 3  # times that a delivery may lose its sidecar before that counts as an attempt
MOST_DOUBLINGS = 60  # beyond every cap


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Run it again."""

    attempt: int
    delay_ms: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Move it to the dead letters."""


def after_failure(
    policy: QueuePolicy, attempt: int, failure: Failure, losses: int, random: Random
) -> TryAgain | GiveUp:
    """Decide what follows.

    Args:
        policy: The step's queue policy.
        attempt: Number of the attempt that failed.
        failure: Why.
        losses: How often the delivery has lost its sidecar, this time included. The process may have been ended by
            a neighbour, so the first few losses cost nothing; a delivery that keeps ending it runs out of attempts.
        random: Where jitter comes from.
    """
    if failure.kind is FailureKind.CONFLICT:  # the handler is not to blame
        return TryAgain(attempt, random.randrange(1, LONGEST_CONFLICT_MS))
    lost = failure.kind is FailureKind.SIDECAR_LOST
    if lost and losses <= FREE_LOSSES:
        return TryAgain(attempt, 0)
    if failure.retry is Retry.NEVER or attempt >= policy.max_attempts:
        return GiveUp()
    if failure.retry is Retry.AFTER and failure.retry_after_ms:
        return TryAgain(attempt + 1, failure.retry_after_ms)
    return TryAgain(attempt + 1, 0 if lost else wait_ms(policy.backoff, attempt, random))


def wait_ms(backoff: Backoff, attempt: int, random: Random) -> int:
    """How long to wait after this attempt has failed. Jitter makes it shorter, never longer."""
    wait = backoff.base_ms
    if backoff.exponential:
        wait = min(wait << min(attempt - 1, MOST_DOUBLINGS), backoff.max_ms)
    return wait - int(wait * backoff.jitter * random.random()) if backoff.jitter else wait
