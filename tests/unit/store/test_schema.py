"""Fresh stores and migrated ones are the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from motia_core.store import migrations
from motia_core.store.migrations.run import upgrade
from motia_core.store.schema import REVISIONS, Branch, prepare
from motia_core.store.server import connect

BRANCHES: list[Branch] = ["durable", "recorded"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(str(tmp_path / "test.db"), "NORMAL")
    yield connection
    connection.close()


def schema(connection: sqlite3.Connection) -> list[str]:
    texts = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(" ".join(text.replace('"', "").split()).replace("( ", "(").replace(" )", ")") for (text,) in texts)


@pytest.mark.parametrize("branch", BRANCHES)
def test_migrations_make_what_tables_say(database: sqlite3.Connection, branch: Branch, tmp_path: Path) -> None:
    prepare(database, branch, tmp_path)
    migrated = sqlite3.connect(":memory:", isolation_level=None)
    upgrade(migrated, branch)
    assert schema(migrated) == schema(database)
    assert migrated.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISIONS[branch][-1],)]
    migrated.close()


def test_all_revisions_are_known_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    for branch in BRANCHES:
        found = [script.revision for script in scripts.iterate_revisions(f"{branch}@head", "base")]
        assert tuple(reversed(found)) == REVISIONS[branch]


def test_old_store_is_migrated_all_or_nothing(
    database: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REVISIONS, "durable", ("durable_0000", *REVISIONS["durable"]))
    database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    database.execute("CREATE TABLE state (old TEXT)")  # in the way of the migration, after other tables
    database.execute("INSERT INTO alembic_version VALUES ('durable_0000')")
    before = schema(database)
    with pytest.raises(Exception, match="durable_0000"):  # Alembic has no such script
        prepare(database, "durable", tmp_path)
    assert schema(database) == before
    assert not database.in_transaction


def test_failed_migration_leaves_the_database_as_it_was(database: sqlite3.Connection) -> None:
    database.execute("CREATE TABLE stream_items (old TEXT)")  # the last table of the first migration
    before = schema(database)
    with pytest.raises(Exception, match="stream_items"):
        upgrade(database, "durable")
    assert schema(database) == before


def test_prepared_store_is_left_alone(database: sqlite3.Connection, tmp_path: Path) -> None:
    prepare(database, "durable", tmp_path)
    before = database.total_changes
    prepare(database, "durable", tmp_path)
    assert database.total_changes == before
