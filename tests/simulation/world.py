"""Simulated cores on one store: the real engine, with sidecars and a store that do what the seed says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from random import Random
from typing import Any

from motia_core.clock import Alarm, sleep
from motia_core.engine.administration import Admin
from motia_core.errors import NoSidecarError, StoreError, StoreUnavailableError
from motia_core.model.event import EmitOptions
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.ids import IdSource
from motia_core.model.invocation import CancelReason, Done, Invocation, Outcome, Suspended
from motia_core.model.step import Step
from motia_core.model.trace import TraceSource
from tests.fakes.engine import World, running
from tests.fakes.memory import Memory
from tests.fakes.store import FakeStore
from tests.simulation.cluster import Members
from tests.simulation.loop import LIFE, SimulatedLoop
from tests.simulation.model import Model

EPOCH_MS = 1_900_000_000_000
APPLICATION = Failure(FailureKind.APPLICATION, "boom")
ENDS = {
    "raise": APPLICATION,
    "terminal": replace(APPLICATION, retry=Retry.NEVER),
    "retry after": replace(APPLICATION, retry=Retry.AFTER, retry_after_ms=3_000),
    "lost": Failure(FailureKind.SIDECAR_LOST, "lost"),
}


class LoopClock:
    """Implements `Clock` by the time of the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def now_ms(self) -> int:
        return self.now_us() // 1000

    def now_us(self) -> int:
        return EPOCH_MS * 1000 + round(self._loop.time() * 1_000_000)

    def mono_s(self) -> float:
        return self._loop.time()

    def call_at(self, due_ms: int, callback: Callable[[], None]) -> Alarm:
        return sleep(due_ms - self.now_ms(), callback)


class Life:
    """A core from its start to its end."""

    def __init__(self, random: Random, memory: Memory, members: Members, steps: Sequence[Step], model: Model) -> None:
        self.random = random
        self.steps = steps
        self.model = model
        self.faults = 0.0
        self.is_dead = False
        self.failed_ms = 0  # when the store last failed
        self._is_reconnecting = False
        self.clock = LoopClock()
        self.members = members
        self.cluster = members.join()
        self.memory = replace(memory, clock=self.clock, before=self._before, after=self._after)
        self.store = FakeStore(self.clock, self.memory)
        self.store.cluster = self.cluster  # type: ignore[assignment]  # another Cluster
        self.world: World
        self.admin: Admin
        self._hanging: dict[int, asyncio.Future[Outcome]] = {}
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        context = copy_context()
        context.run(LIFE.set, self)
        self.cluster.context = context
        self._task = asyncio.get_running_loop().create_task(self._live(), context=context)
        up = asyncio.ensure_future(self._up.wait())
        await asyncio.wait({self._task, up}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            self._task.result()

    async def stop(self, *, killed: bool) -> None:
        if killed:
            self.is_dead = True
            self.model.gone(self)
            self.members.leave(self.cluster.shard, killed=True)
            loop = asyncio.get_running_loop()
            assert isinstance(loop, SimulatedLoop)
            loop.kill(self)
        else:
            self._down.set()
        assert self._task is not None
        await asyncio.wait([self._task])
        if not killed:
            self._task.result()
            self.is_dead = True
            self.members.leave(self.cluster.shard, killed=False)

    async def _live(self) -> None:
        ids = IdSource(self.clock, max([0, *self.memory.deliveries]), slot=self.cluster.shard % 32, slots=32)
        steps = [replace(step) for step in self.steps]
        async with running(*steps, store=self.store, clock=self.clock, ids=ids, sidecars=self) as world:
            self.world = world
            scheduler: Any = None  # no cron here
            nobody: Any = None  # pauses, and no processes
            self.admin = Admin(
                world.deliveries,
                scheduler,
                self.store.dead_letters,
                world.catalog,
                TraceSource(Random(1)),
                self.clock,
                facts=dict,
                controls=nobody,
                sidecars=nobody,
            )
            self._up.set()
            await self._down.wait()

    # --- the store's faults

    async def _before(self, method: str) -> None:
        await self._perhaps_fail()

    async def _after(self, method: str) -> None:
        """An answer that is lost is lost with the connection; when there is another, the core looks at everything."""
        try:
            await self._perhaps_fail()
        except StoreUnavailableError:
            if not self._is_reconnecting:
                self._is_reconnecting = True
                asyncio.get_running_loop().call_later(self.random.random(), self._reconnected)
            raise

    def _reconnected(self) -> None:
        self._is_reconnecting = False
        self.members.tell_all(0)

    async def _perhaps_fail(self) -> None:
        if self.is_dead:
            raise asyncio.CancelledError
        await asyncio.sleep(self.random.choice([0, 0, 0.001, 0.004]))
        if self.is_dead:
            raise asyncio.CancelledError
        if self.random.random() < self.faults:
            self.failed_ms = self.clock.now_ms()
            raise StoreUnavailableError

    # --- what the driver does

    async def emit(self, topic: str, data: dict[str, Any], options: dict[str, Any]) -> None:
        """Publish, and tell the model whether it was acknowledged."""
        emitted = self.model.emitting(self, topic, data, options)
        try:
            await self.admin.emit(topic, json.dumps(data).encode(), EmitOptions(**options))
        except StoreError:
            return
        self.model.acknowledged(self, emitted)

    async def redrive(self) -> None:
        """All that is dead."""
        self.model.note(f"redrive {list(self.memory.letters)}")
        with suppress(StoreError):
            await self.admin.redrive_all()

    # --- Sidecars

    async def invoke(self, invocation: Invocation) -> Outcome:
        if self.is_dead:
            raise asyncio.CancelledError
        await self._up.wait()
        model, data = self.model, json.loads(invocation.trigger.data)  # type: ignore[union-attr]  # events only
        model.starts(self, invocation, data)
        try:
            outcome = await self._handle(invocation, data)
        except StoreError as error:
            outcome = Failure(FailureKind.APPLICATION, error.message)  # a call of the handler failed
        finally:
            model.ends(self, invocation)
        if type(outcome) is Done:
            model.done(self, invocation, data)
        return outcome

    async def _handle(self, invocation: Invocation, data: dict[str, Any]) -> Outcome:
        if self.random.random() < 0.02:
            raise NoSidecarError("no sidecar")  # it was not started
        context, known, step = self.world.context, invocation.remembered, invocation.step
        if data["slow"]:
            await asyncio.sleep(data["slow"] * self.random.random())
        fails = data.get("fails", [])
        if data.get("run") and "once" not in known:
            await context.remember(invocation, "once", b"%d" % self.random.getrandbits(30))
        if data.get("run"):
            self.model.remembered(invocation, "once", invocation.remembered["once"])
        if invocation.attempt <= len(fails):
            return await self._fail(invocation, fails[invocation.attempt - 1])
        if "sleeps" in data and "sleep:1" not in known:
            self.model.suspending(invocation, "sleep:1", self.clock.now_ms() + int(data["sleeps"] * 1000))
            return Suspended("sleep:1", sleep_ms=int(data["sleeps"] * 1000))
        if "sleeps" in data:
            self.model.resumed(invocation, "sleep:1", self.clock.now_ms())
        if "waits" in data and "wait:1" not in known:
            match = json.dumps({"n": data["n"]}).encode()
            timeout_ms = data["waits"] * 1000
            self.model.suspending(invocation, "wait:1", self.clock.now_ms() + timeout_ms if timeout_ms else 0)
            return Suspended("wait:1", topic="signal", match=match, timeout_ms=timeout_ms)
        if "waits" in data:
            self.model.answered(invocation, json.loads(known["wait:1"]), self.clock.now_ms())
        count = json.dumps([{"type": "increment", "path": ""}]).encode()
        await context.state_update(invocation, "done", f"{data['n']}:{step.id}", count)
        for child in data.get("emits", []):
            body = {**child["data"], "n": f"{data['n']}/{step.id}/{child['data']['n']}"}
            emitted = self.model.emitting(self, child["topic"], body, child["options"], parent=invocation)
            await context.emit(invocation, child["topic"], json.dumps(body).encode(), EmitOptions(**child["options"]))
            if not step.atomic:
                self.model.acknowledged(self, emitted)
        return Done()

    async def _fail(self, invocation: Invocation, kind: str) -> Outcome:
        if kind != "hang":
            return ENDS[kind]
        future = self._hanging[invocation.id] = asyncio.get_running_loop().create_future()
        try:
            return await future
        finally:
            del self._hanging[invocation.id]

    def cancel(self, invocation: Invocation, reason: CancelReason, *, signal_only: bool = False) -> None:
        if (future := self._hanging.get(invocation.id)) is not None and not future.done():
            future.set_result(Failure(FailureKind.TIMEOUT, "timeout"))

    def acknowledge(self, invocation: Invocation) -> None:
        self.model.acknowledges(invocation)

    def on_abandoned(self, ended: Any) -> None:
        pass
