"""A core under test: its time is virtual, its data are temporary, and what it does can be awaited and looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from motia_core.core import Core
from motia_core.engine.invoker import report_failure
from motia_core.errors import RequestError
from motia_core.model.event import DeadLetter, EmitOptions
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.model.ids import PER_MS
from motia_core.model.invocation import CancelReason, Pool, Suspended
from motia_core.model.project import Project
from motia_core.model.step import Step, StepType
from motia_core.model.trace import AttemptRecord
from motia_core.model.wording import did_you_mean
from motia_core.testing.activity import Activity
from motia_core.testing.clock import VirtualClock
from motia_core.testing.errors import RigError, StillBusyError, UnexpectedFailureError
from motia_core.testing.log import Line, RigLog
from motia_core.testing.operations import to_text
from motia_core.testing.triggers import from_response, to_trigger
from motia_core.testing.witness import Asked, Call, Emitted, Fake, Witness

PATIENCE_S = 10.0  # of `drain` and `advance`, on a real clock
LOGS_S = 0.5  # how long a line may take from a sidecar
RESET_S = 1.0  # for what a test has left running
STOP_S = 10.0  # for what does not end by itself
MOST_LETTERS = 100
LATEST_MS = 2**53 // PER_MS - 24 * 3_600_000  # a core makes ids until then


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler did that a test called."""

    result: Any  # of an api step: {"status", "headers", "body"}
    failure: Failure | None
    suspended: Suspended | None
    emits: list[Emitted]
    writes: list[Asked]
    trace_id: str


class Rig:
    """Everything that a test can do with a core. All methods belong to the loop of the core.

    Args:
        core: Open, on `clock`, with `witness` between its engine and its sidecars.
        url: Where it answers requests.
    """

    def __init__(self, core: Core, project: Project, clock: VirtualClock, witness: Witness, log: RigLog, url: str):
        self.core = core
        self.project = project
        self.clock = clock
        self.witness = witness
        self.log = log
        self.url = url
        self.given: Mapping[str, Fake] = {}  # handlers of steps that the test gave, by id
        self.activity = Activity(core, clock, witness)
        self._seen_letters: set[int] = set()
        self._follows_cron = False

    # --- what a test does

    async def emit(self, topic: str, data: Any, options: EmitOptions) -> str:
        """Publish an event from outside; the trace id of the run that it starts."""
        text = b"" if data is None else to_text(data, "data")
        trace_id, _ = await self.core.admin.emit(topic, text, options)
        self.witness.emit(Emitted(topic, data, "", trace_id, options))
        return trace_id

    async def call(self, name: str, given: Any, *, deliver: bool) -> Outcome:
        """Run the handler of a step once; what it emits is delivered only if asked for."""
        step = self.step(name)
        now_ms = self.clock.now_ms()
        invoker, is_api = self.core.invoker, step.type is StepType.API
        trigger, trace = to_trigger(step, given, now_ms), self.core.traces.start(now_ms)
        invocation = invoker.invocation(step, trigger, trace, pool=Pool.API if is_api else Pool.BACKGROUND)
        call = self.witness.called[invocation.id] = Call([], [], deliver)
        try:
            if isinstance(trigger, HttpRequest):
                self.core.validation.request(step, trigger, trace.trace_id)
            outcome = await invoker.run(invocation)
        except RequestError as error:
            outcome = Failure(FailureKind.SCHEMA, error.message, type=type(error).__name__)
        finally:
            self.witness.called.pop(invocation.id, None)
        if not is_api:
            invoker.acknowledge(invocation)
        result = None
        if isinstance(outcome, HttpResponse):
            if outcome.chunks is not None:
                while piece := await outcome.chunks.next():
                    outcome.body += piece
            result = from_response(outcome)
        failure = outcome if isinstance(outcome, Failure) else None
        if failure is not None and not is_api:  # of others the invoker has said it
            report_failure(self.core.log, "error", f"{step.name} failed: {failure.message}", invocation, failure)
        suspended = outcome if isinstance(outcome, Suspended) else None
        return Outcome(result, failure, suspended, call.emits, call.writes, trace.trace_id)

    async def drain(self, *, timeout_s: float = PATIENCE_S, retries: bool = True, allow_failures: bool = False) -> None:
        """Wait until nothing runs, is due, or is to be tried again; time passes as retries need it.

        Raises:
            StillBusyError: It takes longer than that, on a real clock.
            UnexpectedFailureError: An event was given up.
        """
        until_s = time.monotonic() + timeout_s
        await self.activity.settle(until_s)
        while retries and (due_ms := self.activity.next_retry_ms()) is not None:
            await self.activity.advance_to(due_ms, until_s)
        await self._check_failures(allow_failures)

    async def advance(self, to_ms: int, *, timeout_s: float = PATIENCE_S, allow_failures: bool = False) -> None:
        """Let time pass. Raises as `drain` does."""
        if to_ms < self.clock.now_ms():
            raise RigError("time cannot go back: advance to a later time")
        if to_ms > LATEST_MS:
            raise RigError("time goes until 2039: so far the ids of a core reach")
        await self.activity.advance_to(to_ms, time.monotonic() + timeout_s)
        await self._check_failures(allow_failures)

    async def run_cron(self, name: str) -> str:
        """Run a cron step now; the trace id."""
        step = self.step(name)
        if step.type is not StepType.CRON:
            raise RigError(f"{step.name} is a step of type {step.type}, not a cron step")
        return await self.core.admin.run_cron(step.id)

    def follow_cron(self, *, follow: bool) -> None:
        """Whether cron steps run when time passes."""
        if follow != self._follows_cron:
            self._follows_cron = follow
            self.core.scheduler.enable(follow)

    def fake(self, name: str, fake: Fake | None) -> None:
        """Run something else in the place of a step's handler; None: its own again."""
        step = self.step(name)
        own = self.given.get(step.id)
        if fake is None and own is None:
            self.witness.fakes.pop(step.id, None)
        else:
            self.witness.fakes[step.id] = fake or own  # type: ignore[assignment]  # one of them is there

    # --- what a test looks at

    def log_text(self) -> str:
        """What is wrong with the project, and everything that was logged, as people read it."""
        problems = [
            f"NOT LOADED {problem.file}: {problem.cause}" + (f" ({problem.remedy})" if problem.remedy else "")
            for problem in self.project.problems
            if problem.severity == "error"
        ]
        return "\n".join([*problems, self.log.text()]).strip()

    def step(self, name: str) -> Step:
        """A step by its name.

        Raises:
            RigError: There is none, or it was not loaded.
        """
        steps = self.core.catalog.project.steps
        for step in steps:
            if name in (step.id, step.name):
                return step
        problems = [one for one in self.project.problems if one.severity == "error"]
        for problem in problems:
            if name == problem.step or name in problem.file:
                why = f"{problem.file}: {problem.cause}\n{problem.stack}".strip()
                raise RigError(f"step {name!r} was not loaded: {why}")
        names = [step.name for step in steps]
        hint = did_you_mean(name, names) or (f"there are {', '.join(names)}." if names else "there are none.")
        failed = f" Not loaded: {', '.join(sorted({problem.file for problem in problems}))}." if problems else ""
        raise RigError(f"there is no step {name!r} in {self.core.settings.project}: {hint}{failed}")

    async def dead_letters(self) -> list[DeadLetter]:
        """Events that were given up, oldest first. The test knows of them now."""
        letters = await self.core.store.dead_letters.page(limit=MOST_LETTERS)
        self._seen_letters |= {letter.delivery.id for letter in letters}
        return letters[::-1]

    async def run(self, trace_id: str) -> list[AttemptRecord]:
        """The attempts of a run, oldest first."""
        self.core.tracer.flush()
        found = await self.core.store.traces.trace(trace_id)
        return sorted(found, key=lambda one: (one.started_ms, one.id))

    async def logs(self, *, step: str, level: str, text: str, trace_id: str, at_least: int) -> list[Line]:
        """Log records, oldest first. Waits a little when there are fewer than `at_least`."""

        def matching() -> list[Line]:
            return [
                line
                for line in self.log.lines
                if (not step or line.step == step)
                and (not level or line.level == level)
                and text in line.message
                and (not trace_id or line.trace_id == trace_id)
            ]

        await self.log.until(lambda: len(matching()) >= at_least, LOGS_S)
        return matching()

    async def _check_failures(self, allow_failures: bool) -> None:
        seen = set(self._seen_letters)
        fresh = [letter for letter in await self.dead_letters() if letter.delivery.id not in seen]
        if fresh and not allow_failures:
            raise UnexpectedFailureError("\n\n".join(map(self._describe_letter, fresh)))

    def _describe_letter(self, letter: DeadLetter) -> str:
        delivery, failure = letter.delivery, letter.failures[-1].failure
        step = self.core.catalog.steps.get(delivery.step_id)
        where = f" ({step.path})" if step else ""
        what = f"{failure.type}: {failure.message}" if failure.type else failure.message
        lines = [
            f"{delivery.step_id}{where} failed with {delivery.topic!r}, attempt {delivery.attempt}: {what}",
            f"input: {(delivery.data or b'null').decode(errors='replace')[:1000]}",
            *failure.stack.splitlines(),
            "(If the test wants that: allow failures, and look at the dead letters.)",
        ]
        return "\n".join(lines)

    # --- from test to test

    async def reset(self) -> None:
        """Forget everything: data, fakes, what was seen, and the time that has passed. The sidecars stay."""
        core = self.core
        self.follow_cron(follow=False)
        core.scheduler.swap([])
        ending = [task for owner in core.deliveries.tasks() for task in owner]
        core.deliveries.swap([])
        await self._end(ending)
        await core.stream_expiry.stop()
        core.tracer.flush()
        core.recorded_log.flush()
        await core.store.wipe()
        self.clock.restart()
        self.witness.restart()
        self.witness.fakes.update(self.given)
        self.log.lines.clear()
        self._seen_letters.clear()
        await core.deliveries.load()
        await core.controls.load()
        core.stream_expiry.start()
        self.start()
        await self.activity.settle(time.monotonic() + PATIENCE_S)

    def start(self) -> None:
        """Deliver events, and know the schedules."""
        self.core.deliver(self.core.catalog.project)

    async def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Wait for what a test has left running, and stop what does not end."""
        waiting = [*tasks, *(outcome for _, outcome in self.witness.running.values()), *self.witness.asking]
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=RESET_S)
        if late:
            for invocation, _ in list(self.witness.running.values()):
                if not self.witness.stop(invocation, CancelReason.USER):
                    self.core.pool.cancel(invocation, CancelReason.USER)
            _, late = await asyncio.wait(late, timeout=STOP_S)
        if late:
            raise StillBusyError("what the test before has left running cannot be stopped")


def value_of(text: bytes) -> Any:
    """The value of a JSON text."""
    return orjson.loads(text)
