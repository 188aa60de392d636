"""Lanes, priorities and shards of deliveries; what is remembered and waited for; used keys; versions of state; cores
that share a store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "durable_0002"
down_revision = "durable_0001"
branch_labels = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _change_deliveries()
    _add_waiting()
    _add_cores()
    op.add_column("state", sa.Column("version", sa.BigInteger, nullable=False, server_default="1"))
    op.add_column("state", sa.Column("expires_ms", sa.BigInteger, nullable=False, server_default="0"))
    _partial_index("state_by_expiry", "state", ["expires_ms"], "expires_ms != 0")


def _change_deliveries() -> None:
    for table in ("deliveries", "dead_letters"):
        op.add_column(table, sa.Column("rank", sa.Integer, nullable=False, server_default="0"))
        op.add_column(table, sa.Column("lane", Name, nullable=False, server_default=""))
        op.add_column(table, sa.Column("shard", sa.Integer, nullable=False, server_default="0"))
    # Deliveries that are there already get no lane: only the project knows which steps are fifo.
    op.drop_index("deliveries_by_step", "deliveries")
    columns = ["step_id", "shard"]
    _partial_index("deliveries_by_rank", "deliveries", [*columns, "rank", "id"], "due_ms = 0 AND lane = ''")
    _partial_index("deliveries_by_due", "deliveries", [*columns, "due_ms", "id"], "due_ms != 0 AND lane = ''")
    _partial_index("deliveries_by_lane", "deliveries", ["step_id", "lane", "id"], "lane != ''")
    op.create_index("dead_letters_by_age", "dead_letters", ["dead_ms"])


def _add_waiting() -> None:
    op.create_table(
        "progress",
        sa.Column("delivery_id", sa.BigInteger, nullable=False),
        sa.Column("key", Name, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "key", name="progress_pkey"),
    )
    op.create_table(
        "waits",
        sa.Column("delivery_id", Id, primary_key=True, autoincrement=False),
        sa.Column("step_id", Name, nullable=False),
        sa.Column("key", Name, nullable=False),
        sa.Column("topic", Name, nullable=False),
        sa.Column("match", sa.LargeBinary, nullable=False),
        sa.Column("since_id", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("waits_by_topic", "waits", ["topic"])
    op.create_table(
        "signals",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("topic", Name, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("signals_by_topic", "signals", ["topic", "id"])
    op.create_index("signals_by_expiry", "signals", ["expires_ms"])
    op.create_table("waited_topics", sa.Column("topic", Name, primary_key=True))
    op.create_table(
        "unique_keys",
        sa.Column("scope", Name, nullable=False),
        sa.Column("key", Name, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="unique_keys_pkey"),
    )
    op.create_index("unique_keys_by_expiry", "unique_keys", ["expires_ms"])


def _add_cores() -> None:
    op.create_table(
        "cores",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("lease_until_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "shards",
        sa.Column("shard", Id, primary_key=True, autoincrement=False),
        sa.Column("core_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "homes",
        sa.Column("step_id", Name, primary_key=True),
        sa.Column("core_id", sa.BigInteger, nullable=False),
    )
