"""`python -m bench.flow`: 40 tasks of 10 ms each, one after the other, each a durable event to a Python step.

The flow that Windmill measured others with: what is beyond 400 ms is the price of durability.
"""

from __future__ import annotations

import asyncio
import statistics

import httpx

from bench.servers import HERE, motia

TASKS = 40
TASK_S = 0.010
FLOWS = 25


async def main() -> None:
    """Print what the flows took."""
    async with motia(HERE / "flow_project") as ours, httpx.AsyncClient(base_url=ours.url, timeout=60) as client:
        for number in range(1, FLOWS + 1):
            await client.post("/flows", json={"tasks": TASKS})
            while len((await client.get("/flows")).json()) < number:
                await asyncio.sleep(0.02)
        took = sorted((await client.get("/flows")).json())
    overhead_ms = [(seconds / TASKS - TASK_S) * 1000 for seconds in took]
    print(f"  flow of {TASKS} tasks of 10 ms  p50 {statistics.median(took):.3f} s  fastest {took[0]:.3f} s")
    print(f"  overhead of a task  p50 {statistics.median(overhead_ms):.2f} ms  worst flow {overhead_ms[-1]:.2f} ms")


if __name__ == "__main__":
    asyncio.run(main())
