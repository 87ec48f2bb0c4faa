"""Fridays of the statistics: what was frozen, and what of it is public. The service can only add to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision: str | None = "0034"
branch_labels = None
depends_on = None

_AREA = "area_code ~ '^(TH|[0-9]{2}([0-9]{2}([0-9]{2})?)?)$'"


def upgrade() -> None:
    """Makes the tables; the first Friday comes by itself."""
    op.create_table(
        "statistics_snapshots",
        sa.Column("friday", sa.Date(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_example", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("measures", postgresql.JSONB(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("extract(isodow FROM friday) = 5", name=op.f("ck_statistics_snapshots_friday")),
        sa.CheckConstraint(
            "octet_length(digest) = 32 AND octet_length(previous) = 32", name=op.f("ck_statistics_snapshots_digest")
        ),
        sa.PrimaryKeyConstraint("friday", name=op.f("pk_statistics_snapshots")),
    )
    _rows("statistics_frozen", sa.Column("values", postgresql.ARRAY(sa.BigInteger()), nullable=False))
    _rows(
        "statistics_published",
        sa.Column("states", sa.String(), nullable=False),
        sa.Column("numbers", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.CheckConstraint(
            "length(states) = cardinality(numbers)", name=op.f("ck_statistics_published_figures")
        ),
    )  # fmt: skip


def _rows(name: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("friday", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        *more,
        sa.CheckConstraint(_AREA, name=op.f(f"ck_{name}_area_code")),
        sa.ForeignKeyConstraint(
            ["friday"], ["statistics_snapshots.friday"], name=op.f(f"fk_{name}_friday_statistics_snapshots")
        ),
        sa.PrimaryKeyConstraint("friday", "measure", "area_code", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_area_code", name, ["area_code", "measure"], unique=False)


def downgrade() -> None:
    """Takes them away."""
    for name in ("statistics_published", "statistics_frozen", "statistics_snapshots"):
        op.drop_table(name)
