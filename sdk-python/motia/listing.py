"""What state and streams have in common: reading page by page, and operations on a value."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

MAX_PAGE = 1000


def checked_limit(limit: Any) -> int:
    """The length of a page. Raises ValueError."""
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit is {limit!r}: give a whole number from 1 to {MAX_PAGE}")
    return limit


def checked_operations(operations: Any) -> Sequence[Mapping[str, Any]]:
    """Operations of an update. Raises ValueError."""
    if isinstance(operations, (str, Mapping)) or not isinstance(operations, Sequence) or not operations:
        raise ValueError('operations must be a list such as [{"type": "increment", "path": "/count"}]')
    return operations


class Listing:
    """All entries of a group, read page by page as they are asked for, in async code or not."""

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
