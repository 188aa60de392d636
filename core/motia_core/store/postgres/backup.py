"""Backups of a PostgreSQL store: the files that a SQLite store makes, so that each can be restored into the other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete, func, inspect, select, text

from motia_core.errors import BackupError
from motia_core.store.backup import Counts, backup_to, check, fresh, migrated_copy, readable
from motia_core.store.copying import COPIED, copy_tables
from motia_core.store.postgres.database import LOCK, NEWEST, Database
from motia_core.store.tables import cores, homes, shards


def save(url: str, file: Path, *, force: bool = False) -> Counts:
    """Write what the store holds at one moment to a file. Cores may be using it, and are not held up.

    Raises:
        BackupError: There is nothing to save, the file is there already or cannot be written.
        DatabaseError: The database cannot be used.
    """
    database = Database(url, synchronous=True)
    with backup_to(file, force=force) as draft:
        with database.transaction("REPEATABLE READ") as source:
            if not inspect(source).has_table("alembic_version"):
                raise BackupError(f"There is nothing to save: {database.name} holds no store of motia-core.")
            revision = source.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if revision != NEWEST:
                raise BackupError(
                    f"{database.name} has schema revision {revision}, and this version saves {NEWEST} only. Use the "
                    "version that the cores have, or start a core of this one first: it migrates the store."
                )
            with readable(f"{database.name} cannot be saved to {file}"), fresh(draft) as target:
                copy_tables(source, target)
        return check(draft)


def restore(file: Path, url: str, *, force: bool = False) -> Counts:
    """Bring a backup into the database, migrated to the newest schema: all of it, or nothing.

    Args:
        force: Replace what the database holds.

    Raises:
        BackupError: The file is no backup or damaged, the database holds data, or cores use it.
        DatabaseError: The database cannot be used.
        StoreTooNewError: A newer motia-core made the backup, or the database.
    """
    check(file)
    database = Database(url, synchronous=True)
    database.prepare()
    with (
        TemporaryDirectory(prefix="motia-core-") as directory,
        readable(f"{file} cannot be restored to {database.name}"),
        migrated_copy(file, Path(directory) / "migrated.db") as source,
        database.transaction() as target,
    ):
        target.execute(select(func.pg_advisory_xact_lock(LOCK)))
        now_ms = func.extract("epoch", func.clock_timestamp()) * 1000
        if target.execute(select(cores.c.id).where(cores.c.lease_until_ms > now_ms)).first():
            raise BackupError(f"Cores are using {database.name}. Stop them first.")
        if not force and any(target.execute(select(table).limit(1)).first() for table in COPIED):
            raise BackupError(f"{database.name} holds data. Replace them with --force, or choose another database.")
        for table in (*reversed(COPIED), homes, shards, cores):
            target.execute(delete(table))
        return copy_tables(source, target)
