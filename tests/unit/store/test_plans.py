"""Statements that must stay cheap however much is stored."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from motia_core.store import dead_letters, queue, state, streams, traces
from motia_core.store.queue import FIELDS
from motia_core.store.schema import prepare
from motia_core.store.server import connect
from motia_core.store.statements import Statement

STORED = 200_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("store") / "motia.db"
    connection = connect(str(path), "NORMAL")
    prepare(connection, "durable", path)
    others = ", ".join(["''"] * len(FIELDS[3:]))
    connection.execute(
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {STORED}) "
        f"INSERT INTO deliveries ({', '.join(FIELDS)}) SELECT i, 'topic', 'step' || (i % 4), {others} FROM n"
    )
    yield connection
    connection.close()


def plan(connection: sqlite3.Connection, statement: Statement) -> str:
    parameters = (0,) * statement.text.count("?")
    return "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", parameters))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (queue.READ, "SEARCH deliveries USING INDEX deliveries_by_step (step_id=? AND id>?)"),
        (queue.BACKLOGS, "SCAN deliveries USING COVERING INDEX deliveries_by_step"),
        (queue.BURY, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        (queue.RETRY, "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        (dead_letters.page_statement(False, False), "SEARCH dead_letters USING INTEGER PRIMARY KEY (rowid<?)"),
        (
            dead_letters.page_statement(True, False),
            "SEARCH dead_letters USING INDEX dead_letters_by_topic (topic=? AND id<?)",
        ),
        (
            dead_letters.page_statement(False, True),
            "SEARCH dead_letters USING INDEX dead_letters_by_step (step_id=? AND id<?)",
        ),
        (state.GET, "SEARCH state USING INDEX sqlite_autoindex_state_1 (group_id=? AND key=?)"),
        (state.GET_GROUP, "SEARCH state USING INDEX sqlite_autoindex_state_1 (group_id=?)"),
        (streams.GET, "sqlite_autoindex_stream_items_1 (stream=? AND group_id=? AND item_id=?)"),
    ],
)
def test_statement_uses_an_index(database: sqlite3.Connection, statement: Statement, expected: str) -> None:
    assert plan(database, statement).endswith(expected)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (traces.TRACE, "SEARCH attempts USING INDEX attempts_by_trace (trace_id=?)"),
        (traces.recent_statement(False), "SCAN attempts"),  # backwards by id, as far as the limit
        (traces.recent_statement(True), "SEARCH attempts USING INDEX attempts_by_step (step=?)"),
    ],
)
def test_query_of_traces_needs_no_sorting(tmp_path: Path, statement: Statement, expected: str) -> None:
    connection = connect(str(tmp_path / "traces.db"), "NORMAL")
    prepare(connection, "recorded", tmp_path)
    assert plan(connection, statement) == expected
    connection.close()


def test_read_costs_the_same_at_the_end_of_a_long_queue(database: sqlite3.Connection) -> None:
    def steps_of(after_id: int) -> int:
        """How much work SQLite does, in units of 100 of its instructions."""
        units = 0

        def count() -> int:
            nonlocal units
            units += 1
            return 0

        database.set_progress_handler(count, 100)
        assert len(database.execute(queue.READ.text, ("step1", after_id, 100)).fetchall()) == 100
        database.set_progress_handler(None, 0)
        return units

    assert steps_of(STORED - 1_000) <= steps_of(0) * 1.2


def test_backlogs_are_counted_fast_enough_for_a_start(database: sqlite3.Connection) -> None:
    start = time.perf_counter()
    assert len(database.execute(queue.BACKLOGS.text).fetchall()) == 4
    assert time.perf_counter() - start < 2  # some 20 ms when nothing else runs
