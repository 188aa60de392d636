"""Groups of keys that hold JSON text."""

from __future__ import annotations

from typing import Any

from motia_core.clock import Clock
from motia_core.store import state_sql as sql
from motia_core.store.server import Operation
from motia_core.store.statements import Line


class SqlState:
    """The StateStore port on SQL.

    Reads have a connection of their own, so that they need not wait for commits. One that follows a write of its group
    which is still under way goes behind that write, on the writer's connection.
    """

    def __init__(self, writer: Line, reader: Line, clock: Clock) -> None:
        self._writer = writer.submit
        self._reader = reader.submit
        self._now_ms = clock.now_ms
        self._writing: dict[str, int] = {}  # writes under way, by group

    async def get(self, group: str, key: str) -> tuple[bytes, int] | None:
        rows = await self._read(group, sql.GET.operation(group, key, self._now_ms()))
        return rows[0] if rows else None

    async def set(self, group: str, key: str, value: bytes, *, version: int, expires_ms: int = 0) -> None:
        await self._write(group, sql.SET.operation([(group, key, value, version, expires_ms)]))

    async def compare_and_set(
        self, group: str, key: str, value: bytes | None, *, expected: int, version: int, expires_ms: int | None = None
    ) -> bool:
        new = (value, version, expires_ms)
        return bool(await self._write(group, sql.compare_and_set((group, key), new, expected, self._now_ms())))

    async def delete(self, group: str, key: str) -> bytes | None:
        rows = await self._write(group, sql.DELETE.operation(group, key, self._now_ms()))
        return rows[0][0] if rows else None

    async def get_group(self, group: str) -> list[tuple[str, bytes]]:
        rows: list[tuple[str, bytes]] = await self._read(group, sql.GET_GROUP.operation(group, self._now_ms()))
        return rows

    async def page(self, group: str, *, prefix: str, after_key: str, limit: int) -> list[tuple[str, bytes]]:
        operation = sql.page(group, prefix, after_key, limit, self._now_ms())
        rows: list[tuple[str, bytes]] = await self._read(group, operation)
        return rows

    async def clear(self, group: str) -> None:
        await self._write(group, sql.CLEAR.operation(group))

    async def _read(self, group: str, operation: Operation) -> Any:
        submit = self._writer if group in self._writing else self._reader
        return await submit(operation)

    async def _write(self, group: str, operation: Operation) -> Any:
        self._writing[group] = self._writing.get(group, 0) + 1
        try:
            return await self._writer(operation)
        finally:
            if self._writing[group] == 1:
                del self._writing[group]
            else:
                self._writing[group] -= 1
