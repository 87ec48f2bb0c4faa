"""Facilities of five kinds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geography

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

KINDS = ("test_site", "vaccination_site", "hospital", "field_hospital", "waiting_centre")


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "facilities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
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
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("tambon_code", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("opening_hours", sa.String(), nullable=True),
        sa.Column("serves", sa.String(), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("beds_free", sa.Integer(), nullable=True),
        sa.Column("doses_per_day", sa.Integer(), nullable=True),
        sa.Column("tests_per_day", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), server_default="open", nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.String(), nullable=True),
        sa.Column("is_example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_ref", sa.String(), nullable=False),
        sa.Column("source_as_of", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "closed_until IS NULL OR status = 'temporarily_closed'", name=op.f("ck_facilities_closed_until")
        ),
        sa.CheckConstraint(
            "kind IN ('test_site','vaccination_site','hospital','field_hospital','waiting_centre')",
            name=op.f("ck_facilities_kind"),
        ),
        sa.CheckConstraint("name_th <> ''", name=op.f("ck_facilities_name")),
        sa.CheckConstraint(
            "status IN ('open','full','temporarily_closed','closed')", name=op.f("ck_facilities_status")
        ),
        sa.CheckConstraint(
            "beds >= 0 AND beds_free >= 0 AND doses_per_day >= 0 AND tests_per_day >= 0",
            name=op.f("ck_facilities_capacity"),
        ),
        sa.ForeignKeyConstraint(
            ["tambon_code"],
            ["areas.code"],
            name=op.f("fk_facilities_tambon_code_areas"),
            ondelete="SET NULL",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_facilities_source_source_ref")),
    )
    op.create_index("ix_facilities_kind", "facilities", ["kind"], unique=False)
    op.create_index(
        "ix_facilities_point",
        "facilities",
        ["point"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    for kind in KINDS:
        op.create_index(
            f"ix_facilities_point_{kind}",
            "facilities",
            ["point"],
            unique=False,
            postgresql_using="gist",
            postgresql_where=sa.text(f"kind = '{kind}' AND status <> 'closed'"),
        )
    op.create_index(
        "ix_facilities_tambon_code",
        "facilities",
        ["tambon_code"],
        unique=False,
        postgresql_ops={"tambon_code": "text_pattern_ops"},
    )


def downgrade() -> None:
    """Takes the tables away."""
    op.drop_index("ix_facilities_tambon_code", table_name="facilities")
    for kind in KINDS:
        op.drop_index(f"ix_facilities_point_{kind}", table_name="facilities", postgresql_using="gist")
    op.drop_index("ix_facilities_point", table_name="facilities", postgresql_using="gist")
    op.drop_index("ix_facilities_kind", table_name="facilities")
    op.drop_table("facilities")
