"""Files of a multipart body."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True, weakref_slot=True)
class UploadedFile:
    """One file, in memory or on disk. The file on disk is removed with the object, at the latest."""

    field: str  # of the form
    filename: str  # as the client says it
    content_type: str  # empty: none
    size: int  # bytes
    data: bytes  # empty when it is on disk
    path: Path | None = None  # on disk

    def __post_init__(self) -> None:
        if self.path is not None:
            weakref.finalize(self, _remove, self.path)

    def discard(self) -> None:
        """Remove it from the disk: nobody will read it any more."""
        if self.path is not None:
            _remove(self.path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
