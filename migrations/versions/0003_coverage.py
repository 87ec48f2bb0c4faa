"""What reaches whom, and the facilities as they were counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geography

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

KINDS = ("test_site", "vaccination_site", "hospital", "field_hospital", "waiting_centre")

CIRCLE = """
CREATE FUNCTION coverage_circle(centre geography, radius_m double precision) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT ST_MakePolygon(ST_MakeLine(
        ST_Project(centre, radius_m * 1.0014297336, radians(i % 48 * 7.5))::geometry ORDER BY i
    ))
    FROM generate_series(0, 48) AS i
)
"""

BEYOND_STEP = """
CREATE FUNCTION coverage_beyond_step(rest geometry, whole geometry, reach geometry) RETURNS geometry
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF rest IS NULL THEN
        rest := whole;
    END IF;
    IF rest && reach THEN
        RETURN ST_Difference(rest, reach);
    END IF;
    RETURN rest;
END
$$
"""

BEYOND = """
CREATE AGGREGATE coverage_beyond(whole geometry, reach geometry) (
    SFUNC = coverage_beyond_step, STYPE = geometry, PARALLEL = SAFE
)
"""

COMMENTS = (
    """
COMMENT ON FUNCTION coverage_circle(geography, double precision) IS
'All places within radius_m metres of the centre on the WGS 84 ellipsoid, as a polygon of 48 corners. The corners '
'stand 0.143 % further out, so that the polygon has the area of the circle (sqrt(t / sin t), t = 2 pi / 48).'
""",
    """
COMMENT ON AGGREGATE coverage_beyond(geometry, geometry) IS
'What is left of the whole when every reach is taken away; nearest reach first it is soon nothing, and then free.'
""",
)


def upgrade() -> None:
    """Adds the tables and the two geometric steps of the computation."""
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
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("boundary_digest", sa.String(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_code"], ["areas.code"], name=op.f("fk_coverage_area_code_areas"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("area_code", "kind", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_kind_area_code", "coverage", ["kind", "area_code"], unique=False)
    op.create_index("ix_coverage_nearest_facility_id", "coverage", ["nearest_facility_id"], unique=False)
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
        sa.PrimaryKeyConstraint("facility_id", name=op.f("pk_coverage_sites")),
    )
    for kind in KINDS:
        op.create_index(
            f"ix_coverage_sites_point_{kind}",
            "coverage_sites",
            ["point"],
            unique=False,
            postgresql_using="gist",
            postgresql_where=sa.text(f"kind = '{kind}'"),
        )
    op.create_index("ix_coverage_sites_kind_tambon_code", "coverage_sites", ["kind", "tambon_code"], unique=False)
    for statement in (CIRCLE, BEYOND_STEP, BEYOND, *COMMENTS):
        op.execute(statement)


def downgrade() -> None:
    """Takes them away."""
    op.execute("DROP AGGREGATE coverage_beyond(geometry, geometry)")
    op.execute("DROP FUNCTION coverage_beyond_step(geometry, geometry, geometry)")
    op.execute("DROP FUNCTION coverage_circle(geography, double precision)")
    op.drop_table("coverage_sites")
    op.drop_table("coverage")
