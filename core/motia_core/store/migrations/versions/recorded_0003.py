"""The status of responses, the span that caused an attempt, spans of users' OpenTelemetry, who
has written what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recorded_0003"
down_revision = "recorded_0002"
branch_labels = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("http_status", sa.Integer, nullable=False, server_default="0"))
    op.add_column("attempts", sa.Column("parent_span", sa.Text, nullable=False, server_default=""))
    op.add_column("attempts", sa.Column("batch", sa.BigInteger, nullable=False, server_default="0"))
    op.drop_table("details")  # they were one for each attempt
    op.create_table(
        "details",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("latest_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "spans",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("attempt_id", sa.BigInteger, nullable=False),
        sa.Column("trace_id", Name, nullable=False),
        sa.Column("span_id", sa.Text, nullable=False),
        sa.Column("parent_span", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("offset_us", sa.BigInteger, nullable=False),
        sa.Column("duration_us", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("attributes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "state_writes",
        sa.Column("target", Name, nullable=False),
        sa.Column("attempt_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("target", "attempt_id", name="state_writes_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("spans_by_trace", "spans", [sa.text("substr(trace_id, 7)"), "id"])
