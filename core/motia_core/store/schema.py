"""Schema revisions: a fresh file is created, an old one migrated, a newer one refused.

The revision is read directly, so that Alembic, slow to import, is needed only when there is something to migrate.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

from sqlalchemy import MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from motia_core import __version__
from motia_core.errors import DataDirError, StoreTooNewError
from motia_core.failpoints import passing
from motia_core.store.statements import ddl
from motia_core.store.tables import durable, recorded

Branch = Literal["durable", "recorded"]

TABLES: dict[Branch, MetaData] = {"durable": durable, "recorded": recorded}
# All revisions in migrations/versions, oldest first; the last is what tables.py says.
REVISIONS: dict[Branch, tuple[str, ...]] = {
    "durable": ("durable_0001", "durable_0002", "durable_0003"),
    "recorded": ("recorded_0001", "recorded_0002", "recorded_0003", "recorded_0004"),
}


def prepare(connection: sqlite3.Connection, branch: Branch, path: Path) -> None:
    """Bring a database to the newest revision.

    Raises:
        DataDirError: It is some other program's database.
        StoreTooNewError: Its revision is unknown.
    """
    newest = REVISIONS[branch][-1]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        _create(connection, branch)
        return
    if "alembic_version" not in tables:
        raise DataDirError(f"{path} is not a store of motia-core. Choose another directory with --data-dir.")
    [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("none",)
    if revision not in REVISIONS[branch]:
        raise StoreTooNewError(
            f"{path} has schema revision {revision}; motia-core {__version__} knows revisions up to {newest}. "
            "Upgrade motia-core, or choose another directory with --data-dir.",
            revision=revision,
            known=newest,
        )
    if revision != newest:
        from motia_core.store.migrations.run import upgrade  # imports Alembic

        upgrade(connection, branch)


def _create(connection: sqlite3.Connection, branch: Branch) -> None:
    metadata = TABLES[branch]
    connection.execute("BEGIN IMMEDIATE")
    for table in metadata.sorted_tables:
        connection.execute(ddl(CreateTable(table)))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(ddl(CreateIndex(index)))
    connection.execute("INSERT INTO alembic_version VALUES (?)", REVISIONS[branch][-1:])
    passing("schema.creating")
    connection.execute("COMMIT")
    passing("schema.created")
