"""The vaccination survey: official figures from outside, and the figures that everybody may read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision: str | None = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "survey_reference",
        sa.Column("province_code", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("province_code ~ '^[0-9]{2}$'", name=op.f("ck_survey_reference_province_code")),
        sa.CheckConstraint("value >= 0 AND value < 1e12", name=op.f("ck_survey_reference_value")),
        sa.PrimaryKeyConstraint("province_code", "measure", "on_day", name=op.f("pk_survey_reference")),
    )
    op.create_table(
        "survey_published",
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("area_code ~ '^[0-9]{4}$'", name=op.f("ck_survey_published_area_code")),
        sa.CheckConstraint("people >= 100 AND share BETWEEN 0 AND 100", name=op.f("ck_survey_published_figures")),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["survey_rounds.id"],
            name=op.f("fk_survey_published_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("area_code", name=op.f("pk_survey_published")),
    )
    op.create_index(op.f("ix_survey_published_round_id"), "survey_published", ["round_id"], unique=False)


def downgrade() -> None:
    """Takes the tables out."""
    op.drop_table("survey_published")
    op.drop_table("survey_reference")
