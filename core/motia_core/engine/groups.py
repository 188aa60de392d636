"""The names of the groups of state and of streams, as a handler sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson

from motia_core.clock import Clock
from motia_core.engine.records import Inspection
from motia_core.model.staged import Staged

PAGE = 1000
OWN = "__motia"  # what the names of the core's own groups begin with

Read = Callable[[str], Awaitable[list[tuple[str, int]]]]  # those above a name


class Groups:
    """Lists names; what an atomic step has staged is among what it sees."""

    def __init__(self, inspection: Inspection, clock: Clock) -> None:
        self._inspection = inspection
        self._clock = clock

    async def of_state(self, staged: Staged | None) -> bytes:
        """A JSON array."""
        now_ms = self._clock.now_ms()
        names = await _all(lambda after: self._inspection.state_groups(now_ms, prefix="", after=after, limit=PAGE))
        if staged is not None:
            names = (names - staged.cleared) | {group for (group, _), own in staged.state.items() if own.value}
        return orjson.dumps(sorted(name for name in names if not name.startswith(OWN)))

    async def of_stream(self, stream: str, staged: Staged | None) -> bytes:
        """A JSON array."""
        now_ms, read = self._clock.now_ms(), self._inspection.stream_groups
        names = await _all(lambda after: read(stream, now_ms, prefix="", after=after, limit=PAGE))
        if staged is not None:
            names |= {address.group for address, own in staged.items.items() if address.stream == stream and own.item}
        return orjson.dumps(sorted(names))


async def _all(read: Read) -> set[str]:
    names: set[str] = set()
    after = ""
    while page := await read(after):
        names.update(name for name, _ in page)
        after = page[-1][0]
    return names
