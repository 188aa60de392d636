"""HTTP as the engine sees it: what arrived, already read, and what a handler answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

from motia_core.model.failure import Failure
from motia_core.model.upload import UploadedFile

WORKBENCH = "/__motia/workbench"  # the path below which the workbench is served


class BodyFormat(IntEnum):
    """How the body of a request was read; the numbers of BodyFormat in invoke.proto."""

    NONE = 0
    JSON = 1
    TEXT = 2
    BINARY = 3
    MULTIPART = 4


class BodyKind(IntEnum):
    """What a handler returned as body; the numbers of BodyKind in invoke.proto."""

    NONE = 0
    JSON = 1
    TEXT = 2
    BINARY = 3


class SocketEventKind(IntEnum):
    """What happens on a WebSocket connection; the numbers of SocketEventKind in invoke.proto."""

    CONNECT = 1
    MESSAGE = 2
    CLOSE = 3


@dataclass(frozen=True, slots=True)
class SocketEvent:
    """One event of a WebSocket connection. A message is the body of its request."""

    kind: SocketEventKind
    connection_id: str
    code: int = 0  # of a close
    reason: str = ""


class SocketMessage(NamedTuple):
    """A message to WebSocket clients."""

    data: bytes
    is_text: bool  # as UTF-8; otherwise it is bytes


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
    is_form: bool = False  # the values of the body were text
    files: list[UploadedFile] | None = None  # of a multipart body
    socket: SocketEvent | None = None  # what happened on a WebSocket connection; the rest is of its handshake
    path_values: bytes = b""  # JSON object text: path_params as the step's pathSchema wants them; empty: strings


class Chunks(Protocol):
    """A body that comes piece by piece."""

    async def next(self) -> bytes:
        """The next piece, once the one before has gone on to the client; empty: that was all.

        Raises:
            StepFailedError, SidecarLostError: There will be no more, though that was not all.
        """
        ...

    def abandon(self) -> None:
        """Nobody wants the rest."""
        ...

    def on_end(self, ended: Callable[[Failure | None], None]) -> None:
        """Have a function called when no more comes from the handler, with what went wrong if anything did."""
        ...


@dataclass(slots=True)
class HttpResponse:
    """What an api handler returned."""

    status: int
    headers: list[str]  # name, value, name, value; a name may repeat
    body_kind: BodyKind
    body: bytes
    chunks: Chunks | None = None  # instead of the body
