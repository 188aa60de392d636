"""The log of what happens in streams; versions and expiry of their items; who watches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "durable_0003"
down_revision = "durable_0002"
branch_labels = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("stream_items", sa.Column("version", sa.BigInteger, nullable=False, server_default="1"))
    op.add_column("stream_items", sa.Column("expires_ms", sa.BigInteger, nullable=False, server_default="0"))
    where = sa.text("expires_ms != 0")
    op.create_index(
        "stream_items_by_expiry", "stream_items", ["expires_ms"], sqlite_where=where, postgresql_where=where
    )
    op.create_index("stream_items_by_creation", "stream_items", ["stream", "group_id", "created_id"])
    op.create_table(
        "stream_clock",
        sa.Column("id", Id, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("forgotten", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "stream_changes",
        sa.Column("sequence", Id, primary_key=True, autoincrement=False),
        sa.Column("stream", Name, nullable=False),
        sa.Column("group_id", Name, nullable=False),
        sa.Column("item_id", Name, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("stream_changes_by_group", "stream_changes", ["stream", "group_id", "sequence"])
    op.create_table(
        "stream_members",
        sa.Column("stream", Name, nullable=False),
        sa.Column("group_id", Name, nullable=False),
        sa.Column("member_id", Name, nullable=False),
        sa.Column("core_id", sa.BigInteger, nullable=False),
        sa.Column("info", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("stream", "group_id", "member_id", name="stream_members_pkey"),
    )
