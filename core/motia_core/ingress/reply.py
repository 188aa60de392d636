"""What goes out: a handler's answer as status, headers and body that every server can send."""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from dataclasses import dataclass, field
from http import HTTPStatus

from motia_core.ingress.conditional import is_fresh
from motia_core.ingress.headers import render, sendable_name, sendable_value
from motia_core.ingress.interface import HeaderPair
from motia_core.model.http import BodyKind, Chunks, HttpResponse

CORS: tuple[HeaderPair, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"*"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"600"),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-private-network", b"true"),
)
JSON: HeaderPair = (b"content-type", b"application/json; charset=utf-8")

_CONTENT_TYPES = (  # by BodyKind: none, JSON, text, binary
    JSON,
    JSON,
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-type", b"application/octet-stream"),
)
_CORS = dict(CORS)
_CORS_NAMES = frozenset([*_CORS, b"access-control-expose-headers"])
_OURS = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade date x-trace-id".split()
)
_ONCE = frozenset(b"age cache-control etag expires last-modified location retry-after server".split())


def _start(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode() + render(CORS)


# with CORS, which belongs to every response
_STARTS = {status: _start(status) for status in range(200, 600)}


class UnusableResponseError(Exception):
    """A handler returned something that cannot be sent; the message says what."""


@dataclass(slots=True)
class Reply:
    """A response, ready to be sent."""

    status: int
    headers: list[HeaderPair]  # without CORS
    body: bytes
    is_closing: bool = False  # the connection ends with it
    cors: tuple[HeaderPair, ...] = field(default=CORS)
    own_cors: dict[bytes, bytes] | None = None  # what the handler said of CORS itself; in `cors` already
    chunks: Chunks | None = None  # instead of the body

    def pairs(self) -> list[HeaderPair]:
        """All headers."""
        return [*self.cors, *self.headers]

    def head(self) -> bytes:
        """Status line and headers as HTTP/1.1 sends them, without the empty line."""
        start = _STARTS[self.status]
        if self.cors is CORS:
            return b"\r\n".join([start, *map(b": ".join, self.headers), b""])
        return b"\r\n".join([start.partition(b"\r\n")[0], *map(b": ".join, self.pairs()), b""])


def reply_to(response: HttpResponse, method: str, asked: dict[bytes, bytes], *, etags: bool = True) -> Reply:
    """A handler's response as the contract wants it sent: default content type, weak ETag, 304, HEAD.

    Args:
        response: What the handler returned.
        method: The request's.
        asked: The request's headers.
        etags: Whether responses without an ETag get one.

    Raises:
        UnusableResponseError: It has no valid status or a header that cannot be sent.
    """
    status = response.status
    if type(status) is not int or not 200 <= status <= 599:
        raise UnusableResponseError(f"status must be a whole number from 200 to 599, not {status!r}")
    if response.headers:
        reply, own = _with_headers(status, response)
    else:
        reply = Reply(status, [_CONTENT_TYPES[response.body_kind]], response.body)
        own = _NO_OWN
    if response.chunks is not None:
        return _streamed(reply, own, response.chunks, method)
    if status == 204 or status == 304:
        return _without_body(reply)
    body = reply.body
    if status < 300 and (method == "GET" or method == "HEAD"):
        etag = own.get(b"etag", b"")
        if not etag and etags and response.body_kind:
            etag = _weak_etag(body)
            reply.headers.append((b"etag", etag))
        if (b"if-none-match" in asked or b"if-modified-since" in asked) and is_fresh(
            asked, etag, own.get(b"last-modified", b"")
        ):
            reply.status = 304
            return _without_body(reply)
    if method == "HEAD":
        length = own.get(b"content-length", b"") if not body else b""
        reply.headers.append((b"content-length", length if length.isdigit() else b"%d" % len(body)))
        reply.body = b""
    else:
        reply.headers.append((b"content-length", b"%d" % len(body)))
    return reply


_NO_OWN: dict[bytes, bytes] = {}


def _streamed(reply: Reply, own: dict[bytes, bytes], chunks: Chunks, method: str) -> Reply:
    length = own.get(b"content-length", b"")
    if length.isdigit():
        reply.headers.append((b"content-length", length))
    if method == "HEAD" or reply.status in (204, 304):
        chunks.abandon()
        return reply if method == "HEAD" else _without_body(reply)
    reply.chunks = chunks
    return reply


def _weak_etag(body: bytes) -> bytes:
    digest = b2a_base64(hashlib.sha1(body, usedforsecurity=False).digest())
    return b'W/"%x-%b"' % (len(body), digest[:27])


def _with_headers(status: int, response: HttpResponse) -> tuple[Reply, dict[bytes, bytes]]:
    """A reply with the handler's headers, and those that matter for what comes next, by name."""
    pairs: list[HeaderPair] = []
    once: dict[bytes, bytes] = {}
    cors: dict[bytes, bytes] = {}
    length = content_type = b""
    texts = iter(response.headers)
    for text, value_text in zip(texts, texts, strict=True):
        try:
            name, value = sendable_name(text), sendable_value(text, value_text)
        except ValueError as error:
            raise UnusableResponseError(str(error)) from error
        if name in _OURS:
            continue
        if name == b"content-length":
            length = value
        elif name == b"content-type":
            content_type = value
        elif name in _CORS_NAMES:
            cors[name] = value
        elif name in _ONCE:
            once[name] = value
        else:
            pairs.append((name, value))
    kind = response.body_kind
    if not content_type:
        pairs.append(_CONTENT_TYPES[kind])
    else:
        pairs.append((b"content-type", content_type if kind == BodyKind.BINARY else _as_utf8(content_type)))
    pairs.extend(once.items())
    reply = Reply(status, pairs, response.body)
    if cors:
        reply.cors = tuple({**_CORS, **cors}.items())
        reply.own_cors = cors
    once[b"content-length"] = length
    return reply, once


def _as_utf8(content_type: bytes) -> bytes:
    """Text bodies are UTF-8, whatever the handler says; Express says so as well."""
    name, *parameters = [part.strip() for part in content_type.split(b";")]
    kept = [part for part in parameters if part and not part.lower().startswith(b"charset=")]
    return b"; ".join([name, *kept, b"charset=utf-8"])


def _without_body(reply: Reply) -> Reply:
    reply.headers = [pair for pair in reply.headers if pair[0] != b"content-type"]
    reply.body = b""
    return reply
