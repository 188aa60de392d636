"""What tests get to see: responses, what a handler did, runs, dead letters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motia_core.model.event import DeadLetter
from motia_core.model.failure import Failure
from motia_core.model.trace import AttemptRecord
from motia_core.testing.log import Line
from motia_core.testing.rig import Outcome, value_of
from motia_core.testing.witness import Asked


@dataclass(frozen=True)
class Response:
    """What a route answered."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    content: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    @property
    def trace_id(self) -> str:
        """Of the run that the request has started; empty where no step has run."""
        return self.headers.get("x-trace-id", "")

    def json(self) -> Any:
        """The body as JSON; ValueError: it is none."""
        return json.loads(self.content)

    def __repr__(self) -> str:
        shown = self.text if len(self.content) <= 500 else f"{self.text[:500]}… ({len(self.content):,} bytes)"
        return f"<Response {self.status} {shown}>"


@dataclass(frozen=True)
class Error:
    """What a handler raised."""

    type: str  # name of its class
    message: str
    stack: str
    kind: str  # "application", "timeout", "schema" …: docs/errors.md has all of them

    @classmethod
    def of(cls, failure: Failure) -> Error:
        return cls(failure.type, failure.message, failure.stack, failure.kind.value)

    def __str__(self) -> str:
        return self.stack or (f"{self.type}: {self.message}" if self.type else self.message)


@dataclass(frozen=True)
class Event:
    """An event that was emitted."""

    topic: str
    data: Any
    step: str = ""  # name of the step that emitted it; empty: the test
    trace_id: str = ""


@dataclass(frozen=True)
class Change:
    """Something that a handler wrote."""

    operation: str  # "set", "update", "delete", "clear", "send" …
    place: tuple[str, ...]  # group and key of state; stream, group and id of a stream
    value: Any = None


@dataclass(frozen=True)
class Called:
    """What a handler did that was called."""

    result: Any  # of an api step {"status", "headers", "body"}; else None
    error: Error | None
    emits: list[Event]
    state: list[Change]
    streams: list[Change]
    waits: str  # what it sleeps or waits for; empty: it has ended
    trace_id: str
    _logs: Callable[[], list[Line]] = field(repr=False, compare=False)

    @property
    def logs(self) -> list[Line]:
        """What it has logged."""
        return self._logs()

    @property
    def ok(self) -> bool:
        """Whether it raised nothing."""
        return self.error is None

    @classmethod
    def of(cls, outcome: Outcome, logs: Callable[[], list[Line]]) -> Called:
        suspended = outcome.suspended
        return cls(
            outcome.result,
            Error.of(outcome.failure) if outcome.failure else None,
            [Event(one.topic, one.data, one.step, one.trace_id) for one in outcome.emits],
            [_change(one) for one in outcome.writes if one.operation.startswith("state_")],
            [_change(one) for one in outcome.writes if one.operation.startswith("stream_")],
            (suspended.topic or f"{suspended.sleep_ms / 1000:g}s") if suspended else "",
            outcome.trace_id,
            logs,
        )


_PLACES = {
    "state_set": 2,
    "state_update": 2,
    "state_compare_and_set": 2,
    "state_delete": 2,
    "state_clear": 1,
    "stream_set": 3,
    "stream_update": 3,
    "stream_delete": 3,
    "stream_send": 3,
}  # how many arguments say where


def _change(asked: Asked) -> Change:
    length = _PLACES[asked.operation]
    texts = [one for one in asked.arguments[length:] if isinstance(one, bytes) and one]
    operation = asked.operation.partition("_")[2]
    return Change(operation, tuple(asked.arguments[:length]), value_of(texts[0]) if texts else None)


@dataclass(frozen=True)
class Attempt:
    """One attempt of a run."""

    step: str
    number: int
    trigger: str  # "http", "event", "cron"
    label: str  # "POST /orders", a topic, a cron expression
    status: str  # "completed", "failed"
    error: str
    duration_ms: float

    @classmethod
    def of(cls, record: AttemptRecord) -> Attempt:
        return cls(
            record.step,
            record.attempt,
            record.trigger,
            record.label,
            record.status,
            record.error,
            record.duration_us / 1000,
        )


@dataclass(frozen=True)
class Run:
    """Everything that one request, event or tick has caused."""

    trace_id: str
    attempts: list[Attempt]

    @classmethod
    def of(cls, trace_id: str, records: Sequence[AttemptRecord]) -> Run:
        return cls(trace_id, [Attempt.of(record) for record in records])

    @property
    def steps(self) -> list[str]:
        """The steps that took part, in order of their first attempts."""
        return list(dict.fromkeys(attempt.step for attempt in self.attempts))

    @property
    def failed(self) -> list[Attempt]:
        """The attempts that failed."""
        return [attempt for attempt in self.attempts if attempt.status == "failed"]


@dataclass(frozen=True)
class Letter:
    """An event that was given up."""

    id: int
    step: str
    topic: str
    data: Any
    attempts: int
    error: Error  # of the last attempt

    @classmethod
    def of(cls, letter: DeadLetter) -> Letter:
        one = letter.delivery
        data = value_of(one.data) if one.data else None
        return cls(one.id, one.step_id, one.topic, data, one.attempt, Error.of(letter.failures[-1].failure))
