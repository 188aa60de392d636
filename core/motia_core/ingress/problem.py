"""Errors as HTTP responses. The only place that makes one of the other."""

from __future__ import annotations

import orjson

from motia_core.engine.router import MalformedPath, MethodNotAllowed
from motia_core.errors import (
    DrainingError,
    MethodNotAllowedError,
    MotiaError,
    PathInvalidError,
    RouteNotFoundError,
)
from motia_core.ingress.interface import HeaderPair
from motia_core.ingress.reply import JSON, Reply

RETRY_AFTER_S = 1
_INTERNAL = b'{"error":"Internal server error"}'


def problem(error: MotiaError, *, method: str = "") -> Reply:
    """The response for an error that was raised on purpose."""
    status = error.http_status
    if status == 500:
        return internal(method=method)
    content: dict[str, object] = {"error": error.message, "code": error.code}
    if error.details:
        content["details"] = error.details
    headers: list[HeaderPair] = []
    if status == 503:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER_S))
    reply = _reply(status, orjson.dumps(content, default=str), headers, method)
    reply.is_closing = isinstance(error, DrainingError)
    return reply


def internal(*, method: str = "") -> Reply:
    """The response for everything that callers must not know more about."""
    return _reply(500, _INTERNAL, [], method)


def no_route(match: MalformedPath | MethodNotAllowed | None, method: str, path: str) -> Reply:
    """The response when no step serves."""
    if match is None:
        return problem(RouteNotFoundError(f"No step serves {method} {path}."), method=method)
    if isinstance(match, MalformedPath):
        message = f"The path parameter {match.param!r} is not valid percent-encoding."
        return problem(PathInvalidError(message, param=match.param), method=method)
    allowed = ", ".join(match.allowed)
    if method == "OPTIONS":  # CORS is off, and no step serves it
        return Reply(204, [(b"allow", f"{allowed}, OPTIONS".encode("latin-1"))], b"")
    error = MethodNotAllowedError(f"{path} does not take {method}, but {allowed}.", allowed=match.allowed)
    reply = problem(error, method=method)
    reply.headers.append((b"allow", f"{allowed}, OPTIONS".encode("latin-1")))
    return reply


def _reply(status: int, body: bytes, headers: list[HeaderPair], method: str) -> Reply:
    length = (b"content-length", b"%d" % len(body))
    return Reply(status, [JSON, *headers, length], b"" if method == "HEAD" else body)
