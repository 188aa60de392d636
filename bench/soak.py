"""`make soak`: steady load for minutes; latency, memory and files stay flat, and a core without work uses no CPU."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.servers import HERE, motia

WARM_UP_S = 15.0
REST_S = 5.0  # between the load and the look at what an idle core uses
IDLE_S = 15.0
HELLOS_PER_S = 100
WORKS_PER_S = 40  # requests, of which each makes four events; some fail, and are tried again
SAMPLE_S = 1.0
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
LIMITS = {  # what is kept is reached within the first third, so that growth beyond it shows
    "MOTIA_TRACING_MAX_ATTEMPTS": "5000",
    "MOTIA_TRACING_MAX_LOGS": "5000",
    "MOTIA_STORE_MAX_DEAD_LETTERS": "20",
    # V8 takes memory for as long as it may before it looks for garbage: with little to take, what leaks shows.
    "NODE_OPTIONS": "--max-semi-space-size=4 --max-old-space-size=64",
}
FLAT = 1.3  # the last third, as a multiple of the first: latency, beside the noise below
NOISE_MS = 5.0
GROWTH_MIB = {"memory": 4.0, "files": 2.0}
GROWTH = 1.05
IDLE_PERCENT = {"core": 1.0, "store": 0.3, "python": 0.5, "node": 0.5}  # of one CPU; docs/performance.md names them


@dataclass
class Third:
    """What one third of the time has shown."""

    latencies: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # in ms
    memory: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # in MiB
    files: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: int = 0


class Soak:
    """One run."""

    def __init__(self, url: str, pid: int, data: Path) -> None:
        self._url, self._pid, self._data = url, pid, data
        self._numbers = count(1)
        self._third = Third()

    async def run(self, seconds: float) -> list[str]:
        """What is not as it should be."""
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        async with httpx.AsyncClient(base_url=self._url, timeout=30, limits=limits) as client:
            load = asyncio.create_task(self._load(client))
            await asyncio.sleep(WARM_UP_S)
            thirds = [await self._watch(client, seconds / 3) for _ in range(3)]
            load.cancel()
            await asyncio.wait([load])
            await asyncio.sleep(REST_S)
            idle = await self._idle()
        return [*_report(thirds), *_report_idle(idle)]

    async def _load(self, client: httpx.AsyncClient) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._steadily(client, "GET", "/hello", HELLOS_PER_S))
            group.create_task(self._steadily(client, "POST", "/work", WORKS_PER_S))

    async def _steadily(self, client: httpx.AsyncClient, method: str, path: str, per_s: int) -> None:
        """Requests at their times, whether those before are answered or not."""
        began_s = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in count(1):
                await asyncio.sleep(max(0, began_s + number / per_s - time.monotonic()))
                group.create_task(self._ask(client, method, path))

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str) -> None:
        third, began_s = self._third, time.monotonic()
        body = {"n": next(self._numbers), "at": int(time.time() * 1000)} if method == "POST" else None
        try:
            answer = await client.request(method, path, json=body)
        except httpx.HTTPError:
            third.errors += 1
            return
        third.errors += not answer.is_success
        third.latencies[path].append((time.monotonic() - began_s) * 1000)

    async def _watch(self, client: httpx.AsyncClient, seconds: float) -> Third:
        await client.get("/hops")  # what was before is not ours
        third = self._third = Third()
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            await asyncio.sleep(SAMPLE_S)
            for _, name, _, memory_mib in _processes(self._pid):
                third.memory[name].append(memory_mib)
            for path in self._data.glob("*.db*"):
                name = "log" if path.suffix.endswith("-wal") else path.stem
                if not path.suffix.endswith("-shm"):
                    third.files[name].append(path.stat().st_size / 2**20)
        third.latencies["chain"] = (await client.get("/hops")).json()
        return third

    async def _idle(self) -> dict[str, float]:
        """CPU of the core and of each kind of its processes, in percent of one CPU; all of them must stay."""
        before = {pid: ticks for pid, _, ticks, _ in _processes(self._pid)}
        await asyncio.sleep(IDLE_S)
        used: defaultdict[str, float] = defaultdict(float)
        for pid, name, ticks, _ in _processes(self._pid):
            used[name] += (ticks - before.pop(pid, 0)) / TICKS / IDLE_S * 100
        if before or used.keys() != IDLE_PERCENT.keys():
            raise RuntimeError(
                f"Processes have come or gone at rest: there are {sorted(used)}, {len(before)} have ended."
            )
        return used


def _processes(core: int) -> Iterator[tuple[int, str, int, float]]:
    """Process id, name, CPU ticks and resident MiB of the core and its children."""
    pids = [core]
    for children in Path(f"/proc/{core}/task").glob("*/children"):
        pids += map(int, children.read_text().split())
    for pid in pids:
        command = Path(f"/proc/{pid}/cmdline").read_text()
        name = "core" if pid == core else "store" if "server.py" in command else "python"
        if pid != core and "node" in command.split("\0")[0]:
            name = "node"
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        yield pid, name, int(fields[11]) + int(fields[12]), int(fields[21]) * PAGE_MIB


def _report(thirds: list[Third]) -> Iterator[str]:
    first = thirds[0]
    for name in sorted(first.latencies):
        p99s = [statistics.quantiles(third.latencies[name], n=100)[98] for third in thirds]
        p50s = [statistics.median(third.latencies[name]) for third in thirds]
        requests = sum(len(third.latencies[name]) for third in thirds)
        print(f"  {name:<8} p50 {_row(p50s)} ms   p99 {_row(p99s)} ms   of {requests:,}")
        if p99s[-1] > p99s[0] * FLAT + NOISE_MS:
            yield f"p99 of {name} rises: {_row(p99s)} ms"
    for what in ("memory", "files"):
        for name in sorted(getattr(first, what)):
            levels = [statistics.median(getattr(third, what)[name]) for third in thirds]
            print(f"  {what:<8} {name:<8} {_row(levels)} MiB")
            if levels[-1] > levels[0] * GROWTH + GROWTH_MIB[what]:
                yield f"{what} of {name} grows: {_row(levels)} MiB"
    if errors := sum(third.errors for third in thirds):
        yield f"{errors} requests failed"


def _report_idle(idle: dict[str, float]) -> Iterator[str]:
    print(
        "  idle     " + ", ".join(f"{name} {percent:.2f} %" for name, percent in sorted(idle.items())) + " of one CPU"
    )
    for name, percent in idle.items():
        if percent > IDLE_PERCENT[name]:
            yield f"{name} uses {percent:.2f} % of a CPU without work, at most {IDLE_PERCENT[name]} % is wanted"


def _row(numbers: list[float]) -> str:
    return " → ".join(f"{number:.1f}" for number in numbers)


async def _main(minutes: float) -> int:
    os.environ.update(LIMITS)
    with TemporaryDirectory(prefix="motia-soak-") as data:
        async with motia(HERE / "soak_project", "--data-dir", data) as server:
            print(f"{minutes:g} minutes of {HELLOS_PER_S} + {WORKS_PER_S} requests/s: first → second → last third")
            problems = await Soak(server.url, server.pid, Path(data)).run(minutes * 60)
    print(*(f"  ✗ {problem}" for problem in problems), sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.5, help="of load that is watched; default 2.5")
    sys.exit(asyncio.run(_main(parser.parse_args().minutes)))
