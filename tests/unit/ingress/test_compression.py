"""Compressed responses by setting."""

import asyncio
import gzip
from typing import Any

import brotli
import pytest
import zstandard

from motia_core.errors import SettingsError
from motia_core.ingress.compression import INLINE_BYTES, Compression
from motia_core.model.http import BodyKind, HttpResponse
from motia_core.settings import CompressionSettings, HttpSettings
from tests.fakes.requests import Answer, json_response
from tests.unit.ingress.rig import Response, Rig

BODY = b'{"text":"%b"}' % (b"abc " * 500)
LARGE = b'{"text":"%b"}' % (b"abc " * INLINE_BYTES)


def ask(accepted: str | None, answer: Answer, method: str = "GET", **settings: Any) -> Response:
    chosen = CompressionSettings(**{"encodings": ("zstd", "br", "gzip"), **settings})
    headers = [] if accepted is None else [("accept-encoding", accepted)]
    return asyncio.run(Rig(answer, http=HttpSettings(compression=chosen)).ask(method, "/hello", headers=headers))


def inflated(response: Response) -> bytes:
    match response.one("content-encoding"):
        case "gzip":
            return gzip.decompress(response.body)
        case "br":
            return brotli.decompress(response.body)
        case _:
            return zstandard.ZstdDecompressor().decompress(response.body)


@pytest.mark.parametrize("body", [BODY, LARGE])
@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_body_is_compressed_as_the_client_likes(encoding: str, body: bytes) -> None:
    response = ask(encoding, json_response(body))
    assert response.one("content-encoding") == encoding
    assert inflated(response) == body
    assert len(response.body) < len(body) / 10
    assert response.one("content-length") == str(len(response.body))
    assert response.one("vary") == "Accept-Encoding"
    assert response.one("etag").startswith('W/"')


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br;q=0.5", "gzip"),
        ("GZIP;q=0.5, br;Q=0", "gzip"),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0, gzip;q=0.2", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("deflate", None),
        ("gzip;q=nonsense", None),
        ("", None),
        (None, None),
    ],
)
def test_encoding_is_negotiated(accepted: str | None, encoding: str | None) -> None:
    response = ask(accepted, json_response(BODY))
    assert response.all("content-encoding") == ([encoding] if encoding else [])
    assert response.one("vary") == "Accept-Encoding"  # caches must know even when it was not compressed
    if not encoding:
        assert response.body == BODY


@pytest.mark.parametrize(
    "answer",
    [
        json_response(b'{"small":1}'),
        HttpResponse(200, ["content-type", "image/png"], BodyKind.BINARY, BODY),
        HttpResponse(200, [], BodyKind.BINARY, BODY),
        json_response(BODY, headers=["content-encoding", "br"]),
        json_response(BODY, headers=["cache-control", "private, no-transform"]),
        json_response(BODY, 206, ["content-range", "bytes 0-9/20"]),
        HttpResponse(200, ["content-type", "text/event-stream"], BodyKind.TEXT, BODY),
    ],
)
def test_what_is_small_compressed_already_or_not_meant_stays_as_it_is(answer: HttpResponse) -> None:
    response = ask("gzip", answer)
    assert response.body == answer.body
    assert not response.all("vary")


def test_sizes_and_types_are_settings() -> None:
    assert ask("gzip", json_response(b'{"small":1}'), min_bytes=5).one("content-encoding") == "gzip"
    assert not ask("gzip", json_response(BODY), types=("text/*",)).all("content-encoding")
    html = HttpResponse(200, ["content-type", "TEXT/html"], BodyKind.TEXT, BODY)
    assert ask("gzip", html, types=("text/*",)).one("content-encoding") == "gzip"


def test_head_says_what_get_would_send_without_its_length() -> None:
    for accepted in ("gzip", None):
        get, head = (ask(accepted, json_response(BODY), method) for method in ("GET", "HEAD"))
        same = ("content-encoding", "vary", "etag", "content-type")
        assert [head.all(name) for name in same] == [get.all(name) for name in same]
        assert head.body == b""
        assert head.all("content-length") == ([] if accepted else [str(len(BODY))])


def test_strong_etag_becomes_weak_and_still_answers_304() -> None:
    answer = json_response(BODY, headers=["etag", '"v1"'])
    assert ask("gzip", answer).one("etag") == 'W/"v1"'
    assert ask(None, answer).one("etag") == '"v1"'

    async def again() -> Response:
        rig = Rig(answer, http=HttpSettings(compression=CompressionSettings(encodings=("gzip",))))
        return await rig.ask("GET", "/hello", headers=[("accept-encoding", "gzip"), ("if-none-match", 'W/"v1"')])

    response = asyncio.run(again())
    assert (response.status, response.body, response.one("vary")) == (304, b"", "Accept-Encoding")


def test_it_is_off_unless_the_settings_say_so() -> None:
    response = asyncio.run(Rig(json_response(BODY)).ask("GET", "/hello", headers=[("accept-encoding", "gzip")]))
    assert (response.body, response.all("vary"), response.all("content-encoding")) == (BODY, [], [])


def test_missing_library_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "brotli", None)
    with pytest.raises(SettingsError, match="needs the package brotli"):
        Compression(CompressionSettings(encodings=("br",)))
