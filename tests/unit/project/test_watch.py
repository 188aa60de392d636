"""Changes of files are told, once they are over, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from motia_core.errors import WatchError
from motia_core.project import watch as module
from motia_core.project.affected import Changes
from motia_core.project.watch import Watch

LIMIT_S = 20
Script = Callable[[Watch, "asyncio.Queue[Changes]"], Awaitable[None]]


def watching(root: Path, script: Script, *, elsewhere: set[str] | None = None, ignored: tuple[Path, ...] = ()) -> None:
    async def run() -> None:
        there: set[str] = elsewhere if elsewhere is not None else set()
        watch = Watch(root, lambda: there, ignored)
        await watch.start()
        told: asyncio.Queue[Changes] = asyncio.Queue()

        async def listen() -> None:
            async for changes in watch.changes():
                told.put_nowait(changes)

        listening = asyncio.create_task(listen())
        try:
            async with asyncio.timeout(LIMIT_S):
                await script(watch, told)
        finally:
            listening.cancel()
            await asyncio.wait([listening])
            if not listening.cancelled():
                listening.result()

    asyncio.run(run())


def names(root: Path, paths: frozenset[str] | set[str]) -> list[str]:
    return sorted(path.removeprefix(f"{root}/") for path in paths)


def test_files_that_come_change_and_go_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b.ts").write_text("1")

    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        (tmp_path / "a.py").write_text("22")
        assert names(tmp_path, (await told.get()).changed) == ["a.py"]
        (tmp_path / "b.ts").rename(tmp_path / "c.ts")
        changes = await told.get()
        assert (names(tmp_path, changes.removed), names(tmp_path, changes.added)) == (["b.ts"], ["c.ts"])

    watching(tmp_path, script)


def test_what_happened_before_the_folders_were_watched_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")

    async def run() -> Changes:
        watch = Watch(tmp_path, set)
        await watch.start()
        (tmp_path / "a.py").unlink()
        async for changes in watch.changes():
            return changes
        raise AssertionError

    assert names(tmp_path, asyncio.run(run()).removed) == ["a.py"]


def test_folders_that_come_are_watched_with_what_is_in_them(tmp_path: Path) -> None:
    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        deep = tmp_path / "steps" / "deep"
        deep.mkdir(parents=True)
        (deep / "a_step.py").write_text("1")
        assert names(tmp_path, (await told.get()).added) == ["steps/deep/a_step.py"]
        (deep / "a_step.py").write_text("22")
        assert names(tmp_path, (await told.get()).changed) == ["steps/deep/a_step.py"]

    watching(tmp_path, script)


def test_what_is_installed_hidden_or_data_is_not_looked_at(tmp_path: Path) -> None:
    folders = ("node_modules/x", ".git", "data", "__pycache__")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)

    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        for folder in folders:
            (tmp_path / folder / "a.py").write_text("1")
        (tmp_path / "log.txt").write_text("1")
        (tmp_path / "a.py").write_text("1")
        assert names(tmp_path, (await told.get()).all) == ["a.py"]

    watching(tmp_path, script, ignored=(tmp_path / "data",))


def test_installing_packages_is_a_change_when_it_is_done(tmp_path: Path) -> None:
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "node_modules").mkdir()

    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        (tmp_path / "node_modules" / ".package-lock.json").write_text("{}")
        assert names(tmp_path, (await told.get()).all) == ["node_modules/.package-lock.json"]
        (packages / "new").mkdir()
        assert names(tmp_path, (await told.get()).all) == [".venv/lib/python3.11/site-packages"]

    watching(tmp_path, script)


def test_many_files_are_one_change(tmp_path: Path) -> None:
    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        for number in range(60):
            (tmp_path / f"f{number}.py").write_text("1")
            if number % 10 == 9:
                await asyncio.sleep(0.06)  # longer than the quiet after which a change is over
        assert len((await told.get()).added) == 60

    watching(tmp_path, script)


def test_file_that_is_being_written_is_told_whole(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")

    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        with (tmp_path / "a.py").open("w") as file:
            await asyncio.sleep(0.1)
            file.write("22")
        await told.get()
        assert (tmp_path / "a.py").read_text() == "22"
        await asyncio.sleep(0.3)
        assert told.empty()

    watching(tmp_path, script)


def test_files_elsewhere_count_from_when_they_are_asked_for(tmp_path: Path) -> None:
    root, other = tmp_path / "project", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    (other / "shared.ts").write_text("1")
    elsewhere: set[str] = set()

    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        elsewhere.add(str(other / "shared.ts"))
        (root / "a.py").write_text("1")
        assert names(root, (await told.get()).all) == ["a.py"]
        (other / "shared.ts").write_text("22")
        assert (await told.get()).changed == {str(other / "shared.ts")}

    watching(root, script, elsewhere=elsewhere)


def test_what_is_accepted_is_no_change(tmp_path: Path) -> None:
    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        (tmp_path / "motia_types.py").write_text("generated")
        watch.accept([str(tmp_path / "motia_types.py")])
        (tmp_path / "a.py").write_text("1")
        assert names(tmp_path, (await told.get()).all) == ["a.py"]

    watching(tmp_path, script)


def test_linked_folders_are_looked_into_once(tmp_path: Path) -> None:
    root, shared = tmp_path / "project", tmp_path / "shared"
    for folder in (root / "steps", shared):
        folder.mkdir(parents=True)
    (root / "steps" / "shared").symlink_to(shared)
    (shared / "round").symlink_to(shared)

    async def script(watch: Watch, told: asyncio.Queue[Changes]) -> None:
        (shared / "a_step.py").write_text("1")
        assert "steps/shared/a_step.py" in names(root, (await told.get()).added)

    watching(root, script)


def test_too_many_folders_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FOLDERS", 3)
    for number in range(5):
        (tmp_path / str(number)).mkdir()

    async def run() -> None:
        watch = Watch(tmp_path, set)
        await watch.start()
        async for _ in watch.changes():
            pass

    with pytest.raises(WatchError, match="more than 3 folders below"):
        asyncio.run(run())
