"""Headers: those of a request as Node presents them, and whether those of a response can be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from motia_core.ingress.interface import HeaderPair, Scope

# Node keeps the first of these when they are repeated, and joins all others
_FIRST_WINS = frozenset(
    b"age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since "
    b"last-modified location max-forwards proxy-authorization referer retry-after server user-agent".split()
)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def single(raw: list[HeaderPair]) -> dict[bytes, bytes]:
    """Request headers with each name once. The names are in lower case already."""
    headers = dict(raw)
    if len(headers) == len(raw):
        return headers
    headers = {}
    for name, value in raw:
        if name not in headers:
            headers[name] = value
        elif name not in _FIRST_WINS:
            headers[name] += (b"; " if name == b"cookie" else b", ") + value
    return headers


def flat(headers: dict[bytes, bytes]) -> list[str]:
    """Name, value, name, value as text."""
    texts = b"\0".join(chain.from_iterable(headers.items())).decode("latin-1").split("\0")
    if len(texts) == 2 * len(headers):
        return texts
    return [text.decode("latin-1") for text in chain.from_iterable(headers.items())]


@lru_cache(maxsize=1024)
def sendable_name(name: str) -> bytes:
    """A response header's name as it is sent.

    Raises:
        ValueError: It cannot be sent.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a header name")
    return name.lower().encode("ascii")


def sendable_value(name: str, value: str) -> bytes:
    """A response header's value as it is sent.

    Raises:
        ValueError: It cannot be sent.
    """
    if not _VALUE.fullmatch(value):
        raise ValueError(f"the value of the header {name!r} has a character that cannot be sent")
    return value.strip(" \t").encode("latin-1")


def render(pairs: Iterable[HeaderPair]) -> bytes:
    """Headers as HTTP/1.1 sends them, without the end of the last line."""
    return b"\r\n".join(map(b": ".join, pairs))


def asked_with(scope: Scope) -> tuple[str, list[str]]:
    """What a client of streams has asked with: path and query; header name, value, name, value."""
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path, flat(of_handshake(scope))


def of_handshake(scope: Scope) -> dict[bytes, bytes]:
    """The headers of a WebSocket handshake, by name. Servers keep the sub-protocols, in which some clients have a
    token, apart from them."""
    found = single(scope["headers"])
    offered = scope.get("subprotocols")
    if offered:
        found.setdefault(b"sec-websocket-protocol", ", ".join(offered).encode("latin-1", errors="replace"))
    return found
