"""Help requests: needs, leases, offers, events, links, limits, blocks, reports."""

from __future__ import annotations

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "help_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_counts")),
    )
    op.create_index("ix_help_counts_key_at", "help_counts", ["key", "at"], unique=False)
    op.create_table(
        "help_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("need_id", sa.BigInteger(), nullable=True),
        sa.Column("cell_tambon_code", sa.String(), nullable=False),
        sa.Column("tambon_code", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_events")),
    )
    op.create_index("ix_help_events_request_id", "help_events", ["request_id", "id"], unique=False)
    op.create_index(
        "ix_help_events_shown",
        "help_events",
        ["person_id", "at"],
        unique=False,
        postgresql_where=sa.text("action = 'contact_shown'"),
    )
    op.create_table(
        "help_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(), server_default="web", nullable=False),
        sa.Column("on_behalf", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("language", sa.String(), server_default="th", nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("people", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("bedridden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("elderly", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("small_children", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pregnant", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("description", sa.String(), server_default="", nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_shared", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("landmark_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("point", geoalchemy2.types.Geography("POINT", 4326, spatial_index=False), nullable=True),
        sa.Column("tambon_code", sa.String(), nullable=False),
        sa.Column("village_code", sa.String(), nullable=True),
        sa.Column("cell", geoalchemy2.types.Geography("POINT", 4326, spatial_index=False), nullable=False),
        sa.Column("cell_key", sa.String(), nullable=False),
        sa.Column("cell_size", sa.SmallInteger(), nullable=False),
        sa.Column("cell_tambon_code", sa.String(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_reason", sa.String(), nullable=True),
        sa.Column("linked_to", sa.BigInteger(), nullable=True),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('helped','helped_already','cancelled','duplicate','out_of_area','not_genuine','no_answer',"
            "'erased')",
            name=op.f("ck_help_requests_outcome"),
        ),
        sa.CheckConstraint("source IN ('web','hotline','api')", name=op.f("ck_help_requests_source")),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_help_requests_closed")),
        sa.CheckConstraint("cell_size IN (0, 1, 2, 4)", name=op.f("ck_help_requests_cell_size")),
        sa.CheckConstraint("linked_to <> id", name=op.f("ck_help_requests_linked_to")),
        sa.CheckConstraint("people > 0", name=op.f("ck_help_requests_people")),
        sa.CheckConstraint("urgency BETWEEN 1 AND 3", name=op.f("ck_help_requests_urgency")),
        sa.ForeignKeyConstraint(
            ["linked_to"], ["help_requests.id"], name=op.f("fk_help_requests_linked_to_help_requests")
        ),
        sa.ForeignKeyConstraint(
            ["posted_by"], ["people.id"], name=op.f("fk_help_requests_posted_by_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_requests")),
    )
    op.create_index(
        "ix_help_requests_linked_to",
        "help_requests",
        ["linked_to"],
        unique=False,
        postgresql_where=sa.text("linked_to IS NOT NULL"),
    )
    op.create_index(
        "ix_help_requests_open_1",
        "help_requests",
        ["cell"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NULL AND linked_to IS NULL AND urgency = 1"),
    )
    op.create_index(
        "ix_help_requests_open_2",
        "help_requests",
        ["cell"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NULL AND linked_to IS NULL AND urgency = 2"),
    )
    op.create_index(
        "ix_help_requests_open_3",
        "help_requests",
        ["cell"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("closed_at IS NULL AND linked_to IS NULL AND urgency = 3"),
    )
    op.create_index(
        "ix_help_requests_open_cell",
        "help_requests",
        ["cell_key"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_help_requests_open_tambon",
        "help_requests",
        ["tambon_code", "posted_at"],
        unique=False,
        postgresql_ops={"tambon_code": "text_pattern_ops"},
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_help_requests_phone_index",
        "help_requests",
        ["phone_index"],
        unique=False,
        postgresql_where=sa.text("phone_index IS NOT NULL"),
    )
    op.create_index("ix_help_requests_tambon_posted", "help_requests", ["tambon_code", "posted_at"], unique=False)
    op.create_table(
        "help_blocks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_help_blocks_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_blocks_request_id_help_requests"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_blocks")),
    )
    op.create_index(
        "uq_help_blocks_phone_index",
        "help_blocks",
        ["phone_index"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "help_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_links_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_links")),
        sa.UniqueConstraint("code_index", name=op.f("uq_help_links_code_index")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_help_links_token_hash")),
    )
    op.create_index("ix_help_links_request_id", "help_links", ["request_id"], unique=False)
    op.create_table(
        "help_needs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("quantity", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("lease_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drops", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("contested", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('claimed','on_the_way','there')) = (lease_ends_at IS NOT NULL)",
            name=op.f("ck_help_needs_leased"),
        ),
        sa.CheckConstraint(
            "kind IN ('medical','transport','food','medicine','equipment','home_visit','other')",
            name=op.f("ck_help_needs_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('open','claimed','on_the_way','there','done','helped','cancelled')",
            name=op.f("ck_help_needs_state"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_help_needs_quantity")),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["people.id"], name=op.f("fk_help_needs_holder_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_needs_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_needs")),
    )
    op.create_index(
        "ix_help_needs_holder_id",
        "help_needs",
        ["holder_id"],
        unique=False,
        postgresql_where=sa.text("lease_ends_at IS NOT NULL"),
    )
    op.create_index("ix_help_needs_request_id", "help_needs", ["request_id"], unique=False)
    op.create_table(
        "help_offers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_person", sa.Uuid(), nullable=True),
        sa.Column("to_person", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.CheckConstraint("answer IN ('accepted','declined','withdrawn')", name=op.f("ck_help_offers_answer")),
        sa.CheckConstraint("kind IN ('hand_over','assign')", name=op.f("ck_help_offers_kind")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_help_offers_answered")),
        sa.ForeignKeyConstraint(
            ["from_person"], ["people.id"], name=op.f("fk_help_offers_from_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_offers_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_person"], ["people.id"], name=op.f("fk_help_offers_to_person_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_offers")),
    )
    op.create_index(
        "ix_help_offers_to_person",
        "help_offers",
        ["to_person"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(
        "uq_help_offers_waiting",
        "help_offers",
        ["request_id", "to_person"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "help_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("tambon_code", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=True),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("about IN ('request','volunteer')", name=op.f("ck_help_reports_about")),
        sa.ForeignKeyConstraint(
            ["by_person"], ["people.id"], name=op.f("fk_help_reports_by_person_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["handled_by"], ["people.id"], name=op.f("fk_help_reports_handled_by_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_reports_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["people.id"], name=op.f("fk_help_reports_volunteer_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_reports")),
    )
    op.create_index(
        "ix_help_reports_open",
        "help_reports",
        ["tambon_code"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_index("ix_help_reports_request_id", "help_reports", ["request_id"], unique=False)
    op.create_table(
        "help_leases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("need_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewals", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how_ended", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "how_ended IN ('released','handed_over','expired','done','taken_back','closed')",
            name=op.f("ck_help_leases_how_ended"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (how_ended IS NULL)", name=op.f("ck_help_leases_ended")),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["people.id"], name=op.f("fk_help_leases_holder_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["help_needs.id"], name=op.f("fk_help_leases_need_id_help_needs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_requests.id"],
            name=op.f("fk_help_leases_request_id_help_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_leases")),
    )
    op.create_index("ix_help_leases_holder_id", "help_leases", ["holder_id", "begun_at"], unique=False)
    op.create_index("ix_help_leases_request_id", "help_leases", ["request_id"], unique=False)
    op.create_index(
        "uq_help_leases_live", "help_leases", ["need_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )


def downgrade() -> None:
    """Takes them away, and what is in them."""
    for name in (
        "help_leases", "help_reports", "help_offers", "help_needs", "help_links", "help_blocks", "help_requests",
        "help_events", "help_counts",
    ):  # fmt: skip
        op.drop_table(name)
