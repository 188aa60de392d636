"""`python -m bench.cores [CORES…]`: durable events of several cores on one PostgreSQL, and of one on SQLite beside it.

Every core emits and runs its own events; a step with a limit of its own has one home, to which the others send.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import AsyncExitStack

import httpx

from bench.servers import HERE, motia
from tests.fakes.postgres import PostgresServer, binaries

CORES = (1, 2, 4)
EVENTS = 12_000  # of all cores together
HOPS = 300
WIDE = {"MOTIA_QUEUE_CONCURRENCY": "64"}


async def _seen(client: httpx.AsyncClient, count: int) -> list[float]:
    """The times from emit to start, when so many were run; sorted, in milliseconds."""
    deadline = time.monotonic() + 120
    while (seen := (await client.get("/seen")).json())["count"] < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {seen['count']} of {count} arrived")
        await asyncio.sleep(0.02)
    await client.get("/seen?reset=1")
    return sorted(seen["hops"])


async def measure(name: str, settings: dict[str, str], cores: int) -> None:
    """Throughput of all together, and the way of single events on one of them."""
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(cores):
            ours = await stack.enter_async_context(motia(HERE / "project", settings={**WIDE, **settings}))
            clients.append(await stack.enter_async_context(httpx.AsyncClient(base_url=ours.url, timeout=120)))
        each = EVENTS // cores
        begin = time.monotonic()
        await asyncio.gather(
            *(client.post("/burst/sink", json={"count": each, "inFlight": 64}) for client in clients),
        )
        await asyncio.gather(*(_seen(client, each) for client in clients))
        rate = each * cores / (time.monotonic() - begin)
        line = f"  {name:<10} {cores} cores  {rate:>7,.0f} events/s"
        for what, topic in (("its own", "sink"), ("at its home", "sink-wide")):
            await clients[-1].post(f"/burst/{topic}", json={"count": HOPS, "inFlight": 1})
            home = clients[0] if topic == "sink-wide" else clients[-1]  # whoever comes first claims it
            hops = await _seen(home, HOPS)
            line += f"  {what}: emit→start p50 {hops[HOPS // 2]:.2f} p99 {hops[int(HOPS * 0.99)]:.2f} ms"
        print(line, flush=True)


async def main(numbers: list[int]) -> None:
    """Print a line for each number of cores."""
    programs = binaries()
    if programs is None:
        raise SystemExit("bench.cores needs PostgreSQL: apt-get install postgresql")
    await measure("SQLite", {}, 1)
    server = PostgresServer(programs, fsync=True)
    server.start()
    try:
        for cores in numbers:
            await measure("PostgreSQL", {"MOTIA_STORE_URL": server.new_database()}, cores)
    finally:
        server.remove()


if __name__ == "__main__":
    asyncio.run(main([int(argument) for argument in sys.argv[1:]] or list(CORES)))
