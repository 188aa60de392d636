"""The context that a fake gets: that of a step file, answered by the core of the test."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.model.invocation import Invocation, Suspended
from motia_core.testing.operations import ask, to_ms, to_text


class SuspendSignal(BaseException):
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
        self.traceparent = invocation.trace.traceparent
        self.attempt = invocation.attempt
        self.max_attempts = self.maxAttempts = invocation.max_attempts
        self.flows = list(invocation.step.flows)
        self.state = FakeState(asking)
        self.streams = FakeStreams(asking)
        self.sockets = FakeSockets(asking)
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
        raise SuspendSignal(Suspended(key, **what))


class FakeState:
    """`ctx.state`."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    def get(self, group_id: str, key: str) -> Any:
        return self._ask("state.get", group_id, key)

    def set(self, group_id: str, key: str, value: Any, ttl: Any = None) -> Any:
        return self._ask("state.set", group_id, key, value, ttl)

    def get_versioned(self, group_id: str, key: str) -> Any:
        return self._ask("state.getVersioned", group_id, key)

    def compare_and_set(self, group_id: str, key: str, expected_version: int, value: Any, ttl: Any = None) -> Any:
        return self._ask("state.compareAndSet", group_id, key, expected_version, value, ttl)

    def update(self, group_id: str, key: str, operations: Any) -> Any:
        return self._ask("state.update", group_id, key, operations)

    def delete(self, group_id: str, key: str) -> Any:
        return self._ask("state.delete", group_id, key)

    def get_group(self, group_id: str) -> Any:
        return self._ask("state.getGroup", group_id)

    def groups(self) -> Any:
        return self._ask("state.groups")

    def list_all(self, group_id: str, prefix: str = "") -> Pages:
        return Pages(lambda cursor: self.list(group_id, prefix, cursor))

    def clear(self, group_id: str, *_ignored: Any) -> Any:
        return self._ask("state.clear", group_id)

    def list(self, group_id: str, prefix: str = "", cursor: str = "", limit: int = 100) -> Any:
        return self._ask("state.list", group_id, prefix, cursor, limit)

    getGroup, getVersioned, compareAndSet, listAll = get_group, get_versioned, compare_and_set, list_all


class FakeStream:
    """One of `ctx.streams`."""

    def __init__(self, ask: Asking, name: str) -> None:
        self._ask = ask
        self._name = name

    def get(self, group_id: str, id: str) -> Any:  # noqa: A002
        return self._ask("streams.get", self._name, group_id, id)

    def set(self, group_id: str, id: str, data: Any) -> Any:  # noqa: A002
        return self._ask("streams.set", self._name, group_id, id, data)

    def update(self, group_id: str, id: str, operations: Any) -> Any:  # noqa: A002
        return self._ask("streams.update", self._name, group_id, id, operations)

    def delete(self, group_id: str, id: str) -> Any:  # noqa: A002
        return self._ask("streams.delete", self._name, group_id, id)

    def get_group(self, group_id: str) -> Any:
        return self._ask("streams.getGroup", self._name, group_id)

    def list(self, group_id: str, cursor: str = "", limit: int = 100) -> Any:
        return self._ask("streams.list", self._name, group_id, cursor, limit)

    def send(self, channel: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        return self._ask("streams.send", self._name, channel, event)

    def groups(self) -> Any:
        return self._ask("streams.groups", self._name)

    def list_all(self, group_id: str) -> Pages:
        return Pages(lambda cursor: self.list(group_id, cursor))

    getGroup, listAll = get_group, list_all


class FakeStreams:
    """`ctx.streams`: by attribute or by name."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def __getattr__(self, name: str) -> FakeStream:
        return FakeStream(self._asking, name)

    __getitem__ = __getattr__


class FakeSockets:
    """`ctx.sockets`."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    def send(self, connection_id: str, data: Any) -> Any:
        return self._ask("sockets.send", connection_id, data)

    def broadcast(self, path: str, data: Any, except_: Sequence[str] = ()) -> Any:
        return self._ask("sockets.broadcast", path, data, list(except_))

    def close(self, connection_id: str, code: int = 1000, reason: str = "") -> Any:
        return self._ask("sockets.close", connection_id, code, reason)


class Pages:
    """All entries of a list, page by page: `async for` in async fakes, `for` in plain functions."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read

    async def __aiter__(self) -> AsyncIterator[Any]:
        cursor = None
        while cursor != "":
            page = await self._read(cursor or "")
            for entry in page["items"]:
                yield entry
            cursor = page["cursor"]

    def __iter__(self) -> Iterator[Any]:
        cursor = None
        while cursor != "":
            page = self._read(cursor or "")
            yield from page["items"]
            cursor = page["cursor"]


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

    def exception(self, message: object = "", fields: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._record("error", message, fields, error=sys.exc_info()[1], **more)

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
