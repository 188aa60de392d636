"""Copies what a store holds into another, table by table: the two may speak different dialects."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from motia_core.store.tables import (
    cores,
    durable,
    homes,
    shards,
    stream_changes,
    stream_clock,
    stream_members,
)

ROWS = 1_000  # in memory at a time
# Who runs what and who watches now; and what clients of streams may have missed: they have seen another store.
_LIVING = {cores, shards, homes, stream_clock, stream_changes, stream_members}
_NO_CORE = {"shard": 0}
COPIED = [table for table in durable.sorted_tables if table not in _LIVING and table.name != "alembic_version"]


def copy_tables(source: Connection, target: Connection) -> Mapping[str, int]:
    """Copy all rows, in the transactions of both connections; how many of each table. Both have the newest schema.

    Deliveries belong to no core then: their shard is 0.
    """
    counts = {}
    for table in COPIED:
        counts[table.name] = 0
        found = source.execution_options(stream_results=True, max_row_buffer=ROWS).execute(select(table))
        for rows in found.mappings().partitions(ROWS):
            target.execute(insert(table), [{**row, **_NO_CORE} if "shard" in row else dict(row) for row in rows])
            counts[table.name] += len(rows)
    return counts
