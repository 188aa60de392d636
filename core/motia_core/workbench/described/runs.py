"""What has happened and what happens: runs, attempts, log records, the audit log, the feed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from motia_core.workbench.described.operation import (
    EVENTS,
    At,
    Cursor,
    Id,
    Limit,
    Message,
    Ms,
    Operation,
    Operations,
    Payload,
)

Trigger = Literal["http", "event", "cron", "stream", ""]
Status = Literal["running", "completed", "failed"]
RunStatus = Literal["running", "waiting", "completed", "failed"]
_SEVERAL = Meta(
    description="A payload; of a request its method, path, query, headers and body; of a stream client what it asked."
)
_OUTCOME = Meta(description="A payload; of a response its status, headers and body; or what the attempt waits for.")


class RunsQuery(TypedDict, total=False):
    """Which runs."""

    limit: Limit
    cursor: Annotated[str, Meta(pattern="^(rest-)?[0-9]{1,16}$", description="`cursor` of the page before.")]
    order: Annotated[
        Literal["newest", "errors"],
        Meta(description="By when they began; `errors`: those with a failure that nothing made good come first."),
    ]
    status: RunStatus
    step: Annotated[str, Meta(description="Id of a step that took part.")]
    trigger: Trigger
    text: Annotated[str, Meta(description="In ids, names, labels or errors.")]
    since: Annotated[At, Meta(description="Something of it ran then or later.")]
    until: Annotated[At, Meta(description="It had begun by then.")]
    minMs: Annotated[int, Meta(ge=1, description="Least duration in milliseconds.")]


class Run(TypedDict):
    """Everything that one request, event, tick or client of a stream has caused."""

    traceId: str
    name: Annotated[str, Meta(description="Of the first step.")]
    trigger: Trigger
    label: str
    status: RunStatus
    startedMs: At
    durationMs: Ms
    attempts: int
    failed: int
    waiting: Annotated[int, Meta(description="Deliveries that wait for their time, a retry, or their turn.")]
    error: str | None
    replayOf: int | None


class RunPage(TypedDict):
    """Runs in the order that was asked for."""

    runs: list[Run]
    cursor: Cursor


class ShortError(TypedDict):
    """Why an attempt failed."""

    kind: str
    message: str


class Error(ShortError):
    """Why an attempt failed, and where."""

    type: NotRequired[str]
    stack: NotRequired[str]
    file: NotRequired[str]
    line: NotRequired[int]
    cause: NotRequired[str]


class RecordedAttempt(TypedDict):
    """An attempt. `parentId` is the one that caused it."""

    id: int
    traceId: str
    parentId: int | None
    step: Annotated[str, Meta(description="Its id.")]
    trigger: Trigger
    label: str
    attempt: int
    status: Status
    startedMs: At
    durationMs: Ms
    waitedMs: Ms
    error: Error | None
    traceparent: str
    parentSpanId: Annotated[str | None, Meta(description="The span of who caused it, also of another system.")]
    httpStatus: int | None
    deliveryId: Annotated[
        int | None, Meta(description="Of an event or tick; after the last attempt, of its dead letter.")
    ]


class Attempts(TypedDict):
    """Attempts, newest first."""

    attempts: list[RecordedAttempt]


class Call(TypedDict):
    """Something that a handler asked of its context, `count` times one after the other."""

    type: Annotated[str, Meta(examples=["emit", "state.set", "stream.get"])]
    target: str
    offsetMs: Ms
    durationMs: Ms
    data: Payload | None
    error: str | None
    count: int


class Span(TypedDict):
    """A span that the user's OpenTelemetry made within an attempt."""

    spanId: str
    parentSpanId: str | None
    name: str
    kind: Literal["internal", "client", "server", "producer", "consumer"]
    offsetMs: Ms
    durationMs: Ms
    error: str | None
    attributes: dict[str, Any]


class Attempt(RecordedAttempt):
    """An attempt with all that is kept of it."""

    name: str
    language: str
    input: Annotated[Any, _SEVERAL]
    output: Annotated[Any, _OUTCOME]
    calls: list[Call]
    callsDropped: int
    spans: list[Span]


class Log(TypedDict):
    """A log record. Its fields are members of it as well, as in Motia 0.x."""

    id: str
    level: Literal["debug", "info", "warn", "error"]
    time: At
    msg: str
    traceId: str | None
    step: str | None
    fields: dict[str, Any]


class Trace(TypedDict):
    """A run, oldest first."""

    traceId: str
    run: Run
    attempts: list[Attempt]
    logs: list[Log]


class RecentQuery(TypedDict, total=False):
    """Which attempts."""

    limit: Limit
    step: Annotated[str, Meta(description="Its id.")]


class Replay(TypedDict):
    """Which attempt, and what its step is to get instead."""

    attemptId: int
    input: NotRequired[Any]


class Started(TypedDict):
    """The run that was begun."""

    traceId: str


class LogsQuery(TypedDict, total=False):
    """Which log records."""

    limit: Limit
    cursor: Id
    level: Annotated[Literal["debug", "info", "warn", "error"], Meta(description="This and graver ones.")]
    text: str
    step: Annotated[str, Meta(description="Its name.")]
    traceId: str
    since: At
    until: At


class LogPage(TypedDict):
    """Log records, newest first."""

    logs: list[Log]
    cursor: Cursor


class AuditQuery(TypedDict, total=False):
    """Which page."""

    limit: Limit
    cursor: Id


# something that was changed through this API; `from` is the address of who did it
AuditEntry = TypedDict(
    "AuditEntry", {"id": str, "time": At, "action": str, "target": str, "from": str, "details": dict[str, Any]}
)


class AuditPage(TypedDict):
    """What was changed, newest first."""

    entries: list[AuditEntry]
    cursor: Cursor


OPERATIONS: Operations = {
    "GET /runs": Operation("Runs, newest first", RunPage, query=RunsQuery, errors=(400,)),
    "GET /traces": Operation("The latest attempts", Attempts, query=RecentQuery, errors=(400,)),
    "GET /traces/<trace_id>": Operation("A run with its attempts and logs", Trace, errors=(404,)),
    "POST /replay": Operation("A step once more", Started, body=Replay, errors=(400, 404, 409, 503)),
    "POST /trace/clear": Operation("Forget all runs", Message, body=dict[str, Any]),
    "GET /logs": Operation("Log records, newest first", LogPage, query=LogsQuery, errors=(400,)),
    "POST /logs/clear": Operation("Forget all log records", Message, body=dict[str, Any]),
    "GET /audit": Operation("What was changed through this API", AuditPage, query=AuditQuery, errors=(400,)),
    "GET /feed": Operation("What happens now: attempts, logs, changes", EVENTS),
}
