"""Rounds on one store: a core is started with a failpoint, dies there under load, and the next one goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx

from motia_core.failpoints import VARIABLE
from tests.crash.core import Core
from tests.crash.promises import OWN_STEPS, Journal, Left, broken, left_by, run_again
from tests.crash.stored import Remains, Stored, settled
from tests.crash.workload import Workload

PROJECT = Path(__file__).parent / "project"
REACHED_S = 15.0  # within which the failpoint must be reached
RESTLESS_S = 0.8  # that a core is kept whose store's process dies again and again
BETWEEN_DEATHS_S = (0.1, 0.4)  # of the store's process
DRAINED_S = 30.0
STUCK_S = 10.0  # without progress
LOOK_S = 0.05
LEASE_MS = "400"  # after which the work of a dead core is taken over, in a database


@dataclass(frozen=True)
class Crash:
    """Where a process dies, and which."""

    point: str
    turn: int
    victim: str = "self"

    @property
    def setting(self) -> str:
        return f"{self.point}:{self.turn}" + ("" if self.victim == "self" else f"@{self.victim}")

    @property
    def spares_the_core(self) -> bool:
        return self.point.startswith("store.") and self.point not in ("store.sent", "store.heard") and self.is_alone

    @property
    def is_alone(self) -> bool:
        return self.victim == "self"


class Rounds:
    """A store that survives its cores.

    Args:
        scratch: A directory; it may hold a data directory, `data`.
        url: Of an empty PostgreSQL database, to be used instead of SQLite.
    """

    def __init__(self, scratch: Path, url: str = "") -> None:
        self._data = scratch / "data"
        self._url = url
        self._journal = Journal(scratch / "journal")
        self._workload = Workload()
        self._round = 0
        self._left = Left(0)

    async def crash(self, crash: Crash) -> None:
        """One round, which ends in a crash."""
        self._workload.begin_round()
        async with self._next({VARIABLE: crash.setting}) as core:
            if await core.serves():
                core.check_loaded()
                load = asyncio.create_task(self._workload.run(core))
                await asyncio.wait([load], timeout=RESTLESS_S if crash.spares_the_core else REACHED_S)
                core.kill()
                await load
            await core.gone()
        reached = f"failpoint {crash.point}" in core.errors
        assert reached, f"{crash.setting} was not reached in round {self._round}\n{core.story()}"
        self._check_what_ran()
        self._left = Left(self._round)
        if not crash.point.startswith("schema."):
            with settled(self._url) if self._url else Remains(self._data) as stored:
                self._left = left_by(self._round, stored, self._workload)

    async def finish(self, store_deaths: int = 0) -> None:
        """A last round in which the core does not crash: everything is delivered, and every promise holds.

        Args:
            store_deaths: How often the store's process is killed before that, under load.
        """
        self._workload.begin_round()
        async with self._next({}) as core:
            assert await core.serves(), core.story()
            core.check_loaded()
            if store_deaths:
                await self._kill_store(core, store_deaths)
            await self._workload.finish(core)
            stored = Stored(self._url or self._data)
            await self._drain(core, stored)
            problems = broken(self._workload, self._journal.read(), stored)
            assert not problems, "\n".join(problems[:40])
            self._check_what_ran()
            await core.stop()

    async def _kill_store(self, core: Core, times: int) -> None:
        load = asyncio.create_task(self._workload.run(core))
        for _ in range(times):
            await asyncio.sleep(random.uniform(*BETWEEN_DEATHS_S))
            for pid in [pid for pid, kind in core.children().items() if kind == "store"]:
                os.kill(pid, signal.SIGKILL)
        load.cancel()
        await asyncio.wait([load])

    def _next(self, environ: dict[str, str]) -> AbstractAsyncContextManager[Core]:
        self._round += 1
        own = {"JOURNAL": str(self._journal.path), "ROUND": str(self._round)}
        if self._url:
            own |= {"MOTIA_STORE_URL": self._url, "MOTIA_STORE_LEASE_MS": LEASE_MS}
        return Core.running(PROJECT, self._data, {**own, **environ})

    def _check_what_ran(self) -> None:
        """The round ran what the one before has left, and nothing else."""
        problems = run_again(self._journal.read(), self._left)
        assert not problems, "\n".join(problems[:40])

    async def _drain(self, core: Core, stored: Stored) -> None:
        """Wait until all is delivered, but for ticks; redrive what is dead."""
        loop = asyncio.get_running_loop()
        deadline, moved = loop.time() + DRAINED_S, loop.time()
        before = 0
        async with httpx.AsyncClient(base_url=core.url, timeout=10) as client:
            while True:
                if stored.dead():
                    await client.post("/__motia/dlq/redrive", json={"all": True})
                left = sum(step in OWN_STEPS for step, _ in stored.deliveries())
                if not left and not stored.dead():
                    return
                if left != before:
                    before, moved = left, loop.time()
                if loop.time() > deadline or loop.time() > moved + STUCK_S:
                    waiting = "\n".join(stored.waiting())
                    raise AssertionError(f"stuck with {left} deliveries:\n{waiting}\n{core.story()}")
                await asyncio.sleep(LOOK_S)
