"""Fills a small disk until the store refuses, makes room, and goes on. Run by test_disk_full.py inside a tmpfs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from motia_core.errors import StoreFullError
from motia_core.settings import Settings
from motia_core.store import Store, open_store
from tests.fakes.values import a_delivery, an_attempt

BIG = b'"' + b"x" * 60_000 + b'"'


async def ids(store: Store) -> list[int]:
    return [delivery.id for delivery in await store.queue.read_due("Work", [0], after=(-1, 0), limit=10_000)]


async def main(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 6_000_000)  # more than the log that has to be brought into the database
    store = await open_store(Settings(project=disk))
    acknowledged: list[int] = []
    refused: list[int] = []
    for start in range(1, 4_000, 8):
        numbers = range(start, start + 8)
        answers = await asyncio.gather(
            *(store.queue.enqueue([a_delivery(number, data=BIG)]) for number in numbers), return_exceptions=True
        )
        for number, answer in zip(numbers, answers, strict=True):
            assert answer is None or isinstance(answer, StoreFullError), repr(answer)
            (refused if answer else acknowledged).append(number)
        if len(refused) > 50:
            break
    assert acknowledged, "the disk is too small for anything"
    assert refused, "the disk was never full"
    assert await ids(store) == acknowledged, "what was refused is not there, what was acknowledged is"

    store.traces.record([an_attempt(number, trace_id="x" * 1_000) for number in range(5_000)])
    await asyncio.gather(store.traces.recent(), return_exceptions=True)
    assert store.traces.dropped == 5_000, store.traces.dropped

    ballast.unlink()
    await store.queue.enqueue([a_delivery(9_000, data=BIG)])
    await store.queue.complete(a_delivery(acknowledged[0]))
    assert await ids(store) == [*acknowledged[1:], 9_000]
    store.traces.record([an_attempt(1)])
    assert len(await store.traces.recent()) == 1
    await store.close()
    print(f"healed after {len(acknowledged)} acknowledged and {len(refused)} refused")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
