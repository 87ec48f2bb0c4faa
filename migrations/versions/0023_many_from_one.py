"""The officers' board has what came with many others from one number or network below single requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision: str | None = "0022"
branch_labels = None
depends_on = None

_NAME = "ix_help_requests_urgency"
_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Its index, in that order."""
    op.drop_index(_NAME, table_name="help_requests")
    many = sa.text("coalesce(look IN ('number', 'network'), false)")
    op.create_index(_NAME, "help_requests", ["urgency", many, "posted_at", "id"], postgresql_where=_OPEN)


def downgrade() -> None:
    """As before."""
    op.drop_index(_NAME, table_name="help_requests")
    op.create_index(_NAME, "help_requests", ["urgency", "posted_at", "id"], postgresql_where=_OPEN)
