"""A person's language is any that the service has; the views of counts go that code up to revision 0023 looked at."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision: str | None = "0024"
branch_labels = None
depends_on = None

STOPS_CODE_BEFORE = "0024"

_OLD = ("sign_in_attempts", "help_counts")
_VIEWS = (
    "CREATE VIEW sign_in_attempts AS SELECT id, key, at FROM limit_counts",
    "CREATE VIEW help_counts AS SELECT id, key, at FROM limit_counts",
)


def _languages(allowed: str) -> None:
    op.drop_constraint(op.f("ck_people_language"), "people")
    op.create_check_constraint(op.f("ck_people_language"), "people", allowed)


def upgrade() -> None:
    """Which languages there are, the code says."""
    _languages("language ~ '^[a-z]{2,3}(-[A-Za-z0-9]+)*$'")
    for name in _OLD:
        op.execute(f"DROP VIEW {name}")


def downgrade() -> None:
    """Whoever has chosen another language reads English, as the pages of officers do for them."""
    op.execute("UPDATE people SET language = 'en' WHERE language NOT IN ('th','en')")
    _languages("language IN ('th','en')")
    for view in _VIEWS:
        op.execute(view)
