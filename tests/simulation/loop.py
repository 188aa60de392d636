"""An event loop whose time passes only when nothing is left to do: days take milliseconds, and nothing is random."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

LIFE: ContextVar[object] = ContextVar("life", default=None)  # of a core: what is to end when it is killed


class Stuck(AssertionError):
    """Nothing can ever happen any more, but the scenario has not ended."""


class _NoEvents(selectors.BaseSelector):
    """Waits by moving the clock on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, 0, None)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("nobody waits for a time, and nobody has anything to do")
        self.now_s += timeout
        return []

    def get_map(self) -> Any:
        return {}


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Counts its turns, so that a test can say that nobody polls."""

    def __init__(self) -> None:
        self._no_events = _NoEvents()
        self._lives: WeakKeyDictionary[asyncio.Task[Any], object] = WeakKeyDictionary()
        self.turns = 0
        super().__init__(self._no_events)
        self.set_task_factory(self._start)

    def time(self) -> float:
        return self._no_events.now_s

    def kill(self, life: object) -> None:
        """End everything that was started in a life, as SIGKILL does."""
        for handle in list(self._scheduled):  # type: ignore[attr-defined]  # of BaseEventLoop
            if handle._context is not None and handle._context.get(LIFE) is life:
                handle.cancel()
        for task, of in list(self._lives.items()):
            if of is life:
                task.cancel()

    def _run_once(self) -> None:
        self.turns += 1
        super()._run_once()  # type: ignore[misc]  # of BaseEventLoop

    def _start(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **options)
        context = options.get("context")
        if (life := context.get(LIFE) if context is not None else LIFE.get()) is not None:
            self._lives[task] = life
        return task
