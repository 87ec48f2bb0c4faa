"""Volunteers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "volunteers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("means", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String()), server_default=sa.text("'{th}'"), nullable=False),
        sa.Column("home_tambon", sa.String(), nullable=False),
        sa.Column("reach_km", sa.SmallInteger(), server_default=sa.text("10"), nullable=False),
        sa.Column("times", sa.String(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nearby", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("home_tambon ~ '^[0-9]{6}$'", name=op.f("ck_volunteers_home_tambon")),
        sa.CheckConstraint(
            "kind IN ('village_head','health_volunteer','local_staff','student','community_leader',"
            "'womens_fund','environment','foundation','other')",
            name=op.f("ck_volunteers_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting','approved','refused','suspended','left')", name=op.f("ck_volunteers_state")
        ),
        sa.CheckConstraint("reach_km BETWEEN 1 AND 100", name=op.f("ck_volunteers_reach_km")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people.id"], name=op.f("fk_volunteers_decided_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_volunteers_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_volunteers")),
    )
    op.create_index(
        "ix_volunteers_home_tambon",
        "volunteers",
        ["home_tambon"],
        unique=False,
        postgresql_ops={"home_tambon": "text_pattern_ops"},
    )


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("volunteers")
