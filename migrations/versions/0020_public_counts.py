"""Public counts of a day, and a volunteer who takes on and gives back as a report of the service itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None

_NAME = "ck_help_reports_about"


def upgrade() -> None:
    """Adds them."""
    op.drop_constraint(op.f(_NAME), "help_reports")
    op.create_check_constraint(op.f(_NAME), "help_reports", "about IN ('request','volunteer','given_back')")
    op.create_table(
        "help_public_counts",
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("size", sa.SmallInteger(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=True),
        sa.Column("urgencies", postgresql.JSONB(), nullable=True),
        sa.Column("ages", postgresql.JSONB(), nullable=True),
        sa.Column("needs", postgresql.JSONB(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("requests >= 0", name=op.f("ck_help_public_counts_requests")),
        sa.PrimaryKeyConstraint("level", "key", name=op.f("pk_help_public_counts")),
    )
    op.create_index(
        "ix_help_public_counts_area", "help_public_counts", ["level", "area_code"],
        postgresql_ops={"area_code": "text_pattern_ops"},
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away; what the service reported goes too."""
    op.drop_table("help_public_counts")
    op.execute("DELETE FROM help_reports WHERE about = 'given_back'")
    op.drop_constraint(op.f(_NAME), "help_reports")
    op.create_check_constraint(op.f(_NAME), "help_reports", "about IN ('request','volunteer')")
