"""The end of reporting, and exports of old forms that are compared with the figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision: str | None = "0033"
branch_labels = None
depends_on = None

AREA = "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "statistics_endings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(AREA, name=op.f("ck_statistics_endings_area_code")),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_statistics_endings_by_person_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_endings")),
    )
    op.create_index(
        "uq_statistics_endings_live", "statistics_endings", ["area_code"], unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "statistics_old_forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("headings", sa.String(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("same_area", sa.String(), server_default=sa.text("'last'"), nullable=False),
        sa.Column(
            "remarks", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(AREA, name=op.f("ck_statistics_old_forms_area_code")),
        sa.CheckConstraint("same_area IN ('last','sum')", name=op.f("ck_statistics_old_forms_same_area")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_statistics_old_forms_person_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_old_forms")),
    )  # fmt: skip
    op.create_index("ix_statistics_old_forms_area_code", "statistics_old_forms", ["area_code", "created_at"])
    op.create_index("ix_statistics_old_forms_headings", "statistics_old_forms", ["headings", "created_at"])
    op.create_table(
        "statistics_old_figures",
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["statistics_old_forms.id"],
            name=op.f("fk_statistics_old_figures_form_id_statistics_old_forms"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "form_id", "area_code", "measure", "figure", name=op.f("pk_statistics_old_figures")
        ),
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away; the figures stay."""
    op.drop_table("statistics_old_figures")
    op.drop_index("ix_statistics_old_forms_headings", table_name="statistics_old_forms")
    op.drop_index("ix_statistics_old_forms_area_code", table_name="statistics_old_forms")
    op.drop_table("statistics_old_forms")
    op.drop_index("uq_statistics_endings_live", table_name="statistics_endings")
    op.drop_table("statistics_endings")
