"""Owns the tasks of one object: none is lost, none fails silently, all end with their owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


class Tasks:
    """A set of running tasks. Unlike asyncio.TaskGroup, one that fails does not end its neighbours.

    Args:
        on_error: Called with what a task raised; cancellation is not an error.
    """

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._on_error = on_error
        self._running: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.get_running_loop()

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run a coroutine as a task of this owner."""
        task = self._loop.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def undisturbed(self, work: Coroutine[object, object, T]) -> T:
        """Do it to the end, also when whoever waits for it is cancelled; what it raises is theirs to handle."""
        task = self._loop.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._undisturbed_ended)
        return await asyncio.shield(task)

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[asyncio.Task[Any]]:
        """The running ones."""
        return iter(tuple(self._running))

    async def finish(self, timeout_s: float | None = None) -> bool:
        """Wait for all tasks; whether they ended in time."""
        if self._running:
            await asyncio.wait(self._running, timeout=timeout_s)
        return not self._running

    async def cancel(self) -> None:
        """Cancel all tasks and wait for them."""
        for task in list(self._running):
            task.cancel()
        await self.finish()

    def _undisturbed_ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, for when nobody waits any more

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)
