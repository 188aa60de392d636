"""What a wire case plays with: the scripted core, the judge beside it, and expectations that name rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from motia_core._gen.motia.v1 import call_pb2, failure_pb2, invoke_pb2, lifecycle_pb2, manifest_pb2, sidecar_pb2
from motia_core.conformance.wire.frames import core_frame, event, json_request
from motia_core.conformance.wire.judging.judge import Judge
from motia_core.conformance.wire.scripted import ScriptedCore, Where
from motia_core.conformance.wire.served import SidecarEndedError
from motia_core.conformance.wire.subject import Subject

T = TypeVar("T")
WAIT_S = 10.0  # for what comes at once, on a busy machine
START_S = 20.0  # LAUNCH-5
Invokes = list[int]


class RuleBrokenError(AssertionError):
    """The case cannot go on: something that a rule promises did not come."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what}")
        self.rule = rule
        self.what = what


class DoesNotApplyError(Exception):
    """The SDK does not have what the case is about."""


class Play:
    """One case, being played."""

    def __init__(self, core: ScriptedCore, judge: Judge, subject: Subject, wait_s: float, for_capability: str) -> None:
        self.core = core
        self.judge = judge
        self.subject = subject
        self.wait_s = wait_s
        self.for_capability = for_capability
        self.manifest = manifest_pb2.Manifest()
        self.has_ended = False  # the end was part of the case

    # Expecting.

    def expect(self, rule: str, holds: bool, what: str) -> None:
        """Note a broken rule, and go on."""
        if not holds:
            self.judge.verdict.add(rule, what)

    async def within(self, rule: str, awaited: Awaitable[T], what: str, wait_s: float | None = None) -> T:
        """Wait for something.

        Raises:
            RuleBrokenError: It does not come in time, or the sidecar ends before.
        """
        wait_s = wait_s or self.wait_s
        try:
            async with asyncio.timeout(wait_s):
                return await awaited
        except TimeoutError:
            raise RuleBrokenError(rule, f"{what} (waited for {wait_s:g} s)") from None
        except SidecarEndedError as error:
            lines = " | ".join(line for line in str(error).splitlines() if line)[-600:]
            raise RuleBrokenError(rule, f"{what}; the sidecar ended: {lines}") from error

    async def until(self, rule: str, condition: Callable[[], bool], what: str, wait_s: float | None = None) -> None:
        """Wait until what has arrived satisfies a condition."""
        await self.within(rule, self.core.until(condition), what, wait_s)

    async def frame(self, rule: str, kind: str, where: Where = lambda _frame: True) -> sidecar_pb2.SidecarFrame:
        """The first frame of a kind."""
        return await self.within(rule, self.core.frame(kind, where), f"{kind} never came")

    async def error(self, rule: str, code: failure_pb2.ProtocolErrorCode, exits: str = "") -> None:
        """The sidecar ends the session with this code, and the process with it, as the rule or another says."""
        error = (await self.frame(rule, "protocol_error")).protocol_error
        wanted = failure_pb2.ProtocolErrorCode.Name(code)
        found = failure_pb2.ProtocolErrorCode.Name(error.code)
        self.expect(rule, error.code == code, f"the session ended with {found}, not {wanted}: {error.message}")
        self.judge.expects_error = True
        await self.exits(exits or rule)

    async def exits(self, rule: str, *, with_success: bool = False, wait_s: float | None = None) -> None:
        """The process ends by itself; with a code other than 0 unless `with_success`."""
        code = await self.within(rule, self.core.exit_code(), "the process does not exit", wait_s)
        self.has_ended = True
        if with_success:
            self.expect(rule, code == 0, f"the process exits with code {code}, not 0")
        else:
            self.expect(rule, code != 0, "the process exits with code 0")

    def json(self, rule: str, text: bytes) -> Any:
        """What a JSON text says.

        Raises:
            RuleBrokenError: It is none.
        """
        try:
            return json.loads(text)
        except ValueError as error:
            raise RuleBrokenError(rule, f"this is not JSON ({error}): {text[:80]!r}") from error

    # What most cases begin and end with.

    async def launch(self, **env: str) -> None:
        """Start the sidecar."""
        await self.core.launch(env)

    async def hello(self) -> lifecycle_pb2.Hello:
        """The first Hello.

        Raises:
            DoesNotApplyError: It does not name the capability that the case is about.
        """
        core = self.core
        start_s = min(START_S, 2 * self.wait_s)
        await self.until("LAUNCH-5", lambda: core.connections > 0, "the sidecar never dialled", start_s)
        hello = (await self.within("HELLO-2", core.frame("hello"), "Hello never came")).hello
        if self.for_capability and self.for_capability not in hello.capabilities:
            raise DoesNotApplyError(f"the SDK does not name the capability {self.for_capability}")
        return hello

    async def ready(self, *names: str, rule: str = "LOAD-4", **env: str) -> None:
        """Start the sidecar and have these files loaded; all that can be when none is named."""
        await self.launch(**env)
        await self.load(*names, rule=rule)

    async def load(self, *names: str, rule: str = "LOAD-4") -> None:
        """Have files loaded and wait until everything is granted that work needs.

        Raises:
            RuleBrokenError: A file is not loaded; names the rule.
        """
        core = self.core
        await self.hello()
        files = self.subject.files
        paths = [files[name] for name in names or sorted(files) if names or name != "broken"]
        self.manifest = await self.within(rule, core.load(*paths), "the Manifest never came")
        loaded = {step.path for step in self.manifest.steps}
        for path in paths:
            failed = [error.message for error in self.manifest.errors if error.path == path]
            if path != files["broken"] and path not in loaded:
                raise RuleBrokenError(rule, f"{path} was not loaded as a step: {failed}")
        await self.credit()

    async def credit(self) -> None:
        """Wait until both pools have credit that is not used up."""
        await self.until("CREDIT-3", lambda: all(self.free(pool) > 0 for pool in (1, 2)), "no credit was granted")

    def free(self, pool: int) -> int:
        """How many more attempts of a pool the core may send."""
        granted = max((each.granted for each in self.core.of_kind("credit") if each.pool == pool), default=0)
        used = sum(attempt.invoke.pool == pool for attempt in self.judge.seen.attempts.values())
        return int(granted) - used

    async def drains(self, grace_ms: int = 10_000) -> None:
        """Drain it: it finishes, says so, and exits with code 0."""
        self.core.drain(grace_ms)
        await self.frame("DRAIN-4", "drained")
        await self.exits("DRAIN-4", with_success=True)

    # Work.

    def step(self, name: str) -> str:
        """What Invoke calls a step."""
        path = self.subject.files[name]
        keys = [step.key for step in self.manifest.steps if step.path == path]
        return f"{path}#{keys[0]}" if keys and keys[0] else path

    def has(self, name: str) -> bool:
        """Whether the SDK has an optional step."""
        return name in self.subject.files

    def start(self, name: str, data: Any = None, **fields: Any) -> int:
        """Send an Invoke; returns its id. `echo` and `pieces` get the data as a body, others as an event."""
        return self.core.start(self.step(name), **self._trigger(name, data), **fields)

    def invoke(self, name: str, data: Any = None, **fields: Any) -> invoke_pb2.Invoke:
        """An Invoke that is not sent yet."""
        return self.core.next_invocation(self.step(name), **self._trigger(name, data), **fields)

    def start_together(self, invokes: list[invoke_pb2.Invoke]) -> Invokes:
        """Send many in one message; their ids."""
        self.core.send(*(core_frame(invoke=invoke) for invoke in invokes))
        return [invoke.invocation_id for invoke in invokes]

    def _trigger(self, name: str, data: Any) -> dict[str, Any]:
        if name in ("echo", "pieces"):
            return {"http": json_request(data)}
        return {"event": event(data if data is not None else {})}

    async def complete(self, rule: str, invocation_id: int, wait_s: float | None = None) -> invoke_pb2.Complete:
        """The Complete of an attempt."""
        what = f"invocation {invocation_id} was never completed"
        return await self.within(rule, self.core.complete(invocation_id), what, wait_s)

    async def completes(self, rule: str, invocation_ids: Invokes, wait_s: float | None = None) -> None:
        """All of these are completed."""
        wanted = set(invocation_ids)

        def all_are() -> bool:
            return wanted <= {each.invocation_id for each in self.core.of_kind("complete")}

        await self.until(rule, all_are, f"not all of {len(wanted)} invocations were completed", wait_s)

    async def run(self, rule: str, name: str, data: Any = None, **fields: Any) -> invoke_pb2.Complete:
        """Run a step to its end."""
        return await self.complete(rule, self.start(name, data, **fields))

    async def lives(self, rule: str) -> None:
        """The session still works."""
        complete = await self.run(rule, "echo", {"alive": True})
        self.expect(rule, complete.WhichOneof("outcome") == "http", "a request after it is not answered any more")

    async def held(self, rule: str, invocation_id: int) -> int:
        """The id of the call that `hold` waits for."""
        call = await self.frame(rule, "call", lambda frame: frame.call.invocation_id == invocation_id)
        return call.call.call_id

    def release(self, call_id: int, value: bytes = b"null") -> None:
        """Answer a call that was held."""
        self.core.send(core_frame(call_reply=call_pb2.CallReply(call_id=call_id, value=value)))
