"""Follows the schedules of cron steps: wakes when one is due, and catches up with what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from motia_core.clock import Alarm, Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import CronInfo
from motia_core.engine.tasks import Tasks
from motia_core.engine.ticks import Ticks
from motia_core.errors import StoreError, UnknownStepError
from motia_core.model.due import due_times, is_missed
from motia_core.model.schedule import NEVER_MS, Schedule
from motia_core.model.step import CatchUp, Step

T = TypeVar("T")

STORE_RETRY_S = 1.0  # pause before the store is asked again
UPCOMING = 5  # due times that are shown
_CATCHING_UP = {
    CatchUp.NONE: "they are not made up for",
    CatchUp.ONCE: "the latest runs now",
    CatchUp.ALL: "they run now",
}


@dataclass(slots=True)
class _Followed:
    """A cron step and how far it has come."""

    step: Step
    schedule: Schedule
    decided_ms: int = 0  # due times up to here are no concern any more
    next_ms: int = 0
    last_ms: int = 0  # the latest that was not skipped
    is_busy: bool = False  # a task looks after it


class Scheduler:
    """All cron steps.

    Args:
        enabled: Whether due times are followed; if not, steps run only when told to.
    """

    def __init__(self, ticks: Ticks, clock: Clock, log: Log, *, enabled: bool = True) -> None:
        self._ticks = ticks
        self._clock = clock
        self._log = log
        self._enabled = enabled
        self._followed: dict[str, _Followed] = {}
        self._timer: Alarm | None = None  # one for all steps
        self.tasks = Tasks(self._broken)
        self._paused: frozenset[str] = frozenset()
        self._stopped = False

    def swap(self, steps: Sequence[Step]) -> None:
        """Follow the schedules of these cron steps, and no others, from now on."""
        before, self._followed = self._followed, {}
        for step in steps:
            schedule = Schedule.parse(step.cron, step.timezone)
            followed = before.get(step.id)
            if followed is not None and followed.schedule == schedule:
                followed.step = step
            elif followed is not None and self._enabled:  # what was due before is no concern of the new schedule
                followed = _Followed(step, schedule, decided_ms=self._clock.now_ms(), is_busy=True)
                self.tasks.start(self._begin_anew(followed))
            else:
                followed = _Followed(step, schedule)
                if self._enabled:
                    followed.is_busy = True
                    self.tasks.start(self._begin(followed))
            self._followed[step.id] = followed
        self._arm()

    def pause(self, step_ids: frozenset[str]) -> None:
        """Let the due times of these steps pass, and follow those of the others again."""
        resumed, self._paused = self._paused - step_ids, step_ids
        for step_id in resumed & self._followed.keys():
            followed = self._followed[step_id]
            followed.decided_ms = now_ms = self._clock.now_ms()
            self.tasks.start(self._skip(step_id, now_ms))

    async def _skip(self, step_id: str, now_ms: int) -> None:
        """The next start is not to make up for what has passed."""
        await self._stored(self._ticks.skip_to, step_id, now_ms)

    def enable(self, enabled: bool) -> None:
        """Follow due times from now on, or no more. Those that passed meanwhile are of no concern."""
        self._enabled = enabled
        for followed in self._followed.values():
            if enabled and not followed.is_busy:
                followed.decided_ms = self._clock.now_ms()
                followed.is_busy = True
                self.tasks.start(self._follow(followed))
        self._arm()

    def stop(self) -> None:
        """Decide nothing more but what is being decided."""
        self._stopped = True
        self._arm()

    async def finish(self, timeout_s: float) -> None:
        """Wait for what is being decided."""
        await self.tasks.finish(timeout_s)
        await self.tasks.cancel()

    async def run_now(self, step_id: str) -> str:
        """Run a step whatever its schedule says; the trace id.

        Raises:
            UnknownStepError: There is no such cron step.
            StoreError: Nothing was stored.
        """
        followed = self._followed.get(step_id)
        if followed is None:
            known = ", ".join(f"'{name}'" for name in self._followed)
            raise UnknownStepError(
                f"There is no cron step '{step_id}'; " + (f"there are {known}." if known else "there are none.")
            )
        return await self._ticks.run_now(followed.step)

    def upcoming(self) -> list[CronInfo]:
        """All cron steps with their next due times; none where schedules are not followed."""
        now_ms = self._clock.now_ms()
        found = []
        for followed in self._followed.values():
            next_ms = [now_ms]
            while self._enabled and len(next_ms) <= UPCOMING:
                due_ms = followed.schedule.next_after(next_ms[-1])
                if due_ms == NEVER_MS:
                    break
                next_ms.append(due_ms)
            is_paused = followed.step.id in self._paused
            found.append(CronInfo(followed.step, tuple(next_ms[1:]), followed.last_ms, is_paused))
        return found

    # --- waiting

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [followed.next_ms for followed in self._followed.values() if not followed.is_busy]
        if waiting and self._enabled and not self._stopped:
            self._timer = self._clock.call_at(min(waiting), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now_ms = self._clock.now_ms()
        for followed in self._followed.values():
            if not followed.is_busy and (followed.next_ms <= now_ms or now_ms < followed.decided_ms):
                followed.is_busy = True
                self.tasks.start(self._follow(followed))
        self._arm()

    # --- deciding

    async def _begin(self, followed: _Followed) -> None:
        """Go on where the core before has stopped."""
        decided_ms = await self._stored(self._ticks.decided_until, followed.step.id)
        if decided_ms is not None:
            followed.decided_ms = decided_ms
            await self._follow(followed)

    async def _begin_anew(self, followed: _Followed) -> None:
        """Its schedule is another one from now on, also for the next start."""
        await self._skip(followed.step.id, followed.decided_ms)
        await self._follow(followed)

    async def _follow(self, followed: _Followed) -> None:
        """Decide all that is due; then the timer waits for the next."""
        while self._follows(followed):
            now_ms = self._clock.now_ms()
            # A clock that was set back shows due times again. Keys in the store tell which of them have run.
            followed.decided_ms = min(followed.decided_ms, now_ms)
            followed.next_ms = followed.schedule.next_after(followed.decided_ms)
            if followed.next_ms > now_ms:
                followed.is_busy = False
                self._arm()
                return
            if followed.step.id in self._paused:
                followed.decided_ms = now_ms
                continue
            if is_missed(followed.next_ms, now_ms):
                self._report_missed(followed)
            for due_ms in due_times(followed.schedule, followed.step.schedule, followed.decided_ms, now_ms):
                await self._decide(followed, due_ms, is_missed=is_missed(due_ms, now_ms))
                if not self._follows(followed):
                    return
            followed.decided_ms = now_ms

    def _follows(self, followed: _Followed) -> bool:
        return self._enabled and not self._stopped and self._followed.get(followed.step.id) is followed

    async def _decide(self, followed: _Followed, due_ms: int, *, is_missed: bool) -> None:
        step, ticks = followed.step, self._ticks
        planned = await self._stored(lambda: ticks.plan(step, due_ms, is_missed=is_missed))
        if planned is None:
            return
        decided = await self._stored(ticks.commit, planned)
        if planned.deliveries:
            followed.last_ms = due_ms
        elif decided:
            what = f"cron '{step.name}' still runs: {_shown(due_ms)} is skipped (overlap: skip)"
            self._log.record("warn", what, step=step.name)

    async def _stored(self, operation: Callable[..., Awaitable[T]], *args: object) -> T | None:
        """Ask the store again and again until it answers; None: the core stops before it does."""
        while True:
            try:
                return await operation(*args)
            except StoreError as error:
                self._log.record("error", f"cron: {error.message}; again in {STORE_RETRY_S:g} s")
                if self._stopped:
                    return None
                await asyncio.sleep(STORE_RETRY_S)

    def _report_missed(self, followed: _Followed) -> None:
        policy = followed.step.schedule.catch_up
        since = f"cron '{followed.step.name}' has missed its due times since {_shown(followed.next_ms)}"
        self._log.record("info", f"{since}: {_CATCHING_UP[policy]} (catchUp: {policy})", step=followed.step.name)

    def _broken(self, error: BaseException) -> None:
        self._log.record("error", f"a schedule is not followed any more by a fault of motia-core: {error!r}")


def _shown(due_ms: int) -> str:
    return datetime.fromtimestamp(due_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
