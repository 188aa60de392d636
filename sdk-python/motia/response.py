"""What an api handler returned, as an HttpResponse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import GenericAlias
from typing import Any, ClassVar

from motia._gen.motia.v1 import invoke_pb2
from motia.errors import BadResultError, PayloadTooLargeError
from motia.payload import encode

JSON = invoke_pb2.BODY_KIND_JSON
TEXT = invoke_pb2.BODY_KIND_TEXT
BINARY = invoke_pb2.BODY_KIND_BINARY
MAX_INT32 = 2**31 - 1
ABSENT = object()


@dataclass
class ApiResponse:
    """A response, for those who prefer an object to a dict.

    Args:
        status: HTTP status.
        body: A str goes out as text, bytes as they are, everything else as JSON.
        headers: Name to value, or to a list of values.
    """

    __class_getitem__: ClassVar[Any] = classmethod(GenericAlias)  # hints may say what the body is: ApiResponse[Order]

    status: int
    body: Any = None
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler returned, taken apart."""

    status: int
    headers: list[str]  # name, value, name, value
    body: Any  # ABSENT: there is none


def read_answer(result: Any) -> Answer:
    """Take a handler's result apart. Raises BadResultError."""
    if isinstance(result, Mapping):
        if not result:
            raise BadResultError(_nothing(result))
        status, body, headers = result.get("status", ABSENT), result.get("body", ABSENT), result.get("headers")
    elif hasattr(result, "status"):
        status, body, headers = result.status, getattr(result, "body", ABSENT), getattr(result, "headers", None)
    elif not result:
        raise BadResultError(_nothing(result))
    else:
        raise BadResultError(f"handler returned {_shown(result)}: return {{'status': 200, 'body': …}}")
    return Answer(read_status(status), read_headers(headers) if headers else [], body)


def fill_head(response: invoke_pb2.HttpResponse, answer: Answer) -> None:
    """Write status and headers into `response`."""
    response.status = answer.status
    if answer.headers:
        response.headers.extend(answer.headers)


def fill_response(response: invoke_pb2.HttpResponse, answer: Answer, max_bytes: int) -> None:
    """Write an answer into `response`. Raises PayloadError."""
    fill_head(response, answer)
    body = answer.body
    if body is ABSENT:
        return
    if isinstance(body, str):
        response.body_kind, response.body = TEXT, body.encode(errors="replace")
    elif isinstance(body, (bytes, bytearray, memoryview)):
        response.body_kind, response.body = BINARY, bytes(body)
    else:
        response.body_kind, response.body = JSON, encode(body, "body")
    if max_bytes and len(response.body) > max_bytes:
        raise PayloadTooLargeError(f"body has {len(response.body):,} bytes, the limit is {max_bytes:,}")


def read_status(status: Any) -> int:
    """A status as an integer. What is out of range is the core's to judge."""
    if status is ABSENT:
        raise BadResultError("handler returned no status: return {'status': 200, 'body': …}")
    if isinstance(status, str) and status.isdecimal() and len(status) < 10:
        status = int(status)
    if isinstance(status, float) and status.is_integer():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or abs(status) > MAX_INT32:
        raise BadResultError(f"status must be an integer such as 200, not {_shown(status)}")
    return int(status)


def read_headers(headers: Any) -> list[str]:
    """Headers as name, value, name, value. A list of values repeats the name; None leaves it out."""
    pairs: Iterable[tuple[Any, Any]] = headers.items() if isinstance(headers, Mapping) else headers
    flat: list[str] = []
    try:
        for name, value in pairs:
            if isinstance(value, (list, tuple)):
                for item in value:
                    flat += (str(name), header_text(item))
            elif value is not None:
                flat += (str(name), header_text(value))
    except (TypeError, ValueError):
        raise BadResultError(f"headers must be a dict of name to value, not {_shown(headers)}") from None
    return flat


def header_text(value: Any) -> str:
    """A header's value as people write it."""
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _nothing(result: Any) -> str:
    return (
        f"handler returned {result!r} instead of a response: return {{'status': 200, 'body': …}} "
        "(from a middleware: return await next_fn())"
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text[:80]}{'…' if len(text) > 80 else ''} ({type(value).__name__})"
