"""Static files: folders of the project under paths of the server, for requests that no step serves.

Finding the file and refusing what is not to be seen is done here; Starlette sends it: ranges, ETag, in pieces.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from starlette.responses import FileResponse

from motia_core.errors import SettingsError
from motia_core.ingress.conditional import is_fresh
from motia_core.ingress.interface import HeaderPair, Message, Receive, Scope, Send
from motia_core.model.route import decode_component
from motia_core.settings import HttpSettings

INDEX = "index.html"
METHODS = ("GET", "HEAD")
WELL_KNOWN = ".well-known"  # RFC 8615: the one name with a dot that is meant to be seen
_TYPES = mimetypes.MimeTypes()  # not those of the machine: the same everywhere
for _type, _ending in (
    ("application/manifest+json", ".webmanifest"),
    ("application/wasm", ".wasm"),
    ("font/otf", ".otf"),
    ("font/ttf", ".ttf"),
    ("font/woff", ".woff"),
    ("font/woff2", ".woff2"),
    ("image/avif", ".avif"),
    ("image/svg+xml", ".svg"),
    ("image/webp", ".webp"),
    ("image/x-icon", ".ico"),
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
    ("text/markdown", ".md"),
    ("video/webm", ".webm"),
):
    _TYPES.add_type(_type, _ending)


class Static:
    """The folders of `http.static`.

    Raises:
        SettingsError: A folder does not exist.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._folders: list[tuple[str, Path]] = []  # longest path first; the folder without links
        for path, folder in sorted(settings.static.items(), key=lambda item: len(item[0]), reverse=True):
            if not folder.is_dir():
                raise SettingsError(f"http.static serves {path} from {folder}, which is not a folder.")
            self._folders.append((path.rstrip("/"), folder.resolve()))
        self._cache_control = f"public, max-age={settings.static_max_age_ms // 1000}"

    async def find(self, method: str, path: str) -> Found | None:
        """The file for a request.

        Args:
            method: Only GET and HEAD find something.
            path: Percent-encoded.
        """
        if method not in METHODS:
            return None
        for prefix, folder in self._folders:
            if path.startswith(prefix) and path[len(prefix) :][:1] in ("/", ""):
                names = _names(path[len(prefix) :])
                file = await asyncio.to_thread(_look, folder, names) if names is not None else None
                return Found(path, file, self._cache_control) if file else None
        return None


class _File(NamedTuple):
    path: str
    status: os.stat_result
    is_moved: bool = False  # the index of a folder that was asked for without the slash at its end


class Found:
    """A file that can be sent."""

    def __init__(self, path: str, file: _File, cache_control: str) -> None:
        self._path, self._file, self._cache_control = path, file, cache_control

    async def send(self, scope: Scope, receive: Receive, send: Send, more: Iterable[HeaderPair]) -> None:
        """Send it, with more headers, as fast as the client takes it; 304 when the client has it."""

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *more]
            await send(message)

        if self._file.is_moved:
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            location = self._path.encode("latin-1") + b"/" + query
            await _send_empty(send_with, 301, [(b"location", location), (b"content-length", b"0")])
            return
        response = FileResponse(
            self._file.path,
            headers={"cache-control": self._cache_control, "x-content-type-options": "nosniff"},
            media_type=_content_type(self._file.path),
            stat_result=self._file.status,
        )
        asked, given = dict(scope["headers"]), dict(response.raw_headers)
        is_conditional = b"if-none-match" in asked or b"if-modified-since" in asked
        if is_conditional and is_fresh(asked, given[b"etag"], given[b"last-modified"]):
            kept = (b"cache-control", b"etag", b"last-modified")
            await _send_empty(send_with, 304, [(name, given[name]) for name in kept])
        else:
            await response(scope, receive, send_with)


async def _send_empty(send: Send, status: int, headers: list[HeaderPair]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _names(rest: str) -> list[str] | None:
    """The names in a path below a folder; the last is empty when it ends with a slash. None: it is refused."""
    names = []
    for part in rest.split("/")[1:]:
        name = decode_component(part)
        if name is None or _is_hidden(name) or any(letter in name for letter in "/\\\0"):
            return None
        names.append(name)
    return None if "" in names[:-1] else names


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != WELL_KNOWN


def _look(folder: Path, names: list[str]) -> _File | None:
    """The file of these names in a folder, given without links; the index for a folder in it."""
    is_folder = not names or names[-1] == ""
    is_moved = False
    try:
        path = folder.joinpath(*names).resolve(strict=True)
        if path.is_dir():
            is_moved = not is_folder
            path = (path / INDEX).resolve(strict=True)
        elif is_folder:
            return None
        status = path.stat()
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle
        return None
    if not path.is_relative_to(folder) or any(map(_is_hidden, path.relative_to(folder).parts)):
        return None  # a link leads out of the folder, or to what is hidden
    if not stat.S_ISREG(status.st_mode) or not os.access(path, os.R_OK):
        return None
    return _File(str(path), status, is_moved)


def _content_type(path: str) -> str:
    kind, encoding = _TYPES.guess_type(path)
    if encoding is not None:
        return "application/gzip" if encoding == "gzip" else "application/octet-stream"
    return kind or "application/octet-stream"
