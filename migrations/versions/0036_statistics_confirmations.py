"""Which province has confirmed which Friday."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision: str | None = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "statistics_confirmations",
        sa.Column("friday", sa.Date(), nullable=False),
        sa.Column("province_code", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("province_code ~ '^[0-9]{2}$'", name=op.f("ck_statistics_confirmations_province_code")),
        sa.ForeignKeyConstraint(
            ["friday"], ["statistics_snapshots.friday"],
            name=op.f("fk_statistics_confirmations_friday_statistics_snapshots"),
        ),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_statistics_confirmations_by_person_people"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("friday", "province_code", name=op.f("pk_statistics_confirmations")),
    )  # fmt: skip


def downgrade() -> None:
    """Takes it away; the Fridays stay."""
    op.drop_table("statistics_confirmations")
