"""A volunteer who takes on and gives back as a report of the service itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None

_NAME = "ck_help_reports_about"


def upgrade() -> None:
    """Adds the word."""
    op.drop_constraint(op.f(_NAME), "help_reports")
    op.create_check_constraint(op.f(_NAME), "help_reports", "about IN ('request','volunteer','given_back')")


def downgrade() -> None:
    """Takes it away; what the service reported goes too."""
    op.execute("DELETE FROM help_reports WHERE about = 'given_back'")
    op.drop_constraint(op.f(_NAME), "help_reports")
    op.create_check_constraint(op.f(_NAME), "help_reports", "about IN ('request','volunteer')")
