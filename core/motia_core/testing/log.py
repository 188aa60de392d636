"""What a rig says: kept for the test, and shown when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from motia_core.model.project import Project


class Line(NamedTuple):
    """One log record."""

    level: str  # "debug" | "info" | "warn" | "error"
    message: str
    step: str  # name; empty: of the core
    trace_id: str
    fields: dict[str, Any]
    time_ms: int


class RigLog:
    """Implements `Console`."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def record(
        self, level: str, message: str, *, step: str = "", trace_id: str = "", time_ms: int = 0, fields: bytes = b""
    ) -> None:
        """See `ports.Log.record`."""
        self.lines.append(Line(level, message, step, trace_id, _fields(fields), time_ms or time.time_ns() // 1_000_000))
        for is_enough, found in self._waiting:
            if not found.done() and is_enough():
                found.set_result(None)

    async def until(self, is_enough: Callable[[], bool], timeout_s: float) -> None:
        """Wait until there are such lines, or the time is over: sidecars write theirs a little later."""
        if is_enough():
            return
        waiting = (is_enough, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await asyncio.wait([waiting[1]], timeout=timeout_s)
        finally:
            self._waiting.remove(waiting)

    def text(self) -> str:
        """Everything, as people read it."""
        seen: set[str] = set()
        return "\n".join(_shown(line, seen) for line in self.lines)

    def found(self, project: Project) -> None:
        """See `ports.Console.found`."""

    def ready(self, urls: Sequence[str], seconds: float) -> None:
        """See `ports.Console.ready`."""

    def stopping(self, reason: str, *, again: bool) -> None:
        """See `ports.Console.stopping`."""


def _fields(fields: bytes) -> dict[str, Any]:
    if not fields:
        return {}
    try:
        found = orjson.loads(fields)
    except orjson.JSONDecodeError:
        found = fields.decode(errors="backslashreplace")
    return found if isinstance(found, dict) else {"fields": found}


def _shown(line: Line, seen: set[str]) -> str:
    """A line, with its stack unless that was seen."""
    fields, stack = dict(line.fields), ""
    error = fields.get("error")
    if isinstance(error, dict) and isinstance(error.get("stack"), str):
        stack = fields.pop("error")["stack"]
    parts = [line.level.upper().ljust(5), line.step, line.message]
    if fields:
        parts.append(orjson.dumps(fields, default=repr).decode())
    shown = " ".join(filter(None, parts))
    if stack in seen:
        return f"{shown} (the stack is the same)"
    if stack:
        seen.add(stack)
    return shown + "".join(f"\n      {text}" for text in stack.splitlines())
