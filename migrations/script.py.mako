"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from __future__ import annotations

import geoalchemy2
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Takes away again."""
    ${downgrades if downgrades else "pass"}
