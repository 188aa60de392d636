"""Backups: a SQLite file with all that must survive, made from a store in use and brought back into one at rest."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import Connection

from motia_core.errors import BackupError
from motia_core.store.copying import COPIED, copy_tables
from motia_core.store.data_dir import DataDir
from motia_core.store.schema import prepare
from motia_core.store.server import connect
from motia_core.store.sqlite_engine import engine_of

DATABASE = "motia.db"
LOGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database

Counts = Mapping[str, int]  # rows by table


def save(data_dir: Path, file: Path, *, force: bool = False) -> Counts:
    """Write what the store holds at one moment to a file. A core may be using it, and is not held up.

    Args:
        force: Replace the file when it is there.

    Raises:
        BackupError: There is nothing to save, the file is there already or cannot be written.
    """
    database = data_dir / DATABASE
    if not database.exists():
        raise BackupError(f"There is nothing to save: {database} does not exist. Name the directory with --data-dir.")
    if file.resolve() == database.resolve():
        raise BackupError(f"{file} is the store itself. Choose another name.")
    with backup_to(file, force=force) as draft:
        with readable(f"{database} cannot be saved to {file}"), closing(_open(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(draft),))
        return check(draft)


@contextmanager
def backup_to(file: Path, *, force: bool) -> Iterator[Path]:
    """What to write a backup to; it is there when that is whole.

    Raises:
        BackupError: The file is there already or cannot be written.
    """
    if file.exists() and not force:
        raise BackupError(f"{file} exists. Choose another name, or replace it with --force.")
    with drafted(file) as draft:
        yield draft
        _remove_logs(draft)
        sync(draft)
        draft.replace(file)
        sync(file.parent)


def check(file: Path) -> Counts:
    """What a backup holds, of its own revision.

    Raises:
        BackupError: It is no backup, or damaged.
    """
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    with readable(f"{file} is damaged or no backup of motia-core"), closing(_open(file, mode="ro")) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"alembic_version", "deliveries"} <= tables:
            raise BackupError(f"{file} is no backup of motia-core: it has other tables.")
        [result] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if result != "ok":
            raise BackupError(f"{file} is damaged ({result}). Use another backup.")
        names = [table.name for table in COPIED if table.name in tables]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def restore(file: Path, data_dir: Path, *, force: bool = False) -> Counts:
    """Bring a backup into the data directory, migrated to the newest schema: all of it, or nothing.

    Args:
        force: Replace what the directory holds.

    Raises:
        BackupError: The file is no backup or damaged, or the directory holds data.
        DataDirError: A core uses the directory, or it cannot be written.
        StoreTooNewError: A newer motia-core made the backup.
    """
    check(file)
    directory = DataDir(data_dir)
    try:
        target = directory.path / DATABASE
        if not force and _holds_data(target):
            raise BackupError(f"{target} holds data. Replace them with --force, or choose another --data-dir.")
        with drafted(target) as draft, drafted(target.with_name("motia.old.db")) as migrated:
            with readable(f"{file} cannot be restored to {target}"):
                counts = _rebuild(file, migrated, draft)
            _remove_logs(target)
            draft.replace(target)
            sync(target.parent)
    finally:
        directory.release()
    return counts


def _rebuild(file: Path, migrated: Path, draft: Path) -> Counts:
    """Copy the rows of a backup, and nothing else that is in it, into a fresh database."""
    with migrated_copy(file, migrated) as source, fresh(draft) as target:
        return copy_tables(source, target)


@contextmanager
def migrated_copy(file: Path, copy: Path) -> Iterator[Connection]:
    """A transaction on a copy of a backup that has the newest schema."""
    with closing(_open(file, mode="ro")) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(connect(str(copy), "OFF")) as database:
        prepare(database, "durable", file)
        with engine_of(database).begin() as transaction:
            yield transaction


@contextmanager
def fresh(file: Path) -> Iterator[Connection]:
    """A transaction on a new database with the newest schema."""
    with closing(connect(str(file), "FULL")) as database:
        prepare(database, "durable", file)
        with engine_of(database).begin() as transaction:
            yield transaction


def _open(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Without changing what kind of journal the file has."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=5, isolation_level=None)


def _holds_data(database: Path) -> bool:
    """Whether there is anything in it; what cannot be read may be something."""
    if not database.exists() or not database.stat().st_size:
        return False
    try:
        return any(check(database).values())
    except BackupError:
        return True


@contextmanager
def drafted(file: Path) -> Iterator[Path]:
    """An empty file beside another, readable by its owner only, to take its place when it is whole; else it goes."""
    draft = file.with_name(f"{file.name}.partial")
    try:
        _remove(draft)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}.") from error
    try:
        yield draft
    finally:
        _remove(draft)


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Errors of SQLite and the file system as ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{what}: {error}.") from error


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    _remove_logs(database)


def _remove_logs(database: Path) -> None:
    """A log that stays beside another database than its own would damage that one."""
    for suffix in LOGS:
        with suppress(FileNotFoundError):
            database.with_name(database.name + suffix).unlink()


def sync(path: Path) -> None:
    """Make sure that a file, or the names in a directory, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
