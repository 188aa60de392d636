"""The same statements for PostgreSQL: what store/statements.py made for SQLite, compiled when it is first used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import asyncpg

from motia_core.store.statements import SOURCES

MOST_ROWS = 128  # of one statement

# For its way of writing parameters, $1::BIGINT; the driver is not used.
_DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no types
_NUMBER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class PostgresText:
    """A statement, and which of an operation's parameters are its own, in its order."""

    text: str
    order: tuple[int, ...] | None  # None: they are the same

    def parameters(self, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """The statement's parameters, of those of an operation."""
        return given if self.order is None else tuple(given[index] for index in self.order)


class JoinedTexts:
    """A statement with one list of parameters, for 128, 64, 32 … 1 rows at once."""

    def __init__(self, text: str) -> None:
        start = text.index("($1")
        row = text[start : _closing(text, start) + 1]
        repeated = row if "VALUES" in text else row[1:-1]
        width = len(_NUMBER.findall(row))
        sizes = [1 << power for power in reversed(range(MOST_ROWS.bit_length()))]
        self.texts = [(size, text.replace(repeated, _repeat(repeated, width, size), 1)) for size in sizes]


class Texts:
    """All statements that were used so far."""

    def __init__(self) -> None:
        self._single: dict[str, PostgresText] = {}
        self._joined: dict[str, JoinedTexts] = {}

    def single(self, sqlite_text: str) -> PostgresText:
        found = self._single.get(sqlite_text)
        if found is None:
            found = self._single[sqlite_text] = compiled(sqlite_text)
        return found

    def joined(self, sqlite_text: str) -> JoinedTexts:
        found = self._joined.get(sqlite_text)
        if found is None:
            found = self._joined[sqlite_text] = JoinedTexts(compiled(sqlite_text).text)
        return found


def compiled(sqlite_text: str) -> PostgresText:
    """The statement that the text was made from."""
    source = SOURCES[sqlite_text]
    statement: Any = source.statement.compile(dialect=_DIALECT)
    names = tuple(statement.positiontup or ())
    order = None if names == source.parameters else tuple(source.parameters.index(name) for name in names)
    return PostgresText(str(statement), order)


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes."""
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return index
    raise ValueError(f"no closing bracket in {text!r}")


def _repeat(row: str, width: int, size: int) -> str:
    def shifted(base: int) -> str:
        return _NUMBER.sub(lambda found: f"${int(found[1]) + base}", row)

    return ", ".join(shifted(index * width) for index in range(size))
