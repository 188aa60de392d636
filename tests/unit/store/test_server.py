"""What the store's process does with operations, without the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from motia_core.store.server import (
    EACH,
    FETCH,
    GUARDED,
    JOIN,
    LAST,
    STEPS,
    Frames,
    JoinedText,
    Operation,
    Runner,
    to_frame,
)

INSERT = "INSERT INTO t (id, k) VALUES (?, ?)"
UPSERT = "INSERT INTO t (id, k) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET k = excluded.k"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, k)")
    yield connection
    connection.close()


@pytest.fixture
def statements(connection: sqlite3.Connection) -> list[str]:
    """What the connection runs from now on."""
    seen: list[str] = []
    connection.set_trace_callback(lambda text: seen.append(text.split(" (")[0]))
    return seen


def insert(*ids: int, lane: int = 0) -> Operation:
    return (lane, JOIN, INSERT, [(number, "x") for number in ids])


def ids(connection: sqlite3.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT id FROM t ORDER BY id")]


def test_operations_alike_are_joined_across_lanes(connection: sqlite3.Connection, statements: list[str]) -> None:
    delete = "DELETE FROM t WHERE id IN (?)"
    batch: list[Operation] = []
    for number in range(4):
        batch += [(1, JOIN, delete, [(number,)]), insert(number)]
    assert Runner(lambda: connection, writes=True).run(batch) == ([None] * 8, {})
    assert statements == ["BEGIN IMMEDIATE", "INSERT INTO t", "DELETE FROM t WHERE id IN", "COMMIT"]
    assert ids(connection) == []


def test_results_are_in_the_order_of_the_operations(connection: sqlite3.Connection) -> None:
    select = "SELECT ?"
    batch: list[Operation] = [
        (2, EACH, select, (1,)),
        insert(1),
        (1, EACH, select, (2,)),
        (2, EACH, select, (3,)),
        (
            1,
            STEPS,
            "",
            ((1, JOIN, INSERT, [(2, "x")]), (1, FETCH, "DELETE FROM t WHERE id IN (?) RETURNING id", [(1,)])),
        ),
    ]
    assert Runner(lambda: connection, writes=True).run(batch) == ([[(1,)], None, [(2,)], [(3,)], [(1,)]], {})


def test_of_rows_with_one_key_the_last_counts(connection: sqlite3.Connection) -> None:
    upsert = "INSERT INTO u (a, b, v) VALUES (?, ?, ?) ON CONFLICT (a, b) DO UPDATE SET v = excluded.v"
    connection.execute("CREATE TABLE u (a, b, v, PRIMARY KEY (a, b))")
    batch: list[Operation] = [(0, LAST, upsert, [("g", "k", value)]) for value in (1, 2, 3)]
    Runner(lambda: connection, writes=True).run(batch)
    assert connection.execute("SELECT v FROM u").fetchall() == [(3,)]


def guarded(guard: Operation, *more: Operation) -> Operation:
    return (0, GUARDED, "", ([guard], more))


def taken(number: int) -> Operation:
    """Returns a row if the id was there."""
    return (0, EACH, "DELETE FROM t WHERE id = ? RETURNING id", (number,))


def test_guarded_operations_are_done_when_the_guard_returns_a_row(connection: sqlite3.Connection) -> None:
    runner = Runner(lambda: connection, writes=True)
    batch = [insert(1, 2), guarded(taken(1), insert(3), taken(404), insert(4)), guarded(taken(404), insert(5))]
    assert runner.run(batch) == ([None, True, False], {})
    assert ids(connection) == [2, 3, 4]


def test_what_guards_did_is_undone_when_a_later_one_returns_nothing(connection: sqlite3.Connection) -> None:
    runner = Runner(lambda: connection, writes=True)
    wrong: Operation = (0, GUARDED, "", ([taken(1), taken(2), taken(404), taken(3)], [insert(9)]))
    right: Operation = (0, GUARDED, "", ([taken(2), taken(3)], []))
    assert runner.run([insert(1, 2, 3), wrong, insert(4), right]) == ([None, False, None, True], {})
    assert ids(connection) == [1, 4]


def test_guarded_operation_that_fails_is_undone_and_fails_alone(connection: sqlite3.Connection) -> None:
    runner = Runner(lambda: connection, writes=True)
    results, errors = runner.run([insert(1, 2), guarded(taken(1), insert(3, 2)), guarded(taken(2), insert(5))])
    assert results == [None, None, True]
    assert {index: code for index, (code, _) in errors.items()} == {1: sqlite3.SQLITE_CONSTRAINT}
    assert ids(connection) == [1, 5]


def test_of_rows_with_one_key_the_last_counts_within_an_operation_too(
    connection: sqlite3.Connection, statements: list[str]
) -> None:
    last: Operation = (0, LAST, UPSERT, [(1, "x"), (2, "y"), (1, "x")])
    runner = Runner(lambda: connection, writes=True)
    runner.run([(0, STEPS, "", [last])])
    assert statements == ["BEGIN IMMEDIATE", "INSERT INTO t", "COMMIT"]
    assert ids(connection) == [1, 2]


def test_operation_that_fails_leaves_its_neighbours_alone(connection: sqlite3.Connection) -> None:
    batch = [insert(1, 2), insert(3, 1), insert(4), (0, EACH, "SELECT missing", ()), insert(5)]
    results, errors = Runner(lambda: connection, writes=True).run(batch)
    assert results == [None] * 5
    assert {index: code for index, (code, _) in errors.items()} == {
        1: sqlite3.SQLITE_CONSTRAINT,
        3: sqlite3.SQLITE_ERROR,
    }
    assert ids(connection) == [1, 2, 4, 5]  # nothing of the one that failed, not even 3


def test_value_that_cannot_be_stored_fails_alone(connection: sqlite3.Connection) -> None:
    batch: list[Operation] = [insert(1), (0, JOIN, INSERT, [(2, "\ud800")]), (0, JOIN, INSERT, [(2**70, "x")])]
    _, errors = Runner(lambda: connection, writes=True).run(batch)
    assert {index: code for index, (code, _) in errors.items()} == {1: 0, 2: 0}
    assert ids(connection) == [1]


def test_locked_database_fails_the_batch_once(tmp_path: object) -> None:
    path = f"{tmp_path}/test.db"
    mine = sqlite3.connect(path, isolation_level=None, timeout=0)
    mine.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, k)")
    theirs = sqlite3.connect(path, isolation_level=None)
    theirs.execute("BEGIN IMMEDIATE")
    runner = Runner(lambda: mine, writes=True)
    _, errors = runner.run([insert(1), insert(2)])
    assert [code for code, _ in errors.values()] == [sqlite3.SQLITE_BUSY] * 2
    theirs.execute("COMMIT")
    assert runner.run([insert(1)]) == ([None], {})
    runner.close()
    theirs.close()


def test_full_disk_fails_what_does_not_fit_and_heals(connection: sqlite3.Connection) -> None:
    runner = Runner(lambda: connection, writes=True)
    [(pages,)] = connection.execute("PRAGMA page_count").fetchall()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    big: Operation = (0, JOIN, INSERT, [(1, "x"), (2, "x" * 100_000)])
    _, errors = runner.run([big, insert(3)])
    assert {index: code for index, (code, _) in errors.items()} == {0: sqlite3.SQLITE_FULL}
    assert ids(connection) == [3]
    connection.execute("PRAGMA max_page_count = 100000")
    assert runner.run([big]) == ([None], {})
    assert ids(connection) == [1, 2, 3]


def test_connection_that_cannot_be_made_is_tried_again(connection: sqlite3.Connection) -> None:
    answers: Iterator[Exception | sqlite3.Connection] = iter([sqlite3.OperationalError("no"), connection])

    def connect() -> sqlite3.Connection:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    runner = Runner(connect, writes=True)
    assert runner.run([insert(1)]) == ([None], {0: (0, "OperationalError: no")})
    assert runner.run([insert(1)]) == ([None], {})


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 127, 128, 129, 1_000])
def test_joined_text_runs_every_row_once(connection: sqlite3.Connection, rows: int) -> None:
    JoinedText(INSERT).run(connection.cursor(), [(number, "x") for number in range(rows)])
    assert ids(connection) == list(range(rows))
    JoinedText(UPSERT).run(connection.cursor(), [(number, "y") for number in range(rows)])
    found = JoinedText("DELETE FROM t WHERE id IN (?) RETURNING id, k").run(
        connection.cursor(), [(number,) for number in range(rows)]
    )
    assert sorted(found) == [(number, "y") for number in range(rows)]


def test_frames_are_whole_whatever_the_pieces() -> None:
    messages = [[1, "ü", b"\x00" * 300], [], [(0, 1, "text", [(None,)])]]
    data = b"".join(map(to_frame, messages))
    for size in (1, 3, 4, 5, 64, len(data)):
        frames = Frames()
        found = [message for start in range(0, len(data), size) for message in frames.feed(data[start : start + size])]
        assert found == messages
