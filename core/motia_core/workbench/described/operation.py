"""One operation of the management API, as a table describes it. Shapes are TypedDicts; JSON Schema is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from msgspec import Meta

TEXT = "text/plain"
HTML = "text/html"
SCRIPT = "text/javascript"
EVENTS = "text/event-stream"
NOTHING = ""  # an answer without a body

Ms = Annotated[float, Meta(description="Milliseconds.")]
At = Annotated[int, Meta(description="Milliseconds since the Unix epoch.")]
JsonSchema = Annotated[Any, Meta(description="A JSON Schema, or null.")]
Cursor = Annotated[str, Meta(description="What `cursor` of the next page is; empty: this was the last.")]
Limit = Annotated[int, Meta(ge=1, le=1000, description="How many at most.")]
Id = Annotated[int, Meta(ge=1)]


class Message(TypedDict):
    """What was done, in words."""

    message: str


class Payload(TypedDict, total=False):
    """Data as they were recorded: JSON, text, or only their size. `cut` when they were longer than what is kept."""

    json: Any
    text: str
    bytes: int
    cut: bool


class Problem(TypedDict, total=False):
    """Why something was not done."""

    error: str
    code: Annotated[str, Meta(description="For programs: see docs/errors.md.")]
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route does.

    Args:
        summary: In a few words.
        answer: The shape of its JSON, or a media type; NOTHING: it has no body.
        query: A TypedDict with its query parameters.
        body: The shape of the JSON that it takes.
        errors: Statuses of its refusals, beside those that every route has.
        status: Of its answer.
        also: Shapes of answers with other statuses.
        is_open: It needs no token.
    """

    summary: str
    answer: Any
    query: Any = None
    body: Any = None
    errors: tuple[int, ...] = ()
    status: int = 200
    also: Mapping[int, Any] | None = None
    is_open: bool = False


Operations = Mapping[str, Operation]  # by method and path, as in the rules of api.py
