"""The cores that share a database: each has a lease, a shard, and is the home of some steps.

A lease is renewed by the database's clock, so that nobody's own clock matters. A core that has not renewed its lease is
declared dead by deleting its row; from then on it can write nothing (see runner.FENCE), and its shards belong to the
core that did so: one transaction. The homes of the dead are free: every core claims those of steps that it has.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg

from motia_core.errors import DatabaseError
from motia_core.model.event import Delivery
from motia_core.store.postgres.clock import SharedClock
from motia_core.store.postgres.runner import LOCK_STREAMS

CHANNEL = "motia_core"
LOCK = 0x6D6F746961  # advisory: who changes the membership
SLOTS = 32  # cores that can share a database: their ids differ by their slot
MOST_IDS = 300  # of one notification, whose payload may have 8,000 bytes
RETRY_S = 0.5

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_NOW_US = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


class Membership:
    """Implements `Cluster`.

    Args:
        connect: Makes a connection in autocommit mode.
        clock: Learns here what time it is for all.
        lease_ms: After so long without a sign of life a core is declared dead.
    """

    def __init__(self, connect: Connect, clock: SharedClock, *, lease_ms: int) -> None:
        self._connect = connect
        self._clock = clock
        self._lease_ms = lease_ms
        self._steps: list[str] = []  # that this core has
        self._homes: set[str] = set()
        self._untold: list[int] = []
        self._peers: list[int] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._looking: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._hear: Callable[[Sequence[int]], None] = lambda delivery_ids: None
        self._changed: Callable[[], None] = lambda: None
        self._announced: Callable[[str], None] = lambda topic: None
        self._turn = asyncio.Lock()  # of the connection
        self.shard = 0
        self.shards: Sequence[int] = ()
        self.on_fenced: Callable[[], None] = lambda: None
        self.on_streams: Callable[[], None] = lambda: None  # there may be more in the log of streams

    # --- Cluster

    def is_home(self, step_id: str) -> bool:
        return step_id in self._homes

    async def claim_homes(self, step_ids: Sequence[str]) -> None:
        self._steps = list(step_ids)
        await self._learn()

    def peers(self) -> Sequence[int]:
        return self._peers

    async def tell(self, deliveries: Sequence[Delivery]) -> None:
        tells_already = bool(self._untold)
        self._untold += [delivery.id for delivery in deliveries]
        while self._untold and not tells_already:
            ids = self._untold[:MOST_IDS]
            with suppress(psycopg.Error, OSError):  # they are on disk: whoever connects again reads them
                await self._run(self.notice(stored=ids))
            del self._untold[: len(ids)]

    async def announce(self, topic: str) -> None:
        with suppress(psycopg.Error, OSError):
            await self._run(self.notice(topic=topic))

    def listen(
        self,
        hear: Callable[[Sequence[int]], None],
        changed: Callable[[], None],
        announced: Callable[[str], None],
    ) -> None:
        self._hear, self._changed, self._announced = hear, changed, announced

    def missed(self) -> None:
        """Something may be in the store that this core has not heard of, nor told those who run it: all look again."""
        self._looking = asyncio.get_running_loop().create_task(self._have_all_look())

    def lose(self) -> None:
        """The core was declared dead: it is no member any more."""
        for task in self._tasks:
            task.cancel()
        self.on_fenced()

    # --- joining and leaving

    async def join(self) -> None:
        """Become a member, and take over what belongs to nobody."""
        async with await self._connect() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", (LOCK,))
            rows = await connection.execute("SELECT id FROM cores UNION SELECT shard FROM shards UNION SELECT 0")
            used = [number for (number,) in await rows.fetchall()]
            living = await connection.execute("SELECT id % $1 FROM cores", (SLOTS,))
            slots = {slot for (slot,) in await living.fetchall()}
            if len(slots) == SLOTS:
                raise DatabaseError(f"{SLOTS} cores share the database already: stop one, or take another database.")
            self.shard = max(used) + 1
            while self.shard % SLOTS in slots:
                self.shard += 1
            await connection.execute(
                f"INSERT INTO cores VALUES ($1, {_NOW} + $2)",  # the database's own clock
                (self.shard, self._lease_ms),
            )
            await connection.execute("INSERT INTO shards VALUES ($1, $1)", (self.shard,))
            await self._take_orphans(connection)
            await connection.execute(*self.notice(changed=True))
        await self._learn()
        for _ in range(5):
            await self._compare_clocks()

    def start(self) -> None:
        """Renew the lease and listen, until `leave`."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._renew()), loop.create_task(self._listen())]

    async def leave(self) -> None:
        """Hand everything over to the others; what belongs to nobody is taken by the next core that starts."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *([self._looking] if self._looking else []), return_exceptions=True)
        with suppress(psycopg.Error, OSError):
            async with await self._connect() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", (LOCK,))
                await connection.execute("DELETE FROM cores WHERE id = $1", (self.shard,))
                await connection.execute("DELETE FROM homes WHERE core_id = $1", (self.shard,))
                await connection.execute(_DROP_EMPTY, (0,))
                await self._part_members(connection, f"core_id = {self.shard}")
                rows = await connection.execute(f"SELECT min(id) FROM cores WHERE lease_until_ms > {_NOW}")
                [heir] = await rows.fetchone() or (None,)
                if heir is not None:
                    await connection.execute("UPDATE shards SET core_id = $1 WHERE core_id = $2", (heir, self.shard))
                await connection.execute(*self.notice(changed=True))
        if self._connection is not None:
            await self._connection.close()

    # --- living

    async def _renew(self) -> None:
        lease_s = self._lease_ms / 1000
        renewed_s = patient_until_s = time.monotonic()
        while True:
            await asyncio.sleep(lease_s / 4)
            with suppress(psycopg.Error, OSError):
                renew = f"UPDATE cores SET lease_until_ms = {_NOW} + $2 WHERE id = $1 RETURNING id"
                find = f"SELECT id FROM cores WHERE lease_until_ms < {_NOW} AND id <> $1"
                [renewed] = await self._run((renew, (self.shard, self._lease_ms)))
                [expired] = await self._run((find, (self.shard,)))
                await self._compare_clocks()
                if not renewed:
                    self.on_fenced()
                    return
                now_s = time.monotonic()
                if now_s - renewed_s > lease_s / 2:  # the database was away: the others need time, too
                    patient_until_s = now_s + lease_s
                renewed_s = now_s
                if now_s >= patient_until_s:
                    for (dead,) in expired:
                        await self._take_over(dead)

    async def _compare_clocks(self) -> None:
        asked_us = self._clock.own_us()
        [[(answer_us,)]] = await self._run((f"SELECT {_NOW_US}", ()))
        self._clock.compare(asked_us, answer_us)

    async def _take_over(self, dead: int) -> None:
        async with await self._connect() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", (LOCK,))
            rows = await connection.execute(
                f"DELETE FROM cores WHERE id = $1 AND lease_until_ms < {_NOW} RETURNING id",
                (dead,),
            )
            if await rows.fetchone() is None:
                return  # it lives, or another was first
            await self._take_orphans(connection)
            await connection.execute(*self.notice(changed=True))
        await self._learn()
        self._changed()

    async def _take_orphans(self, connection: psycopg.AsyncConnection[Any]) -> None:
        gone = "core_id NOT IN (SELECT id FROM cores)"
        await connection.execute(f"UPDATE shards SET core_id = $1 WHERE {gone}", (self.shard,))
        await connection.execute(f"DELETE FROM homes WHERE {gone}")
        await connection.execute(_DROP_EMPTY, (self.shard,))
        await self._part_members(connection, gone)

    async def _part_members(self, connection: psycopg.AsyncConnection[Any], condition: str) -> None:
        """The members of streams leave with their core."""
        await connection.execute(LOCK_STREAMS)
        await connection.execute(f"{_PART} WHERE {condition}")
        await connection.execute(_CATCH_UP)
        await connection.execute(f"DELETE FROM stream_members WHERE {condition}")
        await connection.execute(*self.notice(streams=True))

    async def _have_all_look(self) -> None:
        with suppress(psycopg.Error, OSError):  # the connection is gone again, and made again
            await self._run(self.notice(changed=True))
            await self._learn()
        self._changed()

    async def _listen(self) -> None:
        """Hear what others say. Whoever was deaf for a while looks at everything again."""
        while True:
            with suppress(psycopg.Error, OSError):
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    await self._learn()
                    self._changed()
                    self.on_streams()
                    async for notice in connection.notifies():
                        await self._heard(notice.payload)
            await asyncio.sleep(RETRY_S)

    async def _heard(self, payload: str) -> None:
        match _read(payload):
            case {"from": self.shard}:
                pass
            case {"streams": True}:
                self.on_streams()
            case {"topic": str(topic)}:
                self._announced(topic)
            case {"stored": [*delivery_ids]}:
                self._hear(delivery_ids)
            case {"changed": True}:
                await self._learn()
                self._changed()

    async def _learn(self) -> None:
        claim = "INSERT INTO homes SELECT step, $2 FROM unnest($1::text[]) AS given (step) ON CONFLICT DO NOTHING"
        _, shards, homes, peers = await self._run(
            (claim, (self._steps, self.shard)),
            ("SELECT shard FROM shards WHERE core_id = $1 ORDER BY shard", (self.shard,)),
            ("SELECT step_id FROM homes WHERE core_id = $1", (self.shard,)),
            ("SELECT id FROM cores WHERE id <> $1 ORDER BY id", (self.shard,)),
        )
        self.shards = tuple(shard for (shard,) in shards)
        self._homes = {step_id for (step_id,) in homes}
        self._peers = [peer for (peer,) in peers]

    def notice(self, **what: object) -> tuple[str, tuple[Any, ...]]:
        """A statement that says something to the other cores."""
        return ("SELECT pg_notify($1, $2)", (CHANNEL, json.dumps({"from": self.shard, **what})))

    async def _run(self, *statements: tuple[str, tuple[Any, ...]]) -> list[list[tuple[Any, ...]]]:
        """Run statements, each by itself; their rows. The connection is made when it is needed."""
        async with self._turn:
            if self._connection is None or self._connection.closed:
                self._connection = await self._connect()
            found = []
            try:
                for text, parameters in statements:
                    cursor = await self._connection.execute(text, parameters)
                    found.append(await cursor.fetchall() if cursor.description else [])
            except (psycopg.OperationalError, OSError):
                await self._connection.close()
                raise
            return found


def _read(payload: str) -> Any:
    """What another core said; nothing when it was not one of ours."""
    try:
        return json.loads(payload)
    except ValueError:
        return None


# Shards of cores that are gone and have nothing left.
_DROP_EMPTY = """
DELETE FROM shards WHERE shard <> $1 AND shard NOT IN (SELECT id FROM cores)
AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.shard = shards.shard)
"""

_PART = """
INSERT INTO stream_changes (sequence, stream, group_id, item_id, kind, data, created_ms)
SELECT (SELECT sequence FROM stream_clock) + row_number() OVER (), stream, group_id, member_id, 'leave', 'null', 0
FROM stream_members
"""
_CATCH_UP = """
UPDATE stream_clock SET sequence = (SELECT max(sequence) FROM stream_changes)
WHERE sequence < (SELECT max(sequence) FROM stream_changes)
"""
