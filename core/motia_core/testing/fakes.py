"""Handlers that a test gives: they run in the test's process, with the real state, streams and events."""

from __future__ import annotations

import asyncio
import functools
import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.invocation import Done, Invocation, Outcome
from motia_core.model.step import StepType
from motia_core.testing.fake_context import Asking, FakeContext, SuspendSignal
from motia_core.testing.triggers import from_trigger, to_response
from motia_core.testing.witness import Fake

Handler = Callable[..., Any]
_OWN = str(Path(__file__).parent)


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
        except SuspendSignal as signal:
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
