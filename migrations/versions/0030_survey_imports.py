"""Lists of survey records: what was uploaded, and which records each list has made or changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision: str | None = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "survey_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("headings", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'", name=op.f("ck_survey_imports_area_code")
        ),
        sa.CheckConstraint("state IN ('uploaded','done','undone')", name=op.f("ck_survey_imports_state")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_rounds.id"], name=op.f("fk_survey_imports_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_survey_imports_person_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_imports")),
    )  # fmt: skip
    op.create_index("ix_survey_imports_round_id", "survey_imports", ["round_id", "created_at"], unique=False)
    op.create_index("ix_survey_imports_person_id", "survey_imports", ["person_id", "created_at"], unique=False)
    op.create_table(
        "survey_import_entries",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["survey_imports.id"], name=op.f("fk_survey_import_entries_import_id_survey_imports"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["survey_entries.id"], name=op.f("fk_survey_import_entries_entry_id_survey_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "entry_id", name=op.f("pk_survey_import_entries")),
    )  # fmt: skip
    op.create_index("ix_survey_import_entries_entry_id", "survey_import_entries", ["entry_id"], unique=False)


def downgrade() -> None:
    """Takes them away; the records stay."""
    op.drop_index("ix_survey_import_entries_entry_id", table_name="survey_import_entries")
    op.drop_table("survey_import_entries")
    op.drop_index("ix_survey_imports_person_id", table_name="survey_imports")
    op.drop_index("ix_survey_imports_round_id", table_name="survey_imports")
    op.drop_table("survey_imports")
