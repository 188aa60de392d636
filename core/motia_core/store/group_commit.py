"""Group commit: a thread with a connection that makes one transaction of whatever has accumulated.

It waits for nothing but work: while a commit waits for the disk, further operations queue up, and the next commit
takes them all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from queue import SimpleQueue
from sqlite3 import Connection, Cursor
from sqlite3 import Error as SqliteError
from threading import Thread
from typing import Any, Generic, TypeVar

from motia_core.errors import StoreUnavailableError
from motia_core.store.sqlite_errors import concerns_everyone, to_store_error

A = TypeVar("A")
R = TypeVar("R")

MOST_OPERATIONS = 2_000  # of one transaction


@dataclass(frozen=True, slots=True, eq=False)
class Verb(Generic[A, R]):
    """A kind of operation.

    Operations of one lane take effect in the order in which they were submitted; lanes do not touch the same rows, so
    that neighbours within a lane can be run together whatever came between. Lower lanes go first.
    """

    lane: int
    run: Callable[[Cursor, list[A]], Sequence[R] | None]  # many operations at once; None: no results


# An operation: lane, verb, arguments, the caller's future. A tuple, as it is made for every call.
Operation = tuple[int, Verb[Any, Any], Any, "asyncio.Future[Any]"]
Outcome = tuple[list[Operation], Sequence[Any] | Exception | None]
_lane: Callable[[Operation], int] = itemgetter(0)
_verb: Callable[[Operation], Verb[Any, Any]] = itemgetter(1)


class GroupCommit:
    """Runs operations on one connection, in a thread of its own.

    Args:
        name: Of the thread.
        connection: In autocommit mode; this object closes it.
        writes: Whether operations change something: a batch is one transaction then.
        linger_s: How long to let operations accumulate before a batch; 0: not at all.
        loop: Where the callers' futures live.
    """

    def __init__(
        self,
        name: str,
        connection: Connection,
        loop: asyncio.AbstractEventLoop,
        *,
        writes: bool,
        linger_s: float = 0.0,
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._loop = loop
        self._writes = writes
        self._linger_s = linger_s
        self._inbox: SimpleQueue[Operation | None] = SimpleQueue()
        self._closed: asyncio.Future[None] | None = None
        self._thread = Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def submit(self, verb: Verb[A, R], arguments: A) -> asyncio.Future[R]:
        """Queue an operation; the future is done when its effect is committed."""
        if self._closed:
            raise StoreUnavailableError("The store is closed: motia-core is shutting down.")
        future: asyncio.Future[R] = self._loop.create_future()
        self._inbox.put((verb.lane, verb, arguments, future))
        return future

    async def close(self) -> None:
        """Finish what was submitted, bring the write-ahead log into the database, and end the thread."""
        if self._closed is None:
            self._closed = self._loop.create_future()
            self._inbox.put(None)
        await asyncio.shield(self._closed)
        self._thread.join()

    # --- in the thread

    def _serve(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._take()
            if batch:
                self._tell(_settle, self._run(batch))
        with suppress(SqliteError):  # a log that stays is brought in when the store is opened again
            if self._writes:
                self._cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._connection.close()
        self._tell(self._end)

    def _take(self) -> tuple[list[Operation], bool]:
        """Everything that has accumulated, and whether more may come."""
        inbox = self._inbox
        operation = inbox.get()
        if operation is None:
            return [], False
        if self._linger_s:
            time.sleep(self._linger_s)
        batch = [operation]
        for _ in range(min(inbox.qsize(), MOST_OPERATIONS)):
            operation = inbox.get()
            if operation is None:
                return batch, False
            batch.append(operation)
        return batch, True

    def _run(self, batch: list[Operation]) -> list[Outcome]:
        try:
            return self._transact(batch)
        except Exception as error:  # boundary: whatever one caller's operation raises is that caller's
            self._roll_back()
            if len(batch) == 1 or concerns_everyone(error):
                return [([operation], to_store_error(error)) for operation in batch]
        # Each in a transaction of its own, so that neither a statement nor the space it needs fails its neighbours.
        return [outcome for operation in batch for outcome in self._run([operation])]

    def _transact(self, batch: list[Operation]) -> list[Outcome]:
        cursor = self._cursor
        if self._writes:
            cursor.execute("BEGIN IMMEDIATE")
        batch.sort(key=_lane)
        outcomes: list[Outcome] = []
        for verb, group in groupby(batch, key=_verb):
            operations = list(group)
            outcomes.append((operations, verb.run(cursor, [arguments for _, _, arguments, _ in operations])))
        if self._writes:
            cursor.execute("COMMIT")
        return outcomes

    def _roll_back(self) -> None:
        with suppress(SqliteError):  # the error that led here is the one to tell
            if self._connection.in_transaction:
                self._cursor.execute("ROLLBACK")

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(callback, *arguments)

    def _end(self) -> None:
        if self._closed and not self._closed.done():
            self._closed.set_result(None)


def _settle(outcomes: list[Outcome]) -> None:
    """Complete the callers' futures; those who stopped waiting have cancelled theirs."""
    for operations, results in outcomes:
        if results is None:
            for _, _, _, future in operations:
                if not future.done():
                    future.set_result(None)
        elif isinstance(results, Exception):
            for _, _, _, future in operations:
                if not future.done():
                    future.set_exception(results)
        else:
            for (_, _, _, future), result in zip(operations, results, strict=True):
                if not future.done():
                    future.set_result(result)
