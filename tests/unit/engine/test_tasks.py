"""Owned tasks: what must be done to its end is, whoever stops waiting for it."""

from __future__ import annotations

import asyncio

import pytest

from motia_core.engine.tasks import Tasks


def test_undisturbed_work_goes_on_when_its_caller_is_cancelled() -> None:
    async def scenario() -> None:
        tasks = Tasks(lambda error: None)
        stored, handed_on = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            await stored.wait()
            handed_on.set()

        caller = asyncio.create_task(tasks.undisturbed(work()))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.wait([caller])
        assert caller.cancelled()
        stored.set()
        assert await tasks.finish(1)
        assert handed_on.is_set()

    asyncio.run(scenario())


def test_undisturbed_work_raises_to_its_caller_only() -> None:
    async def scenario() -> None:
        reported: list[BaseException] = []
        tasks = Tasks(reported.append)

        async def work() -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await tasks.undisturbed(work())
        assert not reported

    asyncio.run(scenario())
