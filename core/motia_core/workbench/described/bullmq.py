"""The endpoints of 0.x for BullMQ."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from motia_core.workbench.described.operation import At, Message, Operation, Operations

JobStatus = Literal["waiting", "active", "completed", "failed", "delayed", "paused", "prioritized"]


class BullStats(TypedDict):
    """How many jobs there are: `completed` since the core's start, on this core."""

    waiting: int
    active: int
    completed: int
    failed: int
    delayed: int
    paused: Literal[0]
    prioritized: Literal[0]


class BullQueue(TypedDict):
    """A queue."""

    name: Annotated[str, Meta(examples=["order.created.Charge", "order.created.Charge.dlq"])]
    displayName: str
    isPaused: bool
    isDLQ: bool
    stats: BullStats


class BullQueues(TypedDict):
    """The queues."""

    queues: list[BullQueue]


class BullEvent(TypedDict):
    """What a job brings."""

    topic: str
    data: Any
    traceId: str
    flows: list[str]


class BullJob(TypedDict):
    """A delivery, a dead letter or a completed attempt."""

    id: str
    name: str
    data: BullEvent
    opts: dict[str, Any]
    progress: int
    timestamp: At
    attemptsMade: int
    processedOn: At | None
    finishedOn: At | None
    returnvalue: None
    failedReason: str | None
    stacktrace: list[str]


class BullJobs(TypedDict):
    """Jobs."""

    jobs: list[BullJob]


class BullLetter(TypedDict):
    """A dead letter."""

    id: str
    name: str
    data: BullEvent
    timestamp: At
    originalEvent: BullEvent
    failureReason: str | None
    failureTimestamp: At
    attemptsMade: int


class BullLetters(TypedDict):
    """Dead letters, newest first."""

    jobs: list[BullLetter]


class Range(TypedDict, total=False):
    """From the start-th to the end-th, 500 at most."""

    start: Annotated[int, Meta(ge=0, le=10_000, extra_json_schema={"default": 0})]
    end: Annotated[int, Meta(ge=0, le=10_000, extra_json_schema={"default": 100})]


class JobsQuery(Range, total=False):
    """Which jobs."""

    status: Annotated[JobStatus, Meta(extra_json_schema={"default": "waiting"})]


class Clean(TypedDict, total=False):
    """Which jobs to remove: those that ended `grace` milliseconds ago or before."""

    grace: Annotated[int, Meta(ge=0)]
    limit: Annotated[int, Meta(ge=0)]
    status: Annotated[JobStatus, Meta(extra_json_schema={"default": "completed"})]


class Cleaned(TypedDict):
    """What was removed."""

    deleted: int
    ids: list[str]


class Counted(TypedDict):
    """What was done, in words, and to how many."""

    message: str
    count: int


_QUEUE, _DEAD = "/bullmq/queues/<path:name>", "/bullmq/dlq/<path:name>"
_JOB = f"{_QUEUE}/jobs/<int:job_id>"
_Any = dict[str, Any]

OPERATIONS: Operations = {
    "GET /bullmq/queues": Operation("The queues, as those of BullMQ", BullQueues),
    f"GET {_QUEUE}": Operation("A queue", BullQueue, errors=(404,)),
    f"POST {_QUEUE}/pause": Operation("Pause its step", Message, body=_Any, errors=(404, 503)),
    f"POST {_QUEUE}/resume": Operation("Go on with its step", Message, body=_Any, errors=(404, 503)),
    f"POST {_QUEUE}/drain": Operation("Not supported", Message, body=_Any, errors=(404, 405)),
    f"POST {_QUEUE}/clean": Operation("Remove old failed jobs", Cleaned, body=Clean, errors=(400, 404)),
    f"GET {_QUEUE}/jobs": Operation("What is in a queue", BullJobs, query=JobsQuery, errors=(400, 404)),
    f"GET {_JOB}": Operation("A job", BullJob, errors=(404,)),
    f"POST {_JOB}/retry": Operation("Deliver a failed job again", Message, body=_Any, errors=(404, 503)),
    f"POST {_JOB}/remove": Operation("Remove a failed job", Message, body=_Any, errors=(404, 405, 503)),
    f"POST {_JOB}/promote": Operation("Not supported", Message, body=_Any, errors=(404, 405)),
    f"GET {_DEAD}/jobs": Operation("Dead letters of a queue", BullLetters, query=Range, errors=(400, 404)),
    f"POST {_DEAD}/retry/<int:job_id>": Operation("Deliver a dead letter again", Message, body=_Any, errors=(404, 503)),
    f"POST {_DEAD}/retry-all": Operation("Deliver all again", Counted, body=_Any, errors=(404, 503)),
    f"POST {_DEAD}/clear": Operation("Delete all", Counted, body=_Any, errors=(404, 503)),
}
