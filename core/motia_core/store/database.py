"""One SQLite file: how it is opened, and what is wrong when it cannot be."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

from motia_core.errors import DataDirError
from motia_core.store.schema import Branch, prepare

OLDEST_SQLITE = (3, 35, 0)  # RETURNING
Synchronous = Literal["FULL", "NORMAL"]  # FULL: a commit waits for the disk; NORMAL: only a checkpoint does


class Database:
    """A file with its schema in place.

    Raises:
        DataDirError: The file is damaged, is no store, or cannot be opened.
        StoreTooNewError: A newer motia-core wrote it.
    """

    def __init__(self, path: Path, branch: Branch, synchronous: Synchronous) -> None:
        self.path = path
        self._synchronous = synchronous
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DataDirError(f"SQLite {sqlite3.sqlite_version} is too old: Python needs one of 3.35 or newer.")
        try:
            connection = self.connect()
            try:
                prepare(connection, branch, path)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise DataDirError(_what_to_do(path, branch, error), path=str(path)) from error

    def connect(self) -> sqlite3.Connection:
        """A connection in autocommit mode, for one thread at a time."""
        connection = sqlite3.connect(
            self.path, timeout=5, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={self._synchronous}",
            "temp_store=MEMORY",
            "cache_size=-8192",  # KiB
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection


def _what_to_do(path: Path, branch: Branch, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        lost = "events, state and streams" if branch == "durable" else "the recorded traces, and nothing else,"
        return (
            f"{path} is damaged ({error}). Restore it from a backup, or move it and its -wal file away "
            f"to start without it: {lost} are lost then."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"Another program holds {path} locked. Close it and start again."
    return f"{path} cannot be opened ({error}). Check that its disk has room and that you may write it."
