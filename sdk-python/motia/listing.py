"""`ctx.state.list_all`: the pages of a state group as one iteration, async or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any


class Listing:
    """Entries `{"key": …, "value": …}` of a group, read page by page as they are asked for."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read  # the page at a cursor; an awaitable of it in async code

    async def __aiter__(self) -> AsyncIterator[Any]:
        cursor = ""
        while True:
            page = await self._read(cursor)
            for entry in page["items"]:
                yield entry
            if not (cursor := page["cursor"]):
                return

    def __iter__(self) -> Iterator[Any]:
        if asyncio._get_running_loop() is not None:
            raise TypeError("list_all() in async code is read with `async for`")
        return self._entries()

    def _entries(self) -> Iterator[Any]:
        cursor = ""
        while True:
            page = self._read(cursor)
            yield from page["items"]
            if not (cursor := page["cursor"]):
                return
