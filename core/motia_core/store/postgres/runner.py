"""Runs operations on a connection to PostgreSQL; a batch that writes is one transaction and few round trips."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain, groupby
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor, errors
from psycopg.pq import TransactionStatus

from motia_core.errors import FencedError, InternalError, MotiaError, StoreFullError, StoreUnavailableError
from motia_core.failpoints import passing
from motia_core.store.postgres.texts import Texts
from motia_core.store.server import EACH, FETCH, GUARDED, JOIN, LAST, STEPS, Operation
from motia_core.store.statements import STREAM_LANE

Connection = AsyncConnection[Any]
Outcome = Any  # what an operation returned, or the MotiaError that it ends with

# The row of a core that was declared dead is gone: the division fails, and with it the transaction. The lock makes
# whoever wants to delete the row wait for what is being written, but not whoever renews the lease.
FENCE = "SELECT 1 / count(*) FROM (SELECT 1 FROM cores WHERE id = $1 FOR KEY SHARE) AS own"
# Whoever writes to streams takes this first: sequences are visible in their order, and nobody waits for it who holds
# what the one before waits for.
LOCK_STREAMS = "SELECT sequence FROM stream_clock FOR UPDATE"
MOST_TRIES = 20  # of a batch that others are in the way of

_IN_THE_WAY = (errors.SerializationFailure, errors.DeadlockDetected)
_FULL = (errors.DiskFull, errors.OutOfMemory, errors.ConfigurationLimitExceeded)


class Runner:
    """Runs batches.

    Args:
        core_id: Whose row must be there whenever something is written; 0: nobody's.
        stream_notice: Tells the other cores, with the commit, that there is more in the log of streams.
    """

    def __init__(
        self,
        connection: Connection,
        texts: Texts,
        *,
        writes: bool,
        core_id: int = 0,
        stream_notice: tuple[str, tuple[Any, ...]] | None = None,
    ) -> None:
        self._connection = connection
        self._texts = texts
        self._writes = writes
        self._core_id = core_id
        self._stream_notice = stream_notice

    async def run(self, batch: list[Operation]) -> list[Outcome]:
        """The results in order; for what failed, why.

        Raises:
            StoreUnavailableError: The connection is gone; nobody knows what was done.
        """
        for attempt in range(MOST_TRIES):
            try:
                return await self._transact(batch)
            except _IN_THE_WAY as error:
                await self._roll_back()
                if attempt + 1 == MOST_TRIES:
                    return [to_error(error)] * len(batch)
            except (psycopg.Error, UnicodeError) as error:
                await self._roll_back()
                problem = to_error(error)
                if len(batch) == 1 or isinstance(problem, FencedError):
                    return [problem] * len(batch)
                # Each in a transaction of its own: a bad statement does not fail its neighbours.
                return list(chain.from_iterable([await self.run([operation]) for operation in batch]))
        raise AssertionError("unreachable")

    async def _roll_back(self) -> None:
        if self._connection.closed or self._connection.broken:
            raise StoreUnavailableError(LOST)
        if self._connection.info.transaction_status != TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                await self._connection.execute("ROLLBACK")
        if self._connection.closed or self._connection.broken:
            raise StoreUnavailableError(LOST)

    async def _transact(self, batch: list[Operation]) -> list[Outcome]:
        results: list[Any] = [None] * len(batch)
        has_streams = self._writes and any(map(_is_of_streams, batch))
        async with self._connection.pipeline():
            if self._writes:
                passing("store.received")
                await self._execute("BEGIN")
                if self._core_id:
                    await self._execute(FENCE, (self._core_id,))
                if has_streams:
                    await self._execute(LOCK_STREAMS)
            order = sorted(range(len(batch)), key=lambda index: batch[index][0])
            for (_, kind, text), indexes in groupby(order, key=lambda index: batch[index][:3]):
                if kind in (JOIN, LAST):
                    await self._join(kind, text, list(chain.from_iterable(batch[index][3] for index in indexes)))
                else:
                    for index in indexes:
                        results[index] = await self._single(*batch[index])
            if self._writes:
                if has_streams and self._stream_notice is not None:
                    await self._execute(*self._stream_notice)
                passing("store.committing")
                await self._execute("COMMIT")
        if self._writes:
            passing("store.committed")
        return [await _rows(result) for result in results]

    async def _single(self, lane: int, kind: int, text: str, arguments: Any) -> Any:
        """Rows, a truth, or cursors whose rows have not arrived yet."""
        if kind == EACH:
            statement = self._texts.single(text)
            return await self._execute(statement.text, statement.parameters(arguments))
        if kind == STEPS:
            return [await self._single(*step) for step in arguments][-1]
        if kind == GUARDED:
            return await self._guarded(*arguments)
        cursors = await self._join(kind, text, arguments)
        return cursors if kind == FETCH else None

    async def _guarded(self, guards: list[Operation], operations: list[Operation]) -> bool:
        await self._execute("SAVEPOINT guarded")
        cursors = [await self._single(*guard) for guard in guards]
        held = all([await _rows(cursor) for cursor in cursors])
        if held:
            for operation in operations:
                await self._single(*operation)
        else:
            await self._execute("ROLLBACK TO guarded")
        await self._execute("RELEASE guarded")
        return held

    async def _join(self, kind: int, text: str, rows: list[Any]) -> list[AsyncRawCursor[Any]]:
        if kind == LAST:
            rows = [
                row for _, row in sorted({row[:2]: row for row in rows}.items())
            ]  # one order in all cores: no deadlock
        start, cursors = 0, []
        for size, statement in self._texts.joined(text).texts:
            while len(rows) - start >= size:
                parameters = tuple(chain.from_iterable(rows[start : start + size]))
                cursors.append(await self._execute(statement, parameters))
                start += size
        return cursors

    async def _execute(self, text: str, parameters: tuple[Any, ...] = ()) -> AsyncRawCursor[Any]:
        cursor = AsyncRawCursor(self._connection)
        await cursor.execute(text.encode(), parameters)
        return cursor


def _is_of_streams(operation: Operation) -> bool:
    lane, kind, _, arguments = operation
    if kind == GUARDED:
        return any(map(_is_of_streams, arguments[1]))
    return lane == STREAM_LANE or (kind == STEPS and any(map(_is_of_streams, arguments)))


async def _rows(result: Any) -> Any:
    """The rows of a cursor or of several; anything else is a result already."""
    if isinstance(result, list):
        return [row for cursor in result for row in await _rows(cursor)]
    if isinstance(result, AsyncRawCursor):
        try:
            return await result.fetchall()
        except psycopg.ProgrammingError as error:
            if type(error) is not psycopg.ProgrammingError:  # the server's, which are of its subclasses
                raise
            return []  # it returns no rows, which in a pipeline is known too late to ask first
    return result


LOST = (
    "The connection to PostgreSQL was lost: what was being written may have been written or not. "
    "Try again when the database is back; no restart is needed."
)


def to_error(error: Exception) -> MotiaError:
    """What the driver says, as an error of ours."""
    if isinstance(error, errors.DivisionByZero):
        return FencedError()
    if isinstance(error, _FULL):
        return StoreFullError(f"PostgreSQL has no room: nothing was written. Make room; no restart is needed. {error}")
    if isinstance(error, psycopg.OperationalError):
        return StoreUnavailableError(f"PostgreSQL cannot do its work: nothing was written. {error}")
    return InternalError(f"The store could not run an operation. {type(error).__name__}: {error}")
