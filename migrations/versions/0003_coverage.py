"""What reaches whom, and the facilities as they were counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geography, Geometry

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "coverage",
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
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_code"], ["areas.code"], name=op.f("fk_coverage_area_code_areas"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("area_code", "kind", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_kind_area_code", "coverage", ["kind", "area_code"], unique=False)
    op.create_table(
        "coverage_sites",
        sa.Column("facility_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "point",
            Geography(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeogFromText",
                name="geography",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("tambon_code", sa.String(), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column(
            "reach_5",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "reach_10",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "reach_20",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_coverage_sites")),
    )
    op.create_index(
        "ix_coverage_sites_point",
        "coverage_sites",
        ["point"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_coverage_sites_reach_10",
        "coverage_sites",
        ["reach_10"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_coverage_sites_reach_20",
        "coverage_sites",
        ["reach_20"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_coverage_sites_reach_5",
        "coverage_sites",
        ["reach_5"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )


def downgrade() -> None:
    """Takes the tables away."""
    op.drop_index("ix_coverage_sites_reach_5", table_name="coverage_sites", postgresql_using="gist")
    op.drop_index("ix_coverage_sites_reach_20", table_name="coverage_sites", postgresql_using="gist")
    op.drop_index("ix_coverage_sites_reach_10", table_name="coverage_sites", postgresql_using="gist")
    op.drop_index("ix_coverage_sites_point", table_name="coverage_sites", postgresql_using="gist")
    op.drop_table("coverage_sites")
    op.drop_index("ix_coverage_kind_area_code", table_name="coverage")
    op.drop_table("coverage")
