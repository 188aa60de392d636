"""Queues, dead letters, emits, cron."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from motia_core.workbench.described.operation import At, Cursor, Id, Limit, Operation, Operations, Payload
from motia_core.workbench.described.runs import Started


class Queue(TypedDict):
    """What waits for a step."""

    step: Annotated[str, Meta(description="Its id.")]
    name: str | None
    topics: list[str]
    type: Literal["standard", "fifo", "cron", "gone"]
    concurrency: int
    waiting: int
    delayed: int
    running: Annotated[int, Meta(description="On this core.")]
    paused: bool
    dead: int
    oldestMs: At | None


class Queues(TypedDict):
    """The queues."""

    queues: list[Queue]


class DeliveriesQuery(TypedDict, total=False):
    """Which deliveries."""

    step: Annotated[str, Meta(description="Its id.")]
    limit: Limit
    cursor: Id


class Delivery(TypedDict):
    """An event for a step."""

    id: int
    topic: str
    status: Literal["waiting", "delayed", "running"]
    attempt: int
    emittedMs: At
    dueMs: At | None
    traceId: str
    groupId: str | None
    data: Payload | None


class Deliveries(TypedDict):
    """What waits for a step, oldest first."""

    deliveries: list[Delivery]
    cursor: Cursor


class LettersQuery(TypedDict, total=False):
    """Which dead letters."""

    step: Annotated[str, Meta(description="Its id.")]
    topic: str
    limit: Limit
    before: Annotated[int, Meta(ge=1, description="Continue below this id: `nextBefore` of the page before.")]


class Letter(TypedDict):
    """An event that was given up."""

    id: int
    queue: str
    topic: str
    step: str
    traceId: str
    attempts: int
    emittedMs: At
    deadMs: At
    reason: str


class Letters(TypedDict):
    """Dead letters, newest first."""

    deadLetters: list[Letter]
    nextBefore: int | None


class Cause(TypedDict):
    """Why something failed."""

    kind: str
    type: str | None
    message: str
    stack: str | None
    language: str | None
    details: Any
    cause: Cause | None


class FailedAttempt(Cause):
    """An attempt that failed."""

    attempt: int
    failedMs: At


class WholeLetter(Letter):
    """A dead letter with its data and all that failed, oldest first."""

    messageGroupId: str | None
    data: Any
    failures: list[FailedAttempt]


class Selection(TypedDict, total=False):
    """Which dead letters: `ids`, or `all` with filters."""

    ids: list[int]
    all: Literal[True]
    step: str
    topic: str


class Redrive(Selection, total=False):
    """Which dead letters, and data instead of theirs."""

    data: Any


class Redriven(TypedDict):
    """How many."""

    redriven: int


class Discarded(TypedDict):
    """How many."""

    discarded: int


_Duration = Annotated[str | float, Meta(description="Seconds, or a text such as '30s'.")]


class Emit(TypedDict):
    """An event."""

    topic: str
    data: NotRequired[Any]
    messageGroupId: NotRequired[str | None]
    delay: NotRequired[_Duration | None]
    at: NotRequired[Annotated[str | float | None, Meta(description="ISO 8601, or epoch milliseconds.")]]
    idempotencyKey: NotRequired[str | None]
    idempotencyWindow: NotRequired[_Duration | None]
    priority: NotRequired[Annotated[int, Meta(ge=-100, le=100)] | None]


class Emitted(TypedDict):
    """The run, and how many steps subscribe."""

    traceId: str
    subscribers: int


class OldEmit(TypedDict):
    """An event, as in 0.x; without a topic nothing is emitted."""

    topic: NotRequired[Any]
    data: NotRequired[Any]


class OldEmitted(TypedDict):
    """What was sent."""

    success: Literal[True]
    emitted: OldEmit


class Cron(TypedDict):
    """A cron step and its next due times."""

    step: str
    name: str
    cron: str
    timezone: str | None
    overlap: Literal["skip", "queue", "allow"]
    catchUp: Literal["none", "once", "all"]
    jitterMs: int
    nextMs: list[int]
    lastMs: At | None
    paused: bool


class Crons(TypedDict):
    """The cron steps."""

    cron: list[Cron]


class OfStep(TypedDict):
    """Which step."""

    step: Annotated[str, Meta(description="Its id.")]


class Paused(TypedDict):
    """How it is now."""

    step: str
    paused: bool


class User(TypedDict):
    """Nobody is known; nothing is sent."""

    userId: str
    projectId: str
    motiaVersion: str
    analyticsEnabled: Literal[False]


class Analytics(TypedDict):
    """Nothing is sent."""

    analyticsEnabled: Literal[False]


OPERATIONS: Operations = {
    "GET /queues": Operation("The queues", Queues),
    "POST /queues/pause": Operation("Start nothing more of a step", Paused, body=OfStep, errors=(400, 404, 503)),
    "POST /queues/resume": Operation("Go on with a step", Paused, body=OfStep, errors=(400, 503)),
    "GET /queues/deliveries": Operation("What waits for a step", Deliveries, query=DeliveriesQuery, errors=(400,)),
    "GET /dlq": Operation("Dead letters, newest first", Letters, query=LettersQuery, errors=(400,)),
    "GET /dlq/<int:letter_id>": Operation("A dead letter", WholeLetter, errors=(404,)),
    "POST /dlq/redrive": Operation("Deliver dead letters again", Redriven, body=Redrive, errors=(400, 503)),
    "POST /dlq/discard": Operation("Delete dead letters", Discarded, body=Selection, errors=(400, 503)),
    "POST /emit": Operation("Emit an event", Emitted, body=Emit, errors=(400, 503)),
    "GET /cron": Operation("The cron steps", Crons),
    "POST /cron/pause": Operation("Let due times pass", Paused, body=OfStep, errors=(400, 404, 503)),
    "POST /cron/resume": Operation("Follow a schedule again", Paused, body=OfStep, errors=(400, 503)),
    "POST /cron/run": Operation("Run a cron step now", Started, body=OfStep, errors=(400, 404, 503)),
}
ELSEWHERE: Operations = {  # below no prefix, as in 0.x
    "POST /emit": Operation("Emit an event, as in Motia 0.x", OldEmitted, body=OldEmit, errors=(400, 503)),
    "GET /motia/analytics/user": Operation("That nobody is known", User),
    "GET /motia/analytics/status": Operation("That nothing is sent", Analytics),
}
