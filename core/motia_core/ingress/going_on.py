"""What a step sees of a request that the app of motia.config has passed on, and what its response gets from the app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from urllib.parse import quote, unquote_to_bytes

from motia_core.errors import MotiaError
from motia_core.ingress import body
from motia_core.ingress.exchange import Passed
from motia_core.ingress.headers import single
from motia_core.ingress.interface import PARSED_BODY, HeaderPair, Message, Scope, Send
from motia_core.ingress.tap import Tap
from motia_core.model.http import BodyFormat

_IN_URLS = "!#$%&'()*+,/:;=?@[]~"  # what stays as it is in a url that the app has made


def changed_scope(scope: Scope, passed: Passed, tap: Tap) -> Scope:
    """The request as the app has left it. A new scope, so that the response goes through `send`."""
    changed = dict(scope)
    method, url, headers = (passed.changes.get(key) for key in ("method", "url", "headers"))
    if isinstance(method, str):
        changed["method"] = method.upper()
    if isinstance(url, str) and url.startswith("/"):
        path, _, query = quote(url, safe=_IN_URLS).partition("?")
        changed["raw_path"], changed["query_string"] = path.encode(), query.encode()
        changed["path"] = unquote_to_bytes(path).decode(errors="replace")
    if isinstance(headers, dict):
        changed["headers"] = _changed_headers(scope["headers"], cast(dict[str, str | None], headers))
    if passed.body_kind == "text":
        changed[PARSED_BODY] = body.ParsedBody(BodyFormat.TEXT, passed.body, b"")
    elif passed.body_kind == "json":
        changed[PARSED_BODY] = body.ParsedBody(BodyFormat.JSON, passed.body, _raw(scope, tap.kept()))
    return changed


def with_headers(send: Send, more: list[HeaderPair]) -> Send:
    """A `send` that adds the app's headers to a response; what the response says itself counts."""
    if not more:
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _merged(list(message["headers"]), more)}
        await send(message)

    return sending


def _merged(own: list[HeaderPair], more: Iterable[HeaderPair]) -> list[HeaderPair]:
    names = {name for name, _ in own}
    vary = [value for name, value in (*own, *more) if name == b"vary"]
    merged = [*own, *(pair for pair in more if pair[0] not in names)]
    if len(vary) > 1:  # both may have had their reasons
        merged = [pair for pair in merged if pair[0] != b"vary"]
        merged.append((b"vary", b", ".join(dict.fromkeys(vary))))
    return merged


def _changed_headers(own: list[HeaderPair], changes: dict[str, str | None]) -> list[HeaderPair]:
    kept = [(name, value) for name, value in own if name.decode("latin-1") not in changes]
    added = (
        (name.encode(), value.encode("latin-1", "replace")) for name, value in changes.items() if value is not None
    )
    return [*kept, *added]


def _raw(scope: Scope, data: bytes) -> bytes:
    """The text that a parser of the app has read; nothing when it was no text."""
    try:
        parsed = body.parse(single(scope["headers"]), data, max(len(data), 1))
    except MotiaError:
        return b""
    return (parsed.raw_body or parsed.body) if parsed.format in (BodyFormat.JSON, BodyFormat.TEXT) else b""
