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
from bench.servers import HERE, Server, motia, tree_cpu_s, tree_memory_mib

BASE = "typescript"
LANGUAGES = (BASE, "python", "go", "ruby")
EVENTS = 20_000


async def _requests(server: Server, path: str, connections: int, seconds: int) -> tuple[float, float]:
    """Requests per second, and microseconds of processor time for each, of core and sidecars together."""
    await wrk(f"{server.url}{path}", connections, 1)  # warm up
    before_s = tree_cpu_s(server.pid)
    load = await wrk(f"{server.url}{path}", connections, seconds)
    assert not load.errors, path
    return load.requests_s, (tree_cpu_s(server.pid) - before_s) / (load.requests_s * seconds) * 1e6


async def _events(server: Server, client: httpx.AsyncClient, language: str) -> tuple[float, float]:
    """The same of events, from the first emit to the last that was handled."""
    seen = (await client.get(f"/{language}/seen")).json()["count"]
    began_s, before_s = time.monotonic(), tree_cpu_s(server.pid)
    (await client.post(f"/burst/{language}", json={"count": EVENTS})).raise_for_status()
    while (await client.get(f"/{language}/seen")).json()["count"] < seen + EVENTS:
        await asyncio.sleep(0.02)
    return EVENTS / (time.monotonic() - began_s), (tree_cpu_s(server.pid) - before_s) / EVENTS * 1e6


async def main(languages: list[str], seconds: int, rounds: int) -> None:
    """Print what each language does of each kind of work."""
    async with motia(HERE / "language_project") as ours, httpx.AsyncClient(base_url=ours.url, timeout=120) as client:
        there = [name for name in languages if (await client.get(f"/{name}")).status_code == 200]
        work = {"http  1 connection": ("", 1), "http 64 connections": ("", 64), "20 calls, 16 conn.": ("/calls", 16)}
        for title in (*work, "durable events"):
            found: dict[str, list[tuple[float, float]]] = {language: [] for language in there}
            for _ in range(rounds):
                for language, figures in found.items():
                    if title in work:
                        path, connections = work[title]
                        figures.append(await _requests(ours, f"/{language}{path}", connections, seconds))
                    else:
                        figures.append(await _events(ours, client, language))
            _show(title, found)
        print("  memory  " + "  ".join(f"{name} {mib:.0f} MiB" for name, mib in tree_memory_mib(ours.pid).items()))


def _show(title: str, found: dict[str, list[tuple[float, float]]]) -> None:
    medians = {
        name: [statistics.median(column) for column in zip(*figures, strict=True)] for name, figures in found.items()
    }
    base_rate, base_us = next(iter(medians.values()))
    for language, (rate, cpu_us) in medians.items():
        print(
            f"  {title:<19}  {language:<11}{rate:>9,.0f}/s  {rate / base_rate:5.2f}x"
            f"  {cpu_us:7.0f} µs of CPU  {cpu_us / base_us:5.2f}x"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(main(given.languages, given.seconds, given.rounds))
