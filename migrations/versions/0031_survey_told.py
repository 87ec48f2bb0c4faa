"""At how many recorded people a figure of an amphoe was published: a later one stays away from all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision: str | None = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table, with what is published now."""
    op.create_table(
        "survey_told",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("area_code ~ '^[0-9]{4}$'", name=op.f("ck_survey_told_area_code")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_rounds.id"], name=op.f("fk_survey_told_round_id_survey_rounds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "area_code", "people", name=op.f("pk_survey_told")),
    )
    op.execute("INSERT INTO survey_told SELECT round_id, area_code, people FROM survey_published")


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("survey_told")
