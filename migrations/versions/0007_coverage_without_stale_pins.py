"""Coverage without the pins nobody has confirmed lately, and with them where that differs; when chores last ran."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None

KINDS = ("test_site", "vaccination_site", "hospital", "field_hospital", "waiting_centre")

FRESH_SITES = """
CREATE VIEW coverage_fresh_sites AS
SELECT facility_id, kind, point, tambon_code, beds FROM coverage_sites WHERE NOT stale
"""

# Columns in the order of the table, so that both halves fit.
COLUMNS = """area_code, kind, nearest_km, nearest_facility_id, within_share_5, within_share_10, within_share_20,
    beyond_people_5, beyond_people_10, beyond_people_20, facilities, beds, per_10000, beds_per_10000, population,
    boundary_digest, computed_at"""

COUNTING_STALE = """
CREATE VIEW coverage_counting_stale AS
SELECT COLUMNS FROM coverage_with_stale
UNION ALL
SELECT COLUMNS FROM coverage AS c
WHERE NOT EXISTS (SELECT FROM coverage_with_stale AS w WHERE w.area_code = c.area_code AND w.kind = c.kind)
""".replace("COLUMNS", COLUMNS)


def upgrade() -> None:
    """Adds them."""
    op.add_column("coverage_sites", sa.Column("stale", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for kind in KINDS:
        op.create_index(
            f"ix_coverage_sites_fresh_point_{kind}",
            "coverage_sites",
            ["point"],
            unique=False,
            postgresql_using="gist",
            postgresql_where=sa.text(f"kind = '{kind}' AND NOT stale"),
        )
    op.create_index(
        "ix_coverage_sites_stale", "coverage_sites", ["kind"], unique=False, postgresql_where=sa.text("stale")
    )
    op.create_table(
        "coverage_with_stale",
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("nearest_km", sa.Double(), nullable=True),
        sa.Column("nearest_facility_id", sa.BigInteger(), nullable=True),
        sa.Column("within_share_5", sa.Double(), nullable=False),
        sa.Column("within_share_10", sa.Double(), nullable=False),
        sa.Column("within_share_20", sa.Double(), nullable=False),
        sa.Column("beyond_people_5", sa.Double(), nullable=True),
        sa.Column("beyond_people_10", sa.Double(), nullable=True),
        sa.Column("beyond_people_20", sa.Double(), nullable=True),
        sa.Column("facilities", sa.Integer(), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("per_10000", sa.Double(), nullable=True),
        sa.Column("beds_per_10000", sa.Double(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("boundary_digest", sa.String(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_code"], ["areas.code"], name=op.f("fk_coverage_with_stale_area_code_areas"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("area_code", "kind", name=op.f("pk_coverage_with_stale")),
    )
    op.create_index(
        "ix_coverage_with_stale_nearest_facility_id", "coverage_with_stale", ["nearest_facility_id"], unique=False
    )
    op.execute(FRESH_SITES)
    op.execute(COUNTING_STALE)
    op.create_table(
        "chores",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )


def downgrade() -> None:
    """Takes them away."""
    op.drop_table("chores")
    op.execute("DROP VIEW coverage_counting_stale")
    op.execute("DROP VIEW coverage_fresh_sites")
    op.drop_table("coverage_with_stale")
    op.drop_index("ix_coverage_sites_stale", table_name="coverage_sites")
    for kind in KINDS:
        op.drop_index(f"ix_coverage_sites_fresh_point_{kind}", table_name="coverage_sites", postgresql_using="gist")
    op.drop_column("coverage_sites", "stale")
