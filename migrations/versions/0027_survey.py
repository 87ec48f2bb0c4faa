"""The vaccination survey: rounds, assignments, entries with their figures and history, sums by village."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision: str | None = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "survey_rounds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'", name=op.f("ck_survey_rounds_area_code")
        ),
        sa.CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name=op.f("ck_survey_rounds_closed")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_survey_rounds_period")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["people.id"], name=op.f("fk_survey_rounds_made_by_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_rounds")),
    )
    op.create_index("ix_survey_rounds_area_code", "survey_rounds", ["area_code"], unique=False)
    op.create_table(
        "survey_assignments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("village_code ~ '^[0-9]{8}$'", name=op.f("ck_survey_assignments_village_code")),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_survey_assignments_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_survey_assignments_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["survey_rounds.id"],
            name=op.f("fk_survey_assignments_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_assignments")),
    )
    op.create_index("ix_survey_assignments_person_id", "survey_assignments", ["person_id", "round_id"], unique=False)
    op.create_index(
        "uq_survey_assignments_live",
        "survey_assignments",
        ["round_id", "village_code", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "survey_endings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'", name=op.f("ck_survey_endings_area_code")
        ),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_survey_endings_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["survey_rounds.id"],
            name=op.f("fk_survey_endings_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_endings")),
    )
    op.create_index(
        "uq_survey_endings_live",
        "survey_endings",
        ["round_id", "area_code"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "survey_sums",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("target_group", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("here", sa.Integer(), nullable=False),
        sa.Column("none", sa.Integer(), nullable=False),
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("two", sa.Integer(), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.Column("unasked", sa.Integer(), nullable=False),
        sa.Column("refusing", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "target_group IN ('bedridden','migrant','elderly','adult','student','child')",
            name=op.f("ck_survey_sums_target_group"),
        ),
        sa.CheckConstraint("entries >= 0", name=op.f("ck_survey_sums_entries")),
        sa.CheckConstraint(
            "here >= 0 AND none >= 0 AND one >= 0 AND two >= 0 AND more >= 0 AND unasked >= 0 AND refusing >= 0"
            " AND none + one + two + more + unasked = here AND refusing <= none + one + two",
            name=op.f("ck_survey_sums_figures"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_rounds.id"], name=op.f("fk_survey_sums_round_id_survey_rounds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "village_code", "target_group", name=op.f("pk_survey_sums")),
    )
    op.create_index(
        "ix_survey_sums_village",
        "survey_sums",
        ["round_id", "village_code"],
        unique=False,
        postgresql_ops={"village_code": "text_pattern_ops"},
    )
    op.create_table(
        "survey_villages",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("counted", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("unit IN ('household','village')", name=op.f("ck_survey_villages_unit")),
        sa.CheckConstraint("village_code ~ '^[0-9]{8}$'", name=op.f("ck_survey_villages_village_code")),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_survey_villages_counted")),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["survey_rounds.id"],
            name=op.f("fk_survey_villages_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "village_code", name=op.f("pk_survey_villages")),
        sa.UniqueConstraint(
            "round_id", "village_code", "unit", name=op.f("uq_survey_villages_round_id_village_code_unit")
        ),
    )
    op.create_table(
        "survey_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("household", sa.String(), nullable=True),
        sa.Column("twin", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "counted_unit",
            sa.String(),
            sa.Computed("CASE WHEN state::text = 'counted' THEN unit END", persisted=True),
            nullable=True,
        ),
        sa.Column("marks", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("rival", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(unit = 'household') = (household IS NOT NULL)", name=op.f("ck_survey_entries_household")),
        sa.CheckConstraint(
            "state IN ('counted','conflict','waiting','refused','set_aside')", name=op.f("ck_survey_entries_state")
        ),
        sa.CheckConstraint("unit IN ('household','village')", name=op.f("ck_survey_entries_unit")),
        sa.CheckConstraint("village_code ~ '^[0-9]{8}$'", name=op.f("ck_survey_entries_village_code")),
        sa.CheckConstraint("twin > 0 AND revision > 0", name=op.f("ck_survey_entries_numbers")),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_survey_entries_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["rival"], ["survey_entries.id"], name=op.f("fk_survey_entries_rival_survey_entries"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "village_code", "counted_unit"],
            ["survey_villages.round_id", "survey_villages.village_code", "survey_villages.unit"],
            name="fk_survey_entries_way",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["survey_rounds.id"],
            name=op.f("fk_survey_entries_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_survey_entries_key")),
    )
    op.create_index("ix_survey_entries_by_person", "survey_entries", ["by_person", "received_at"], unique=False)
    op.create_index(
        "ix_survey_entries_open",
        "survey_entries",
        ["round_id", "village_code"],
        unique=False,
        postgresql_where=sa.text("state IN ('conflict','waiting')"),
    )
    op.create_index(
        "ix_survey_entries_place", "survey_entries", ["round_id", "village_code", "household"], unique=False
    )
    op.create_index(
        "ix_survey_entries_rival",
        "survey_entries",
        ["rival"],
        unique=False,
        postgresql_where=sa.text("rival IS NOT NULL"),
    )
    op.create_index(
        "uq_survey_entries_counted",
        "survey_entries",
        ["round_id", "village_code", sa.literal_column("COALESCE(household, '')"), "twin"],
        unique=True,
        postgresql_where=sa.text("state = 'counted'"),
    )
    op.create_table(
        "survey_figures",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("target_group", sa.String(), nullable=False),
        sa.Column("here", sa.SmallInteger(), nullable=False),
        sa.Column("none", sa.SmallInteger(), nullable=False),
        sa.Column("one", sa.SmallInteger(), nullable=False),
        sa.Column("two", sa.SmallInteger(), nullable=False),
        sa.Column("more", sa.SmallInteger(), nullable=False),
        sa.Column("unasked", sa.SmallInteger(), nullable=False),
        sa.Column("refusing", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "target_group IN ('bedridden','migrant','elderly','adult','student','child')",
            name=op.f("ck_survey_figures_target_group"),
        ),
        sa.CheckConstraint(
            "here >= 0 AND none >= 0 AND one >= 0 AND two >= 0 AND more >= 0 AND unasked >= 0 AND refusing >= 0"
            " AND none + one + two + more + unasked = here AND refusing <= none + one + two AND here <= 30000",
            name=op.f("ck_survey_figures_figures"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["survey_entries.id"],
            name=op.f("fk_survey_figures_entry_id_survey_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", "target_group", name=op.f("pk_survey_figures")),
    )
    op.create_table(
        "survey_revisions",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "step IN ('recorded','changed','kept','replaced','another','accepted','refused')",
            name=op.f("ck_survey_revisions_step"),
        ),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_survey_revisions_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["survey_entries.id"],
            name=op.f("fk_survey_revisions_entry_id_survey_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_survey_revisions")),
        sa.UniqueConstraint("entry_id", "revision", name=op.f("uq_survey_revisions_entry_id_revision")),
    )


def downgrade() -> None:
    """Takes them away, with all that was recorded."""
    op.drop_table("survey_revisions")
    op.drop_table("survey_figures")
    op.drop_index(
        "uq_survey_entries_counted", table_name="survey_entries", postgresql_where=sa.text("state = 'counted'")
    )
    op.drop_index("ix_survey_entries_rival", table_name="survey_entries", postgresql_where=sa.text("rival IS NOT NULL"))
    op.drop_index("ix_survey_entries_place", table_name="survey_entries")
    op.drop_index(
        "ix_survey_entries_open",
        table_name="survey_entries",
        postgresql_where=sa.text("state IN ('conflict','waiting')"),
    )
    op.drop_index("ix_survey_entries_by_person", table_name="survey_entries")
    op.drop_table("survey_entries")
    op.drop_table("survey_villages")
    op.drop_index(
        "ix_survey_sums_village", table_name="survey_sums", postgresql_ops={"village_code": "text_pattern_ops"}
    )
    op.drop_table("survey_sums")
    op.drop_index("uq_survey_endings_live", table_name="survey_endings", postgresql_where=sa.text("lifted_at IS NULL"))
    op.drop_table("survey_endings")
    op.drop_index(
        "uq_survey_assignments_live", table_name="survey_assignments", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_survey_assignments_person_id", table_name="survey_assignments")
    op.drop_table("survey_assignments")
    op.drop_index("ix_survey_rounds_area_code", table_name="survey_rounds")
    op.drop_table("survey_rounds")
