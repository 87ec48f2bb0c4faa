"""Blocks of numbers say nothing of requests that were erased."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision: str | None = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that hold go on, to the end of their last day; those that are over go."""
    op.execute(
        "DELETE FROM help_blocks WHERE (lifted_at IS NOT NULL OR until <= now())"
        " AND request_id IN (SELECT id FROM help_requests WHERE erased_at IS NOT NULL)"
    )
    op.execute(
        "UPDATE help_blocks SET request_id = NULL, reason_text = NULL, by_person = NULL,"
        " at = date_trunc('day', at, 'Asia/Bangkok'),"
        " until = date_trunc('day', until, 'Asia/Bangkok') + interval '1 day'"
        " WHERE request_id IN (SELECT id FROM help_requests WHERE erased_at IS NOT NULL)"
    )


def downgrade() -> None:
    """What was taken out is gone."""
