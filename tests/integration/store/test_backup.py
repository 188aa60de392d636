"""`motia-core backup` and `restore`, run as a user runs them, beside a store in use."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from motia_core.settings import Settings
from motia_core.store import open_store
from tests.fakes.values import a_delivery


def motia_core(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from motia_core.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=50, check=False)


def test_store_in_use_is_saved_and_brought_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = await open_store(Settings(project=tmp_path))
        await store.queue.enqueue([a_delivery(1), a_delivery(2)])
        await store.state.set("g", "k", b"1", version=1)

        saved = await asyncio.to_thread(motia_core, tmp_path, "backup", "backup.db")
        assert saved.returncode == 0, saved.stderr
        assert saved.stdout == "saved 2 deliveries, 0 dead letters, 1 state value, 0 stream items to backup.db\n"

        again = await asyncio.to_thread(motia_core, tmp_path, "backup", "backup.db")
        assert (again.returncode, again.stdout) == (4, "")
        assert again.stderr.startswith("error: backup.db exists. Choose another name")

        await store.state.set("g", "k", b"2", version=2)
        running = await asyncio.to_thread(motia_core, tmp_path, "restore", "backup.db", "--force")
        assert (running.returncode, running.stdout) == (4, "")
        assert "in use by another motia-core" in " ".join(running.stderr.split())
        await store.close()

        refused = motia_core(tmp_path, "restore", "backup.db")
        assert (refused.returncode, refused.stdout) == (4, "")
        assert "holds data" in " ".join(refused.stderr.split())
        restored = motia_core(tmp_path, "restore", "backup.db", "--force", "--json")
        assert restored.returncode == 0, restored.stderr
        counts = json.loads(restored.stdout)["restored"]
        assert (counts["deliveries"], counts["dead_letters"], counts["state"]) == (2, 0, 1)

        store = await open_store(Settings(project=tmp_path))
        assert await store.state.get("g", "k") == (b"1", 1)
        assert await store.queue.read([1, 2]) == [a_delivery(1), a_delivery(2)]
        await store.close()

    asyncio.run(scenario())


def test_project_and_directory_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere").mkdir()

    async def scenario() -> None:
        store = await open_store(Settings(project=tmp_path / "project"))
        await store.queue.enqueue([a_delivery(1)])
        await store.close()

    asyncio.run(scenario())
    backup = str(tmp_path / "backup.db")
    saved = motia_core(tmp_path / "elsewhere", "backup", backup, str(tmp_path / "project"), "--json")
    assert json.loads(saved.stdout)["saved"]["deliveries"] == 1
    restored = motia_core(tmp_path / "elsewhere", "restore", backup, "--data-dir", "data")
    assert restored.returncode == 0, restored.stderr
    assert (tmp_path / "elsewhere/data/motia.db").exists()
    nothing = motia_core(tmp_path / "elsewhere", "backup", "other.db")
    assert nothing.returncode == 4
    assert "nothing to save" in nothing.stderr
