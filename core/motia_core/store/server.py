"""The store's process: runs SQL for the core, and makes one transaction of whatever has accumulated.

It is a process because a thread would have to take the GIL from the core's event loop after every call of SQLite, and
a busy loop gives it back after seconds. It uses the standard library only and imports nothing of the package, so that
it starts in milliseconds and stays small; the core starts it as a script.

For each of its sockets there is a thread with a connection. A frame is a length (4 bytes, little-endian) and a
marshalled list of operations; a reply frame holds, for all operations since the last, their results in order and the
errors by index. Operations are (lane, kind, text, arguments); operations of one lane take effect in order.
"""

from __future__ import annotations

import marshal
import os
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, groupby
from pathlib import Path
from typing import Any

if __name__ == "__main__" and os.environ.get("MOTIA_FAILPOINT"):  # else nothing of the package is needed
    sys.path.append(str(Path(__file__).parents[2]))
    from motia_core.failpoints import passing
else:

    def passing(name: str) -> None:
        """No failpoint is set."""


EACH = 0  # arguments: parameters; result: rows
JOIN = 1  # arguments: rows of parameters, to be joined with those of neighbours with the same text; no result
LAST = 2  # as JOIN, but of rows that share their first two columns only the last counts
FETCH = 3  # arguments: rows of parameters; result: rows
STEPS = 4  # arguments: operations; result: the result of the last. All or nothing, as every operation is
# Arguments: guards, operations. Guards are operations too, run first, in order. When one of them returns no rows,
# nothing that this operation did remains, and the result is False; otherwise True.
GUARDED = 5

Operation = tuple[int, int, str, Any]
Errors = dict[int, tuple[int, str]]  # by index: SQLite's result code (0: not from SQLite) and what is wrong

VERSION = 2  # of marshal: without references, which cost more than they save
RECEIVE_BYTES = 256 * 1024
MOST_BYTES = 8 * 1024 * 1024  # of frames taken into one transaction
MOST_ROWS = 128  # of one statement; times the widest row stays far below SQLite's 32,766 parameters

_closing = threading.Lock()  # the last connection to a database removes its log: two at once would leave it

OF_ONE_OPERATION = {0, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE}


def connect(path: str, synchronous: str) -> sqlite3.Connection:
    """A connection in autocommit mode."""
    # Where the log is synced when it is brought into the database only, that is seldom: it is what costs.
    checkpoint = "wal_autocheckpoint=8000" if synchronous == "NORMAL" else "wal_autocheckpoint=1000"
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, cached_statements=256)
    try:
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "temp_store=MEMORY",
            "cache_size=-8192",
            checkpoint,
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def to_frame(message: Any) -> bytes:
    """A message with its length before it."""
    data = marshal.dumps(message, VERSION)
    return len(data).to_bytes(4, "little") + data


class Frames:
    """Cuts what a socket yields into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """The messages that are complete now."""
        buffer = self._buffer
        buffer += data
        messages, start = [], 0
        while len(buffer) - start >= 4:
            end = start + 4 + int.from_bytes(buffer[start : start + 4], "little")
            if end > len(buffer):
                break
            with memoryview(buffer) as view:
                messages.append(marshal.loads(view[start + 4 : end]))
            start = end
        del buffer[:start]
        return messages


class JoinedText:
    """A statement with one list of parameters, `VALUES (?, ?)` or `IN (?)`, for 128, 64, 32 … 1 rows at once: far
    fewer calls than a row each, and few enough texts for the driver to keep them prepared."""

    def __init__(self, text: str) -> None:
        start = text.index("(?")
        row = text[start : text.index(")", start) + 1]
        repeated = row if "VALUES" in text else row[1:-1]
        sizes = [1 << power for power in reversed(range(MOST_ROWS.bit_length()))]
        self._texts = [(size, text.replace(repeated, ", ".join([repeated] * size), 1)) for size in sizes]

    def run(self, cursor: sqlite3.Cursor, rows: list[Any]) -> list[Any]:
        """Run for all rows; what the statements return."""
        start, found = 0, []
        for size, text in self._texts:
            while len(rows) - start >= size:
                parameters = list(chain.from_iterable(rows[start : start + size]))
                found += cursor.execute(text, parameters).fetchall()
                start += size
        return found


class Runner:
    """Runs operations on one connection; when it writes, a batch is one transaction.

    The connection is made when it is needed: that may fail as anything else may, and succeed later.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, writes: bool) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._writes = writes
        self._joined: dict[str, JoinedText] = {}

    def run(self, batch: list[Operation]) -> tuple[list[Any], Errors]:
        """The results in order, and what failed."""
        try:
            if self._connection is None:
                self._connection = self._connect()
                self._cursor = self._connection.cursor()
            return self._transact(batch), {}
        except Exception as error:  # boundary: whatever an operation raises is its caller's
            code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
            problem = (code, f"{type(error).__name__}: {error}")
            with suppress(sqlite3.Error):  # the error that led here is the one to tell
                if self._connection and self._connection.in_transaction:
                    self._cursor.execute("ROLLBACK")
        if len(batch) == 1 or code not in OF_ONE_OPERATION | {sqlite3.SQLITE_FULL}:
            return [None] * len(batch), dict.fromkeys(range(len(batch)), problem)
        # Each in a transaction of its own: neither a bad statement nor the space it needs fails its neighbours.
        outcomes = [self.run([operation]) for operation in batch]
        failed = {index: errors[0] for index, (_, errors) in enumerate(outcomes) if errors}
        return [results[0] for results, _ in outcomes], failed

    def close(self) -> None:
        """Bring the write-ahead log into the database."""
        if self._connection is None:
            return
        with suppress(sqlite3.Error):  # a log that stays is brought in when the database is opened again
            if self._writes:
                self._cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._connection.close()

    def _transact(self, batch: list[Operation]) -> list[Any]:
        if not self._writes:
            return [self._single(*operation) for operation in batch]
        results: list[Any] = [None] * len(batch)
        passing("store.received")
        self._cursor.execute("BEGIN IMMEDIATE")
        order = sorted(range(len(batch)), key=lambda index: batch[index][0])
        for (_, kind, text), indexes in groupby(order, key=lambda index: batch[index][:3]):
            if kind in (JOIN, LAST):
                self._join(kind, text, list(chain.from_iterable(batch[index][3] for index in indexes)))
            else:
                for index in indexes:
                    results[index] = self._single(*batch[index])
        passing("store.committing")
        self._cursor.execute("COMMIT")
        passing("store.committed")
        return results

    def _single(self, lane: int, kind: int, text: str, arguments: Any) -> Any:
        if kind == EACH:
            return self._cursor.execute(text, arguments).fetchall()
        if kind == STEPS:
            return [self._single(*step) for step in arguments][-1]
        if kind == GUARDED:
            return self._guarded(*arguments)
        rows = self._join(kind, text, arguments)
        return rows if kind == FETCH else None

    def _guarded(self, guards: list[Operation], operations: list[Operation]) -> bool:
        self._cursor.execute("SAVEPOINT guarded")
        held = all(self._single(*guard) for guard in guards)
        if held:
            for operation in operations:
                self._single(*operation)
        else:
            self._cursor.execute("ROLLBACK TO guarded")
        self._cursor.execute("RELEASE guarded")
        return held

    def _join(self, kind: int, text: str, rows: list[Any]) -> list[Any]:
        if kind == LAST:
            rows = list({row[:2]: row for row in rows}.values())
        joined = self._joined.get(text)
        if joined is None:
            joined = self._joined[text] = JoinedText(text)
        return joined.run(self._cursor, rows)


def serve(channel: socket.socket, path: str, synchronous: str, *, writes: bool) -> None:
    """Answer what comes through a socket until it is closed."""
    frames = Frames()
    runner = Runner(lambda: connect(path, synchronous), writes=writes)
    runner.run([])  # connects
    while data := _receive(channel):
        messages = frames.feed(data)
        size = len(data)
        with suppress(BlockingIOError):  # nothing more has accumulated
            while size < MOST_BYTES and (data := _receive(channel, socket.MSG_DONTWAIT)):
                messages += frames.feed(data)
                size += len(data)
        if messages:
            reply = runner.run(list(chain.from_iterable(messages)))
            with suppress(BrokenPipeError, ConnectionResetError):  # the core is gone: nobody waits for the answer
                channel.sendall(to_frame(reply))
            passing("store.answered")
    with _closing:
        runner.close()


def _receive(channel: socket.socket, flags: int = 0) -> bytes:
    try:
        return channel.recv(RECEIVE_BYTES, flags)
    except ConnectionResetError:  # the core has died with answers unread
        return b""


def _end(failure: threading.ExceptHookArgs) -> None:
    sys.excepthook(failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback)
    os._exit(1)


def main(arguments: list[str]) -> None:
    """Arguments: for each socket its descriptor, the database, `synchronous`, and `write` or `read`."""
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the core, which then closes the sockets
        signal.signal(number, signal.SIG_IGN)
    threading.excepthook = _end  # the core starts another process
    threads = []
    for descriptor, path, synchronous, purpose in zip(*[iter(arguments)] * 4, strict=True):
        channel = socket.socket(fileno=int(descriptor))
        writes = purpose == "write"
        threads.append(threading.Thread(target=serve, args=(channel, path, synchronous), kwargs={"writes": writes}))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
