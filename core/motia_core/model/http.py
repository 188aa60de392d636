"""HTTP as the engine sees it: what arrived, already read, and what a handler answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class BodyFormat(IntEnum):
    """How the body of a request was read; the numbers of BodyFormat in invoke.proto."""

    NONE = 0
    JSON = 1
    TEXT = 2
    BINARY = 3


class BodyKind(IntEnum):
    """What a handler returned as body; the numbers of BodyKind in invoke.proto."""

    NONE = 0
    JSON = 1
    TEXT = 2
    BINARY = 3


@dataclass(slots=True)
class HttpRequest:
    """A request for an api step. Name-value lists are flat: name, value, name, value."""

    method: str
    path: str  # percent-encoded, without the query
    path_params: list[str]  # decoded
    query_params: bytes  # JSON object text; empty: no query
    headers: list[str]  # names in lower case, each once
    body_format: BodyFormat
    body: bytes
    raw_body: bytes  # only when it differs from body (urlencoded forms)
    path_values: bytes = b""  # JSON object text: path_params as the step's pathSchema wants them; empty: strings


@dataclass(slots=True)
class HttpResponse:
    """What an api handler returned."""

    status: int
    headers: list[str]  # name, value, name, value; a name may repeat
    body_kind: BodyKind
    body: bytes
