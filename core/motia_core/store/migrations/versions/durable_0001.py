"""Deliveries, dead letters, state and stream items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "durable_0001"
down_revision = None
branch_labels = ("durable",)

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _event() -> list[sa.Column[object]]:
    return [
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("topic", Name, nullable=False),
        sa.Column("step_id", Name, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("trace_id", Name, nullable=False),
        sa.Column("traceparent", sa.Text, nullable=False),
        sa.Column("tracestate", sa.Text, nullable=False),
        sa.Column("baggage", sa.Text, nullable=False),
        sa.Column("parent_id", sa.BigInteger, nullable=False),
        sa.Column("emitted_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("group_id", Name, nullable=False),
        sa.Column("failures", sa.Text, nullable=False, server_default=""),
    ]


def upgrade() -> None:
    op.create_table("deliveries", *_event())
    op.create_index("deliveries_by_step", "deliveries", ["step_id", "id"])
    op.create_table("dead_letters", *_event(), sa.Column("dead_ms", sa.BigInteger, nullable=False))
    op.create_index("dead_letters_by_step", "dead_letters", ["step_id", "id"])
    op.create_index("dead_letters_by_topic", "dead_letters", ["topic", "id"])
    op.create_table(
        "state",
        sa.Column("group_id", Name, nullable=False),
        sa.Column("key", Name, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "key", name="state_pkey"),
    )
    op.create_table(
        "stream_items",
        sa.Column("stream", Name, nullable=False),
        sa.Column("group_id", Name, nullable=False),
        sa.Column("item_id", Name, nullable=False),
        sa.Column("item", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("created_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stream", "group_id", "item_id", name="stream_items_pkey"),
    )
