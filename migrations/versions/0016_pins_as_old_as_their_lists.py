"""A pin is of the day that its list speaks of, and verified only where a person stood for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None

# Until now a list counted as confirmed, and an officer's list as verified, at the moment it was loaded. What persons
# did is in the history; a date of its own that a row brought stays. GREATEST and LEAST pass over NULL.
MEND = """
WITH moments AS (
    SELECT facility_id, at FROM facility_changes WHERE action = 'import'
), stood AS (
    SELECT facility_id, max(at) AS at FROM facility_changes
    WHERE action IN ('add', 'edit', 'confirm', 'close', 'reopen', 'merge') OR (action = 'undo' AND import_id IS NULL)
    GROUP BY facility_id
), listed AS (
    SELECT f.id, f.source_as_of, stood.at AS stood_at,
        CASE WHEN f.verified_at IS DISTINCT FROM stood.at AND (
            EXISTS (SELECT FROM moments AS m WHERE m.facility_id = f.id AND m.at = f.verified_at)
            OR EXISTS (SELECT FROM facility_imports AS i WHERE i.finished_at = f.verified_at)
        ) THEN stood.at ELSE f.verified_at END AS verified_at
    FROM facilities AS f
    LEFT JOIN stood ON stood.facility_id = f.id
    WHERE EXISTS (SELECT FROM moments AS m WHERE m.facility_id = f.id)
)
UPDATE facilities AS f SET
    verified_at = listed.verified_at,
    verified_by = CASE WHEN listed.verified_at IS NOT DISTINCT FROM f.verified_at THEN f.verified_by END,
    confirmed_at = GREATEST(
        listed.stood_at, listed.verified_at,
        CASE WHEN listed.source_as_of IS NOT NULL
            THEN LEAST((listed.source_as_of + time '12:00') AT TIME ZONE 'Asia/Bangkok', now()) END
    )
FROM listed
WHERE f.id = listed.id
"""


def upgrade() -> None:
    """Lets the day be unknown, and puts right what lists said of themselves."""
    op.alter_column("facilities", "confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.execute(MEND)


def downgrade() -> None:
    """Every pin has a day again; those without one that of their making. What lists claimed is not brought back."""
    op.execute("UPDATE facilities SET confirmed_at = created_at WHERE confirmed_at IS NULL")
    op.alter_column("facilities", "confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
