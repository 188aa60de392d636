"""The tables, as SQLAlchemy Core sees them. Ids are made by the application, so that several cores can share them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    and_,
    func,
    literal_column,
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


def _place() -> list[Column[object]]:
    """Where a delivery stands among others."""
    return [
        Column("rank", Integer, nullable=False, server_default="0"),  # lower first: the priority, negated
        Column("lane", Name, nullable=False, server_default=""),
        Column("shard", Integer, nullable=False, server_default="0"),
    ]


deliveries = Table("deliveries", durable, *_event(), *_place())
# Every delivery is in exactly one of three indexes, which answers the one question that is asked of it. Conditions are
# written out, in queries too: SQLite must see that they are those of the index.
NO_LANE = deliveries.c.lane == literal_column("''")
IN_LANE = deliveries.c.lane != literal_column("''")
DUE = and_(deliveries.c.due_ms == literal_column("0"), NO_LANE)
LATER = and_(deliveries.c.due_ms != literal_column("0"), NO_LANE)
for _name, _columns, _condition in (
    ("deliveries_by_rank", ("step_id", "shard", "rank", "id"), DUE),
    ("deliveries_by_due", ("step_id", "shard", "due_ms", "id"), LATER),
    ("deliveries_by_lane", ("step_id", "lane", "id"), IN_LANE),
):
    Index(_name, *(deliveries.c[name] for name in _columns), sqlite_where=_condition, postgresql_where=_condition)

dead_letters = Table("dead_letters", durable, *_event(), Column("dead_ms", BigInteger, nullable=False), *_place())
Index("dead_letters_by_step", dead_letters.c.step_id, dead_letters.c.id)
Index("dead_letters_by_age", dead_letters.c.dead_ms)
Index("dead_letters_by_topic", dead_letters.c.topic, dead_letters.c.id)

progress = Table(  # what is remembered of deliveries, as long as they are there
    "progress",
    durable,
    Column("delivery_id", BigInteger, nullable=False),
    Column("key", Name, nullable=False),
    Column("value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("delivery_id", "key", name="progress_pkey"),
)

waits = Table(  # deliveries that wait for an event; each waits for one at a time
    "waits",
    durable,
    Column("delivery_id", Id, primary_key=True, autoincrement=False),
    Column("step_id", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("topic", Name, nullable=False),
    Column("match", LargeBinary, nullable=False),
    Column("since_id", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)
Index("waits_by_topic", waits.c.topic)

signals = Table(  # events on topics that are waited for
    "signals",
    durable,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("topic", Name, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)
Index("signals_by_topic", signals.c.topic, signals.c.id)
Index("signals_by_expiry", signals.c.expires_ms)

waited_topics = Table(  # topics that a handler once waited for
    "waited_topics",
    durable,
    Column("topic", Name, primary_key=True),
)

unique_keys = Table(  # idempotency keys of topics, due times of cron steps
    "unique_keys",
    durable,
    Column("scope", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("scope", "key", name="unique_keys_pkey"),
)
Index("unique_keys_by_expiry", unique_keys.c.expires_ms)

cores = Table(  # cores that share the store; one that has not renewed its lease is dead
    "cores",
    durable,
    Column("id", Id, primary_key=True, autoincrement=False),  # grows; also the core's shard
    Column("lease_until_ms", BigInteger, nullable=False),  # by the database's clock
)

shards = Table(  # which core runs the deliveries of a shard; those of a dead core are taken over
    "shards",
    durable,
    Column("shard", Id, primary_key=True, autoincrement=False),
    Column("core_id", BigInteger, nullable=False),
)

homes = Table(  # which core runs all deliveries of a step
    "homes",
    durable,
    Column("step_id", Name, primary_key=True),
    Column("core_id", BigInteger, nullable=False),
)

state = Table(
    "state",
    durable,
    Column("group_id", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="1"),  # an id: changes with every write
    Column("expires_ms", BigInteger, nullable=False, server_default="0"),  # 0: never
    PrimaryKeyConstraint("group_id", "key", name="state_pkey"),
)

_expiring = state.c.expires_ms != 0
Index("state_by_expiry", state.c.expires_ms, sqlite_where=_expiring, postgresql_where=_expiring)

stream_items = Table(
    "stream_items",
    durable,
    Column("stream", Name, nullable=False),
    Column("group_id", Name, nullable=False),
    Column("item_id", Name, nullable=False),
    Column("item", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_id", BigInteger, nullable=False),  # grows with every new item: the order of creation
    Column("version", BigInteger, nullable=False, server_default="1"),  # the sequence of its last change
    Column("expires_ms", BigInteger, nullable=False, server_default="0"),  # 0: never
    PrimaryKeyConstraint("stream", "group_id", "item_id", name="stream_items_pkey"),
)
_expiring_items = stream_items.c.expires_ms != 0
Index(
    "stream_items_by_expiry",
    stream_items.c.expires_ms,
    sqlite_where=_expiring_items,
    postgresql_where=_expiring_items,
)
Index("stream_items_by_creation", stream_items.c.stream, stream_items.c.group_id, stream_items.c.created_id)

stream_clock = Table(  # one row
    "stream_clock",
    durable,
    Column("id", Id, primary_key=True, autoincrement=False),
    # Of the last change: µs since the epoch, made unique. Whoever takes the next one holds the row until it commits.
    Column("sequence", BigInteger, nullable=False),
    Column("forgotten", BigInteger, nullable=False, server_default="0"),  # changes up to here are not kept any more
)

stream_changes = Table(  # what happened in streams, for a while
    "stream_changes",
    durable,
    Column("sequence", Id, primary_key=True, autoincrement=False),
    Column("stream", Name, nullable=False),
    Column("group_id", Name, nullable=False),
    Column("item_id", Name, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)
Index("stream_changes_by_group", *(stream_changes.c[name] for name in ("stream", "group_id", "sequence")))

stream_members = Table(  # subscriptions that others see
    "stream_members",
    durable,
    Column("stream", Name, nullable=False),
    Column("group_id", Name, nullable=False),
    Column("member_id", Name, nullable=False),
    Column("core_id", BigInteger, nullable=False),  # whose client it is; it leaves with its core
    Column("info", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream", "group_id", "member_id", name="stream_members_pkey"),
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
    Column("waited_ms", BigInteger, nullable=False, server_default="0"),
    Column("http_status", Integer, nullable=False, server_default="0"),
    Column("parent_span", Text, nullable=False, server_default=""),
    Column("batch", BigInteger, nullable=False, server_default="0"),
    Column("delivery_id", BigInteger, nullable=False, server_default="0"),
)


def when_begun(trace_id: ColumnElement[str]) -> ColumnElement[str]:
    """The part of a trace id that grows with time: an index by it is written at its end, which is several times cheaper
    than anywhere."""
    return func.substr(trace_id, literal_column("7"))


Index("attempts_by_trace", when_begun(attempts.c.trace_id), attempts.c.id)
_is_failed = attempts.c.status == literal_column("'failed'")
Index("attempts_failed", attempts.c.id, sqlite_where=_is_failed, postgresql_where=_is_failed)

details = Table(  # of several attempts together; apart, so that a list of attempts reads few pages
    "details",
    recorded,
    Column("id", Id, primary_key=True, autoincrement=False),  # `batch` of these attempts
    Column("latest_ms", BigInteger, nullable=False),  # when the last of them began
    Column("body", LargeBinary, nullable=False),  # model/recording.py
)

state_writes = Table(  # which attempts have written what
    "state_writes",
    recorded,
    Column("target", Name, nullable=False),  # "group/key"; "group": all of it
    Column("attempt_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("target", "attempt_id", name="state_writes_pkey"),
    sqlite_with_rowid=False,
)

logs = Table(
    "logs",
    recorded,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("level", Integer, nullable=False),
    Column("step", Name, nullable=False),
    Column("trace_id", Name, nullable=False),
    Column("message", Text, nullable=False),
    Column("fields", LargeBinary, nullable=False),
)
Index("logs_by_trace", when_begun(logs.c.trace_id), logs.c.id)

spans = Table(  # of users' OpenTelemetry
    "spans",
    recorded,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("attempt_id", BigInteger, nullable=False),
    Column("trace_id", Name, nullable=False),
    Column("span_id", Text, nullable=False),
    Column("parent_span", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("offset_us", BigInteger, nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("attributes", LargeBinary, nullable=False),
)
Index("spans_by_trace", when_begun(spans.c.trace_id), spans.c.id)

for _metadata in (durable, recorded):  # what Alembic keeps the revision in; here so that a fresh store needs no Alembic
    Table(
        "alembic_version",
        _metadata,
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
    )
