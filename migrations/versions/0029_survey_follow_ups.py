"""Follow-ups of the survey: people who agreed that somebody comes back to them; help requests may come from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision: str | None = "0028"
branch_labels = None
depends_on = None


def _sources(allowed: str) -> None:
    op.drop_constraint(op.f("ck_help_requests_source"), "help_requests")
    op.create_check_constraint(op.f("ck_help_requests_source"), "help_requests", f"source IN ({allowed})")


def upgrade() -> None:
    """Makes the tables, and lets a help request say that it comes from the survey."""
    _sources("'web','hotline','api','survey'")
    op.create_table(
        "survey_follow_ups",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_days", sa.SmallInteger(), server_default=sa.text("90"), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("request_outcome", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "(state IN ('done','unwanted')) = (ended_at IS NOT NULL)", name=op.f("ck_survey_follow_ups_ended")
        ),
        sa.CheckConstraint(
            "language IN ('th','my','shn','ksw','km','lo','mfa','en','other')",
            name=op.f("ck_survey_follow_ups_language"),
        ),
        sa.CheckConstraint(
            "reason IN ('wants_vaccine','bedridden','transport','undecided')", name=op.f("ck_survey_follow_ups_reason")
        ),
        sa.CheckConstraint(
            "state <> 'requested' OR requested_at IS NOT NULL", name=op.f("ck_survey_follow_ups_requested")
        ),
        sa.CheckConstraint("state IN ('open','requested','done','unwanted')", name=op.f("ck_survey_follow_ups_state")),
        sa.CheckConstraint("village_code ~ '^[0-9]{8}$'", name=op.f("ck_survey_follow_ups_village_code")),
        sa.CheckConstraint(
            "forgotten_at IS NOT NULL OR contact_sealed IS NOT NULL", name=op.f("ck_survey_follow_ups_kept")
        ),
        sa.CheckConstraint(
            "forgotten_at IS NULL OR (contact_sealed IS NULL AND entry_id IS NULL AND language IS NULL"
            " AND ended_at IS NOT NULL)",
            name=op.f("ck_survey_follow_ups_forgotten"),
        ),
        sa.CheckConstraint("kept_days > 0", name=op.f("ck_survey_follow_ups_kept_days")),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_survey_follow_ups_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["people.id"], name=op.f("fk_survey_follow_ups_ended_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["survey_entries.id"],
            name=op.f("fk_survey_follow_ups_entry_id_survey_entries"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_survey_follow_ups_request_id_help_requests"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["people.id"], name=op.f("fk_survey_follow_ups_requested_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["survey_rounds.id"],
            name=op.f("fk_survey_follow_ups_round_id_survey_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_follow_ups")),
        sa.UniqueConstraint("key", name=op.f("uq_survey_follow_ups_key")),
    )
    op.create_index("ix_survey_follow_ups_by_person", "survey_follow_ups", ["by_person", "id"], unique=False)
    op.create_index(
        "ix_survey_follow_ups_entry_id",
        "survey_follow_ups",
        ["entry_id"],
        unique=False,
        postgresql_where=sa.text("entry_id IS NOT NULL"),
    )
    op.create_index("ix_survey_follow_ups_made_at", "survey_follow_ups", ["made_at"], unique=False)
    op.create_index(
        "ix_survey_follow_ups_request_id",
        "survey_follow_ups",
        ["request_id"],
        unique=False,
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )
    op.create_index(
        "ix_survey_follow_ups_unfinished",
        "survey_follow_ups",
        ["village_code", "id"],
        unique=False,
        postgresql_ops={"village_code": "text_pattern_ops"},
        postgresql_where=sa.text("state IN ('open','requested')"),
    )
    op.create_index(
        "ix_survey_follow_ups_village_code",
        "survey_follow_ups",
        ["village_code"],
        unique=False,
        postgresql_ops={"village_code": "text_pattern_ops"},
    )
    op.create_table(
        "survey_follow_up_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("follow_up_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("reason IN ('visit','tell','ask','check')", name=op.f("ck_survey_follow_up_views_reason")),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["survey_follow_ups.id"],
            name=op.f("fk_survey_follow_up_views_follow_up_id_survey_follow_ups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_survey_follow_up_views_person_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_follow_up_views")),
    )
    op.create_index("ix_survey_follow_up_views_follow_up_id", "survey_follow_up_views", ["follow_up_id"], unique=False)
    op.create_index("ix_survey_follow_up_views_person_id", "survey_follow_up_views", ["person_id", "at"], unique=False)


def downgrade() -> None:
    """Help requests that came from the survey stay; they were taken in by somebody at the door."""
    op.drop_table("survey_follow_up_views")
    op.drop_table("survey_follow_ups")
    op.execute("UPDATE help_requests SET source = 'hotline' WHERE source = 'survey'")
    _sources("'web','hotline','api'")
