"""What an attempt has from earlier ones of its delivery, what it remembers for later ones, and where it waits."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from motia._gen.motia.v1 import invoke_pb2, sidecar_pb2
from motia.attempt import Attempt
from motia.caller import Caller, key_of, to_value
from motia.calls import Reply, refuse_closed, within_run
from motia.durations import duration_ms, positive_ms
from motia.errors import NotSuspendableError, Suspended
from motia.middleware import settled
from motia.run import Run

_making = threading.Lock()


class Progress:
    """Of one attempt; made when its handler first asks for it."""

    __slots__ = ("_attempt", "_caller", "_counts", "_is_durable", "_known", "_running")

    def __init__(self, attempt: Attempt, caller: Caller) -> None:
        self._attempt = attempt
        self._caller = caller
        self._is_durable = not attempt.invoke.HasField("http")
        self._known = {each.key: each.value for each in attempt.invoke.remembered}
        self._running: set[str] = set()
        self._counts: Counter[str] = Counter()

    # Results.

    def run(self, key: str, fn: Callable[[], Any]) -> Any:
        """Returns a Run under a running loop, and the value elsewhere."""
        key = _name_of(key)
        if not callable(fn):
            raise TypeError(
                f"run({key!r}) got a {type(fn).__name__}: give it a function, as in run({key!r}, lambda: …)"
            )
        if self._attempt.closed:
            refuse_closed(self._attempt, "run")
        loop = asyncio._get_running_loop()
        if (known := self._known.get(key)) is not None:
            return _answered(loop, to_value(known))
        if key in self._running:
            raise ValueError(f"run({key!r}) is still under way: what runs at the same time needs keys of its own")
        self._running.add(key)
        return self._run_blocking(key, fn) if loop is None else Run(self._run(key, fn), self._attempt, loop)

    async def _run(self, key: str, fn: Callable[[], Any]) -> Any:
        within_run.set(True)  # in this task only
        try:
            return await settled(self._remember(key, await settled(fn())))
        finally:
            self._running.discard(key)

    def _run_blocking(self, key: str, fn: Callable[[], Any]) -> Any:
        token = within_run.set(True)
        try:
            result = fn()
            if hasattr(result, "__await__"):
                result = asyncio.run_coroutine_threadsafe(settled(result), self._caller.user_loop).result()
            return self._remember(key, result)
        finally:
            within_run.reset(token)
            self._running.discard(key)

    def _remember(self, key: str, result: Any) -> Any:
        """Keep a result, durably if there can be later attempts, and give it back as they would get it."""
        text = self._caller.payload(result, f"the result of run({key!r})")

        def keep(_reply: bytes) -> Any:
            self._known[key] = text
            return to_value(text)

        if not self._is_durable:
            return keep(b"")
        frame = sidecar_pb2.SidecarFrame()
        operation = frame.call.remember
        operation.key, operation.value = key, text
        return self._caller.send(frame, keep)

    # Waits.

    def sleep(self, duration: Any, key: str | None) -> Any:
        """End the attempt, unless the pause is over."""
        self._check_suspendable("sleep")
        suspended = invoke_pb2.Suspended(key=self._wait_key("sleep", key), sleep_ms=duration_ms(duration, "duration"))
        return self._wait(suspended)

    def wait_for(self, topic: str, match: Mapping[str, Any] | None, timeout: Any, key: str | None) -> Any:
        """End the attempt, unless the event has come or its time is over."""
        self._check_suspendable("wait_for")
        if not isinstance(topic, str) or not topic:
            raise ValueError(f"wait_for needs the topic of the event, a text; it got {topic!r}")
        wait = invoke_pb2.WaitFor(topic=topic)
        if match is not None:
            if not isinstance(match, Mapping):
                raise ValueError(f"match is a {type(match).__name__}: give a dict of what the event's data must have")
            wait.match = self._caller.payload(match, "match")
        if timeout is not None:
            wait.timeout_ms = positive_ms(timeout, "timeout")
        return self._wait(invoke_pb2.Suspended(key=self._wait_key("wait", key), wait_for=wait))

    def _check_suspendable(self, operation: str) -> None:
        if self._attempt.closed:
            refuse_closed(self._attempt, operation)
        if not self._is_durable:
            raise NotSuspendableError(
                f"{operation}() is not possible in the api step {self._attempt.step.reference}: somebody waits for its "
                f"response. Emit an event, and call {operation}() in the event step that subscribes to it"
            )

    def _wait_key(self, kind: str, key: str | None) -> str:
        if key is not None:
            return _name_of(key)
        self._counts[kind] += 1
        return f"{kind}:{self._counts[kind]}"

    def _wait(self, suspended: invoke_pb2.Suspended) -> Any:
        loop = asyncio._get_running_loop()
        if (known := self._known.get(suspended.key)) is not None:
            return _answered(loop, to_value(known))
        self._attempt.suspend(suspended)
        error = Suspended(f"waits as {suspended.key!r}; the handler is called again from its start")
        if loop is None:
            raise error
        reply = Reply(loop=loop)
        reply.set_exception(error)
        reply.exception()  # looked at: asyncio has nothing to say when the handler does not await it
        return reply


def progress_of(attempt: Attempt, caller: Caller) -> Progress:
    """The attempt's only one; threads may ask at the same time."""
    with _making:
        if attempt.progress is None:
            attempt.progress = Progress(attempt, caller)
        return attempt.progress


def _answered(loop: asyncio.AbstractEventLoop | None, value: Any) -> Any:
    if loop is None:
        return value
    reply = Reply(loop=loop)
    reply.set_result(value)
    return reply


def _name_of(key: Any) -> str:
    name = key_of(key, "key")
    if not name:
        raise ValueError("key is empty: give it a name, unique within the step")
    return name
