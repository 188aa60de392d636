"""Details of attempts, log records; indexes that are cheap to keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recorded_0002"
down_revision = "recorded_0001"
branch_labels = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("waited_ms", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "details",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "logs",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("step", Name, nullable=False),
        sa.Column("trace_id", Name, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("fields", sa.LargeBinary, nullable=False),
    )
    op.drop_index("attempts_by_trace", "attempts")
    op.drop_index("attempts_by_step", "attempts")
    for table in ("attempts", "logs"):
        op.create_index(f"{table}_by_trace", table, [sa.text("substr(trace_id, 7)"), "id"])
    where = sa.text("status = 'failed'")
    op.create_index("attempts_failed", "attempts", ["id"], sqlite_where=where, postgresql_where=where)
