"""Recorded attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recorded_0001"
down_revision = None
branch_labels = ("recorded",)

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("trace_id", Name, nullable=False),
        sa.Column("parent_id", sa.BigInteger, nullable=False),
        sa.Column("step", Name, nullable=False),
        sa.Column("trigger", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_us", sa.BigInteger, nullable=False),
        sa.Column("error_kind", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text, nullable=False),
    )
    op.create_index("attempts_by_trace", "attempts", ["trace_id", "id"])
    op.create_index("attempts_by_step", "attempts", ["step", "id"])
