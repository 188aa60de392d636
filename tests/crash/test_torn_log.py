"""A machine that dies writes the last bytes of the log in part, or not as they were: then the last transaction has not
happened, all of it, and those before it have."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from motia_core.clock import SystemClock
from motia_core.model.effects import Effects, StateWrite
from motia_core.model.ids import IdSource
from motia_core.store.database import Database
from motia_core.store.effects import to_operation
from motia_core.store.server import Runner, connect
from tests.fakes.values import a_delivery

TRANSACTIONS = 5
STRIDE = 199  # bytes from one cut to the next: prime, so that cuts come to lie everywhere


class Written:
    """A database with its log as they are while it is in use, after each of some transactions."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "motia.db"
        Database(self.path, "durable")
        ids = IdSource(SystemClock(), 0)
        runner = Runner(lambda: connect(str(self.path), "FULL"), writes=True)
        self.sizes = []
        for number in range(1, TRANSACTIONS + 1):
            effects = Effects(
                state=[StateWrite("numbers", str(number), b"x" * 3000, number)],
                deliveries=[a_delivery(number)],
                completes=number - 1,  # 0 for the first: none
            )
            operation = to_operation(effects, 0, ids)
            assert operation is not None
            _, errors = runner.run([operation])
            assert not errors
            self.sizes.append(self.log.stat().st_size)
        self.logged = self.log.read_bytes()
        self.database = self.path.read_bytes()
        runner.close()

    @property
    def log(self) -> Path:
        return self.path.with_name("motia.db-wal")

    def transactions_after(self, log: bytes, folder: Path) -> int:
        """How many there are when it is opened with another log; all of them in full, or it fails."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        path = folder / "motia.db"
        path.write_bytes(self.database)
        path.with_name("motia.db-wal").write_bytes(log)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            numbers = [int(key) for (key,) in connection.execute("SELECT key FROM state ORDER BY key")]
            assert numbers == list(range(1, len(numbers) + 1))
            deliveries = [number for (number,) in connection.execute("SELECT id FROM deliveries")]
            assert deliveries == numbers[-1:]
        return len(numbers)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def test_the_whole_log_holds_all_transactions(written: Written, tmp_path: Path) -> None:
    assert written.transactions_after(written.logged, tmp_path / "opened") == TRANSACTIONS


def test_a_log_that_ends_early_ends_with_a_transaction(written: Written, tmp_path: Path) -> None:
    for cut in _places(written):
        complete = sum(size <= cut for size in written.sizes)
        assert written.transactions_after(written.logged[:cut], tmp_path / "opened") == complete, cut


def test_a_changed_byte_ends_the_log(written: Written, tmp_path: Path) -> None:
    for place in _places(written):
        changed = bytearray(written.logged)
        changed[place] ^= 0x40
        before = sum(size <= place for size in written.sizes)
        assert written.transactions_after(bytes(changed), tmp_path / "opened") == before, place


def _places(written: Written) -> Iterator[int]:
    """All through the last two transactions."""
    yield from range(written.sizes[-3], written.sizes[-1], STRIDE)
