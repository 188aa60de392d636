"""The data directory: private to its owner, and used by one core at a time."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from motia_core.errors import DataDirError

LOCK = "motia.lock"
LAST_COMMIT_S = 5  # how long the store's process of a core that died may take to end


class DataDir:
    """A directory that this process, and children that inherit `lock`, hold until `release`.

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
            self._acquire()
        except BaseException:
            os.close(self.lock)
            raise

    def file(self, name: str) -> Path:
        """A file in it, created empty when missing, readable by its owner only.

        Raises:
            DataDirError: It cannot be opened for writing.
        """
        path = self.path / name
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise DataDirError(
                f"{path} cannot be used: {error.strerror}. Make it a file that you may write, or move it away.",
                path=str(path),
            ) from error
        return path

    def release(self) -> None:
        """Let others have it. The lock file stays: removing it would race with the next core."""
        os.close(self.lock)

    def _acquire(self) -> None:
        give_up = time.monotonic() + LAST_COMMIT_S
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                holder = os.pread(self.lock, 32, 0).decode().strip()
                if time.monotonic() > give_up or _is_alive(holder):
                    raise DataDirError(
                        f"The data directory {self.path} is in use by another motia-core (pid {holder or 'unknown'}). "
                        "Stop that one, or choose another directory with --data-dir.",
                        path=str(self.path),
                        pid=holder,
                    ) from error
                time.sleep(0.01)
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, f"{os.getpid()}\n".encode(), 0)


def _is_alive(pid: str) -> bool:
    """Whether the process runs; false when it was killed and only its store's process is left."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):  # ValueError: it has not written its pid yet
        return False
    except PermissionError:
        return True
    return True
