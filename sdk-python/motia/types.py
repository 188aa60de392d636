"""Names for type hints in step files. None of them is needed at run time."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypedDict

from motia.payload import Record

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # that of typing has defaults from Python 3.13 on

    Body = TypeVar("Body", default=Any)

    class ApiRequest(Record, Generic[Body]):
        """`body`, `headers`, `pathParams`, `queryParams` and `rawBody`, as keys and as attributes.

        `ApiRequest[Order]` says what the body is; to a decorated function it is given as that.
        """

        body: Body
        headers: Record
        pathParams: Record
        queryParams: Record
        rawBody: str | bytes

else:
    ApiRequest = Record

NextFunction = Callable[..., Any]
ApiMiddleware = Callable[[Any, Any, NextFunction], Awaitable[Any] | Any]
Emits = list[str | dict[str, Any]]


Duration = float | str | datetime.timedelta
"""Seconds, or "500ms", "30s", "5m", "2h", "7d"."""


class Event(TypedDict, total=False):
    """What `ctx.emit` takes. The names of several words may also be written in snake_case."""

    topic: str
    data: Any
    messageGroupId: str
    delay: Duration
    at: datetime.datetime | str | float
    idempotencyKey: str
    idempotencyWindow: Duration
    priority: int


class StateOperation(TypedDict, total=False):
    """One of the operations that `ctx.state.update` takes."""

    type: Literal["set", "merge", "increment", "append", "remove"]
    path: str
    value: Any
    by: float


class StepConfig(TypedDict, total=False):
    """What all steps have in common."""

    name: str
    description: str
    flows: list[str]
    emits: Emits
    virtualEmits: Emits
    virtualSubscribes: list[str]
    includeFiles: list[str]
    atomic: bool


class ApiRouteConfig(StepConfig, total=False):
    """A step that answers HTTP requests."""

    type: Literal["api"]
    path: str
    method: Literal["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "WEBSOCKET"]
    bodySchema: Any
    querySchema: Any
    pathSchema: Any
    headersSchema: Any
    messageSchema: Any
    responseSchema: dict[int | str, Any]
    queryParams: list[dict[str, str]]
    middleware: list[ApiMiddleware]
    infrastructure: dict[str, Any]
    cancelOnDisconnect: bool


class EventConfig(StepConfig, total=False):
    """A step that handles events."""

    type: Literal["event"]
    subscribes: list[str]
    watches: dict[str, Any]  # instead of topics: {"state": True}, or {"stream": …, "group": …, "item": …}
    input: Any
    infrastructure: dict[str, Any]
    queue: dict[str, Any]
    waitsFor: list[str]


class CronConfig(StepConfig, total=False):
    """A step that runs on a schedule."""

    type: Literal["cron"]
    cron: str
    schedule: str
    timezone: str
    overlap: Literal["skip", "queue", "allow"]
    catchUp: Literal["none", "once", "all"]
    catchUpWindow: str | float
    jitter: str | float
    infrastructure: dict[str, Any]
    queue: dict[str, Any]
    waitsFor: list[str]


class NoopConfig(StepConfig, total=False):
    """A step that only shows in the flow."""

    type: Literal["noop"]


class StreamConfig(TypedDict, total=False):
    """A stream."""

    name: str
    schema: Any
    description: str
    baseConfig: dict[str, Any]
    ttl: str | float  # an item is removed so long after it was last set
    maxItems: int  # of a group: the oldest make room for new ones
    presence: bool  # clients may see who else watches a group
    messages: dict[str, Any]  # {"topic": …, "schema": …}: messages of clients are events of the topic


ApiRouteMethod = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]
MotiaHttpRequest = Record
"""`request` of what http handlers of Motia 1.0 get."""

# Names that steps of Motia 1.0 import for their hints.
Enqueue = str | dict[str, Any]
Enqueuer = Callable[[Any], Any]
QueryParam = dict[str, str]
Step = Record
StateTriggerInput = Record
StreamAuthInput = Record
StreamAuthResult = Record
StreamEvent = Record
StreamSubscription = Record
StreamTriggerInput = Record
TriggerCondition = Callable[..., Any]
TriggerConfig = Record
TriggerInfo = Record
TriggerInput = Any
