"""PostGIS, trigram search, areas and villages, and the data versions that caches hang on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geography, Geometry

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "areas",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "level",
            sa.String(),
            sa.Computed(
                "CASE length(code) WHEN 2 THEN 'province' WHEN 4 THEN 'amphoe' ELSE 'tambon' END", persisted=True
            ),
            nullable=False,
        ),
        sa.Column(
            "parent_code",
            sa.String(),
            sa.Computed("CASE WHEN length(code) > 2 THEN left(code, length(code) - 2) END", persisted=True),
            nullable=True,
        ),
        sa.Column("name_th", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column(
            "boundary",
            Geometry(
                geometry_type="MULTIPOLYGON",
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
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_as_of", sa.Date(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("population_source", sa.String(), nullable=True),
        sa.Column("population_as_of", sa.Date(), nullable=True),
        sa.CheckConstraint("code ~ '^[0-9]{2}([0-9]{2}([0-9]{2})?)?$'", name=op.f("ck_areas_code")),
        sa.CheckConstraint("households >= 0 AND population >= 0", name=op.f("ck_areas_population")),
        sa.ForeignKeyConstraint(
            ["parent_code"],
            ["areas.code"],
            name=op.f("fk_areas_parent_code_areas"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    op.create_index(
        "ix_areas_boundary", "areas", ["boundary"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(
        "ix_areas_code_prefix", "areas", ["code"], unique=False, postgresql_ops={"code": "text_pattern_ops"}
    )
    op.create_index("ix_areas_level_code", "areas", ["level", "code"], unique=False)
    op.create_index("ix_areas_point", "areas", ["point"], unique=False, postgresql_using="gist", postgresql_ops={})
    op.create_table(
        "area_shapes",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["code"], ["areas.code"], name=op.f("fk_area_shapes_code_areas"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", "band", name=op.f("pk_area_shapes")),
    )
    op.create_index("ix_area_shapes_band_level", "area_shapes", ["band", "level"], unique=False)
    op.create_index(
        "ix_area_shapes_shape",
        "area_shapes",
        ["shape"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "villages",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("tambon_code", sa.String(), nullable=False),
        sa.Column("name_th", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.Column(
            "point",
            Geography(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeogFromText",
                name="geography",
            ),
            nullable=True,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{8}$'", name=op.f("ck_villages_code")),
        sa.ForeignKeyConstraint(
            ["tambon_code"],
            ["areas.code"],
            name=op.f("fk_villages_tambon_code_areas"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_villages")),
    )
    op.create_index("ix_villages_tambon_code", "villages", ["tambon_code"], unique=False)
    op.create_table(
        "place_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["area_code"], ["areas.code"], name=op.f("fk_place_names_area_code_areas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["village_code"],
            ["villages.code"],
            name=op.f("fk_place_names_village_code_villages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_names")),
    )
    op.create_index("ix_place_names_area_code", "place_names", ["area_code"], unique=False)
    op.create_index(
        "ix_place_names_village_code",
        "place_names",
        ["village_code"],
        unique=False,
        postgresql_where=sa.text("village_code IS NOT NULL"),
    )
    op.create_index(
        "ix_place_names_area_trgm",
        "place_names",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
        postgresql_where=sa.text("village_code IS NULL"),
    )
    op.create_index(
        "ix_place_names_village_trgm",
        "place_names",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
        postgresql_where=sa.text("village_code IS NOT NULL"),
    )
    op.create_table(
        "data_versions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_data_versions")),
    )


def downgrade() -> None:
    """Takes the tables away. The extensions stay: other schemas of the database may use them."""
    op.drop_table("data_versions")
    op.drop_index("ix_place_names_village_trgm", table_name="place_names", postgresql_using="gin")
    op.drop_index("ix_place_names_area_trgm", table_name="place_names", postgresql_using="gin")
    op.drop_index("ix_place_names_village_code", table_name="place_names")
    op.drop_index("ix_place_names_area_code", table_name="place_names")
    op.drop_table("place_names")
    op.drop_index("ix_villages_tambon_code", table_name="villages")
    op.drop_table("villages")
    op.drop_index("ix_area_shapes_shape", table_name="area_shapes", postgresql_using="gist")
    op.drop_index("ix_area_shapes_band_level", table_name="area_shapes")
    op.drop_table("area_shapes")
    op.drop_index("ix_areas_point", table_name="areas", postgresql_using="gist")
    op.drop_index("ix_areas_level_code", table_name="areas")
    op.drop_index("ix_areas_code_prefix", table_name="areas")
    op.drop_index("ix_areas_boundary", table_name="areas", postgresql_using="gist")
    op.drop_table("areas")
