"""`python -m bench.languages`: the same steps in every language, one run, as ratios to TypeScript.

A language is in bench/language_project/steps with /LANGUAGE (hello), /LANGUAGE/calls (20 reads of state), a step that
subscribes to the topic LANGUAGE and counts, and /LANGUAGE/seen, which tells how many it has seen.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time

import httpx

from bench.__main__ import wrk
from bench.servers import HERE, Server, motia, tree_memory_mib

BASE = "typescript"
LANGUAGES = (BASE, "python", "go", "ruby")
EVENTS = 20_000


async def _rate(server: Server, path: str, connections: int, seconds: int, rounds: int) -> tuple[float, float]:
    """Requests per second and their median in ms."""
    await wrk(f"{server.url}{path}", connections, 1)  # warm up
    loads = [await wrk(f"{server.url}{path}", connections, seconds) for _ in range(rounds)]
    assert not any(load.errors for load in loads), path
    return statistics.median(load.requests_s for load in loads), statistics.median(load.p50_ms for load in loads)


async def _events(client: httpx.AsyncClient, language: str) -> float:
    """Events per second from the first emit to the last that was handled."""
    before = (await client.get(f"/{language}/seen")).json()["count"]
    began_s = time.monotonic()
    (await client.post(f"/burst/{language}", json={"count": EVENTS})).raise_for_status()
    while (await client.get(f"/{language}/seen")).json()["count"] < before + EVENTS:
        await asyncio.sleep(0.02)
    return EVENTS / (time.monotonic() - began_s)


async def main(languages: list[str], seconds: int, rounds: int) -> None:
    """Print what each language does of each kind of work."""
    async with motia(HERE / "language_project") as ours, httpx.AsyncClient(base_url=ours.url, timeout=120) as client:
        there = [name for name in languages if (await client.get(f"/{name}")).status_code == 200]
        work = {"http  1 connection": ("", 1), "http 64 connections": ("", 64), "20 calls, 16 conn.": ("/calls", 16)}
        for title, (path, connections) in work.items():
            base = 0.0
            for language in there:
                rate, p50_ms = await _rate(ours, f"/{language}{path}", connections, seconds, rounds)
                base = base or rate
                print(f"  {title}  {language:<11}{rate:>9,.0f}/s  {rate / base:5.2f}x  p50 {p50_ms:6.2f} ms")
        base = 0.0
        for language in there:
            rate = statistics.median([await _events(client, language) for _ in range(rounds)])
            base = base or rate
            print(f"  durable events       {language:<11}{rate:>9,.0f}/s  {rate / base:5.2f}x")
        print("  memory  " + "  ".join(f"{name} {mib:.0f} MiB" for name, mib in tree_memory_mib(ours.pid).items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(main(given.languages, given.seconds, given.rounds))
