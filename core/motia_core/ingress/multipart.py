"""Multipart bodies: fields become the body, files go to memory, and to disk when they are large."""

from __future__ import annotations

import codecs
import contextlib
import itertools
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from motia_core.errors import BodyInvalidError, BodyTooLargeError, StoreFullError
from motia_core.ingress.body import ParsedBody
from motia_core.ingress.interface import ClientGoneError, Receive
from motia_core.ingress.query import form_json
from motia_core.model.http import BodyFormat
from motia_core.model.upload import UploadedFile

MAX_PARTS = 1000
MAX_NAME_BYTES = 4096  # of a part's headers, each


class Uploads:
    """Reads multipart bodies.

    Args:
        folder: For files that are too large for memory; it is made when it is first needed.
        max_bytes: Largest body.
        max_field_bytes: Largest sum of fields, which are held in memory.
        memory_bytes: Bytes of files of one request that stay in memory.
    """

    def __init__(self, folder: Path, *, max_bytes: int, max_field_bytes: int, memory_bytes: int) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self.max_bytes = max_bytes
        self.max_field_bytes = max_field_bytes
        self.memory_bytes = memory_bytes

    def new_file(self) -> Path:
        """A path for the next file."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / f"{next(self._numbers)}.upload"

    async def read(self, source: BodySource, headers: dict[bytes, bytes]) -> tuple[ParsedBody, list[UploadedFile]]:
        """The fields as a JSON body, and the files.

        Raises:
            BodyInvalidError, BodyTooLargeError: as they say. The rest of the body was not read.
            StoreFullError: The disk is full.
            ClientGoneError: The client left before its end.
        """
        length = headers.get(b"content-length")
        if length is not None and int(length) > self.max_bytes:
            self.too_large()
        reading = _Reading(self, headers[b"content-type"])
        try:
            size = 0
            while not source.is_over:
                chunk = await source.next()
                size += len(chunk)
                if size > self.max_bytes:
                    self.too_large()
                reading.feed(chunk)
            return reading.end()
        except BaseException:
            reading.discard()
            raise

    def too_large(self) -> None:
        raise BodyTooLargeError(f"The request body is larger than {self.max_bytes} bytes.", max_bytes=self.max_bytes)


class BodySource:
    """The chunks of a body, and whether there are more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_over = False

    async def next(self) -> bytes:
        """The next chunk. Raises ClientGoneError."""
        message = await self._receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        self.is_over = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk


def is_multipart(headers: dict[bytes, bytes]) -> bool:
    """Whether a body is a form with files."""
    return headers.get(b"content-type", b"")[:20].lower().startswith(b"multipart/form-data")


class _Reading:
    """One body on its way in."""

    def __init__(self, uploads: Uploads, content_type: bytes) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise BodyInvalidError("The multipart body has no boundary in its Content-Type.")
        self._uploads = uploads
        self._fields: list[tuple[str, str]] = []
        self._files: list[UploadedFile] = []
        self._open: IO[bytes] | None = None
        self._path: Path | None = None
        self._data = bytearray()  # of the part, as far as it is in memory
        self._size = 0  # of the part
        self._in_memory = 0  # bytes of files
        self._field_bytes = 0
        self._parts = 0
        self._name = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._disposition: dict[bytes, bytes] = {}
        self._is_complete = False
        try:
            self._parser = MultipartParser(boundary, self._callbacks())
        except FormParserError as error:
            raise BodyInvalidError(f"The boundary of the multipart body is not valid: {error}.") from error

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise BodyInvalidError(f"The body is not valid multipart/form-data: {error}.") from error
        except OSError as error:
            raise StoreFullError(f"The uploaded file cannot be stored: {error.strerror}.") from error

    def end(self) -> tuple[ParsedBody, list[UploadedFile]]:
        """What has been read."""
        if not self._is_complete:
            raise BodyInvalidError("The multipart body ends too early: its last boundary is missing.")
        text = "&".join(f"{quote(name, safe='[]')}={quote(value)}" for name, value in self._fields)
        body = ParsedBody(BodyFormat.MULTIPART, form_json(text) if text else b"{}", b"", is_form=True)
        return body, self._files

    def discard(self) -> None:
        """Remove what is on disk."""
        if self._open is not None:
            self._open.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        for file in self._files:
            file.discard()

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": lambda data, start, end: self._header(self._name, data[start:end]),
            "on_header_value": lambda data, start, end: self._header(self._value, data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": lambda data, start, end: self._part_data(data[start:end]),
            "on_part_end": self._part_ends,
            "on_end": self._all_ends,
        }

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BodyTooLargeError(f"The form has more than {MAX_PARTS} parts.", max_parts=MAX_PARTS)
        self._headers.clear()
        self._data.clear()
        self._size = 0

    def _header(self, text: bytearray, data: bytes) -> None:
        text += data
        if len(text) > MAX_NAME_BYTES:
            raise BodyTooLargeError(f"A header of a part is longer than {MAX_NAME_BYTES} bytes.")

    def _header_ends(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        kind, self._disposition = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in self._disposition:
            raise BodyInvalidError("A part of the multipart body has no name: Content-Disposition: form-data; name=…")

    @property
    def _is_file(self) -> bool:
        return b"filename" in self._disposition

    def _part_data(self, data: bytes) -> None:
        self._size += len(data)
        if self._open is not None:
            self._open.write(data)
            return
        self._data += data
        if not self._is_file:
            if self._field_bytes + len(self._data) > self._uploads.max_field_bytes:
                limit = self._uploads.max_field_bytes
                raise BodyTooLargeError(f"The fields of the form are larger than {limit} bytes.", max_bytes=limit)
        elif self._in_memory + len(self._data) > self._uploads.memory_bytes:
            self._path = self._uploads.new_file()
            self._open = self._path.open("xb")
            self._open.write(self._data)
            self._data.clear()

    def _part_ends(self) -> None:
        name = _text(self._disposition[b"name"])
        if not self._is_file:
            self._field_bytes += len(self._data)
            self._fields.append((name, self._field_text()))
            return
        filename = _text(self._disposition[b"filename"]).replace("\\", "/").rpartition("/")[2]
        content_type = self._headers.get(b"content-type", b"").decode("latin-1")
        if self._open is not None:
            self._open.close()
        self._files.append(UploadedFile(name, filename, content_type, self._size, bytes(self._data), self._path))
        self._in_memory += len(self._data)
        self._open = self._path = None

    def _field_text(self) -> str:
        charset = parse_options_header(self._headers.get(b"content-type", b""))[1].get(b"charset", b"utf-8")
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return self._data.decode(codecs.lookup(charset.decode("latin-1")).name)
        return self._data.decode(errors="replace")

    def _all_ends(self) -> None:
        self._is_complete = True


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
