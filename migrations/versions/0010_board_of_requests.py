"""Indexes behind the lists of the officers' board."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None

_BY_TAMBON = {
    "open_urgent": "linked_to IS NULL AND urgency <= 2",
    "no_contact": "(phone_index IS NULL OR phone_shared IS FALSE)",
    "border": "cell_tambon_code <> tambon_code",
}


def upgrade() -> None:
    """Adds them."""
    for name, condition in _BY_TAMBON.items():
        op.create_index(
            f"ix_help_requests_{name}", "help_requests", ["tambon_code"], unique=False,
            postgresql_ops={"tambon_code": "text_pattern_ops"},
            postgresql_where=sa.text(f"closed_at IS NULL AND {condition}"),
        )  # fmt: skip
    op.create_index(
        "ix_help_requests_urgency", "help_requests", ["urgency", "posted_at", "id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_help_requests_confirmed_at", "help_requests", ["confirmed_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_help_requests_closed_at", "help_requests", ["closed_at", "id"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_help_requests_posted_at", "help_requests", ["posted_at"], postgresql_using="brin")
    op.create_index(
        "ix_help_needs_dropped", "help_needs", ["request_id"], postgresql_where=sa.text("drops >= 2")
    )  # fmt: skip
    op.create_index(
        "ix_help_needs_contested", "help_needs", ["request_id"], postgresql_where=sa.text("contested > 0")
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away."""
    for name in ("dropped", "contested"):
        op.drop_index(f"ix_help_needs_{name}", table_name="help_needs")
    for name in (*_BY_TAMBON, "urgency", "confirmed_at", "closed_at", "posted_at"):
        op.drop_index(f"ix_help_requests_{name}", table_name="help_requests")
