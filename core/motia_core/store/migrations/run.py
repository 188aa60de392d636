"""Migrates an existing database. Only imported when there is something to migrate, as Alembic is slow to import."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import StaticPool, create_engine, event
from sqlalchemy.engine import Connection


def upgrade(database: sqlite3.Connection, branch: str) -> None:
    """Bring a database to the newest revision of its branch, all or nothing."""
    engine = create_engine("sqlite://", creator=lambda: database, poolclass=StaticPool)
    # The driver is in autocommit mode: without this every statement would be a transaction of its own.
    event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, f"{branch}@head")
        connection.commit()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
