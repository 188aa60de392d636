"""The data directory: private to its owner, and used by one core at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from motia_core.errors import DataDirError

LOCK = "motia.lock"


class DataDir:
    """A directory that this process holds until `release`.

    Raises:
        DataDirError: It cannot be created or written, or another core uses it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if not path.exists():
                path.mkdir(mode=0o700, parents=True)
                (path / ".gitignore").write_text("*\n")
            self.lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataDirError(
                f"The data directory {path} cannot be used: {error.strerror}. "
                "Make it a directory that you may write, or choose another with --data-dir.",
                path=str(path),
            ) from error
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self.lock, 32, 0).decode().strip() or "unknown"
            os.close(self.lock)
            raise DataDirError(
                f"The data directory {path} is in use by another motia-core (pid {holder}). "
                "Stop that one, or choose another directory with --data-dir.",
                path=str(path),
                pid=holder,
            ) from error
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, f"{os.getpid()}\n".encode(), 0)

    def file(self, name: str) -> Path:
        """A file in it, created empty when missing, readable by its owner only."""
        path = self.path / name
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        return path

    def release(self) -> None:
        """Let others have it. The lock file stays: removing it would race with the next core."""
        os.close(self.lock)
