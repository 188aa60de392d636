"""Of which delivery an attempt was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recorded_0004"
down_revision = "recorded_0003"
branch_labels = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("delivery_id", sa.BigInteger, nullable=False, server_default="0"))
