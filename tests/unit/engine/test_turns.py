"""Who wants the same takes turns; who wants something else does not wait."""

from __future__ import annotations

import asyncio
from random import Random

from motia_core.engine.turns import Turns


def test_turns_are_taken_in_order() -> None:
    async def scenario() -> None:
        turns, order = Turns(), []

        async def work(number: int) -> None:
            async with turns.of(["a"]):
                order.append(number)
                await asyncio.sleep(0)
                order.append(number)

        await asyncio.gather(*(work(number) for number in range(5)))
        assert order == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
        assert turns._waiting == {}

    asyncio.run(scenario())


def test_others_do_not_wait() -> None:
    async def scenario() -> None:
        turns = Turns()
        async with turns.of(["a", "b"]), asyncio.timeout(1), turns.of(["c"]):
            pass
        assert turns._waiting == {}

    asyncio.run(scenario())


def test_who_is_cancelled_holds_up_nobody() -> None:
    async def scenario() -> None:
        random = Random(7)
        turns, inside = Turns(), set[str]()

        async def work() -> None:
            names = sorted(random.sample("abc", random.randrange(1, 4)))
            async with turns.of(names):
                assert not inside & set(names)
                inside.update(names)
                try:
                    for _ in range(random.randrange(3)):
                        await asyncio.sleep(0)
                finally:
                    inside.difference_update(names)

        tasks = [asyncio.create_task(work()) for _ in range(300)]
        while not all(task.done() for task in tasks):
            random.choice(tasks).cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not [task for task in tasks if not task.cancelled() and task.exception()]
        assert turns._waiting == {}

    asyncio.run(scenario())
