"""What a rig is doing, what waits, and how long it takes until all is done."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from motia_core.core import Core
from motia_core.model.duration import write_duration
from motia_core.model.event import NEVER_MS, Delivery
from motia_core.testing.clock import VirtualClock
from motia_core.testing.errors import StillBusyError
from motia_core.testing.steps import GROUP
from motia_core.testing.witness import Witness

MANY = 50  # attempts of a step while a test waits: it may go round in circles


class Waiting(NamedTuple):
    """An event that waits for something."""

    step: str
    topic: str
    data: bytes  # JSON text
    due_ms: int  # by the clock of the test; 0: not for a time
    why: str


class Activity:
    """Watches a core and its clock."""

    def __init__(self, core: Core, clock: VirtualClock, witness: Witness) -> None:
        self._core = core
        self._clock = clock
        self._witness = witness

    def _busy(self) -> list[asyncio.Future[Any]]:
        core, witness = self._core, self._witness
        owners = (*core.deliveries.tasks(), core.scheduler.tasks, core.stream_expiry.tasks)
        running: list[asyncio.Future[Any]] = [task for owner in owners for task in owner]
        return [*running, *(outcome for _, outcome in witness.running.values()), *witness.asking]

    async def settle(self, until_s: float) -> None:
        """Wait until nothing runs and nothing is due.

        Args:
            until_s: When to give up, as `time.monotonic` counts.

        Raises:
            StillBusyError: It takes longer.
        """
        before = self._witness.attempts.copy()
        while True:
            busy = self._busy()
            if not busy:
                await asyncio.sleep(0)  # for what was just made ready
                if not self._busy():
                    return
                continue
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise StillBusyError(self._why_busy(self._witness.attempts - before))
            await asyncio.wait(busy, timeout=left_s)

    async def advance_to(self, to_ms: int, until_s: float) -> None:
        """Let time pass: whatever is due until then happens at its time, one after the other.

        Raises:
            StillBusyError: Something takes longer, on a real clock.
        """
        clock = self._clock
        await self.settle(until_s)
        while (due_ms := clock.next_ms) is not None and due_ms <= to_ms:
            clock.move_to(due_ms)
            await self.settle(until_s)
        clock.move_to(to_ms)
        await self.settle(until_s)

    def next_retry_ms(self) -> int | None:
        """When the next event is tried again whose attempt before has failed; None: none is."""
        now_ms, failed = self._clock.now_ms(), self._witness.failed
        waiting = (one.due_ms for one in self._core.deliveries.waiting() if one.id in failed)
        return min((due_ms for due_ms in waiting if now_ms < due_ms < NEVER_MS), default=None)

    async def waiting(self) -> list[Waiting]:
        """Everything that waits, soonest first."""
        catalog = self._core.catalog
        found = [self._waiting(one) for one in self._core.deliveries.waiting()]
        for wait in await self._core.store.queue.waits():
            name = catalog.steps[wait.step_id].name if wait.step_id in catalog.steps else wait.step_id
            match = f" that has {wait.match.decode()}" if wait.match else ""
            if wait.until_ms == NEVER_MS:  # others are in memory, for the end of their time
                found.append(Waiting(name, wait.topic, b"", 0, f"waits for an event on '{wait.topic}'{match}"))
        return sorted(found, key=lambda one: (one.due_ms, one.step))

    def _waiting(self, delivery: Delivery) -> Waiting:
        step = self._core.catalog.steps[delivery.step_id]
        left_ms = delivery.due_ms - self._clock.now_ms()
        after = f"in {write_duration(left_ms)}" if left_ms > 0 else "now"
        if (failure := self._witness.failed.get(delivery.id)) is not None:
            why = f"is tried again {after}: {failure.message}"
        elif delivery.id in self._core.waits:
            why = f"waits for an event, or that its time is over {after}"
        elif left_ms > 0:
            why = f"{'sleeps; goes on' if delivery.has_progress else 'is delayed; due'} {after}"
        elif delivery.step_id in self._core.controls.paused:
            why = "its step is paused"
        else:
            why = "waits for its turn"
        return Waiting(step.name, delivery.topic, delivery.data, delivery.due_ms if left_ms > 0 else 0, why)

    def _why_busy(self, attempts: Counter[str]) -> str:
        lines = list(self._running())
        for name, count in attempts.most_common(5):
            if count > MANY:
                lines.append(f"{name} ran {count:,} times meanwhile: do steps emit what starts them again?")
        lines = lines or ["the core works on its store"]
        return "\n".join(["it does not come to rest; this still goes on:", *(f"  {line}" for line in lines)])

    def _running(self) -> Iterator[str]:
        witness = self._witness
        connected = {str(one["group"]) for one in self._core.supervisor.describe() if one["connected"]}
        for invocation, _ in list(witness.running.values())[:20]:
            step = invocation.step
            age_s = self._core.tracer.age_us(invocation) / 1_000_000
            what = f"{step.name} ({step.path}) runs for {age_s:.1f} s"
            if step.id in witness.fakes:
                what += ", by a fake"
            elif step.group not in (*connected, GROUP):
                what += f": no {step.group} sidecar is there to run it; the log says why"
            if invocation.max_attempts > 1:
                what += f", attempt {invocation.attempt} of {invocation.max_attempts}"
            yield what
