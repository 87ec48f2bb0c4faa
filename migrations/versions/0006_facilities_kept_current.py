"""Freshness, planned closures, history, reports, imports and merging of facilities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None

CHECKS = {
    "places": "places >= 0 AND places_free >= 0",
    "closed_from": "closed_from IS NULL OR status = 'temporarily_closed'",
    "closed_span": "closed_until > closed_from",
    "merged_into": "merged_into IS NULL OR (status = 'closed' AND merged_into <> id)",
}


def upgrade() -> None:
    """Adds the tables."""
    op.add_column("facilities", sa.Column("test_types", sa.String(), nullable=True))
    op.add_column("facilities", sa.Column("vaccines", sa.String(), nullable=True))
    op.add_column("facilities", sa.Column("places", sa.Integer(), nullable=True))
    op.add_column("facilities", sa.Column("places_free", sa.Integer(), nullable=True))
    op.add_column("facilities", sa.Column("closed_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("closed_reason", sa.String(), nullable=True))
    op.add_column("facilities", sa.Column("status_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("beds_free_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("doses_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("tests_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("places_free_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "facilities",
        sa.Column("confirmed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("facilities", sa.Column("doubtful_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("facilities", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_facilities_merged_into",
        "facilities",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_facilities_merged_into_facilities"), "facilities", "facilities", ["merged_into"], ["id"]
    )
    op.create_table(
        "facility_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('uploaded','running','done','failed','undone')", name=op.f("ck_facility_imports_state")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_facility_imports_person_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_imports")),
    )
    op.create_index("ix_facility_imports_person_id", "facility_imports", ["person_id"], unique=False)
    op.create_table(
        "facility_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["people.id"], name=op.f("fk_facility_changes_actor_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.id"],
            name=op.f("fk_facility_changes_facility_id_facilities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["facility_imports.id"],
            name=op.f("fk_facility_changes_import_id_facility_imports"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_changes")),
    )
    op.create_index("ix_facility_changes_facility_id_id", "facility_changes", ["facility_id", "id"], unique=False)
    op.create_index(
        "ix_facility_changes_import_id",
        "facility_changes",
        ["import_id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "facility_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("outcome IN ('fixed','still_right','dismissed')", name=op.f("ck_facility_reports_outcome")),
        sa.CheckConstraint(
            "reason IN ('closed','full','out_of_stock','wrong_place','other')", name=op.f("ck_facility_reports_reason")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.id"],
            name=op.f("fk_facility_reports_facility_id_facilities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["handled_by"], ["people.id"], name=op.f("fk_facility_reports_handled_by_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_reports")),
    )
    op.create_index("ix_facility_reports_facility_id_at", "facility_reports", ["facility_id", "at"], unique=False)
    op.create_index(
        "ix_facility_reports_open",
        "facility_reports",
        ["facility_id"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_index("ix_facility_reports_sender_at", "facility_reports", ["sender", "at"], unique=False)
    op.create_table(
        "facility_uses",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_facility_uses_facility_id_facilities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("facility_id", "day", name=op.f("pk_facility_uses")),
    )

    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_facilities_{name}"), "facilities", condition)
    # Imported or verified before freshness was kept: that was the last time somebody stood for it.
    op.execute("UPDATE facilities SET confirmed_at = coalesce(verified_at, updated_at), status_at = verified_at")


def downgrade() -> None:
    """Takes the tables away."""
    for table in ("facility_uses", "facility_reports", "facility_changes", "facility_imports"):
        op.drop_table(table)
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_facilities_{name}"), "facilities")
    op.drop_index("ix_facilities_merged_into", table_name="facilities")
    for column in (
        "test_types",
        "vaccines",
        "places",
        "places_free",
        "closed_from",
        "closed_reason",
        "status_at",
        "beds_free_at",
        "doses_at",
        "tests_at",
        "places_free_at",
        "confirmed_at",
        "doubtful_at",
        "merged_into",
    ):
        op.drop_column("facilities", column)
