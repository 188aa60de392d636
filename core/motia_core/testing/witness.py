"""Stands between the engine and the sidecars of a rig: sees what runs, what is emitted and what fails, and lets fakes
answer instead of the project's handlers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import orjson

from motia_core.engine.ports import Sidecars
from motia_core.engine.services import ContextCalls
from motia_core.model.event import EmitOptions
from motia_core.model.failure import Failure
from motia_core.model.invocation import CancelReason, Invocation, Outcome
from motia_core.sidecars.outcomes import cancelled

NULL = b"null"
WRITES = frozenset(
    {
        "state_set",
        "state_update",
        "state_compare_and_set",
        "state_delete",
        "state_clear",
        "stream_set",
        "stream_update",
        "stream_delete",
        "stream_send",
    }
)

Fake = Callable[[Invocation, ContextCalls], Awaitable[Outcome]]


class Emitted(NamedTuple):
    """An event that was emitted."""

    topic: str
    data: Any
    step: str  # that emitted it; empty: the test
    trace_id: str
    options: EmitOptions = EmitOptions()


class Asked(NamedTuple):
    """A write that a handler asked for."""

    operation: str  # as the methods of `ContextCalls` are called
    arguments: tuple[Any, ...]


@dataclass(slots=True)
class Call:
    """An attempt that a test asked for: what it does is kept for the test."""

    emits: list[Emitted]
    writes: list[Asked]
    delivers: bool  # what it emits


class Witness:
    """Implements `Between`."""

    def __init__(self) -> None:
        self.emitted: list[Emitted] = []
        self.fakes: dict[str, Fake] = {}  # by id of the step
        self.running: dict[int, tuple[Invocation, asyncio.Future[Outcome]]] = {}
        self.failed: dict[int, Failure] = {}  # deliveries whose last attempt failed, and how
        self.attempts: Counter[str] = Counter()  # started, by name of the step
        self.called: dict[int, Call] = {}  # by invocation id
        self.asking: set[asyncio.Future[bytes]] = set()
        self.on_emit: Callable[[Emitted], None] = lambda emitted: None
        self._staged: dict[int, list[Emitted]] = {}
        self._faked: set[int] = set()  # ids of attempts that fakes run
        self._stopping: dict[int, CancelReason] = {}  # those of them that are to end, and why
        self._real: Sidecars
        self._calls: ContextCalls

    def sidecars(self, sidecars: Sidecars) -> Sidecars:
        self._real = sidecars
        return _Sidecars(self, sidecars)

    def calls(self, calls: ContextCalls) -> ContextCalls:
        self._calls = cast(ContextCalls, _Calls(self, calls))  # most of its methods are made when they are asked for
        return self._calls

    def restart(self) -> None:
        """Forget what was seen, and all fakes."""
        for seen in (self.emitted, self.fakes, self.failed, self.attempts, self.called, self._staged):
            seen.clear()

    def emit(self, emitted: Emitted) -> None:
        """An event took effect."""
        self.emitted.append(emitted)
        self.on_emit(emitted)

    def stage(self, invocation: Invocation, emitted: Emitted) -> None:
        """An event takes effect with the end of an attempt."""
        self._staged.setdefault(invocation.id, []).append(emitted)

    def start(self, invocation: Invocation) -> asyncio.Future[Outcome]:
        """Run an attempt, in a sidecar or by a fake."""
        self.attempts[invocation.step.name] += 1
        fake = self.fakes.get(invocation.step.id)
        if fake is not None:
            self._faked.add(invocation.id)
        work = self._run(fake, invocation) if fake is not None else self._real.invoke(invocation)
        outcome = asyncio.ensure_future(work)
        self.running[invocation.id] = (invocation, outcome)
        outcome.add_done_callback(lambda done: self._ended(invocation, done))
        return outcome

    def stop(self, invocation: Invocation, reason: CancelReason) -> bool:
        """End an attempt that a fake runs; False: none does."""
        if invocation.id not in self._faked:
            return False
        if (running := self.running.get(invocation.id)) is not None:
            self._stopping[invocation.id] = reason
            running[1].cancel()
        return True

    async def _run(self, fake: Fake, invocation: Invocation) -> Outcome:
        try:
            return await fake(invocation, self._calls)
        except asyncio.CancelledError:
            if (reason := self._stopping.pop(invocation.id, None)) is None:
                raise
            return cancelled(reason, invocation)

    def _ended(self, invocation: Invocation, done: asyncio.Future[Outcome]) -> None:
        self.running.pop(invocation.id, None)
        self._faked.discard(invocation.id)
        outcome = None if done.cancelled() or done.exception() is not None else done.result()
        if type(outcome) is Failure:
            self.failed[invocation.delivery_id] = outcome
        else:
            self.failed.pop(invocation.delivery_id, None)
        for emitted in self._staged.pop(invocation.id, []):
            if outcome is not None and type(outcome) is not Failure:
                self.emit(emitted)


class _Sidecars:
    """Implements `Sidecars`."""

    def __init__(self, witness: Witness, real: Sidecars) -> None:
        self._witness = witness
        self._real = real
        self.acknowledge = real.acknowledge
        self.on_abandoned = real.on_abandoned

    def invoke(self, invocation: Invocation) -> Awaitable[Outcome]:
        return self._witness.start(invocation)

    def cancel(self, invocation: Invocation, reason: CancelReason, *, signal_only: bool = False) -> None:
        if not self._witness.stop(invocation, reason):
            self._real.cancel(invocation, reason, signal_only=signal_only)


class _Calls:
    """Implements `ContextCalls`: all methods are those of the engine, looked at."""

    def __init__(self, witness: Witness, real: ContextCalls) -> None:
        self._witness = witness
        self._real = real

    def __getattr__(self, operation: str) -> Callable[..., Awaitable[bytes]]:
        method = getattr(self._real, operation)

        def asked(invocation: Invocation, *arguments: Any) -> Awaitable[bytes]:
            call = self._witness.called.get(invocation.id)
            if call is not None and operation in WRITES:
                call.writes.append(Asked(operation, arguments))
            return self._watched(method(invocation, *arguments))

        self.__dict__[operation] = asked
        return asked

    def emit(self, invocation: Invocation, topic: str, data: bytes, options: EmitOptions) -> Awaitable[bytes]:
        return self._watched(self._emit(invocation, topic, data, options))

    async def remember(self, invocation: Invocation, key: str, value: bytes) -> bytes:
        if invocation.id in self._witness.called:  # it has no delivery that could remember it
            invocation.remembered.setdefault(key, value)
            return NULL
        return await self._watched(self._real.remember(invocation, key, value))

    async def _emit(self, invocation: Invocation, topic: str, data: bytes, options: EmitOptions) -> bytes:
        witness, step = self._witness, invocation.step
        emitted = Emitted(topic, orjson.loads(data or NULL), step.name, invocation.trace.trace_id, options)
        call = witness.called.get(invocation.id)
        takes_effect = bool(topic) and step.may_emit(topic)
        if call is not None and takes_effect:
            call.emits.append(emitted)
            if not call.delivers:
                return NULL
        answer = await self._real.emit(invocation, topic, data, options)
        if takes_effect and invocation.staged is not None:
            witness.stage(invocation, emitted)
        elif takes_effect:
            witness.emit(emitted)
        return answer

    def _watched(self, work: Awaitable[bytes]) -> asyncio.Future[bytes]:
        asking = self._witness.asking
        task = asyncio.ensure_future(work)
        asking.add(task)
        task.add_done_callback(asking.discard)
        return task
