"""Files of a multipart request."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import IO

from motia._gen.motia.v1 import invoke_pb2


class UploadedFile:
    """One file that a client sent. It is there until the handler has ended: `save` what is to stay.

    Attributes:
        field: Name of the form's field.
        filename: Name of the file, as the client says it: without directories, otherwise not to be trusted.
        content_type: Type of the content, as the client says it; empty: none.
        size: Bytes.
        path: Where it is on disk; None: it is small, and in memory.
    """

    def __init__(self, file: invoke_pb2.UploadedFile) -> None:
        self.field = file.field
        self.filename = file.filename
        self.content_type = file.content_type
        self.size = file.size
        self.path = Path(file.path) if file.path else None
        self._data = file.data

    def open(self) -> IO[bytes]:
        """A file object to read it from; close it."""
        return io.BytesIO(self._data) if self.path is None else self.path.open("rb")

    def read(self) -> bytes:
        """All of it."""
        return self._data if self.path is None else self.path.read_bytes()

    def save(self, path: str | Path) -> None:
        """Copy it to a path of your own."""
        with self.open() as source, Path(path).open("wb") as target:
            shutil.copyfileobj(source, target)

    def __repr__(self) -> str:
        return f"UploadedFile({self.field!r}, {self.filename!r}, {self.size:,} bytes)"
