"""`python -m bench.recording`: what it costs to record runs: nothing, attempts only, everything."""

from __future__ import annotations

import argparse
import asyncio
import statistics
from contextlib import AsyncExitStack
from pathlib import Path

from bench.__main__ import wrk
from bench.servers import HERE, Server, motia, tree_cpu_s

MODES = ("off", "attempts", "all")
LOADS: dict[str, tuple[Path, str, str]] = {
    "TypeScript, a request with a body": (HERE / "bodies_project", "/ts/orders", "bench/orders.lua"),
    "Python, a request with a body": (HERE / "bodies_project", "/py/orders", "bench/orders.lua"),
    "a chain of three languages": (HERE / "project", "/chain", "bench/chain.lua"),
}


async def measure(what: str, rounds: int, seconds: int) -> None:
    """All modes in turns, in an order that changes."""
    project, path, script = LOADS[what]
    async with AsyncExitStack() as stack:
        servers: list[tuple[str, Server]] = []
        for mode in MODES:
            settings = {"MOTIA_TRACING_RECORD": mode}
            servers.append((mode, await stack.enter_async_context(motia(project, settings=settings))))
        rates: dict[str, list[float]] = {mode: [] for mode in MODES}
        costs: dict[str, list[float]] = {mode: [] for mode in MODES}  # microseconds of CPU for a request
        for number in range(rounds + 1):
            turn = number % len(servers)
            for mode, server in servers[turn:] + servers[:turn]:
                before = tree_cpu_s(server.pid)
                load = await wrk(f"{server.url}{path}", 64, seconds, script=script)
                assert load.errors == 0
                if number:  # the first warms up
                    rates[mode].append(load.requests_s)
                    costs[mode].append((tree_cpu_s(server.pid) - before) / (load.requests_s * seconds) * 1e6)
        for mode in MODES:
            ratio = statistics.median(here / off for here, off in zip(rates[mode], rates["off"], strict=True))
            cost, least = statistics.median(costs[mode]), min(costs[mode]) / min(costs["off"])
            rate = f"{statistics.median(rates[mode]):>9,.0f}/s  {ratio:.3f}x"
            print(f"  {what}: {mode:<9}{rate}  {cost:.0f} µs of CPU, at least {least:.3f}x", flush=True)


async def main() -> None:
    """Measure all loads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    for what in LOADS:
        await measure(what, options.rounds, options.seconds)


if __name__ == "__main__":
    asyncio.run(main())
