"""`motia-core backup` and `restore` of a database that cores share, run as a user runs them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from motia_core.model.effects import Effects
from motia_core.model.event import Remembered, Signal, Wait
from motia_core.settings import Settings
from motia_core.store import open_store
from tests.fakes.values import a_delivery
from tests.integration.postgres.conftest import Cores


def motia_core(project: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from motia_core.cli import main; main()", *arguments]
    environment = {**os.environ, **({"MOTIA_STORE_URL": url} if url else {})}
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=50, check=False
    )


def test_store_in_use_is_saved_and_brought_back_here_and_elsewhere(cores: Cores, tmp_path: Path) -> None:
    url = cores.url

    async def scenario() -> None:
        async with cores.opened() as store:
            shard = store.cluster.shard
            await store.queue.enqueue([a_delivery(n, shard=shard) for n in range(1, 2_501)])
            await store.queue.suspend(a_delivery(2), Wait(2, "Work", "wait:1", "approved", b"", 0, 2**50))
            await store.queue.commit(
                Effects(remembered=[Remembered(1, "pay", b"7")], signals=[Signal(9_000, "approved", b"1", 2**50)])
            )
            await store.state.set("g", "k", '"ü"'.encode(), version=1)
            saved = await asyncio.to_thread(motia_core, tmp_path, "backup", "backup.db", "--json", url=url)
            assert saved.returncode == 0, saved.stderr
            counts = json.loads(saved.stdout)["saved"]
            assert (counts["deliveries"], counts["progress"], counts["waits"], counts["signals"]) == (2_500, 1, 1, 1)
            again = await asyncio.to_thread(motia_core, tmp_path, "backup", "backup.db", url=url)
            assert (again.returncode, again.stderr.split(".")[0]) == (4, "error: backup")
            await store.state.set("g", "k", b"2", version=2)
            running = await asyncio.to_thread(motia_core, tmp_path, "restore", "backup.db", "--force", url=url)
            assert running.returncode == 4
            assert "Cores are using" in " ".join(running.stderr.split())

        refused = motia_core(tmp_path, "restore", "backup.db", url=url)
        assert refused.returncode == 4
        assert "holds data" in " ".join(refused.stderr.split())
        restored = motia_core(tmp_path, "restore", "backup.db", "--force", url=url)
        assert restored.returncode == 0, restored.stderr
        assert restored.stdout.startswith("restored 2500 deliveries, 0 dead letters, 1 state value, 0 stream items to")
        async with cores.opened() as store:
            assert await store.state.get("g", "k") == ('"ü"'.encode(), 1)
            assert [wait.delivery_id for wait in await store.queue.waits()] == [2]
            assert len(await store.queue.read(range(1, 2_501))) == 2_500  # type: ignore[arg-type]  # a sequence
            assert {delivery.shard for delivery in await store.queue.read([1, 2_500])} == {0}  # whoever is their home

        moved = motia_core(tmp_path, "restore", "backup.db", "--data-dir", "own")
        assert moved.returncode == 0, moved.stderr
        own = await open_store(Settings(project=tmp_path, data_dir=Path("own")))
        assert await own.state.get("g", "k") == ('"ü"'.encode(), 1)
        assert [delivery.id for delivery in await own.queue.read([1, 2_500])] == [1, 2_500]
        await own.close()

    asyncio.run(scenario())


def test_sqlite_backup_moves_to_postgresql(cores: Cores, tmp_path: Path) -> None:
    async def scenario() -> None:
        own = await open_store(Settings(project=tmp_path))
        await own.queue.enqueue([a_delivery(7)])
        await own.close()
        assert motia_core(tmp_path, "backup", "backup.db").returncode == 0
        restored = motia_core(tmp_path, "restore", "backup.db", url=cores.url)
        assert restored.returncode == 0, restored.stderr
        async with cores.core() as world:
            async with asyncio.timeout(10):
                while world.inputs != ['{"n":1}']:
                    await asyncio.sleep(0.01)

    asyncio.run(scenario())


def test_what_prevents_it_is_said(cores: Cores, tmp_path: Path) -> None:
    nothing = motia_core(tmp_path, "backup", "backup.db", url=cores.url)
    assert nothing.returncode == 4
    assert "nothing to save" in nothing.stderr
    away = motia_core(tmp_path, "backup", "backup.db", url="postgresql://nobody@127.0.0.1:9/none")
    assert away.returncode == 4
    assert "cannot be used" in away.stderr
    wrong = motia_core(tmp_path, "backup", "backup.db", url="not a url")
    assert wrong.returncode == 4
    assert "store.url cannot be read" in wrong.stderr
    assert not list(tmp_path.glob("backup.db*"))
