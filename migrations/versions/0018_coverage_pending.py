"""Figures are computed a province at a time, and what is still to be done is remembered. Sums of people in which one
tambon is unknown are unknown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision: str | None = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table; has the provinces added up again in which some tambons have no population figure."""
    op.create_table(
        "coverage_pending",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("metres", ARRAY(sa.Integer()), nullable=False),
        sa.Column("forget_stale", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "area_code", name=op.f("pk_coverage_pending")),
        sa.ForeignKeyConstraint(
            ["area_code"], ["areas.code"], name=op.f("fk_coverage_pending_area_code_areas"), ondelete="CASCADE"
        ),
    )
    op.execute("""
        UPDATE areas a SET population = NULL, households = NULL, population_source = NULL, population_as_of = NULL
        FROM (
            SELECT left(t.code, up.length) AS code FROM areas t CROSS JOIN (VALUES (2), (4)) AS up (length)
            WHERE t.level = 'tambon' GROUP BY 1 HAVING count(t.population) BETWEEN 1 AND count(*) - 1
        ) AS mixed
        WHERE a.code = mixed.code
    """)
    op.execute("""
        INSERT INTO coverage_pending (kind, area_code, metres, forget_stale, since)
        SELECT kinds.kind, t.code, '{}', false, now()
        FROM areas t
        JOIN areas a ON a.code = left(t.code, 4)
        CROSS JOIN (SELECT DISTINCT kind FROM coverage) AS kinds
        WHERE t.level = 'tambon' AND t.population IS NOT NULL AND a.population IS NULL
    """)


def downgrade() -> None:
    """Takes the table away; sums stay unknown until population figures are loaded again."""
    op.drop_table("coverage_pending")
