"""Streams and those who watch them, beside a plain `ws` broadcast server on Node, which stores nothing.

`python -m bench.streams [fanout] [latency] [rate] [memory]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bench.servers import HERE, Server, _free_port, _running, motia, tree_memory_mib

CROWD = 10_000
FEW = 100
ROUNDS = 5
WRITES = 300
BURST = 2_000
IDLE = 4_000
LINE_BYTES = 256 * 1024 * 1024
SETTINGS = {"MOTIA_HTTP_MAX_SOCKETS": "20000"}


class Watchers:
    """The clients' process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def watchers(server: Server, count: int, *, joins: bool = True) -> AsyncIterator[Watchers]:
    """So many clients. Those of a core have got their sync."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.watchers",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=HERE.parent, limit=LINE_BYTES,
    )  # fmt: skip
    crowd = Watchers(process)
    port = int(server.url.rpartition(":")[2])
    try:
        await crowd.ask(do="connect", port=port, count=count, joins=joins, syncs=count if joins else 0)
        await asyncio.sleep(0.5)
        yield crowd
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def node_ws() -> AsyncIterator[Server]:
    """The broadcast server."""
    port = _free_port()
    async with _running(["node", str(HERE / "peers/ws_broadcast.mjs"), str(port)], port, {}) as server:
        yield server


@asynccontextmanager
async def plain_uvicorn() -> AsyncIterator[Server]:
    """WebSocket connections that nobody does anything with."""
    port = _free_port()
    options = ["--ws", "wsproto", "--ws-per-message-deflate", "false", "--log-level", "warning", "--backlog", "4096"]
    command = [sys.executable, "-m", "uvicorn", "bench.peers.sockets_app:app", "--port", str(port), *options]
    async with _running(command, port, {}) as server:
        yield server


def ours() -> Any:
    return motia(HERE / "stream_project", settings=SETTINGS)


async def fanout(name: str, server: Server) -> None:
    """One update to everybody."""
    async with watchers(server, CROWD, joins=name == "motia-core") as crowd, httpx.AsyncClient(timeout=60) as client:
        rounds = []
        for _ in range(ROUNDS + 1):
            await crowd.ask(do="forget")
            began = time.monotonic()
            setting = asyncio.create_task(client.post(f"{server.url}/set"))
            seen = await crowd.ask(do="expect", count=CROWD, timeout=30)
            await setting
            assert seen["ok"], f"{seen['count']} of {CROWD} frames, {seen['lost']} connections lost"
            rounds.append([(at - began) * 1000 for at in seen["times"]])
            await asyncio.sleep(0.3)
        p50 = statistics.median(at(times, 0.5) for times in rounds[1:])
        p99 = statistics.median(at(times, 0.99) for times in rounds[1:])
        print(f"  one update to {CROWD:,} clients     {name:<11} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms")


async def latency(name: str, server: Server) -> None:
    """Updates one after the other."""
    async with watchers(server, FEW, joins=name == "motia-core") as crowd, httpx.AsyncClient(timeout=60) as client:
        delays = []
        for _ in range(WRITES):
            await crowd.ask(do="forget")
            began = time.monotonic()
            setting = asyncio.create_task(client.post(f"{server.url}/set"))
            await asyncio.sleep(0)
            seen = await crowd.ask(do="expect", count=FEW, timeout=10)
            await setting
            delays += [(at - began) * 1000 for at in seen["times"]]
        delays.sort()
        p50, p99 = at(delays, 0.5), at(delays, 0.99)
        print(f"  one writer, {FEW} clients          {name:<11} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms")


async def rate(name: str, server: Server) -> None:
    """Many updates."""
    async with watchers(server, FEW, joins=name == "motia-core") as crowd, httpx.AsyncClient(timeout=60) as client:
        rates = []
        for _ in range(3):
            await crowd.ask(do="forget")
            began = time.monotonic()
            setting = asyncio.create_task(client.post(f"{server.url}/burst", json={"count": BURST, "inFlight": 32}))
            seen = await crowd.ask(do="expect", count=FEW * BURST, timeout=60)
            await setting
            assert seen["ok"], f"{seen['count']} of {FEW * BURST} frames, {seen['lost']} connections lost"
            rates.append(FEW * BURST / (seen["times"][-1] - began))
        print(f"  {BURST:,} updates to {FEW} clients     {name:<11} {statistics.median(rates):>9,.0f} deliveries/s")


async def memory(name: str, server: Server) -> float:
    """What an idle connection costs, in KiB."""
    before = sum(tree_memory_mib(server.pid).values())
    async with watchers(server, IDLE, joins=name == "motia-core"):
        await asyncio.sleep(1)
        each = (sum(tree_memory_mib(server.pid).values()) - before) * 1024 / IDLE
    print(f"  memory of an idle connection     {name:<11} {each:6.1f} KiB")
    return each


def at(ordered: list[float], quantile: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))]


PARTS = {"fanout": fanout, "latency": latency, "rate": rate, "memory": memory}


async def main(parts: list[str]) -> None:
    for part in parts:
        servers = [("ws (Node)", node_ws), ("motia-core", ours)]
        if part == "memory":
            servers.insert(1, ("uvicorn", plain_uvicorn))
        for name, start in servers:
            async with start() as server:
                await asyncio.sleep(1)
                await PARTS[part](name, server)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="all when left out")
    asyncio.run(main(parser.parse_args().parts or list(PARTS)))
