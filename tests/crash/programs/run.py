"""One run: programs are submitted while chaos rages; then everything must come to what the model says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tests.crash.core import Core
from tests.crash.programs.chaos import ACTIONS, Chaos, Place
from tests.crash.programs.model import Generator, Model, Program, tags
from tests.crash.stored import Stored

PROJECT = Path(__file__).parent / "project"
SUBMITTERS = 6
PACE_S = 0.05
LOOK_S = 0.2


@dataclass(frozen=True)
class Options:
    """What is run."""

    scratch: Path
    seed: int
    seconds: float
    keys: int = 10
    cores: int = 1
    store: str = ""  # postgresql://…, which cores share
    languages: Sequence[str] = ("python",)
    stuck_s: float = 60.0  # without progress
    actions: Mapping[str, int] = field(default_factory=lambda: ACTIONS)
    project: Path = PROJECT


class Run:
    """The cores, who talks to them, and the model of what they were told."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._random = Random(options.seed)
        self._generator = Generator(self._random, options.keys, options.languages)
        data = [options.scratch / f"data-{number}" for number in range(options.cores)]
        environ = {"MOTIA_SIDECARS_PROCESSES": ",".join(f"{group}=2" for group in ("python", "node"))}
        if options.store:
            environ["MOTIA_STORE_URL"] = options.store
        self._places = [Place(options.project, path, environ) for path in data]
        self._stored = Stored(options.store or data[0])
        self.model = Model()
        self.chaos = Chaos(self._random, self._places, options.actions)
        self.took_s = 0.0  # from the last blow to the end of all deliveries

    async def run(self) -> None:
        """Raises AssertionError when something is lost, doubled, out of order, or does not come to an end."""
        keepers = [asyncio.create_task(place.keep()) for place in self._places]
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                await self._rage(client)
                began_s = time.monotonic()
                await self._drain()
                self.took_s = time.monotonic() - began_s
            differences = self.model.differences(self._stored)
            assert not differences, "\n".join(differences[:40])
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.wait(keepers)
            broken = [str(keeper.exception()) for keeper in keepers if not keeper.cancelled() and keeper.exception()]
            assert not broken, broken

    def summary(self) -> str:
        """What was done, in one line."""
        blows = ", ".join(f"{number} × {action}" for action, number in sorted(self.chaos.blows.items()))
        starts = sum(place.starts for place in self._places)
        sums = sum(self.model.atomic.values()), sum(self.model.plain.values())
        return (
            f"seed {self._options.seed}: {self.chaos.kills} kills ({blows}), {starts} starts of cores, "
            f"{self.model.programs} programs, counters {sums[0]} and {sums[1]} as predicted, "
            f"done {self.took_s:.1f} s after the last blow"
        )

    async def _rage(self, client: httpx.AsyncClient) -> None:
        """Programs and blows until the time is over; what was begun to be submitted is submitted."""
        chaos = asyncio.create_task(self.chaos.rage())
        until_s = time.monotonic() + self._options.seconds
        async with asyncio.TaskGroup() as group:
            for _ in range(SUBMITTERS):
                group.create_task(self._submit_programs(client, until_s))
            for language in self._options.languages:
                for number in range(self._options.keys):
                    group.create_task(self._submit_in_order(client, f"ordered.{language}", f"k{number}", until_s))
            await asyncio.sleep(self._options.seconds)
            chaos.cancel()
            with suppress(asyncio.CancelledError):
                await chaos
            await self.chaos.last()

    async def _submit_programs(self, client: httpx.AsyncClient, until_s: float) -> None:
        while time.monotonic() < until_s:
            program = self._generator.program()
            await self._submit(client, {"topic": program["topic"], "data": program}, program["id"])
            self.model.done(program)
            for tag in tags(program):
                await self._signal(client, program, tag)
            await asyncio.sleep(self._random.expovariate(1 / PACE_S))

    async def _signal(self, client: httpx.AsyncClient, program: Program, tag: str) -> None:
        await self._submit(client, {"topic": "signal", "data": {"tag": tag}}, f"{program['id']} {tag}")

    async def _submit_in_order(self, client: httpx.AsyncClient, topic: str, key: str, until_s: float) -> None:
        while time.monotonic() < until_s:
            number = self.model.ordered[topic][key] + 1
            event = {"topic": topic, "data": {"key": key, "number": number}, "messageGroupId": key}
            await self._submit(client, event, f"{key} {number}")
            self.model.ordered[topic][key] = number
            await asyncio.sleep(self._random.expovariate(1 / PACE_S) * 5)

    async def _submit(self, client: httpx.AsyncClient, event: dict[str, Any], idempotency_key: str) -> None:
        """Until it is acknowledged."""
        body = {**event, "idempotencyKey": idempotency_key}
        while True:
            core = self._random.choice(self._places).core
            if core is not None and core.url:
                with suppress(httpx.HTTPError):
                    if (await client.post(f"{core.url}/submit", json=body)).is_success:
                        return
            await asyncio.sleep(self._random.uniform(0.01, 0.1))

    async def _drain(self) -> None:
        """Wait for the end of all deliveries, as long as there is progress."""
        moved_s, before = time.monotonic(), ""
        while True:
            await asyncio.sleep(LOOK_S)
            if not self._stored.deliveries():
                return
            waiting = "\n".join(self._stored.waiting())
            if waiting != before:
                before, moved_s = waiting, time.monotonic()
            elif time.monotonic() - moved_s > self._options.stuck_s:
                raise AssertionError(f"stuck:\n{waiting}\n{await self._stories()}")

    async def _stories(self) -> str:
        cores = [place.core for place in self._places]
        return "\n".join([await _story(core) if core is not None else "a core does not run" for core in cores])


async def _story(core: Core) -> str:
    async with httpx.AsyncClient(timeout=5) as client:
        try:
            health = (await client.get(f"{core.url}/__motia/health")).text
        except httpx.HTTPError as error:
            health = f"no health: {error!r}"
    return f"{health}\nprocesses: {core.children()}\n{core.story()}"
