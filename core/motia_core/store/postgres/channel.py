"""Operations to PostgreSQL: whatever has accumulated while a batch was under way is the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from motia_core.errors import FencedError, MotiaError, StoreUnavailableError
from motia_core.store.postgres.runner import Connection, Runner
from motia_core.store.postgres.texts import Texts
from motia_core.store.server import Operation

MOST_OPERATIONS = 1_000  # of one batch
FIRST_PAUSE_S = 0.1  # before a lost connection is made again; doubles
LONGEST_PAUSE_S = 2.0


class PostgresChannel:
    """A `Line` with a connection of its own, which is made again when it is lost.

    Args:
        connect: Makes a connection in autocommit mode.
        writes: Batches are transactions.
        core_id: Whose row must be there whenever something is written; 0: nobody's.
        stream_notice: See `Runner`.
        on_fenced: Called once when it is not.
        on_again: Called when a connection was made again: what was asked last may have been done, unheard.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        *,
        writes: bool,
        core_id: int = 0,
        stream_notice: tuple[str, tuple[Any, ...]] | None = None,
        on_fenced: Callable[[], None] = lambda: None,
        on_again: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect = connect
        self._writes = writes
        self._core_id = core_id
        self._stream_notice = stream_notice
        self._on_fenced = on_fenced
        self._on_again = on_again
        self._texts = Texts()
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Operation, asyncio.Future[Any]]] = []
        self._more = asyncio.Event()
        self._connection: Connection | None = None
        self._is_closing = False
        self._worker: asyncio.Task[None] | None = None
        self.backend_pid = 0

    async def start(self) -> None:
        """Connect.

        Raises:
            psycopg.Error: That is not possible.
        """
        self._connection = await self._connect()
        self._worker = self._loop.create_task(self._work())

    def submit(self, operation: Operation) -> asyncio.Future[Any]:
        """Queue an operation; the future is done when its effect is committed.

        Raises:
            StoreUnavailableError: There is no connection.
        """
        if self._connection is None or self._is_closing:
            raise StoreUnavailableError("PostgreSQL cannot be reached: nothing was written. Try again.")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((operation, future))
        self._more.set()
        return future

    async def close(self) -> None:
        """Finish what was asked."""
        self._is_closing = True
        self._more.set()
        if self._worker is not None:
            await self._worker

    async def _work(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not (self._is_closing and not self._waiting):
            if self._connection is None:
                try:
                    self._connection = await self._connect()
                    pause_s = FIRST_PAUSE_S
                    self._on_again()
                except (psycopg.Error, OSError):
                    if self._is_closing:
                        break
                    await self._pause(pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                    continue
            if self._waiting:
                await self._run(self._connection)
            else:
                self._more.clear()
                await self._more.wait()
        self._fail_all(StoreUnavailableError("The core has stopped: nothing was written."))
        await self._disconnect()

    async def _pause(self, pause_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._more.wait(), pause_s)
        if not self._is_closing:
            self._more.clear()

    async def _run(self, connection: Connection) -> None:
        batch, self._waiting = self._waiting[:MOST_OPERATIONS], self._waiting[MOST_OPERATIONS:]
        runner = Runner(
            connection,
            self._texts,
            writes=self._writes,
            core_id=self._core_id,
            stream_notice=self._stream_notice,
        )
        try:
            outcomes = await runner.run([operation for operation, _ in batch])
        except StoreUnavailableError as error:
            outcomes = [error] * len(batch)
            await self._disconnect()
            self._fail_all(StoreUnavailableError("PostgreSQL cannot be reached: nothing was written. Try again."))
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():  # its caller stopped waiting
                continue
            if isinstance(outcome, MotiaError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        if outcomes and isinstance(outcomes[0], FencedError):
            self._on_fenced()

    def _fail_all(self, error: MotiaError) -> None:
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                await connection.close()
