"""What people write about a request lies beside its record and is erased with it; closed requests end by themselves.

The record itself (``help_events``) keeps numbers of texts. Words in it are moved; those of requests that were erased
already are taken out. The audit log is left as it is: its chain covers what stands in its old entries.
"""

# ruff: noqa: S608 - our own names of tables and columns

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None

_ERASED = (
    "erased_at IS NULL OR (closed_at IS NOT NULL AND contact_sealed IS NULL AND phone_index IS NULL"
    " AND landmark_sealed IS NULL AND point IS NULL AND village_code IS NULL AND description = ''"
    " AND outcome_text IS NULL AND cell_size = 0"
    " AND NOT (on_behalf OR bedridden OR elderly OR small_children OR pregnant))"
)

_EVENTS = {"called": "note", "urgency": "reason", "closed": "reason", "reopened": "reason", "contested": "reason"}
"""Events that had somebody's own words in their details, and under which name."""

# Table → its new column, what was written, whose request, who wrote it, when.
_MOVED = {
    ("help_requests", "outcome_text"): ("outcome_reason", "id", "NULL::uuid", "coalesce(closed_at, changed_at)"),
    ("help_leases", "team_text"): ("team", "request_id", "holder_id", "begun_at"),
    ("help_leases", "note_text"): (
        # “word: note” of who gave it back; of what was done, all of it.
        "CASE WHEN how_ended = 'done' THEN reason"
        " WHEN reason ~ '^[a-z_]+: ' THEN substr(reason, strpos(reason, ':') + 2)"
        " WHEN reason !~ '^[a-z_]+$' THEN reason END",
        "request_id", "holder_id", "coalesce(ended_at, begun_at)",
    ),
    ("help_offers", "note_text"): ("note", "request_id", "from_person", "at"),
    ("help_reports", "note_text"): ("note", "request_id", "by_person", "at"),
    ("help_blocks", "reason_text"): ("reason", "request_id", "by_person", "at"),
}  # fmt: skip

_BACK = {
    ("help_requests", "outcome_text"): "outcome_reason",
    ("help_leases", "team_text"): "team",
    ("help_offers", "note_text"): "note",
    ("help_reports", "note_text"): "note",
    ("help_blocks", "reason_text"): "reason",
}


def upgrade() -> None:
    """Adds the table, moves the words, and takes the old columns away."""
    op.create_table(
        "written_texts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("salt", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_texts")),
    )
    op.create_index("ix_written_texts_subject", "written_texts", ["subject_kind", "subject_id"])
    op.add_column("help_requests", sa.Column("kept_days", sa.SmallInteger(), server_default="30", nullable=False))
    op.create_index(
        "ix_help_requests_to_erase", "help_requests", ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL AND erased_at IS NULL"),
    )  # fmt: skip
    for (table, column), (words, request, person, at) in _MOVED.items():
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
        _move(table, words, request, person, at)
        op.execute(f"UPDATE {table} SET {column} = moved.number FROM moved WHERE moved.id = {table}.id")
        op.execute("DROP TABLE moved")
    op.execute(
        "UPDATE help_leases SET reason = CASE WHEN how_ended = 'done' THEN NULL"
        " WHEN reason ~ '^[a-z_]+(: |$)' THEN split_part(reason, ':', 1) END WHERE reason IS NOT NULL"
    )
    _events()
    op.execute("UPDATE help_requests SET outcome_text = NULL, village_code = NULL WHERE erased_at IS NOT NULL")
    for table, column in (("help_requests", "outcome_reason"), ("help_leases", "team"), ("help_offers", "note"),
                          ("help_reports", "note"), ("help_blocks", "reason")):  # fmt: skip
        op.drop_column(table, column)
    op.create_check_constraint(op.f("ck_help_requests_erased"), "help_requests", _ERASED)
    op.create_check_constraint(op.f("ck_help_requests_kept_days"), "help_requests", "kept_days > 0")
    op.create_check_constraint(op.f("ck_help_leases_reason"), "help_leases", "reason ~ '^[a-z_]+$'")


def _move(table: str, words: str, request: str, person: str, at: str, where: str = "true") -> None:
    """Writes the words of a table's rows as texts of their requests; ``moved`` tells the numbers."""
    op.execute(
        "CREATE TEMPORARY TABLE moved AS SELECT id, request::text AS request, words, person, at,"
        " nextval(pg_get_serial_sequence('written_texts', 'id')) AS number"
        f" FROM (SELECT id, {request} AS request, {words} AS words, {person} AS person, {at} AS at"
        f" FROM {table} WHERE {where}) AS old"
        " WHERE words <> '' AND request IN (SELECT id FROM help_requests WHERE erased_at IS NULL)"
    )
    op.execute(
        "INSERT INTO written_texts (id, subject_kind, subject_id, words, by_person, at)"
        " SELECT number, 'request', request, words, person, at FROM moved"
    )


def _events() -> None:
    for action, name in _EVENTS.items():
        chosen = f"action = '{action}' AND details ? '{name}'"
        _move("help_events", f"details ->> '{name}'", "request_id", "person_id", "at", chosen)
        op.execute(
            "UPDATE help_events AS e SET details = e.details || jsonb_build_object('text', moved.number)"
            " FROM moved WHERE moved.id = e.id"
        )
        op.execute("DROP TABLE moved")
        op.execute(f"UPDATE help_events SET details = details - '{name}' WHERE {chosen}")


def downgrade() -> None:
    """Puts the words that are left back into the rows they came from."""
    op.drop_constraint(op.f("ck_help_leases_reason"), "help_leases", type_="check")
    op.drop_constraint(op.f("ck_help_requests_erased"), "help_requests", type_="check")
    op.drop_constraint(op.f("ck_help_requests_kept_days"), "help_requests", type_="check")
    op.drop_index("ix_help_requests_to_erase", table_name="help_requests")
    for (table, column), old in _BACK.items():
        op.add_column(table, sa.Column(old, sa.String(), nullable=True))
        op.execute(f"UPDATE {table} SET {old} = t.words FROM written_texts AS t WHERE t.id = {table}.{column}")
    op.execute("UPDATE help_blocks SET reason = '' WHERE reason IS NULL")
    op.alter_column("help_blocks", "reason", nullable=False)
    op.execute(
        "UPDATE help_leases SET reason = concat_ws(': ', reason, t.words)"
        " FROM written_texts AS t WHERE t.id = help_leases.note_text"
    )
    for action, name in _EVENTS.items():
        op.execute(
            f"UPDATE help_events AS e SET details = e.details || jsonb_build_object('{name}', t.words)"
            f" FROM written_texts AS t WHERE e.action = '{action}' AND t.id = (e.details ->> 'text')::bigint"
        )
    op.execute("UPDATE help_events SET details = details - 'text' WHERE details ? 'text'")
    for table, column in _MOVED:
        op.drop_column(table, column)
    op.drop_column("help_requests", "kept_days")
    op.drop_table("written_texts")
