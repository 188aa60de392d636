"""The tables, as SQLAlchemy Core sees them. Ids are made by the application, so that several cores can share them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

# SQLite makes only a column of exactly this type the row's own number, which is what keeps inserts cheap.
Id = BigInteger().with_variant(Integer, "sqlite")
# Compared by code point everywhere, as SQLite does by itself.
Name = Text().with_variant(Text(collation="C"), "postgresql")

durable = MetaData()  # in motia.db: what must survive
recorded = MetaData()  # in traces.db: what may be lost


def _event() -> list[Column[object]]:
    """The columns of a delivery, waiting or dead."""
    return [
        Column("id", Id, primary_key=True, autoincrement=False),
        Column("topic", Name, nullable=False),
        Column("step_id", Name, nullable=False),
        Column("data", LargeBinary, nullable=False),
        Column("trace_id", Name, nullable=False),
        Column("traceparent", Text, nullable=False),
        Column("tracestate", Text, nullable=False),
        Column("baggage", Text, nullable=False),
        Column("parent_id", BigInteger, nullable=False),
        Column("emitted_ms", BigInteger, nullable=False),
        Column("due_ms", BigInteger, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("group_id", Name, nullable=False),
        # One line of JSON for each failed attempt, oldest first: appended without being read.
        Column("failures", Text, nullable=False, server_default=""),
    ]


deliveries = Table("deliveries", durable, *_event())
Index("deliveries_by_step", deliveries.c.step_id, deliveries.c.id)

dead_letters = Table("dead_letters", durable, *_event(), Column("dead_ms", BigInteger, nullable=False))
Index("dead_letters_by_step", dead_letters.c.step_id, dead_letters.c.id)
Index("dead_letters_by_topic", dead_letters.c.topic, dead_letters.c.id)

state = Table(
    "state",
    durable,
    Column("group_id", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("group_id", "key", name="state_pkey"),
)

stream_items = Table(
    "stream_items",
    durable,
    Column("stream", Name, nullable=False),
    Column("group_id", Name, nullable=False),
    Column("item_id", Name, nullable=False),
    Column("item", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_id", BigInteger, nullable=False),  # grows with every new item: the order of creation
    PrimaryKeyConstraint("stream", "group_id", "item_id", name="stream_items_pkey"),
)

attempts = Table(
    "attempts",
    recorded,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("trace_id", Name, nullable=False),
    Column("parent_id", BigInteger, nullable=False),
    Column("step", Name, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("error_kind", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
)
Index("attempts_by_trace", attempts.c.trace_id, attempts.c.id)
Index("attempts_by_step", attempts.c.step, attempts.c.id)

for _metadata in (durable, recorded):  # what Alembic keeps the revision in; here so that a fresh store needs no Alembic
    Table(
        "alembic_version",
        _metadata,
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
    )
