"""Figures of coverage of earlier days, a row where one has changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision: str | None = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is kept of days before this."""
    op.create_table(
        "coverage_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_coverage_days")),
    )
    op.create_table(
        "coverage_history",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("nearest_km", sa.Float(), nullable=True),
        sa.Column("nearest_facility_id", sa.BigInteger(), nullable=True),
        sa.Column("within_share_5", sa.Float(), nullable=False),
        sa.Column("within_share_10", sa.Float(), nullable=False),
        sa.Column("within_share_20", sa.Float(), nullable=False),
        sa.Column("beyond_people_5", sa.Float(), nullable=True),
        sa.Column("beyond_people_10", sa.Float(), nullable=True),
        sa.Column("beyond_people_20", sa.Float(), nullable=True),
        sa.Column("facilities", sa.Integer(), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("per_10000", sa.Float(), nullable=True),
        sa.Column("beds_per_10000", sa.Float(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "stale", "area_code", "day", name=op.f("pk_coverage_history")),
        sa.ForeignKeyConstraint(
            ["area_code"], ["areas.code"], name=op.f("fk_coverage_history_area_code_areas"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_coverage_history_area_code", "coverage_history", ["area_code"], unique=False)


def downgrade() -> None:
    """The earlier days are gone."""
    op.drop_table("coverage_history")
    op.drop_table("coverage_days")
