"""Figures of the statistics, what is still to be counted, and triggers that note what they are made from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision: str | None = "0032"
branch_labels = None
depends_on = None

_TAMBON_OF_VILLAGE = "SELECT DISTINCT left(village_code, 6) AS code FROM {rows}"
_TAMBON = "SELECT DISTINCT tambon_code AS code FROM {rows} WHERE tambon_code IS NOT NULL"
_EVERYTHING = "SELECT DISTINCT CAST(NULL AS text) AS code FROM {rows}"

_NOTED = {
    "survey_sums": ("survey", _TAMBON_OF_VILLAGE, "INSERT UPDATE DELETE"),
    # A village becomes known with its first record; what is recorded of it later is in the sums.
    "survey_villages": ("survey", _TAMBON_OF_VILLAGE, "INSERT DELETE"),
    "survey_assignments": ("survey", _TAMBON_OF_VILLAGE, "INSERT DELETE"),
    # No code: everything is counted again. It is rare, and can concern villages whose tambon has left the list.
    "survey_rounds": ("survey", _EVERYTHING, "INSERT UPDATE DELETE"),
    "villages": ("survey", "SELECT DISTINCT left(code, 6) AS code FROM {rows}", "INSERT UPDATE DELETE"),
    "areas": ("areas", _EVERYTHING, "INSERT UPDATE DELETE"),
    "facilities": ("facilities", _TAMBON, "INSERT UPDATE DELETE"),
    "coverage": (
        "coverage",
        "SELECT DISTINCT area_code AS code FROM {rows} WHERE length(area_code) = 6",
        "INSERT UPDATE DELETE",
    ),
    "help_requests": ("requests", _TAMBON, "INSERT UPDATE DELETE"),
    "volunteers": ("volunteers", "SELECT DISTINCT home_tambon AS code FROM {rows}", "INSERT UPDATE DELETE"),
}
"""Table → the source that its changes are noted for, which tambons rows of it belong to, and at what."""

_NOTE = "INSERT INTO statistics_pending (source, tambon_code)"
_TRANSITION = {
    "INSERT": "NEW TABLE AS now_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS now_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    """Makes tables, functions and triggers. The figures are counted by the service, a minute later."""
    op.create_table(
        "statistics_pending",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("tambon_code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_pending")),
    )
    op.create_table(
        "statistics_figures",
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("values", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'", name=op.f("ck_statistics_figures_area_code")
        ),
        sa.PrimaryKeyConstraint("measure", "area_code", name=op.f("pk_statistics_figures")),
    )
    op.create_index("ix_statistics_figures_area_code", "statistics_figures", ["area_code"], unique=False)
    op.create_table(
        "statistics_measures",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cells", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_statistics_measures")),
    )
    for table, (source, tambons, events) in _NOTED.items():
        op.execute(_function(table, source, tambons, events))
        for event in events.split():
            op.execute(
                f"CREATE TRIGGER statistics_{event.lower()} AFTER {event} ON {table} REFERENCING {_TRANSITION[event]}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_{table}()"
            )


def _function(table: str, source: str, tambons: str, events: str) -> str:
    """Notes each tambon of the changed rows once: before and after, because a row can move."""
    rows = {"INSERT": ["now_rows"], "UPDATE": ["old_rows", "now_rows"], "DELETE": ["old_rows"]}
    branches = []
    for event in events.split():
        codes = " UNION ".join(tambons.format(rows=name) for name in rows[event])
        noted = f"{_NOTE} SELECT '{source}', code FROM ({codes}) AS noted"  # noqa: S608 - our own words
        branches.append(f"IF TG_OP = '{event}' THEN {noted};")
    body = " ELS".join(branches)
    return (
        f"CREATE FUNCTION statistics_note_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $body$BEGIN {body} END IF; RETURN NULL; END$body$"
    )


def downgrade() -> None:
    """Takes them away."""
    for table, (_source, _tambons, events) in _NOTED.items():
        for event in events.split():
            op.execute(f"DROP TRIGGER statistics_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION statistics_note_{table}()")
    for name in ("statistics_measures", "statistics_figures", "statistics_pending"):
        op.drop_table(name)
