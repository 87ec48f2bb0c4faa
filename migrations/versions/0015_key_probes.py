"""A probe of each master key, so that a wrong one is found before anything is sealed with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table; the first process with fitting keys fills it."""
    op.create_table(
        "key_probes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("finds", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_key_probes"),
    )


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("key_probes")
