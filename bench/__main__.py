"""`make bench`: real servers on loopback, driven by wrk; figures of one run as ratios to the peer in it."""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import statistics
import time
from dataclasses import dataclass

import httpx

from bench.servers import Server, fastapi, motia, tree_memory_mib

SECONDS = 4
ROUNDS = 3
CHAINS = 300


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured."""

    requests_s: float
    p50_ms: float
    p99_ms: float
    errors: int


async def wrk(url: str, connections: int, seconds: int = SECONDS, script: str = "") -> Load:
    """Drive a URL with one thread."""
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *(["-s", script] if script else [])]
    process = await asyncio.create_subprocess_exec("wrk", *options, url, stdout=asyncio.subprocess.PIPE)
    output = (await process.communicate())[0].decode()
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", output)))
    errors += sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", output)))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert rate is not None, output
    return Load(float(rate[1]), _latency(output, "50%"), _latency(output, "99%"), errors)


def _latency(output: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", output)
    assert found is not None, output
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


async def http(peer: Server, ours: Server) -> None:
    """API steps against FastAPI in process."""
    targets = {"FastAPI": f"{peer.url}/hello", "TypeScript": f"{ours.url}/ts", "Python": f"{ours.url}/py"}
    for connections in (1, 64):
        loads: dict[str, list[Load]] = {name: [] for name in targets}
        for url in targets.values():
            await wrk(url, connections, 1)  # warm up
        for _ in range(ROUNDS):
            for name, url in targets.items():
                loads[name].append(await wrk(url, connections))
        base = statistics.median(load.requests_s for load in loads["FastAPI"])
        base_ms = statistics.median(load.p50_ms for load in loads["FastAPI"])
        for name, measured in loads.items():
            rate = statistics.median(load.requests_s for load in measured)
            p50 = statistics.median(load.p50_ms for load in measured)
            p99 = statistics.median(load.p99_ms for load in measured)
            failed = sum(load.errors for load in measured)
            print(
                f"  http {connections:>2} connections  {name:<11}{rate:>9,.0f}/s  {rate / base:5.2f}x"
                f"  p50 {p50:6.2f} ms ({p50 - base_ms:+.2f})  p99 {p99:6.2f} ms"
                + (f"  {failed} ERRORS" if failed else "")
            )


async def events(ours: Server, client: httpx.AsyncClient) -> None:
    """Durable no-op events: emitted by one sidecar's handler, run by another step, removed from the disk."""
    for topic, count, in_flight in (
        ("sink", 300, 1),
        ("sink", 20_000, 64),
        ("sink-wide", 40_000, 64),
        ("sink-wide", 40_000, 256),
    ):
        await client.get("/seen?reset=1")
        begin_ms = time.monotonic() * 1000
        answer = await client.post(f"/burst/{topic}", json={"count": count, "inFlight": in_flight})
        seen = await _until(client, "count", count)
        took_ms = seen["lastAt"] - begin_ms
        emit_ms = answer.json()["ms"]
        hops = sorted(seen["hops"])
        print(
            f"  events {topic:<9} {in_flight:>3} in flight  {count / took_ms * 1000:>8,.0f}/s"
            f"  emitted {count / emit_ms * 1000:>8,.0f}/s"
            f"  emit→start p50 {_at(hops, 0.5):.2f} p99 {_at(hops, 0.99):.2f} ms"
        )


async def chains(ours: Server, client: httpx.AsyncClient) -> None:
    """TypeScript → Python → JavaScript, two durable hops: from the request to the last step."""
    await client.get("/seen?reset=1")
    for _ in range(CHAINS):
        await client.post("/chain", json={"at": time.monotonic() * 1000})
    chain = sorted((await _until(client, "chains", CHAINS))["chains"])
    print(f"  chain of 3 languages, one at a time  p50 {_at(chain, 0.5):.2f} p99 {_at(chain, 0.99):.2f} ms")
    await client.get("/seen?reset=1")
    begin = time.monotonic()
    load = await wrk(f"{ours.url}/chain", 32, script="bench/chain.lua")
    started = round(load.requests_s * SECONDS)
    await _until(client, "chains", int(started * 0.99))
    took_s = time.monotonic() - begin
    rate = f"{started / took_s:,.0f}/s"
    print(f"  chain of 3 languages, 32 clients     {rate}, the last of {started:,} after {took_s:.1f} s")


async def _until(client: httpx.AsyncClient, key: str, count: int) -> dict[str, list[float]]:
    deadline = time.monotonic() + 120
    while True:
        seen = (await client.get("/seen")).json()
        got = seen[key] if isinstance(seen[key], int) else len(seen[key])
        if got >= count:
            return seen
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {got} of {count} arrived")
        await asyncio.sleep(0.05)


def _at(ordered: list[float], quantile: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))]


async def main(parts: set[str]) -> None:
    async with fastapi() as peer, motia() as ours, httpx.AsyncClient(base_url=ours.url, timeout=120) as client:
        await asyncio.sleep(1)
        memory = "  ".join(f"{name} {mib:.0f} MiB" for name, mib in tree_memory_mib(ours.pid).items())
        print(f"  ready in {ours.ready_s:.2f} s  idle: {memory}  (FastAPI ready in {peer.ready_s:.2f} s)")
        if "http" in parts:
            await http(peer, ours)
        if "events" in parts:
            await events(ours, client)
        if "chain" in parts:
            await chains(ours, client)


if __name__ == "__main__":
    if shutil.which("wrk") is None:
        raise SystemExit("bench needs wrk: apt-get install wrk")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="http, events or chain; all when left out")
    asyncio.run(main(set(parser.parse_args().parts) or {"http", "events", "chain"}))
