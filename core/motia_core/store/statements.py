"""SQL text made once from SQLAlchemy Core. Executing Core objects costs more than SQLite itself, so only the text is
used on the hot path; its parameters are positional, in the order in which they stand in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from sqlite3 import Cursor
from typing import Any

from sqlalchemy import Integer, Select, bindparam, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql import ClauseElement

MOST_ROWS = 128  # of one statement; times the widest row stays far below SQLite's 32,766 parameters
Row = tuple[object, ...]
_ROW = re.compile(r"\((\?(?:, \?)*)\)")
_DIALECT = sqlite.dialect(paramstyle="qmark")


def sql(statement: ClauseElement | ExecutableDDLElement) -> str:
    """The text of a statement."""
    return str(statement.compile(dialect=_DIALECT))


def at_most(query: Select[Any]) -> Select[Any]:
    """The query with a parameter for the number of rows, its last; written out because SQLAlchemy adds an offset
    parameter of its own otherwise."""
    return query.limit(bindparam("most", type_=Integer)).offset(literal_column("0"))


class ManyRows:
    """A statement with one list of parameters, `VALUES (?, ?)` or `IN (?)`, run for many rows with few calls.

    Every call of SQLite gives the GIL away, and getting it back from a busy event loop takes long; so rows are joined
    to statements of 128, 64, 32 … 1 rows, few enough for the driver to keep them prepared.
    """

    def __init__(self, statement: ClauseElement) -> None:
        text = sql(statement)
        match = _ROW.search(text)
        assert match, text
        repeated = match[0] if "VALUES" in text else match[1]
        self._texts: dict[int, str] = {}
        rows = MOST_ROWS
        while rows:
            self._texts[rows] = text.replace(repeated, ", ".join([repeated] * rows), 1)
            rows //= 2

    def run(self, cursor: Cursor, rows: Sequence[Sequence[object]]) -> int:
        """Run for all rows; how many rows of the table were touched."""
        if len(rows) == 1:
            return cursor.execute(self._texts[1], rows[0]).rowcount
        return sum(cursor.execute(text, part).rowcount for text, part in self._parts(rows))

    def fetch(self, cursor: Cursor, rows: Sequence[Sequence[object]]) -> list[tuple[Any, ...]]:
        """Run for all rows; what the statements return."""
        return [row for text, part in self._parts(rows) for row in cursor.execute(text, part).fetchall()]

    def _parts(self, rows: Sequence[Sequence[object]]) -> Iterator[tuple[str, list[object]]]:
        start, left = 0, len(rows)
        for size, text in self._texts.items():
            while left >= size:
                yield text, list(chain.from_iterable(rows[start : start + size]))
                start += size
                left -= size
