"""Starts cron steps when they are due. One timer per step; a run that is still going skips the next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from motia_core.clock import Clock
from motia_core.engine.invoker import Invoker, report_failure
from motia_core.engine.ports import Log
from motia_core.engine.tasks import Tasks
from motia_core.errors import MotiaError
from motia_core.model.failure import Failure
from motia_core.model.invocation import CronTick, Pool
from motia_core.model.schedule import Schedule
from motia_core.model.step import Step
from motia_core.model.trace import TraceSource

LONGEST_SLEEP_S = 60.0  # the wall clock may be set while we sleep: look at it again after so long


class Scheduler:
    """All cron steps."""

    def __init__(self, invoker: Invoker, traces: TraceSource, clock: Clock, log: Log) -> None:
        self._invoker = invoker
        self._traces = traces
        self._clock = clock
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._running: set[str] = set()
        self._tasks = Tasks(self._broken)

    def swap(self, steps: Sequence[Step]) -> None:
        """Schedule these cron steps, and no others, from now on."""
        self.stop()
        now_ms = self._clock.now_ms()
        for step in steps:
            schedule = Schedule.parse(step.cron, step.timezone)
            self._arm(step, schedule, schedule.next_after(now_ms))

    def stop(self) -> None:
        """Start nothing more; what runs goes on."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    async def finish(self, timeout_s: float) -> None:
        """Wait for what runs."""
        await self._tasks.finish(timeout_s)
        await self._tasks.cancel()

    def _arm(self, step: Step, schedule: Schedule, due_ms: int) -> None:
        wait_s = min(max(0.0, (due_ms - self._clock.now_ms()) / 1000), LONGEST_SLEEP_S)
        self._timers[step.id] = self._loop.call_later(wait_s, self._wake, step, schedule, due_ms)

    def _wake(self, step: Step, schedule: Schedule, due_ms: int) -> None:
        now_ms = self._clock.now_ms()
        if now_ms < due_ms:
            self._arm(step, schedule, due_ms)
            return
        if step.id in self._running:
            self._log.record("warn", f"cron '{step.name}' is still running: this run is skipped", step=step.name)
        else:
            self._running.add(step.id)
            self._tasks.start(self._run(step, due_ms))
        # What was missed (a machine that slept) is not caught up with.
        self._arm(step, schedule, schedule.next_after(now_ms))

    async def _run(self, step: Step, due_ms: int) -> None:
        trace = self._traces.start(self._clock.now_ms())
        invocation = self._invoker.invocation(step, CronTick(due_ms), trace, pool=Pool.BACKGROUND)
        try:
            outcome = await self._invoker.run(invocation)
            self._invoker.acknowledge(invocation)
            if type(outcome) is Failure:
                report_failure(self._log, "error", f"cron run failed: {outcome.message}", invocation, outcome)
        except MotiaError as error:
            self._log.record("error", f"cron '{step.name}' could not run: {error.message}", step=step.name)
        finally:
            self._running.discard(step.id)

    def _broken(self, error: BaseException) -> None:
        self._log.record("error", f"a cron run stopped by a fault of motia-core: {error!r}")
