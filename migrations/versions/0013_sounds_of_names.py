"""What an area's name sounds like, beside its spelling: names as people write what they hear.

The names themselves are renewed after the migrations (``areas.service.renew_names``): they are no facts of a revision.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds it, empty, with its index."""
    op.add_column("place_names", sa.Column("sound", sa.String(), nullable=True))
    op.create_index(
        "ix_place_names_sound", "place_names", ["sound"],
        postgresql_ops={"sound": "text_pattern_ops"},
        postgresql_where=sa.text("village_code IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    """Takes it away, and the postcodes among the names."""
    op.drop_index("ix_place_names_sound", table_name="place_names")
    op.drop_column("place_names", "sound")
    op.execute("DELETE FROM place_names WHERE village_code IS NULL AND name ~ '^[0-9]{5}$'")
