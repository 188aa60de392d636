"""Which due times of a cron step run: those that come, those that were missed, and how their starts are spread."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import assert_never

from motia_core.model.schedule import Schedule
from motia_core.model.step import CatchUp, CronPolicy

ON_TIME_MS = 10_000  # a due time that is noticed later than this was missed


def due_times(schedule: Schedule, policy: CronPolicy, after_ms: int, now_ms: int) -> Iterator[int]:
    """The due times later than `after_ms` that are to run now, oldest first.

    The latest runs whatever the policy is, if it is on time: a busy moment or a quick restart costs nothing.
    """
    window_ms = ON_TIME_MS if policy.catch_up is CatchUp.NONE else max(ON_TIME_MS, policy.catch_up_window_ms)
    after_ms = max(after_ms, now_ms - window_ms)
    match policy.catch_up:
        case CatchUp.NONE | CatchUp.ONCE:
            if latest_ms := schedule.latest(after_ms, now_ms):
                yield latest_ms
        case CatchUp.ALL:
            while (due_ms := schedule.next_after(after_ms)) <= now_ms:
                yield due_ms
                after_ms = due_ms
        case _:
            assert_never(policy.catch_up)


def is_missed(due_ms: int, now_ms: int) -> bool:
    """Whether a due time is so long ago that only catching up runs it."""
    return now_ms - due_ms > ON_TIME_MS


def start_ms(step_id: str, policy: CronPolicy, due_ms: int) -> int:
    """When a due time starts: the same on every core, and another part of the jitter each time."""
    if not policy.jitter_ms:
        return due_ms
    digest = blake2b(f"{step_id}@{due_ms}".encode(), digest_size=8).digest()
    return due_ms + int.from_bytes(digest) % (policy.jitter_ms + 1)
