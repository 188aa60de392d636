"""A rig for tests in another process, which asks over the standard input and output of this one: a JSON object on each
line. It ends when its input does, so that none outlives its test.

    in   {"settings"?, "env"?, "steps"?, "streams"?}   first of all: what the rig is made of
    out  {"ready": {"url", "steps"}} or {"fatal"}      whether it runs
    in   {"id", "do", "with"?}                      a method of remote.py; answered with {"id", "ok"} or {"id", "error"}
    in   {"id", "do": "fake", "with": {"step"}}      fakes are asked of the test: {"fake", "step", "input", "context"}
    in   {"fake", "ok"} or {"fake", "error"}         how a fake has ended
    out  {"event"}                                   something was emitted
    in   {"id", "do": "ask", "with": {"fake", "operation", "arguments"}}   what a fake asks of its context
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from motia_core.engine.services import ContextCalls
from motia_core.errors import MotiaError
from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.invocation import Done, Invocation, Outcome, Suspended
from motia_core.model.step import StepType
from motia_core.testing.errors import KitError, RigError, StillBusyError, UnexpectedFailureError
from motia_core.testing.opening import Options, open_rig
from motia_core.testing.operations import ask, to_ms, to_text
from motia_core.testing.remote import answer, event_of, tail, to_line
from motia_core.testing.rig import Rig
from motia_core.testing.steps import GivenStep
from motia_core.testing.triggers import from_trigger, to_response
from motia_core.testing.witness import Fake

LONGEST_LINE = 256 * 1024 * 1024
_WITH_LOG = (StillBusyError, UnexpectedFailureError)


class RemoteFakes:
    """Fakes whose handlers are in the process of the test."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._count = count(1)
        self._running: dict[int, tuple[Invocation, ContextCalls, asyncio.Future[Mapping[str, Any]]]] = {}

    def fake(self) -> Fake:
        """One that asks the test."""

        async def run(invocation: Invocation, calls: ContextCalls) -> Outcome:
            number = next(self._count)
            ended: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
            self._running[number] = (invocation, calls, ended)
            context = {
                "traceId": invocation.trace.trace_id,
                "traceparent": invocation.trace.traceparent,
                "attempt": invocation.attempt,
                "maxAttempts": invocation.max_attempts,
                "flows": list(invocation.step.flows),
                "remembered": {key: orjson.loads(value) for key, value in invocation.remembered.items()},
            }
            is_cron = invocation.step.type is StepType.CRON
            given = {} if is_cron else {"input": from_trigger(invocation.trigger)}
            self._send({"fake": number, "step": invocation.step.name, "context": context, **given})
            try:
                return _outcome(invocation, await ended)
            finally:
                del self._running[number]

        return run

    def ended(self, message: Mapping[str, Any]) -> None:
        """The test says how one has ended."""
        found = self._running.get(message["fake"])
        if found is not None and not found[2].done():
            found[2].set_result(message)

    async def ask(self, given: Mapping[str, Any]) -> Any:
        """One asks its context."""
        found = self._running.get(given["fake"])
        if found is None:
            raise RigError("the fake has ended: await what uses its context")
        return await ask(found[1], found[0], given["operation"], *given["arguments"])

    def log(self, rig: Rig, given: Mapping[str, Any]) -> None:
        """One logs."""
        found = self._running.get(given["fake"])
        step, trace_id = (found[0].step.name, found[0].trace.trace_id) if found else ("", "")
        fields = to_text(given["fields"], "fields") if given.get("fields") else b""
        rig.core.log.record(given["level"], given["message"], step=step, trace_id=trace_id, fields=fields)


class TestServer:
    """Answers one test process."""

    __test__ = False  # pytest takes classes of this name for tests

    def __init__(self, rig: Rig, output: int) -> None:
        self._rig = rig
        self._output = output
        self._fakes = RemoteFakes(self.send)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, message: Mapping[str, Any]) -> None:
        """Write a line."""
        data = to_line(message)
        while data:
            data = data[os.write(self._output, data) :]

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Until the input ends."""
        while line := await reader.readline():
            message = orjson.loads(line)
            if "do" not in message:
                self._fakes.ended(message)
                continue
            task = asyncio.create_task(self._answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        for task in self._tasks:
            task.cancel()

    async def _answer(self, message: Mapping[str, Any]) -> None:
        try:
            value = await self._do(message["do"], message.get("with") or {})
            self.send({"id": message["id"], "ok": value})
        except MotiaError as error:
            text = error.message
            if isinstance(error, _WITH_LOG):
                text = f"{text}\n\nwhat was logged:\n{tail(self._rig) or 'nothing'}"
            self.send({"id": message["id"], "error": {"code": error.code, "message": text}})
        except Exception as error:  # boundary: the test hears of it, and the rig goes on
            self.send({"id": message["id"], "error": {"code": "INTERNAL", "message": f"unexpected {error!r}"}})

    async def _do(self, method: str, given: Mapping[str, Any]) -> Any:
        if method == "fake":
            return self._rig.fake(given["step"], self._fakes.fake())
        if method == "unfake":
            return self._rig.fake(given["step"], None)
        if method == "ask":
            return await self._fakes.ask(given)
        if method == "log":
            return self._fakes.log(self._rig, given)
        return await answer(self._rig, method, given)


def _outcome(invocation: Invocation, message: Mapping[str, Any]) -> Outcome:
    """How a fake has ended."""
    if (thrown := message.get("error")) is not None:
        after_ms = thrown.get("retryAfterMs")
        retry = Retry.NEVER if thrown.get("terminal") else Retry.AFTER if after_ms is not None else Retry.DEFAULT
        return Failure(
            FailureKind.APPLICATION,
            str(thrown.get("message") or ""),
            type=str(thrown.get("type") or ""),
            stack=str(thrown.get("stack") or ""),
            language="javascript",
            retry=retry,
            retry_after_ms=int(after_ms or 0),
        )
    if (waits := message.get("waits")) is not None:
        if "sleep" in waits:
            return Suspended(waits["key"], sleep_ms=to_ms(waits["sleep"], "the pause"))
        match = to_text(waits["match"], "match") if waits.get("match") else b""
        timeout_ms = to_ms(waits["timeout"], "timeout") if waits.get("timeout") is not None else 0
        return Suspended(waits["key"], topic=waits["topic"], match=match, timeout_ms=timeout_ms)
    if invocation.step.type is not StepType.API:
        return Done()
    try:
        return to_response(invocation.step, message.get("ok"))
    except KitError as error:
        return Failure(FailureKind.BAD_RESULT, error.message, type="BadResultError")


async def run_test_server(project: Path | None) -> None:
    """Serve a rig to the process at the other end of standard input and output, until that ends. The first line says
    what the rig is made of."""
    output = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not stand between our lines
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    given = orjson.loads(await reader.readline() or b"{}")
    steps = tuple(GivenStep(config) for config in given.get("steps") or ())
    streams = tuple(given.get("streams") or ())
    options = Options(project, steps, streams, given.get("settings") or {}, given.get("env") or {})
    try:
        async with open_rig(options) as rig:
            server = TestServer(rig, output)
            rig.witness.on_emit = lambda emitted: server.send({"event": event_of(emitted)})
            server.send({"ready": {"url": rig.url, "steps": [step.name for step in rig.core.catalog.project.steps]}})
            await server.serve(reader)
    except MotiaError as error:
        os.write(output, to_line({"fatal": {"code": error.code, "message": error.message}}))
