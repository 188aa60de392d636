"""The details of an attempt: what it got, what came out, what it asked for; kept in a form that is quick to make."""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from motia_core.model.calls import CallLimits, CallRecord
from motia_core.model.failure import Failure
from motia_core.model.http import BodyFormat, BodyKind, HttpRequest, HttpResponse
from motia_core.model.invocation import EventInput, Invocation, Outcome, Suspended
from motia_core.model.stream import HookAnswer, StreamHook

HIDDEN = "…"
MARSHAL_VERSION = 2  # of all versions of Python
Facts = dict[str, object]
Packed = tuple[Any, ...]  # of what marshal can write
Details = list[tuple[int, Packed]]  # by id of the attempt
_FRAME = re.compile(
    r"File \"(?P<python>[^\"]+)\", line (?P<python_line>\d+)|\(?(?:file://)?(?P<node>/[^()\s:]+):(?P<node_line>\d+):\d+\)?"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an attempt is recorded."""

    payload_bytes: int
    of_calls: CallLimits
    redact: frozenset[str]  # names of headers whose values are not kept


def pack(invocation: Invocation, outcome: Outcome, limits: Limits) -> Packed:
    """What is worth keeping of an attempt that has ended. Made for every attempt, so it only gathers; `facts` makes
    something to be shown of it, when somebody looks."""
    trigger = invocation.trigger
    came: Packed = ()
    if type(trigger) is HttpRequest:
        came = _request(trigger, limits)
    elif type(trigger) is EventInput:
        came = ("event", *_cut(trigger.data, limits))
    elif type(trigger) is StreamHook:
        came = ("stream", tuple(trigger.address), *_cut(trigger.auth, limits))
    left: Packed = ()
    if type(outcome) is HttpResponse:
        left = _response(outcome, limits)
    elif type(outcome) is HookAnswer:
        left = ("json", *_cut(outcome.value, limits))
    elif type(outcome) is Suspended:
        left = ("waits", outcome.topic or "sleep", outcome.key)
    elif type(outcome) is Failure:
        cause = outcome.cause.message if outcome.cause is not None else ""
        left = ("failure", outcome.kind.value, outcome.type, outcome.message, outcome.stack, cause)
    if (log := invocation.calls) is None:
        return came, left, invocation.started_mono_ns, [], 0
    return came, left, invocation.started_mono_ns, list(map(_call, log.calls)), log.dropped


def to_bytes(details: Details) -> bytes:
    """Details of several attempts as they are stored: together, which costs each of them less."""
    batch: Any = details  # marshal is typed for what it is given most
    return marshal.dumps(batch, MARSHAL_VERSION)


def from_bytes(batch: bytes) -> Details:
    """The same again."""
    details: Details = marshal.loads(batch)
    return details


def _request(request: HttpRequest, limits: Limits) -> Packed:
    socket, headers, body, most = request.socket, request.headers, request.body, limits.payload_bytes
    if not limits.redact.isdisjoint(headers[::2]):  # their names are in lower case
        headers = _redacted(headers, limits.redact)
    size = len(body)
    return (
        "http",
        request.method,
        request.path,
        request.query_params[:most],
        headers,
        +request.body_format,  # marshal takes no subclass
        [file.filename for file in request.files] if request.files else None,
        (socket.kind.name.lower(), socket.connection_id) if socket is not None else None,
        body[:most] if size > most else body,
        size,
    )


def _response(response: HttpResponse, limits: Limits) -> Packed:
    headers, body, most = response.headers, response.body, limits.payload_bytes
    if headers:
        headers = _redacted(headers, limits.redact)
    size = len(body)
    is_streamed = response.chunks is not None
    return (
        "http",
        response.status,
        headers,
        +response.body_kind,
        is_streamed,
        body[:most] if size > most else body,
        size,
    )


def _cut(data: bytes, limits: Limits) -> tuple[bytes, int]:
    """The data as far as they are kept, and their size."""
    size = len(data)
    return (data[: limits.payload_bytes] if size > limits.payload_bytes else data), size


def _redacted(headers: list[str], redact: frozenset[str]) -> list[str]:
    if redact.isdisjoint(map(str.lower, headers[::2])):
        return headers
    return [
        HIDDEN if index % 2 and headers[index - 1].lower() in redact else text for index, text in enumerate(headers)
    ]


def _call(call: CallRecord) -> Packed:
    return (call.kind, call.target, call.started_ns, call.duration_ns, call.data, call.size, call.error, call.count)


# --- what is shown


def facts(packed: Packed) -> Facts:
    """What `pack` has kept, as the management API shows it: docs/management-api.md, `Attempt`."""
    came, left, began_ns, calls, dropped = packed
    shown: Facts = {"input": _came(*came) if came else None, "output": None, "error": None}
    if left and left[0] == "failure":
        shown["error"] = _failure(*left[1:])
    elif left:
        shown["output"] = _left(*left)
    shown["calls"] = [_shown_call(began_ns, *call) for call in calls]
    shown["callsDropped"] = dropped
    return shown


def _came(kind: str, *rest: Any) -> object:
    if kind == "event":
        return json_payload(*rest)
    if kind == "stream":
        (stream, group, item_id), auth, size = rest
        return {"stream": stream, "group": group, "id": item_id or None, "auth": json_payload(auth, size)}
    method, path, query, headers, body_format, files, socket, body, size = rest
    is_json = body_format in (BodyFormat.JSON, BodyFormat.MULTIPART)
    shown: Facts = {
        "method": method,
        "path": path,
        "query": _json(query) or {},
        "headers": _headers(headers),
        "body": json_payload(body, size) if is_json else text_payload(body, size),
    }
    if files:
        shown["files"] = files
    if socket:
        shown["socket"] = {"type": socket[0], "connectionId": socket[1]}
    return shown


def _left(kind: str, *rest: Any) -> object:
    if kind == "json":
        return json_payload(*rest)
    if kind == "waits":
        return {"waitsFor": rest[0], "key": rest[1]}
    status, headers, body_kind, is_streamed, body, size = rest
    shown: Facts = {
        "status": status,
        "headers": _headers(headers),
        "body": json_payload(body, size) if body_kind == BodyKind.JSON else text_payload(body, size),
    }
    return {**shown, "streamed": True} if is_streamed else shown


def _failure(kind: str, error_type: str, message: str, stack: str, cause: str) -> Facts:
    file, line = where(stack)
    shown = {"kind": kind, "type": error_type, "message": message, "stack": stack, "file": file, "line": line}
    return {**shown, "cause": cause} if cause else shown


def _shown_call(began_ns: int, *call: Any) -> Facts:
    kind, target, started_ns, duration_ns, data, size, error, count = call
    return {
        "type": kind,
        "target": target,
        "offsetMs": (started_ns - began_ns) / 1e6,
        "durationMs": duration_ns / 1e6,
        "data": json_payload(data, size),
        "error": error or None,
        "count": count,
    }


def json_payload(data: bytes, size: int) -> Facts | None:
    """JSON text as a Payload; None when there is none.

    Args:
        size: Of the whole of it; above that of the data when they were cut.
    """
    if not size:
        return None
    if size > len(data):
        return {"text": data.decode(errors="ignore"), "cut": True, "bytes": size}
    try:
        return {"json": json.loads(data)}  # integers of any size
    except (ValueError, RecursionError):
        return text_payload(data, size)


def text_payload(data: bytes, size: int) -> Facts | None:
    """Other bytes as a Payload: as text if they are that."""
    if not size:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if size == len(data) or error.start < len(data) - 4:
            return {"bytes": size}
        text = data[: error.start].decode()  # cut within a character
    return {"text": text, "cut": True, "bytes": size} if size > len(data) else {"text": text}


def _json(data: bytes) -> object:
    try:
        return json.loads(data) if data else None
    except ValueError:  # it was cut
        return None


def _headers(flat: Sequence[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def where(stack: str) -> tuple[str, int]:
    """The file and the line that a stack points at: its innermost frame that is not of an installed package."""
    found = _FRAME.finditer(stack)
    frames = [(one["python"] or one["node"], int(one["python_line"] or one["node_line"])) for one in found]
    if "Traceback (most recent call last)" in stack:
        frames.reverse()  # Python's innermost frame comes last
    own = [frame for frame in frames if "/node_modules/" not in frame[0] and "/site-packages/" not in frame[0]]
    return (own or frames or [("", 0)])[0]
