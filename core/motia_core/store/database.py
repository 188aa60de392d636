"""One SQLite file: brought to the newest schema, and what is wrong when it cannot be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from motia_core.errors import DataDirError
from motia_core.store.schema import Branch, prepare
from motia_core.store.server import connect

OLDEST_SQLITE = (3, 35, 0)  # the first with RETURNING


class Database:
    """A file with its schema in place.

    Raises:
        DataDirError: The file is damaged, is no store, or cannot be opened.
        StoreTooNewError: A newer motia-core wrote it.
    """

    def __init__(self, path: Path, branch: Branch) -> None:
        self.path = path
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DataDirError(f"SQLite {sqlite3.sqlite_version} is too old: Python needs one of 3.35 or newer.")
        try:
            with closing(connect(str(path), "FULL")) as connection:
                prepare(connection, branch, path)
        except sqlite3.Error as error:
            raise DataDirError(_what_to_do(path, branch, error), path=str(path)) from error

    def number(self, query: str) -> int:
        """The one number that a query yields; 0 for none."""
        with closing(connect(str(self.path), "FULL")) as connection:
            [number] = connection.execute(query).fetchone()
            return int(number or 0)


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
