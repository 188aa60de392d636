"""Durable deliveries: stored, read, and what becomes of them. Ids are ordered, and never used again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from motia_core.clock import Clock
from motia_core.engine.ports import Key
from motia_core.model.effects import Effects
from motia_core.model.event import AttemptFailure, Backlog, Delivery, Remembered, Signal, Wait
from motia_core.model.failure import Failure
from motia_core.model.ids import IdSource
from motia_core.store import delivery_sql as sql
from motia_core.store import waiting
from motia_core.store.delivery_rows import from_row, to_row
from motia_core.store.effects import to_operation
from motia_core.store.failure_lines import to_line
from motia_core.store.server import GUARDED
from motia_core.store.statements import Line, Row, Statement, guarded, steps


class SqlQueue:
    """The Queue port on SQL."""

    def __init__(
        self, writer: Line, reader: Line, clock: Clock, created_ids: IdSource, changed_streams: Callable[[], None]
    ) -> None:
        self._write = writer.submit
        self._read = reader.submit
        self._now_ms, self._now_us = clock.now_ms, clock.now_us
        self._changed_streams = changed_streams
        self._created_ids = created_ids

    # --- what becomes of deliveries

    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            await self._write(sql.ENQUEUE.operation([to_row(delivery) for delivery in deliveries]))

    async def commit(self, effects: Effects) -> bool:
        operation = to_operation(effects, self._now_us(), self._created_ids)
        if not operation:
            return True
        try:
            result = await self._write(operation)
        finally:
            if effects.streams:
                self._changed_streams()  # whatever became of it
        return result is True or operation[1] != GUARDED

    async def complete(self, delivery: Delivery) -> None:
        complete = sql.COMPLETE.operation([(delivery.id,)])
        if delivery.has_progress:
            complete = steps(complete, *waiting.forget(delivery.id))
        await self._write(complete)

    async def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        line = to_line(AttemptFailure(delivery.attempt - 1, failed_ms, failure))
        await self._write(sql.RETRY.operation(delivery.attempt, delivery.due_ms, line, delivery.id))

    async def bury(self, delivery: Delivery, failure: Failure, failed_ms: int, heard: Sequence[Delivery] = ()) -> None:
        line = to_line(AttemptFailure(delivery.attempt, failed_ms, failure))
        operations = [sql.COMPLETE.operation([(delivery.id,)])]
        if heard:
            operations.append(sql.ENQUEUE.operation([to_row(one) for one in heard]))
        await self._write(guarded([sql.BURY.operation(delivery.attempt, line, failed_ms, delivery.id)], operations))

    async def suspend(self, delivery: Delivery, until: Remembered | Wait) -> bool:
        if isinstance(until, Remembered):
            operations = [waiting.REMEMBER.operation([waiting.remembered_row(until)])]
        else:
            operations = [
                waiting.WAIT.operation(*waiting.wait_row(until)),
                waiting.WAIT_FOR_TOPIC.operation(until.topic),
            ]
        postpone = sql.POSTPONE.operation(delivery.due_ms, delivery.id, until.key)
        return bool(await self._write(guarded([postpone], operations)))

    # --- reading

    async def remembered(self, delivery_id: int) -> list[Remembered]:
        return [Remembered(*row) for row in await self._read(waiting.REMEMBERED.operation(delivery_id))]

    async def read_due(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        found = await self._of_shards(sql.READ_DUE, step_id, shards, after, limit)
        return sorted(found, key=lambda delivery: (-delivery.priority, delivery.id))[:limit]

    async def read_later(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        found = await self._of_shards(sql.READ_LATER, step_id, shards, after, limit)
        return sorted(found, key=lambda delivery: (delivery.due_ms, delivery.id))[:limit]

    async def read_lanes(self, step_id: str, *, after_lane: str, limit: int) -> list[str]:
        rows = await self._read(sql.READ_LANES.operation(step_id, after_lane, step_id, limit))
        return [lane for (lane,) in rows]

    async def read_lane(self, step_id: str, lane: str, *, after_id: int, limit: int) -> list[Delivery]:
        return [from_row(row) for row in await self._read(sql.READ_LANE.operation(step_id, lane, after_id, limit))]

    async def read(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        ids: list[Row] = [(delivery_id,) for delivery_id in dict.fromkeys(delivery_ids)]
        return [from_row(row) for row in sorted(await self._read(sql.READ.fetch(ids)))]

    async def backlogs(self) -> list[Backlog]:
        counts: Counter[str] = Counter()
        for step_id, count in await self._read(sql.BACKLOGS.operation()):
            counts[step_id] += count
        return [Backlog(*counted) for counted in counts.items()]

    async def waits(self, topic: str = "") -> list[Wait]:
        operation = waiting.WAITS_FOR.operation(topic) if topic else waiting.WAITS.operation()
        return [Wait(*row) for row in await self._read(operation)]

    async def waited_topics(self) -> list[str]:
        return [topic for (topic,) in await self._read(waiting.WAITED_TOPICS.operation())]

    async def signals(self, topic: str, *, after_id: int) -> list[Signal]:
        rows = await self._read(waiting.SIGNALS.operation(topic, after_id, self._now_ms()))
        return [Signal(*row) for row in rows]

    async def _of_shards(
        self, statements: tuple[Statement, Statement], step_id: str, shards: Sequence[int], after: Key, limit: int
    ) -> list[Delivery]:
        """The first of each shard: the first of all of them are among these."""
        reads = [self._of_shard(statements, step_id, shard, after, limit) for shard in shards]
        return [from_row(row) for row in chain.from_iterable(await asyncio.gather(*reads))]

    async def _of_shard(
        self, statements: tuple[Statement, Statement], step_id: str, shard: int, after: Key, limit: int
    ) -> list[Any]:
        same, beyond = statements
        rows: list[Any] = await self._read(same.operation(step_id, shard, *after, limit))
        if len(rows) < limit:
            rows += await self._read(beyond.operation(step_id, shard, after[0], limit - len(rows)))
        return rows
