"""What SQLite's errors mean to callers."""

from __future__ import annotations

import sqlite3

from motia_core.errors import InternalError, MotiaError, StoreFullError, StoreUnavailableError

_OF_ONE_CALLER = {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE}


def _code(error: Exception) -> int:
    """The primary result code; 0 when SQLite had no part in it."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def concerns_everyone(error: Exception) -> bool:
    """Whether trying each operation alone is pointless. A full disk is not: something small may still fit."""
    code = _code(error)
    return code not in _OF_ONE_CALLER | {0, sqlite3.SQLITE_FULL}


def to_store_error(error: Exception) -> MotiaError:
    """The error to raise to the caller of an operation that failed."""
    code = _code(error)
    converted: MotiaError
    if code == sqlite3.SQLITE_FULL:
        converted = StoreFullError(
            "The disk that holds the data directory is full: nothing was written. Make room; no restart is needed."
        )
    elif code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        converted = StoreUnavailableError(
            "Another program holds the database locked: nothing was written. Close what has motia.db open."
        )
    elif code == 0 or code in _OF_ONE_CALLER:
        converted = InternalError(f"The store could not run an operation: {type(error).__name__}: {error}")
    else:
        converted = StoreUnavailableError(f"The store cannot use its disk: {error}. Nothing was written.")
    converted.__cause__ = error
    return converted
