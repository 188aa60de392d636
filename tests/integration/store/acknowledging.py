"""A core that enqueues, completes and commits effects, and prints what was acknowledged. Killed by test_kill.py."""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from motia_core.model.effects import Effects, StateWrite
from motia_core.settings import Settings
from motia_core.store import open_store
from tests.fakes.values import a_delivery


def say(word: str, number: int) -> None:
    os.write(1, f"{word} {number}\n".encode())  # one write: never cut in half


async def main() -> None:
    store = await open_store(Settings(project=Path(sys.argv[1])))
    numbers = count(store.highest_id + 1)

    async def caller() -> None:
        while True:
            number = next(numbers)
            await store.queue.enqueue([a_delivery(number)])
            say("enqueued", number)
            if number % 3 == 1:
                say("committing", number)
                write = StateWrite("done", str(number), b"1", number)
                await store.queue.commit(Effects(state=[write], completes=number))
                say("committed", number)
            elif number % 3:
                say("completing", number)
                await store.queue.complete(a_delivery(number))
                say("completed", number)

    await asyncio.gather(*(caller() for _ in range(16)))


if __name__ == "__main__":
    asyncio.run(main())
