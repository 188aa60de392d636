"""One after the other: who wants the same things takes turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import asynccontextmanager


class Turns:
    """Locks by name, which exist only while they are held."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}  # by name of what is held

    @asynccontextmanager
    async def of(self, names: Iterable[Hashable]) -> AsyncIterator[None]:
        """Hold all of these. Give them in one order everywhere: nobody waits for each other then."""
        held: list[Hashable] = []
        try:
            for name in names:
                await self._take(name)
                held.append(name)
            yield
        finally:
            for name in held:
                self._let_go(name)

    async def _take(self, name: Hashable) -> None:
        waiting = self._waiting.get(name)
        if waiting is None:
            self._waiting[name] = deque()
            return
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was ours already
                self._let_go(name)
            raise

    def _let_go(self, name: Hashable) -> None:
        waiting = self._waiting[name]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[name]
