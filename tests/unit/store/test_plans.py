"""Statements that must stay cheap however much is stored."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

import pytest

from motia_core.store import dead_letters, delivery_sql, retention, state_sql, stream_sql, traces, waiting
from motia_core.store.delivery_rows import FIELDS
from motia_core.store.schema import Branch, prepare
from motia_core.store.server import STEPS, Operation, connect
from motia_core.store.statements import Joined, Statement
from motia_core.store.trace_queries import logs_statement, runs_statement

STORED = 200_000
PROGRESS = "; CORRELATED SCALAR SUBQUERY 1; SEARCH progress USING COVERING INDEX sqlite_autoindex_progress_1"


def opened(tmp_path_factory: pytest.TempPathFactory, branch: Branch) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("store") / "test.db"
    connection = connect(str(path), "NORMAL")
    prepare(connection, branch, path)
    return connection


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """200,000 deliveries of four steps: due, later, and the rest in 3 lanes."""
    connection = opened(tmp_path_factory, "durable")
    values = dict.fromkeys(FIELDS, "''") | {
        "id": "i",
        "step_id": "'step' || (i % 4)",
        "due_ms": "CASE WHEN i % 3 = 1 THEN 7 ELSE 0 END",
        "rank": "0",
        "shard": "0",
        "lane": "CASE WHEN i % 3 = 2 THEN 'f:' || (i % 9) ELSE '' END",
    }
    connection.execute(
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {STORED}) "
        f"INSERT INTO deliveries ({', '.join(values)}) SELECT {', '.join(values.values())} FROM n"
    )
    yield connection
    connection.close()


def plan(connection: sqlite3.Connection, statement: Statement | Joined) -> str:
    parameters = (0,) * statement.text.count("?")
    return "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", parameters))


def of_page(*arguments: object) -> Statement:
    lane, _, text, _ = state_sql.page(*arguments)  # type: ignore[arg-type]  # as parametrized
    return Statement(lane, text)


def of_swap(value: bytes | None, expected: int) -> Statement:
    lane, _, text, _ = state_sql.compare_and_set(("g", "k"), (value, 1, 0), expected, 0)
    return Statement(lane, text)


OF_ITEM = "sqlite_autoindex_stream_items_1 (stream=? AND group_id=? AND item_id=?)"
KEY = ("s", "g", "1")
BY_CREATION = "stream_items_by_creation (stream=? AND group_id=?"
BY_KEY = "SEARCH state USING INDEX sqlite_autoindex_state_1 (group_id=? AND key=?)"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            delivery_sql.READ_DUE[0],
            "SEARCH deliveries USING INDEX deliveries_by_rank (step_id=? AND shard=? AND rank=? AND id>?)" + PROGRESS,
        ),
        (
            delivery_sql.READ_DUE[1],
            "SEARCH deliveries USING INDEX deliveries_by_rank (step_id=? AND shard=? AND rank>?)" + PROGRESS,
        ),
        (
            delivery_sql.READ_LATER[0],
            "SEARCH deliveries USING INDEX deliveries_by_due (step_id=? AND shard=? AND due_ms=? AND id>?)" + PROGRESS,
        ),
        (
            delivery_sql.READ_LATER[1],
            "SEARCH deliveries USING INDEX deliveries_by_due (step_id=? AND shard=? AND due_ms>?)" + PROGRESS,
        ),
        (
            delivery_sql.READ_LANE,
            "SEARCH deliveries USING INDEX deliveries_by_lane (step_id=? AND lane=? AND id>?)" + PROGRESS,
        ),
        (delivery_sql.READ, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)" + PROGRESS),
        (delivery_sql.BURY, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        (delivery_sql.RETRY, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        (delivery_sql.WAKE, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        (delivery_sql.END, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        (waiting.REMEMBERED, "SEARCH progress USING INDEX sqlite_autoindex_progress_1 (delivery_id=?)"),
        (waiting.FORGET, "SEARCH progress USING INDEX sqlite_autoindex_progress_1 (delivery_id=?)"),
        (waiting.ANSWER, "SEARCH waits USING INTEGER PRIMARY KEY (rowid=?)"),
        (waiting.WAITS_FOR, "SEARCH waits USING INDEX waits_by_topic (topic=?)"),
        (waiting.SIGNALS, "SEARCH signals USING INDEX signals_by_topic (topic=? AND id>?)"),
        (
            dead_letters.page_statement(False, False),
            "SEARCH dead_letters USING INTEGER PRIMARY KEY (rowid<?)" + PROGRESS,
        ),
        (
            dead_letters.page_statement(True, False),
            "SEARCH dead_letters USING INDEX dead_letters_by_topic (topic=? AND id<?)" + PROGRESS,
        ),
        (
            dead_letters.page_statement(False, True),
            "SEARCH dead_letters USING INDEX dead_letters_by_step (step_id=? AND id<?)" + PROGRESS,
        ),
        (
            dead_letters.ids_statement(False, True),
            "SEARCH dead_letters USING COVERING INDEX dead_letters_by_step (step_id=? AND id>?)",
        ),
        (dead_letters.OLDEST, "SCAN dead_letters USING COVERING INDEX dead_letters_by_age"),
        (dead_letters.COUNT_AGED, "SEARCH dead_letters USING COVERING INDEX dead_letters_by_age (dead_ms<?)"),
        (state_sql.GET, BY_KEY),
        (state_sql.GET_GROUP, "SEARCH state USING INDEX sqlite_autoindex_state_1 (group_id=?)"),
        (of_swap(b"1", 1), BY_KEY),
        (of_swap(None, 1), BY_KEY),
        (of_swap(None, 0), f"SCAN CONSTANT ROW; SCALAR SUBQUERY 1; {BY_KEY}"),
        (of_page("g", "a", "", 1, 0), BY_KEY.replace("key=?", "key>? AND key<?")),
        (of_page("g", "a", "ab", 1, 0), BY_KEY.replace("key=?", "key>? AND key<?")),
        (of_page("g", "", "", 1, 0), BY_KEY.replace("key=?", "key>?")),
        (stream_sql.GET, f"SEARCH stream_items USING INDEX {OF_ITEM}"),
        (stream_sql.GET_GROUP, f"SEARCH stream_items USING INDEX {BY_CREATION})"),  # in order without being sorted
        (stream_sql.PAGE, f"SEARCH stream_items USING INDEX {BY_CREATION} AND created_id>?)"),
        (stream_sql.NEXT_EXPIRY, "SEARCH stream_items USING COVERING INDEX stream_items_by_expiry"),
        (
            stream_sql.MEMBERS,
            "SEARCH stream_members USING INDEX sqlite_autoindex_stream_members_1 (stream=? AND group_id=?)",
        ),
    ],
)
def test_statement_uses_an_index(database: sqlite3.Connection, statement: Statement | Joined, expected: str) -> None:
    found = plan(database, statement).replace(" (delivery_id=?)", "", 1 if PROGRESS in expected else 0)
    assert found.endswith(expected)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (stream_sql.CHANGES, "SEARCH stream_changes USING INTEGER PRIMARY KEY (rowid>?)"),
        (stream_sql.CHANGES_OF_GROUP, "INDEX stream_changes_by_group (stream=? AND group_id=? AND sequence>?)"),
        (stream_sql.CHANGES_OF_ITEM, "INDEX stream_changes_by_group (stream=? AND group_id=? AND sequence>?)"),
        (
            stream_sql.SNAPSHOT_OF_GROUP,
            "SEARCH stream_items USING INDEX sqlite_autoindex_stream_items_1 (stream=? AND g",
        ),
        (stream_sql.SNAPSHOT_OF_ITEM, f"SEARCH stream_items USING INDEX {OF_ITEM}"),
        (stream_sql.EXPIRED, "INDEX stream_items_by_expiry (expires_ms<?)"),
    ],
)
def test_statement_with_a_position_uses_an_index(
    database: sqlite3.Connection, statement: Statement, expected: str
) -> None:
    found = plan(database, statement)
    assert expected in found
    assert "SCAN stream_items" not in found
    assert "SCAN stream_changes" not in found


def writes_of(operation: Operation) -> list[Statement]:
    lane, kind, text, arguments = operation
    return [one for step in arguments for one in writes_of(step)] if kind == STEPS else [Statement(lane, text)]


@pytest.mark.parametrize(
    "operation",
    [
        stream_sql.set_item(KEY, b"{}", now_ms=1, now_us=1, created_id=1, expires_ms=0, max_items=5),
        stream_sql.compare_and_set(KEY, b"{}", expected=7, now_ms=1, now_us=1, created_id=1, expires_ms=0, max_items=5),
        stream_sql.delete_item(KEY, 1),
        stream_sql.expire(1, 1),
        stream_sql.forget(1),
    ],
)
def test_write_to_a_stream_scans_nothing(database: sqlite3.Connection, operation: Operation) -> None:
    for statement in writes_of(operation):
        found = plan(database, statement)
        assert "SCAN stream_items" not in found
        assert "SCAN stream_changes" not in found


@pytest.mark.parametrize("number", [0, 1, 2])
def test_expiry_looks_at_what_is_over_only(database: sqlite3.Connection, number: int) -> None:
    table = ("state", "unique_keys", "signals")[number]
    found = plan(database, retention.EXPIRE[number])
    assert f"INDEX {table}_by_expiry (expires_ms" in found
    assert "SCAN" not in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (traces.TRACE, "SEARCH attempts USING INDEX attempts_by_trace (<expr>=?)"),
        (traces.RECENT, "SCAN attempts"),  # backwards by id, as far as the limit
        (traces.RECENT_OF_STEP, "SCAN attempts"),  # as above
        (logs_statement(frozenset()), "SCAN logs"),  # as above
        (logs_statement(frozenset({"trace_id"})), "SEARCH logs USING INDEX logs_by_trace (<expr>=?)"),
    ],
)
def test_query_of_traces_needs_no_sorting(
    tmp_path_factory: pytest.TempPathFactory, statement: Statement, expected: str
) -> None:
    connection = opened(tmp_path_factory, "recorded")
    assert plan(connection, statement) == expected
    connection.close()


def test_a_page_of_runs_reads_that_page_and_its_attempts(tmp_path_factory: pytest.TempPathFactory) -> None:
    connection = opened(tmp_path_factory, "recorded")
    found = plan(connection, runs_statement(frozenset({"before_id"}), ""))
    assert "SEARCH first USING INTEGER PRIMARY KEY (rowid<?)" in found
    assert "SCAN others" not in found
    assert "SEARCH later USING INDEX attempts_by_trace (<expr>=? AND id>?)" in found
    assert "TEMP B-TREE" not in found
    connection.close()


def work_of(connection: sqlite3.Connection, operation: Operation, rows: int) -> int:
    """How much work SQLite does for so many rows, in units of 20 of its instructions."""
    units = 0

    def count() -> int:
        nonlocal units
        units += 1
        return 0

    _, _, text, parameters = operation
    connection.set_progress_handler(count, 20)
    assert len(connection.execute(text, parameters).fetchall()) == rows
    connection.set_progress_handler(None, 0)
    return units


@pytest.mark.parametrize(("statements", "value"), [(delivery_sql.READ_DUE, 0), (delivery_sql.READ_LATER, 7)])
def test_read_costs_the_same_at_the_end_of_a_long_queue(
    database: sqlite3.Connection, statements: tuple[Statement, Statement], value: int
) -> None:
    same, beyond = statements
    first = work_of(database, beyond.operation("step1", 0, -(2**31), 100), 100)
    last = work_of(database, same.operation("step1", 0, value, STORED - 2_000, 100), 100)
    assert last <= first * 1.2


def test_lanes_are_found_without_looking_at_their_deliveries(database: sqlite3.Connection) -> None:
    lanes = work_of(database, delivery_sql.READ_LANES.operation("step1", "", "step1", 100), 3)
    assert lanes < 10  # that is 200 instructions, for 16,667 deliveries


def test_backlogs_are_counted_fast_enough_for_a_start(database: sqlite3.Connection) -> None:
    found = plan(database, delivery_sql.BACKLOGS)
    assert [f"INDEX deliveries_by_{name}" in found for name in ("rank", "due", "lane")] == [True] * 3
    assert "TEMP B-TREE" not in found
    start = time.perf_counter()
    counts = database.execute(delivery_sql.BACKLOGS.text).fetchall()
    assert sum(count for _, count in counts) == STORED
    assert time.perf_counter() - start < 2  # some 20 ms when nothing else runs
