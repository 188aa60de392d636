"""Compressed responses, for those who do not have a proxy that does it."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import cast

from motia_core.errors import SettingsError
from motia_core.ingress.reply import Reply
from motia_core.settings import CompressionSettings

GZIP_LEVEL = 5
BROTLI_QUALITY = 4  # 11, the library's default, takes a hundred times as long
ZSTD_LEVEL = 3
INLINE_BYTES = 16 * 1024  # larger bodies are compressed in a thread: other requests go on meanwhile
VARY = (b"vary", b"Accept-Encoding")
_STREAMS = b"text/event-stream"

Compress = Callable[[bytes], bytes]


class Compression:
    """Compresses the bodies of responses that are worth it.

    Raises:
        SettingsError: An encoding needs a library that is not installed.
    """

    def __init__(self, settings: CompressionSettings) -> None:
        self._min_bytes = settings.min_bytes
        self._compress: dict[str, Compress] = {name: _compressor(name) for name in settings.encodings}
        types = "|".join("[^;/]+".join(map(re.escape, one.split("*"))) for one in settings.types)
        self._types = re.compile(types.encode(), re.IGNORECASE)
        self._chosen = lru_cache(maxsize=256)(self._choose)

    async def apply(self, reply: Reply, asked: dict[bytes, bytes], *, is_head: bool) -> None:
        """Compress the body when the client takes it, and say so; to a HEAD request, only say so."""
        if reply.chunks is not None:
            return
        if reply.status == 304:
            reply.headers.append(VARY)
            return
        names = dict(reply.headers)
        size = len(reply.body)
        if is_head and (length := names.get(b"content-length", b"")).isdigit():
            size = int(length)
        if size < self._min_bytes or not self._is_meant(reply.status, names):
            return
        reply.headers.append(VARY)
        accepted = asked.get(b"accept-encoding")
        encoding = self._chosen(accepted) if accepted else ""
        if not encoding:
            return
        headers = [pair for pair in reply.headers if pair[0] not in (b"content-length", b"etag")]
        if etag := names.get(b"etag"):
            # other bytes than those that a strong one stands for
            headers.append((b"etag", b"W/" + etag if etag.startswith(b'"') else etag))
        headers.append((b"content-encoding", encoding.encode()))
        if not is_head:  # which leaves the length out: it is not known without doing the work
            compress = self._compress[encoding]
            is_small = size <= INLINE_BYTES
            reply.body = compress(reply.body) if is_small else await asyncio.to_thread(compress, reply.body)
            headers.append((b"content-length", b"%d" % len(reply.body)))
        reply.headers = headers

    def _is_meant(self, status: int, headers: dict[bytes, bytes]) -> bool:
        """Whether such a response may be compressed at all."""
        if status in (204, 206) or b"content-encoding" in headers or b"content-range" in headers:
            return False
        if b"no-transform" in headers.get(b"cache-control", b""):
            return False
        content_type = headers.get(b"content-type", b"").partition(b";")[0].strip()
        return bool(self._types.fullmatch(content_type)) and content_type.lower() != _STREAMS

    def _choose(self, accepted: bytes) -> str:
        """The first of our encodings among those that the client likes best; empty: none."""
        wanted: dict[str, float] = {}
        for part in accepted.decode("latin-1").lower().split(","):
            name, _, parameters = part.partition(";")
            wanted[name.strip()] = _quality(parameters)
        others = wanted.get("*", 0.0)
        best = max(self._compress, key=lambda name: wanted.get(name, others), default="")
        quality = wanted.get(best, others)
        return best if quality > 0 and quality >= wanted.get("identity", 0.0) else ""


def _quality(parameters: str) -> float:
    found = re.search(r"q\s*=\s*([01](?:\.\d{0,3})?)\s*$", parameters)
    if found:
        return float(found[1])
    return 0.0 if "q" in parameters else 1.0


def _compressor(name: str) -> Compress:
    if name == "gzip":
        return _gzip
    if name == "br":
        brotli = _library("brotli", name)
        return lambda body: cast(bytes, brotli.compress(body, quality=BROTLI_QUALITY))
    zstandard = _library("zstandard", name)
    # a compressor of its own for each body: one is not to be used by two threads at once
    return lambda body: cast(bytes, zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body))


def _library(module: str, encoding: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise SettingsError(
            f"http.compression.encodings has {encoding!r}, which needs the package {module}: install it beside "
            "motia-core, or leave the encoding out."
        ) from error


def _gzip(body: bytes) -> bytes:
    deflate = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return deflate.compress(body) + deflate.flush()
