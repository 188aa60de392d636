"""Backups of stores, and stores from backups."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from motia_core.errors import BackupError, DataDirError, StoreTooNewError
from motia_core.model.effects import Effects, UniqueKey
from motia_core.model.event import NEVER_MS, Remembered, Signal, Wait
from motia_core.model.stream import Address
from motia_core.settings import Settings
from motia_core.store import Store, open_store
from motia_core.store.backup import restore, save
from motia_core.store.copying import COPIED, copy_tables
from motia_core.store.schema import prepare
from motia_core.store.server import connect
from motia_core.store.sqlite_engine import engine_of
from motia_core.store.tables import durable
from tests.contract.store.reading import everything
from tests.fakes.values import a_delivery, a_failure

WRITTEN_BY_0001 = Path(__file__).with_name("durable_0001.sql")
Use = Callable[[Store], Coroutine[Any, Any, Any]]


def with_store(directory: Path, use: Use) -> Any:
    async def scenario() -> Any:
        store = await open_store(Settings(project=directory, data_dir=directory))
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(scenario())


async def fill(store: Store) -> None:
    """A row in every table."""
    await store.queue.enqueue([replace(a_delivery(number), lane="f:g", priority=number) for number in range(1, 1_500)])
    await store.queue.bury(a_delivery(1), a_failure(), 1)
    await store.queue.retry(replace(a_delivery(2), attempt=2, due_ms=5), a_failure(), 1)
    wait = Wait(3, "Work", "wait:1", "paid", b"", 0, NEVER_MS)
    await store.queue.suspend(replace(a_delivery(3), due_ms=NEVER_MS), wait)
    effects = Effects(
        unique=[UniqueKey("work", "k", 2**52)],
        signals=[Signal(9_000, "paid", b"", 2**52)],
        remembered=[Remembered(3, "k", b"\x00\xff")],
    )
    await store.queue.commit(effects)
    await store.state.set("g", "a", '"ü"'.encode(), version=7, expires_ms=2**52)
    await store.streams.set(Address("s", "g", "1"), b"{}")


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A data directory with something in every table."""
    with_store(tmp_path / "full", fill)
    return tmp_path / "full"


@pytest.fixture
def file(full: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    save(full, tmp_path / "backup.db")
    return tmp_path / "backup.db"


def left_over(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()} - {"motia.db", "traces.db", "motia.lock", ".gitignore"}


# --- there and back


def test_restored_store_holds_what_the_saved_one_held(full: Path, file: Path, tmp_path: Path) -> None:
    expected = with_store(full, everything)
    counts = restore(file, tmp_path / "new")
    assert with_store(tmp_path / "new", everything) == expected
    assert counts == {
        "deliveries": 1_498, "dead_letters": 1, "progress": 1, "waits": 1, "signals": 1, "waited_topics": 1,
        "unique_keys": 1, "state": 1, "stream_items": 1,
    }  # fmt: skip
    assert left_over(tmp_path / "new") == set()
    assert left_over(tmp_path) == {"full", "backup.db", "new"}


def test_clients_that_saw_the_saved_store_start_anew(full: Path, file: Path, tmp_path: Path) -> None:
    async def missed(store: Store, after: int) -> object:
        await store.streams.set(Address("s", "g", "2"), b"{}")
        return await store.streams.changes(Address("s", "g"), after=after, limit=100)

    async def position(store: Store) -> int:
        return (await store.streams.snapshot(Address("s", "g"))).sequence

    seen = with_store(full, position)
    restore(file, tmp_path / "new")
    assert with_store(tmp_path / "new", lambda store: missed(store, seen)) is None
    assert with_store(full, lambda store: missed(store, seen)) is not None


def test_restored_store_is_private(file: Path, tmp_path: Path) -> None:
    restore(file, tmp_path / "new")
    for path in (file, tmp_path / "new" / "motia.db"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_restored_store_has_the_schema_of_a_fresh_one(file: Path, tmp_path: Path) -> None:
    restore(file, tmp_path / "new")
    with (
        closing(sqlite3.connect(tmp_path / "new/motia.db")) as new,
        closing(sqlite3.connect(tmp_path / "full/motia.db")) as old,
    ):
        query = "SELECT sql FROM sqlite_master ORDER BY name"
        assert new.execute(query).fetchall() == old.execute(query).fetchall()
        assert new.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_backup_is_one_moment_of_a_store_in_use(tmp_path: Path) -> None:
    async def scenario(store: Store) -> None:
        await store.queue.enqueue([a_delivery(number) for number in range(1, 3_001)])
        done = asyncio.Event()
        moved = 0

        async def move() -> None:
            """Each transaction ends one delivery and begins another: there are always 3,000."""
            nonlocal moved
            for number in range(1, 3_001):
                effects = Effects(completes=number, deliveries=[a_delivery(number + 10_000)])
                assert await store.queue.commit(effects)
                moved = number
                if done.is_set():
                    return

        moving = asyncio.create_task(move())
        while moved < 10:
            await asyncio.sleep(0)
        counts = await asyncio.to_thread(save, tmp_path / "live", tmp_path / "backup.db")
        after = moved
        done.set()
        await moving
        assert counts["deliveries"] == 3_000
        assert after > 10  # nobody was held up

    with_store(tmp_path / "live", scenario)
    assert restore(tmp_path / "backup.db", tmp_path / "new")["deliveries"] == 3_000


def test_store_whose_core_was_killed_is_saved_whole(full: Path, tmp_path: Path) -> None:
    with closing(connect(str(full / "motia.db"), "FULL")) as connection:
        connection.execute("INSERT INTO waited_topics VALUES ('in the log only')")
        for name in ("motia.db", "motia.db-wal"):  # as it is on disk in this moment
            (tmp_path / "killed").mkdir(exist_ok=True)
            (tmp_path / "killed" / name).write_bytes((full / name).read_bytes())
    save(tmp_path / "killed", tmp_path / "backup.db")
    restore(tmp_path / "backup.db", tmp_path / "new")
    assert "in the log only" in with_store(tmp_path / "new", lambda store: store.queue.waited_topics())


def test_backup_of_an_older_version_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with closing(sqlite3.connect(tmp_path / "old/motia.db")) as connection:
        connection.executescript(WRITTEN_BY_0001.read_text())
    assert save(tmp_path / "old", tmp_path / "backup.db")["deliveries"] == 3
    before = (tmp_path / "backup.db").read_bytes()
    restore(tmp_path / "backup.db", tmp_path / "new")
    assert with_store(tmp_path / "new", lambda store: store.state.get("orders", "a")) == (b'{"n":1}', 1)
    assert (tmp_path / "backup.db").read_bytes() == before


# --- what is refused


def test_nothing_to_save_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"nothing to save: .*motia\.db does not exist.*--data-dir"):
        save(tmp_path, tmp_path / "backup.db")
    assert left_over(tmp_path) == set()


def test_backup_replaces_a_file_only_when_told(full: Path, file: Path) -> None:
    before = file.read_bytes()
    with_store(full, lambda store: store.state.set("g", "new", b"1", version=99))
    with pytest.raises(BackupError, match=r"backup\.db exists.*--force"):
        save(full, file)
    assert file.read_bytes() == before
    assert save(full, file, force=True)["state"] == 2


def test_store_is_not_replaced_by_its_backup(full: Path) -> None:
    with pytest.raises(BackupError, match="is the store itself"):
        save(full, full / "motia.db", force=True)


def test_backup_that_cannot_be_written_says_why(full: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written: No such file or directory"):
        save(full, tmp_path / "missing" / "backup.db")


def test_damaged_store_makes_no_backup(full: Path, tmp_path: Path) -> None:
    with (full / "motia.db").open("r+b") as database:
        database.seek(8_192)
        database.write(b"\xff" * 20_000)
    with pytest.raises(BackupError, match=r"cannot be saved|is damaged"):
        save(full, tmp_path / "backup.db")
    assert left_over(tmp_path) == {"full"}


def test_restore_is_refused_while_a_core_runs(full: Path, file: Path) -> None:
    async def scenario(store: Store) -> None:
        with pytest.raises(DataDirError, match="in use by another motia-core"):
            restore(file, full, force=True)
        await store.state.set("g", "still", b"1", version=99)

    with_store(full, scenario)


def test_data_are_replaced_only_when_told(full: Path, file: Path) -> None:
    with_store(full, lambda store: store.state.set("g", "later", b"1", version=99))
    with pytest.raises(BackupError, match=r"motia\.db holds data.*--force"):
        restore(file, full)
    assert with_store(full, lambda store: store.state.get("g", "later")) == (b"1", 99)
    restore(file, full, force=True)
    assert with_store(full, lambda store: store.state.get("g", "later")) is None
    assert left_over(full) == set()


def test_log_of_the_database_before_is_not_applied_to_the_restored_one(full: Path, file: Path) -> None:
    with closing(connect(str(full / "motia.db"), "FULL")) as connection:
        connection.execute("INSERT INTO waited_topics VALUES ('gone')")
        log = (full / "motia.db-wal").read_bytes()
    (full / "motia.db-wal").write_bytes(log)  # as after kill -9
    restore(file, full, force=True)
    assert with_store(full, lambda store: store.queue.waited_topics()) == ["paid"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_data_that_cannot_be_read_may_be_something(file: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new/motia.db").write_bytes(content)
    if content:
        with pytest.raises(BackupError, match="holds data"):
            restore(file, tmp_path / "new")
    restore(file, tmp_path / "new", force=bool(content))


def test_empty_store_may_be_replaced(file: Path, tmp_path: Path) -> None:
    with_store(tmp_path / "new", everything)
    assert restore(file, tmp_path / "new")["deliveries"] == 1_498


def spoil(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_file_that_is_no_backup_is_refused(full: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello" * 1_000)
    spoil(tmp_path / "other.db", "CREATE TABLE pets (name TEXT)")
    for name, reason in (
        ("missing", "There is no file"),
        ("full", "There is no file"),
        ("text", "damaged or no backup"),
        ("other.db", "no backup of motia-core"),
        ("full/traces.db", "no backup of motia-core"),
    ):
        with pytest.raises(BackupError, match=reason):
            restore(tmp_path / name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_damaged_backup_is_refused(file: Path, full: Path) -> None:
    with file.open("r+b") as database:
        database.seek(file.stat().st_size // 2)
        database.write(b"\xff" * 20_000)
    with pytest.raises(BackupError, match="damaged"):
        restore(file, full, force=True)
    assert len(with_store(full, everything)["deliveries"]) == 1_498


def test_backup_of_a_newer_version_is_refused(file: Path, full: Path) -> None:
    spoil(file, "UPDATE alembic_version SET version_num = 'durable_0099'")
    with pytest.raises(StoreTooNewError, match=r"backup\.db has schema revision durable_0099"):
        restore(file, full, force=True)
    assert len(with_store(full, everything)["deliveries"]) == 1_498
    assert left_over(full) == set()


def test_only_rows_are_taken_from_a_backup(file: Path, tmp_path: Path) -> None:
    spoil(file, "CREATE TABLE odd (x)", "CREATE TRIGGER evil AFTER INSERT ON state BEGIN DELETE FROM deliveries; END")
    restore(file, tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new/motia.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name IN ('odd', 'evil')").fetchall() == []


# --- copying


def test_what_cores_do_now_is_not_copied() -> None:
    left_out = {table.name for table in durable.tables.values()} - {table.name for table in COPIED}
    assert left_out == {
        "alembic_version", "cores", "shards", "homes", "stream_clock", "stream_changes", "stream_members",
    }  # fmt: skip


def test_copied_deliveries_belong_to_no_core(tmp_path: Path) -> None:
    with_store(tmp_path / "a", lambda store: store.queue.enqueue([replace(a_delivery(1), shard=7)]))
    with (
        closing(connect(str(tmp_path / "a/motia.db"), "OFF")) as old,
        closing(connect(str(tmp_path / "b.db"), "OFF")) as new,
    ):
        old.execute("INSERT INTO cores VALUES (7, 1)")
        prepare(new, "durable", tmp_path)
        with engine_of(old).begin() as source, engine_of(new).begin() as target:
            assert copy_tables(source, target)["deliveries"] == 1
        assert new.execute("SELECT id, shard FROM deliveries").fetchall() == [(1, 0)]
        assert new.execute("SELECT count(*) FROM cores").fetchone() == (0,)
