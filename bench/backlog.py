"""`python -m bench.backlog [COUNT…]`: what a backlog costs: start, an event of the backlog, an event beside it.

The backlog is stored before the core starts: what may run at once, or what is due tomorrow.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx

from bench.servers import HERE, motia
from motia_core.model.event import Delivery
from motia_core.model.ids import PER_MS
from motia_core.model.trace import TraceContext
from motia_core.settings import Settings
from motia_core.store import open_store

COUNTS = (0, 10_000, 1_000_000)
BATCH = 1_000
WATCH_S = 5.0
EVENTS = 20_000
HOPS = 300
TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")


async def fill(data: Path, count: int, *, tomorrow: bool) -> None:
    """Store a backlog for the step `SinkWide`."""
    store = await open_store(Settings(project=data, data_dir=data))
    now_ms = int(time.time() * 1000)
    first = (now_ms - 86_400_000) * PER_MS
    due_ms = now_ms + 86_400_000 if tomorrow else 0
    for start in range(0, count, BATCH):
        numbers = range(first + start, first + start + BATCH)
        await store.queue.enqueue([_delivery(number, now_ms, due_ms) for number in numbers])
    await store.close()


def _delivery(number: int, now_ms: int, due_ms: int) -> Delivery:
    return Delivery(number, "sink-wide", "SinkWide", b'{"at":0}', TRACE, emitted_ms=now_ms, due_ms=due_ms)


def left(data: Path) -> int:
    """Deliveries that may run now."""
    with closing(sqlite3.connect(f"file:{data / 'motia.db'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM deliveries WHERE due_ms = 0").fetchone()[0])


async def drain(count: int) -> None:
    """How fast a backlog that may run at once is worked off."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        await fill(data, count, tomorrow=False)
        async with motia(HERE / "project", data=data) as ours:
            begin, before = time.monotonic(), left(data)
            after = before
            while after and time.monotonic() - begin < WATCH_S:
                await asyncio.sleep(0.2)
                after = left(data)
            rate = (before - after) / (time.monotonic() - begin)
        print(f"  backlog {count:>9,} to run     ready in {ours.ready_s:.2f} s  {rate:>8,.0f} events/s", flush=True)


async def beside(count: int) -> None:
    """What an event costs beside a backlog that is due tomorrow."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        await fill(data, count, tomorrow=True)
        async with (
            motia(HERE / "project", data=data) as ours,
            httpx.AsyncClient(base_url=ours.url, timeout=60) as client,
        ):
            begin = time.monotonic()
            await client.post("/burst/sink-wide", json={"count": EVENTS, "inFlight": 64})
            while (await client.get("/seen")).json()["count"] < EVENTS:
                await asyncio.sleep(0.02)
            rate = EVENTS / (time.monotonic() - begin)
            await client.get("/seen?reset=1")
            for _ in range(HOPS):
                await client.post("/burst/sink", json={"count": 1, "inFlight": 1})
            while (seen := (await client.get("/seen")).json())["count"] < HOPS:
                await asyncio.sleep(0.05)
        hops = sorted(seen["hops"])
        hop = f"emit→start p50 {hops[HOPS // 2]:.2f} p99 {hops[int(HOPS * 0.99)]:.2f} ms"
        print(
            f"  backlog {count:>9,} for later  ready in {ours.ready_s:.2f} s  {rate:>8,.0f} events/s  {hop}", flush=True
        )


if __name__ == "__main__":
    for number in [int(argument) for argument in sys.argv[1:]] or COUNTS:
        if number:
            asyncio.run(drain(number))
        asyncio.run(beside(number))
