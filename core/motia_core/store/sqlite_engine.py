"""A connection of SQLite's driver as SQLAlchemy takes it, for what is rare enough to go through SQLAlchemy."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Engine, StaticPool, create_engine, event
from sqlalchemy.engine import Connection


def engine_of(connection: sqlite3.Connection) -> Engine:
    """An engine whose transactions are the connection's."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    # The driver is in autocommit mode: without this every statement would be a transaction of its own.
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
