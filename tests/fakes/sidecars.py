"""Fakes of what the engine talks to: sidecars that answer by script, a log that remembers, a clock that is set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from motia_core.clock import Alarm, sleep
from motia_core.model.invocation import CancelReason, Done, Invocation, Outcome


class FakeSidecars:
    """Implements `Sidecars`. `handler` decides how an attempt ends; by default every attempt is done at once."""

    def __init__(self, handler: Callable[[Invocation], Outcome | Awaitable[Outcome]] | None = None) -> None:
        self.handler = handler or (lambda invocation: Done())
        self.invoked: list[Invocation] = []
        self.acknowledged: list[int] = []
        self.cancelled: list[tuple[int, CancelReason, bool]] = []
        self.abandoned: Callable[[Invocation, Outcome], None] | None = None

    async def invoke(self, invocation: Invocation) -> Outcome:
        self.invoked.append(invocation)
        outcome = self.handler(invocation)
        return await outcome if isinstance(outcome, Awaitable) else outcome

    def cancel(self, invocation: Invocation, reason: CancelReason, *, signal_only: bool = False) -> None:
        self.cancelled.append((invocation.id, reason, signal_only))

    def acknowledge(self, invocation: Invocation) -> None:
        self.acknowledged.append(invocation.id)

    def on_abandoned(self, ended: Callable[[Invocation, Outcome], None]) -> None:
        self.abandoned = ended


@dataclass
class FakeLog:
    """Implements `Log`."""

    records: list[tuple[str, str]] = field(default_factory=list)

    def record(
        self, level: str, message: str, *, step: str = "", trace_id: str = "", time_ms: int = 0, fields: bytes = b""
    ) -> None:
        self.records.append((level, message))

    def messages(self, level: str) -> list[str]:
        return [message for found, message in self.records if found == level]


@dataclass
class FakeClock:
    """Implements `Clock`; time moves when told."""

    ms: int = 1_700_000_000_000

    def now_ms(self) -> int:
        return self.ms

    def now_us(self) -> int:
        return self.ms * 1000

    def mono_s(self) -> float:
        return self.ms / 1000

    def call_at(self, due_ms: int, callback: Callable[[], None]) -> Alarm:
        return sleep(due_ms - self.now_ms(), callback)


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)
