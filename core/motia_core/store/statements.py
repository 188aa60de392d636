"""Statements as the store's process takes them, their SQL made once from SQLAlchemy Core: executing Core objects would
cost more than SQLite itself. Parameters are positional, in the order in which they stand in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Integer, Select, bindparam, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql import ClauseElement

from motia_core.store.server import EACH, FETCH, JOIN, LAST, STEPS, Operation

# Operations of one lane take effect in the order in which they were asked, lower lanes before higher ones. Lanes do
# not touch the same rows, so that operations alike within a lane run together whatever came between.
ENQUEUE_LANE: Final = 0  # an enqueue comes before anything else that happens to its delivery
QUEUE_LANE: Final = 1
STATE_LANE: Final = 2
STREAM_LANE: Final = 3
TRACE_LANE: Final = 4

Row = tuple[object, ...]
_DIALECT = sqlite.dialect(paramstyle="qmark")


def sql(statement: ClauseElement | ExecutableDDLElement) -> str:
    """The text of a statement."""
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
