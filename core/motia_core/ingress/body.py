"""Request bodies: read within the limit, and parsed by content type into what a handler gets."""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, NoReturn

import orjson

from motia_core.errors import BodyInvalidError, BodyTooLargeError, BodyUnsupportedError
from motia_core.ingress.interface import ClientGoneError, Receive
from motia_core.ingress.query import form_json
from motia_core.model.http import BodyFormat

_CHARSETS = re.compile(
    r"utf-?(8|16|32)([-_]?[lb]e)?|(us-)?ascii|iso-?8859-\d+|latin1|(windows-|cp)125\d|gb(k|2312|18030)|big5"
    r"|shift[-_]jis|euc-(jp|kr)|koi8-[ru]"
)
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s";]+)"?', re.IGNORECASE)
MAX_GZIP_MEMBERS = 16
_GZIP = b"\x1f\x8b"
MAX_JSON_DEPTH = 1024  # what orjson bounds by itself
_CAUSES = {"Expecting value": "expected a value", "Extra data": "expected the end of the text"}


class Media(Enum):
    """What a content type means for the body."""

    JSON = 1
    FORM = 2
    TEXT = 3
    OTHER = 4


class ParsedBody(NamedTuple):
    """Fields of HttpRequest."""

    format: BodyFormat
    body: bytes
    raw_body: bytes
    is_form: bool = False  # its values were text


NO_BODY = ParsedBody(BodyFormat.NONE, b"", b"")


async def read(receive: Receive, headers: dict[bytes, bytes], max_bytes: int) -> bytes:
    """The whole body.

    Raises:
        BodyTooLargeError: It is, or says it is, larger than the limit. The rest of it was not read.
        BodyInvalidError: Its length is ambiguous.
        ClientGoneError: The client left before its end.
    """
    length = headers.get(b"content-length")
    if length is not None:
        if b"transfer-encoding" in headers:  # RFC 9112, 6.3: perhaps an attempt to smuggle a request
            raise BodyInvalidError("The request has both Content-Length and Transfer-Encoding.")
        if int(length) > max_bytes:
            _too_large(max_bytes)
    elif headers.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
        raise BodyUnsupportedError("Only chunked is supported as Transfer-Encoding.")
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGoneError
    chunk: bytes = message.get("body", b"")
    if len(chunk) > max_bytes:
        _too_large(max_bytes)
    if not message.get("more_body", False):
        return chunk
    chunks, size = [chunk], len(chunk)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            _too_large(max_bytes)
    return b"".join(chunks)


def parse(headers: dict[bytes, bytes], data: bytes, max_bytes: int) -> ParsedBody:
    """What a handler gets of a body.

    Raises:
        BodyInvalidError, BodyUnsupportedError, BodyTooLargeError: as they say.
    """
    if not data:
        return NO_BODY
    media, charset = _media(headers.get(b"content-type", b""))
    if media is Media.OTHER:
        return ParsedBody(BodyFormat.BINARY, data, b"")
    encoding = headers.get(b"content-encoding")
    if encoding is not None:
        data = _decompressed(data, encoding.strip().lower(), max_bytes)
    if media is Media.TEXT:
        return ParsedBody(BodyFormat.TEXT, _utf8(data, charset), b"")
    text = _utf8(data, charset)
    if media is Media.FORM:
        return ParsedBody(BodyFormat.JSON, form_json(text.decode()), data, is_form=True)
    if not text:
        return NO_BODY
    _check_json(text)
    return ParsedBody(BodyFormat.JSON, text, b"" if text is data else data)


@lru_cache(maxsize=256)
def _media(content_type: bytes) -> tuple[Media, str]:
    text = content_type.decode("latin-1")
    name = text.partition(";")[0].strip().lower()
    charset = _CHARSET.search(text)
    encoding = charset[1].lower() if charset else "utf-8"
    if name == "application/json" or (name.startswith("application/") and name.endswith("+json")):
        return Media.JSON, encoding
    if name == "application/x-www-form-urlencoded":
        return Media.FORM, encoding
    if name == "text/plain":
        return Media.TEXT, encoding
    return Media.OTHER, encoding


def _utf8(data: bytes, charset: str) -> bytes:
    """The text as valid UTF-8 without a byte order mark; the same object when it is that already."""
    if not _CHARSETS.fullmatch(charset):
        raise BodyUnsupportedError(f"The charset {charset!r} of the body is not supported. Send UTF-8.")
    if charset in ("utf-8", "utf8"):
        if data.startswith(codecs.BOM_UTF8):
            data = data[len(codecs.BOM_UTF8) :]
        if data.isascii():
            return data
    try:
        text = data.decode(charset)
    except LookupError as error:
        raise BodyUnsupportedError(f"The charset {charset!r} of the body is not supported. Send UTF-8.") from error
    except UnicodeDecodeError as error:
        raise BodyInvalidError(f"The body is not valid {charset}: byte {error.start} ({error.reason}).") from error
    return data if charset in ("utf-8", "utf8") else text.removeprefix("\ufeff").encode()


def _decompressed(data: bytes, encoding: bytes, max_bytes: int) -> bytes:
    if encoding == b"identity":
        return data
    if encoding not in (b"gzip", b"x-gzip", b"deflate"):
        name = encoding.decode("latin-1")
        raise BodyUnsupportedError(f"The content encoding {name!r} is not supported. Send gzip, deflate or none.")
    plain, left = b"", data
    try:
        for _ in range(MAX_GZIP_MEMBERS):  # gzip may be several, one after the other
            inflate = zlib.decompressobj(wbits=47)  # zlib or gzip, by its header
            plain += inflate.decompress(left, max_bytes + 1 - len(plain))
            if len(plain) > max_bytes:
                _too_large(max_bytes)
            if not inflate.eof:
                raise BodyInvalidError(f"The body is not valid {encoding.decode()}: it ends too early.")
            left = inflate.unused_data
            if not left.startswith(_GZIP):
                return plain
    except zlib.error as error:
        raise BodyInvalidError(f"The body is not valid {encoding.decode()}: {error}.") from error
    raise BodyInvalidError(f"The body has more than {MAX_GZIP_MEMBERS} gzip members.")  # each costs a copy of the rest


def _check_json(text: bytes) -> None:
    """Refuse what is not an object or array of well-formed JSON, or nested too deeply."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        # a second opinion: JavaScript takes lone surrogates and huge numbers, and so do we
        value = _loads_or_explain(text)
    if type(value) is not dict and type(value) is not list:
        raise BodyInvalidError("The body must be a JSON object or array.", expected="an object or an array")


def _loads_or_explain(text: bytes) -> object:
    try:
        value = json.loads(text, parse_int=len, parse_float=len, parse_constant=_no_constant)
        _check_depth(value)
        return value
    except json.JSONDecodeError as error:
        line, column, cause = error.lineno, error.colno, error.msg
    except RecursionError:
        _too_deep()
    except ValueError as error:
        raise BodyInvalidError(f"The body is not valid JSON: {error}.") from error
    cause = _CAUSES.get(cause, cause.replace("Expecting", "expected"))
    raise BodyInvalidError(
        f"The body is not valid JSON: line {line} column {column}: {cause}.", line=line, column=column, cause=cause
    )


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [item for outer in level if isinstance(outer, dict | list) for item in _items(outer)]
        if not level:
            return
    _too_deep()


def _items(value: dict[str, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value


def _too_deep() -> NoReturn:
    raise BodyInvalidError(f"The JSON body is nested more than {MAX_JSON_DEPTH} levels deep.", max_depth=MAX_JSON_DEPTH)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _too_large(max_bytes: int) -> NoReturn:
    raise BodyTooLargeError(f"The request body is larger than {max_bytes} bytes.", max_bytes=max_bytes)
