"""Statements as the store's process takes them, their SQL made once from SQLAlchemy Core: executing Core objects would
cost more than SQLite itself. Parameters are positional, in the order in which they stand in the text."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Integer, Select, bindparam, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import insert as upsert  # the one that both dialects can compile
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql import ClauseElement

from motia_core.store.server import EACH, FETCH, GUARDED, JOIN, LAST, STEPS, Operation

# Operations of one lane take effect in the order in which they were asked, lower lanes before higher ones; this only
# concerns operations that wait at the same time. Those of different lanes touch different rows, or may come in any
# order, so that operations alike within a lane run together whatever came between.
ENQUEUE_LANE: Final = 0  # an enqueue comes before anything else that happens to its delivery
QUEUE_LANE: Final = 1
STATE_LANE: Final = 2
STREAM_LANE: Final = 3
TRACE_LANE: Final = 4

Row = tuple[object, ...]
_DIALECT = sqlite.dialect(paramstyle="qmark")


class Line(Protocol):
    """Where operations go: see channel.py."""

    def submit(self, operation: Operation) -> Awaitable[Any]:
        """Queue an operation; its result when its effect is committed."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What a text was made from."""

    statement: ClauseElement
    parameters: tuple[str, ...]  # their names, in the order in which they stand in the text


SOURCES: dict[str, Source] = {}  # by text: a store in another dialect compiles what it gets when it first gets it


def sql(statement: ClauseElement) -> str:
    """The text of a statement."""
    compiled: Any = statement.compile(dialect=_DIALECT)
    text = str(compiled)
    SOURCES[text] = Source(statement, tuple(compiled.positiontup or ()))
    return text


def ddl(statement: ExecutableDDLElement) -> str:
    """The text of a statement that makes or changes tables."""
    return str(statement.compile(dialect=_DIALECT))


def at_most(query: Select[Any]) -> Select[Any]:
    """The query with a parameter for the number of rows, its last. The offset is written out because SQLAlchemy adds
    a parameter for it otherwise."""
    return query.limit(bindparam("most", type_=Integer)).offset(literal_column("0"))


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that is run once for each operation and returns rows."""

    lane: int
    text: str

    def operation(self, *parameters: object) -> Operation:
        return (self.lane, EACH, self.text, parameters)


@dataclass(frozen=True, slots=True)
class Joined:
    """A statement with one list of parameters that is run for many rows at once."""

    lane: int
    text: str
    last_counts: bool = False  # of rows that share their first two columns

    def operation(self, rows: list[Row]) -> Operation:
        """Returns nothing, and is joined with its neighbours."""
        return (self.lane, LAST if self.last_counts else JOIN, self.text, rows)

    def fetch(self, rows: list[Row]) -> Operation:
        """Returns rows."""
        return (self.lane, FETCH, self.text, rows)


def steps(*operations: Operation) -> Operation:
    """Operations as one, in this order; returns what the last returns."""
    return (operations[0][0], STEPS, "", operations)


def guarded(guards: Sequence[Operation], operations: Sequence[Operation]) -> Operation:
    """Operations that are done if every guard, done before them, returns rows; returns whether."""
    return (guards[0][0], GUARDED, "", (tuple(guards), tuple(operations)))


__all__ = [
    "ENQUEUE_LANE",
    "QUEUE_LANE",
    "SOURCES",
    "STATE_LANE",
    "STREAM_LANE",
    "TRACE_LANE",
    "Joined",
    "Line",
    "Row",
    "Source",
    "Statement",
    "at_most",
    "ddl",
    "guarded",
    "sql",
    "steps",
    "upsert",
]
