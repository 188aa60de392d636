"""Migrates an existing database. Only imported when there is something to migrate, as Alembic is slow to import."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from motia_core.failpoints import passing
from motia_core.store.sqlite_engine import engine_of


def upgrade(database: sqlite3.Connection, branch: str) -> None:
    """Bring a database to the newest revision of its branch, all or nothing."""
    with engine_of(database).connect() as connection:
        with connection.begin():
            upgrade_in(connection, branch)
            passing("schema.migrating")
        passing("schema.migrated")


def upgrade_in(connection: Connection, branch: str) -> None:
    """The same, in a transaction of the caller's."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, f"{branch}@head")
