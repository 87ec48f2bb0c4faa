"""Indexes behind what is asked of a small area: its open requests by the cell's tambon, and its closed ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds them. The one by tambon could not be used for the beginning of a code."""
    op.create_index(
        "ix_help_requests_open_cell_tambon", "help_requests", ["cell_tambon_code", "id"],
        postgresql_ops={"cell_tambon_code": "text_pattern_ops"},
        postgresql_where=sa.text("closed_at IS NULL AND linked_to IS NULL"),
    )  # fmt: skip
    op.drop_index("ix_help_requests_tambon_posted", table_name="help_requests")
    op.create_index(
        "ix_help_requests_tambon_posted", "help_requests", ["tambon_code", "posted_at"],
        postgresql_ops={"tambon_code": "text_pattern_ops"},
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away."""
    op.drop_index("ix_help_requests_tambon_posted", table_name="help_requests")
    op.create_index("ix_help_requests_tambon_posted", "help_requests", ["tambon_code", "posted_at"])
    op.drop_index("ix_help_requests_open_cell_tambon", table_name="help_requests")
