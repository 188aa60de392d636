"""Empties the tables of what must survive; those that say how cores share the store stay."""

from __future__ import annotations

from functools import cache

from sqlalchemy import delete

from motia_core.store.server import Operation
from motia_core.store.statements import QUEUE_LANE, Statement, sql, steps
from motia_core.store.tables import (
    dead_letters,
    deliveries,
    progress,
    signals,
    state,
    stream_changes,
    stream_items,
    stream_members,
    unique_keys,
    waits,
)

_EMPTIED = (
    deliveries,
    dead_letters,
    progress,
    waits,
    signals,
    unique_keys,
    state,
    stream_items,
    stream_changes,
    stream_members,
)


@cache
def wiping() -> Operation:
    """One transaction that removes every row."""
    return steps(*(Statement(QUEUE_LANE, sql(delete(table))).operation() for table in _EMPTIED))
