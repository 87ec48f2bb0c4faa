"""A pin keeps an extension and further telephone numbers beside the first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("facilities", sa.Column("phone_more", sa.String(), nullable=True))


def downgrade() -> None:
    """Takes it away, with what stands in it."""
    op.drop_column("facilities", "phone_more")
