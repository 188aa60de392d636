"""The core's end of a socket to the store's process: sends operations together, and completes their futures."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections import deque
from typing import Any, cast

from motia_core.errors import InternalError, MotiaError, StoreFullError, StoreUnavailableError
from motia_core.failpoints import passing
from motia_core.store.server import OF_ONE_OPERATION, Errors, Frames, Operation, to_frame


class Channel(asyncio.Protocol):
    """Operations out, results in, in the same order. Outlives its connection: a new one can be made when it is lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._frames = Frames()
        self._unsent: list[Operation] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self.lost: asyncio.Future[None] = loop.create_future()  # done when the connection is gone

    async def connect(self, end: socket.socket) -> None:
        """Use this end of a pair of sockets from now on."""
        await self._loop.create_unix_connection(lambda: self, sock=end)

    def submit(self, operation: Operation) -> asyncio.Future[Any]:
        """Queue an operation; the future is done when its effect is committed.

        Raises:
            StoreUnavailableError: There is no connection.
        """
        if self._transport is None:
            raise StoreUnavailableError("The store's process is not running: nothing was written. Try again.")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(future)
        self._unsent.append(operation)
        if len(self._waiting) == 1:
            self._send()
        elif len(self._unsent) == 1:  # what else this turn of the loop asks goes with it
            self._loop.call_soon(self._send)
        return future

    def close(self) -> None:
        """Let the process finish what was sent, and end."""
        if self._transport:
            self._send()
            self._transport.write_eof()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        if not unsent or not self._transport:
            return
        try:
            self._transport.write(to_frame(unsent))
        except ValueError:
            self._send_sound(self._transport, unsent)
        passing("store.sent")

    def _send_sound(self, transport: asyncio.Transport, unsent: list[Operation]) -> None:
        """Send what can be marshalled, and fail the rest."""
        futures = [self._waiting.pop() for _ in unsent]
        for operation, future in zip(unsent, reversed(futures), strict=True):
            try:
                transport.write(to_frame([operation]))
            except ValueError as error:
                if not future.done():
                    future.set_exception(InternalError(f"The store cannot hold such a value: {error}."))
            else:
                self._waiting.append(future)

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._frames = Frames()
        self.lost = self._loop.create_future()

    def data_received(self, data: bytes) -> None:
        for results, errors in self._frames.feed(data):
            passing("store.heard")
            self._settle(results, errors)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._unsent.clear()
        waiting, self._waiting = self._waiting, deque()
        for future in waiting:
            if not future.done():
                future.set_exception(StoreUnavailableError("The store's process ended before it answered. Try again."))
        if not self.lost.done():
            self.lost.set_result(None)

    def _settle(self, results: list[Any], errors: Errors) -> None:
        waiting = self._waiting
        for index, result in enumerate(results):
            future = waiting.popleft()
            if future.done():  # its caller stopped waiting
                continue
            if index in errors:
                future.set_exception(_to_error(*errors[index]))
            else:
                future.set_result(result)


def _to_error(code: int, problem: str) -> MotiaError:
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError(
            "The disk that holds the data directory is full: nothing was written. Make room; no restart is needed."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreUnavailableError(
            "Another program holds the database locked: nothing was written. Close what has motia.db open."
        )
    if code in OF_ONE_OPERATION:
        return InternalError(f"The store could not run an operation. {problem}")
    return StoreUnavailableError(f"The store cannot use its disk: nothing was written. {problem}")
