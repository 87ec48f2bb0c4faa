"""What limits count stands in one table; the two it stood in are views of it for code that still looks there.

Such code goes on while a new version comes in: what it counts, the new code sees, and the other way round. The keys of
the two never fall together, since what is counted is part of what they are made of. The views are for code up to
revision 0023; a migration of the next version takes them away.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0023"
branch_labels = None
depends_on = None

_OLD = ("sign_in_attempts", "help_counts")
_VIEWS = (
    "CREATE VIEW sign_in_attempts AS SELECT id, key, at FROM limit_counts",
    "CREATE VIEW help_counts AS SELECT id, key, at FROM limit_counts",
)


def _make(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_key_at", name, ["key", "at"], unique=False)


def _copy(taken: str, given: str) -> None:
    old, new = (sa.table(name, sa.column("id"), sa.column("key"), sa.column("at")) for name in (taken, given))
    op.execute(new.insert().from_select(["key", "at"], sa.select(old.c.key, old.c.at).order_by(old.c.id)))


def upgrade() -> None:
    """Moves what is counted."""
    op.execute("LOCK TABLE sign_in_attempts, help_counts IN ACCESS EXCLUSIVE MODE")  # nothing is counted meanwhile
    _make("limit_counts")
    for name in _OLD:
        _copy(name, "limit_counts")
        op.drop_table(name)
    for view in _VIEWS:
        op.execute(view)


def downgrade() -> None:
    """Two tables again, each with all rows: a key says nothing of what it counts, and nobody asks for the other's."""
    op.execute("LOCK TABLE limit_counts IN ACCESS EXCLUSIVE MODE")
    for name in _OLD:
        op.execute(f"DROP VIEW {name}")
        _make(name)
        _copy("limit_counts", name)
    op.drop_table("limit_counts")
