"""Handlers that a test gives: they run in the test's process, with the real state, streams and events."""

from __future__ import annotations

import asyncio
import functools
import inspect
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.invocation import Done, Invocation, Outcome, Suspended
from motia_core.model.step import StepType
from motia_core.testing.operations import ask, to_ms, to_text
from motia_core.testing.triggers import from_trigger, to_response
from motia_core.testing.witness import Fake

Handler = Callable[..., Any]
_OWN = str(Path(__file__).parent)


class _SuspendSignal(BaseException):
    """Ends a handler that sleeps or waits; see the SDK's `Suspended`."""

    def __init__(self, suspended: Suspended) -> None:
        self.suspended = suspended


class FakeContext:
    """The context of a fake: `emit`, `state`, `streams`, `logger`, `trace_id` and the like, as in a step file.

    In async fakes their answers are awaited; in plain functions they are there at once.
    """

    def __init__(self, asking: Asking, invocation: Invocation, log: Log) -> None:
        self._asking = asking
        self._remembered = invocation.remembered
        self._count = 0
        self.trace_id = self.traceId = invocation.trace.trace_id
        self.attempt = invocation.attempt
        self.max_attempts = self.maxAttempts = invocation.max_attempts
        self.flows = list(invocation.step.flows)
        self.state = FakeState(asking)
        self.streams = FakeStreams(asking)
        self.logger = FakeLogger(log, invocation)

    def emit(self, event: Mapping[str, Any] | None = None, **fields: Any) -> Any:
        """Publish an event: `emit({"topic": …, "data": …})`."""
        return self._asking("emit", {**(event or {}), **fields})

    def run(self, key: str, fn: Callable[[], Any]) -> Any:
        """Call `fn` once for this event."""
        return self._asking.run(key, fn, self._remembered)

    def sleep(self, duration: Any, key: str | None = None) -> Any:
        """Pause; the handler is called again from its start."""
        return self._pause(key or self._next("sleep"), sleep_ms=to_ms(duration, "the pause"))

    def wait_for(
        self, topic: str, match: Mapping[str, Any] | None = None, timeout: Any = None, key: str | None = None
    ) -> Any:
        """Wait for an event; its data."""
        wanted = to_text(match, "match") if match else b""
        timeout_ms = 0 if timeout is None else to_ms(timeout, "timeout")
        return self._pause(key or self._next("wait"), topic=topic, match=wanted, timeout_ms=timeout_ms)

    waitFor = wait_for

    def _next(self, kind: str) -> str:
        self._count += 1
        return f"{kind}:{self._count}"

    def _pause(self, key: str, **what: Any) -> Any:
        if key in self._remembered:
            return self._asking.answer(orjson.loads(self._remembered[key]))
        raise _SuspendSignal(Suspended(key, **what))


class FakeState:
    """`ctx.state`."""

    def __init__(self, asking: Asking) -> None:
        self.get = functools.partial(asking, "state.get")
        self.set = functools.partial(asking, "state.set")
        self.update = functools.partial(asking, "state.update")
        self.delete = functools.partial(asking, "state.delete")
        self.get_group = self.getGroup = functools.partial(asking, "state.getGroup")
        self.clear = functools.partial(asking, "state.clear")


class FakeStream:
    """One of `ctx.streams`."""

    def __init__(self, asking: Asking, name: str) -> None:
        self.get = functools.partial(asking, "streams.get", name)
        self.set = functools.partial(asking, "streams.set", name)
        self.update = functools.partial(asking, "streams.update", name)
        self.delete = functools.partial(asking, "streams.delete", name)
        self.get_group = self.getGroup = functools.partial(asking, "streams.getGroup", name)
        self.send = functools.partial(asking, "streams.send", name)


class FakeStreams:
    """`ctx.streams`: by attribute or by name."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def __getattr__(self, name: str) -> FakeStream:
        return FakeStream(self._asking, name)

    __getitem__ = __getattr__


class FakeLogger:
    """`ctx.logger`."""

    def __init__(self, log: Log, invocation: Invocation) -> None:
        self._log = log
        self._step, self._trace_id = invocation.step.name, invocation.trace.trace_id
        self._loop = asyncio.get_running_loop()
        self.debug = functools.partial(self._record, "debug")
        self.info = functools.partial(self._record, "info")
        self.warn = self.warning = functools.partial(self._record, "warn")
        self.error = functools.partial(self._record, "error")

    def _record(self, level: str, message: object = "", fields: Mapping[str, Any] | None = None, **more: Any) -> None:
        shown = orjson.dumps({**(fields or {}), **more}, default=repr)
        written = shown if shown != b"{}" else b""
        record = functools.partial(self._log.record, step=self._step, trace_id=self._trace_id, fields=written)
        self._loop.call_soon_threadsafe(record, level, str(message))


class Asking:
    """How a fake asks: on the loop, whose answers are awaited, or in a thread, which waits."""

    def __init__(self, calls: ContextCalls, invocation: Invocation, *, in_thread: bool) -> None:
        self._calls = calls
        self._invocation = invocation
        self._in_thread = in_thread
        self._loop = asyncio.get_running_loop()
        self._open: set[asyncio.Future[Any]] = set()

    def __call__(self, operation: str, *arguments: Any) -> Any:
        work = ask(self._calls, self._invocation, operation, *arguments)
        if self._in_thread:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        task = self._loop.create_task(work)
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return task

    def run(self, key: str, fn: Callable[[], Any], remembered: Mapping[str, bytes]) -> Any:
        """See `FakeContext.run`."""
        if key in remembered:
            return self.answer(orjson.loads(remembered[key]))
        if self._in_thread:
            value = fn()
            self("remember", key, value)
            return value
        return self._run(key, fn)

    async def _run(self, key: str, fn: Callable[[], Any]) -> Any:
        value = fn()
        value = await value if inspect.isawaitable(value) else value
        await self("remember", key, value)
        return value

    def answer(self, value: Any) -> Any:
        """A value that is there already."""
        if self._in_thread:
            return value
        answer = self._loop.create_future()
        answer.set_result(value)
        return answer

    async def finish(self) -> None:
        """What was asked and not awaited."""
        while self._open:
            await asyncio.gather(*self._open)


def fake_of(handler: Handler, log: Log) -> Fake:
    """Run a function in the place of a step's handler.

    Args:
        handler: Takes what the step's handler takes: input and context, or less. Plain functions run in a thread.
    """
    takes = _takes(handler)
    is_async = inspect.iscoroutinefunction(inspect.unwrap(handler)) or inspect.iscoroutinefunction(
        getattr(handler, "__call__", None)  # noqa: B004  # of an object with an async __call__
    )

    async def run(invocation: Invocation, calls: ContextCalls) -> Outcome:
        asking = Asking(calls, invocation, in_thread=not is_async)
        context = FakeContext(asking, invocation, log)
        is_cron = invocation.step.type is StepType.CRON
        given = [context] if is_cron else [from_trigger(invocation.trigger), context]
        call = functools.partial(handler, *given[: takes if takes is not None else len(given)])
        try:
            if is_async:
                result = await call()
            else:
                result = await asyncio.to_thread(call)
                result = await result if inspect.isawaitable(result) else result
            await asking.finish()
            return to_response(invocation.step, result) if invocation.step.type is StepType.API else Done()
        except _SuspendSignal as signal:
            return signal.suspended
        except Exception as error:  # boundary: whatever a handler raises is data
            return failure_of(error)

    return run


def _takes(handler: Handler) -> int | None:
    """How many arguments it takes; None: any number."""
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):  # of something built in
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return sum(one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in parameters)


def failure_of(error: BaseException) -> Failure:
    """What a fake raised; TerminalError and RetryableError of the SDK steer retries as in a step file."""
    names = {kind.__name__ for kind in type(error).__mro__}
    after_s = getattr(error, "retry_after_s", None) if "RetryableError" in names else None
    retry = Retry.NEVER if "TerminalError" in names else Retry.AFTER if after_s is not None else Retry.DEFAULT
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_OWN)]
    stack = "".join(
        ["Traceback (most recent call last):\n", *traceback.format_list(_from_test(frames)),
         *traceback.format_exception_only(error)]
    )  # fmt: skip
    return Failure(
        FailureKind.APPLICATION,
        str(error),
        type=type(error).__name__,
        stack=stack.rstrip(),
        language="python",
        retry=retry,
        retry_after_ms=round(after_s * 1000) if after_s is not None else 0,
    )


def _from_test(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Without the thread that it ran in."""
    threads = [n for n, frame in enumerate(frames) if frame.filename.endswith(("threads.py", "thread.py"))]
    last = max(threads, default=-1)
    return frames[last + 1 :]
