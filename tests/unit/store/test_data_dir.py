"""The data directory and what is in it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from motia_core.errors import DataDirError, StoreTooNewError
from motia_core.settings import Settings, StoreSettings
from motia_core.store import open_store
from motia_core.store.data_dir import DataDir


def open_and_close(project: Path, settings: Settings | None = None) -> None:
    async def scenario() -> None:
        store = await open_store(settings or Settings(project=project))
        await store.close()

    asyncio.run(scenario())


def test_directory_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    open_and_close(tmp_path)
    directory = tmp_path / ".motia-core"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert (directory / ".gitignore").read_text() == "*\n"
    for name in ("motia.db", "traces.db", "motia.lock"):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600, name


def test_write_ahead_log_is_private_while_open(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = await open_store(Settings(project=tmp_path))
        await store.state.set("g", "k", b"1", version=1)
        assert stat.S_IMODE((tmp_path / ".motia-core/motia.db-wal").stat().st_mode) == 0o600
        await store.close()
        assert not (tmp_path / ".motia-core/motia.db-wal").exists()

    asyncio.run(scenario())


def test_second_core_is_told_who_has_the_directory(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = await open_store(Settings(project=tmp_path))
        with pytest.raises(DataDirError, match=rf"in use by another motia-core \(pid {os.getpid()}\)"):
            await open_store(Settings(project=tmp_path))
        await store.close()
        again = await open_store(Settings(project=tmp_path))
        await again.close()

    asyncio.run(scenario())


def test_existing_directory_is_left_as_it_is(tmp_path: Path) -> None:
    DataDir(tmp_path).release()
    assert [path.name for path in tmp_path.iterdir()] == ["motia.lock"]


def test_directory_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(project=tmp_path, data_dir=Path("file/data"))
    with pytest.raises(DataDirError, match=r"cannot be used: Not a directory.*--data-dir"):
        open_and_close(tmp_path, settings)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere; the test above covers the same code")
def test_directory_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(DataDirError, match="Permission denied"):
        open_and_close(tmp_path, Settings(project=tmp_path, data_dir=Path("data")))


@pytest.mark.parametrize(
    ("name", "lost"), [("motia.db", "events, state and streams"), ("traces.db", "recorded traces")]
)
def test_damaged_file_is_named_with_what_to_do(tmp_path: Path, name: str, lost: str) -> None:
    open_and_close(tmp_path)
    (tmp_path / ".motia-core" / name).write_bytes(b"not a database at all" * 1_000)
    with pytest.raises(DataDirError, match=rf"{name} is damaged.*Restore it.*{lost}"):
        open_and_close(tmp_path)
    with pytest.raises(DataDirError, match="is damaged"):  # not "in use": the failed start let go of it
        open_and_close(tmp_path)


def test_newer_store_is_refused_with_both_versions(tmp_path: Path) -> None:
    open_and_close(tmp_path)
    with closing(sqlite3.connect(tmp_path / ".motia-core/motia.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'durable_0099'")
        connection.commit()
    with pytest.raises(StoreTooNewError, match=r"revision durable_0099; motia-core [\d.]+ knows .* durable_0003"):
        open_and_close(tmp_path)


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".motia-core").mkdir()
    with closing(sqlite3.connect(tmp_path / ".motia-core/motia.db")) as connection:
        connection.execute("CREATE TABLE pets (name TEXT)")
    with pytest.raises(DataDirError, match="is not a store of motia-core"):
        open_and_close(tmp_path)


def test_data_directory_may_be_anywhere(tmp_path: Path) -> None:
    open_and_close(tmp_path, Settings(project=tmp_path / "project", data_dir=tmp_path / "a/b"))
    assert (tmp_path / "a/b/motia.db").exists()


@pytest.mark.parametrize("durability", ["full", "fast"])
def test_durability_is_what_the_settings_say(tmp_path: Path, durability: str) -> None:
    async def scenario() -> None:
        store = await open_store(Settings(project=tmp_path, store=StoreSettings(durability=durability)))  # type: ignore[arg-type]  # as parametrized
        assert store.durability == durability
        await store.state.set("g", "k", b"1", version=1)
        assert await store.state.get("g", "k") == (b"1", 1)
        await store.close()

    asyncio.run(scenario())
