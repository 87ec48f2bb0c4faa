"""Who joins is who was meant: names that several may claim, links that ask for a telephone number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None

_FOUND_BY = ("phone_claim", "phone_finder", "email_finder", "user_name_finder")


def upgrade() -> None:
    """Adds the columns. Links that are open now ask for the number on record too; without one they work no more."""
    for name in _FOUND_BY:
        op.add_column("people", sa.Column(name, sa.LargeBinary(), nullable=True))
        op.create_index(f"ix_people_{name}", "people", [name], postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.add_column("people", sa.Column("claimed_user_name", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_people_claimed_user_name"), "people",
        "claimed_user_name IS NULL OR claimed_user_name = lower(claimed_user_name) AND user_name IS NULL",
    )  # fmt: skip
    op.add_column("invitations", sa.Column("revoked_why", sa.String(), nullable=True))
    op.add_column(
        "invitations", sa.Column("wrong_numbers", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_invitations_revoked_why"), "invitations",
        "revoked_why IN ('newer','guessed','suspended','ended','number_changed','wrong_person','from_below')",
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away. Who signed in by a name that others have too needs another one then."""
    op.drop_constraint(op.f("ck_invitations_revoked_why"), "invitations")
    op.drop_column("invitations", "wrong_numbers")
    op.drop_column("invitations", "revoked_why")
    op.drop_constraint(op.f("ck_people_claimed_user_name"), "people")
    op.drop_column("people", "claimed_user_name")
    for name in _FOUND_BY:
        op.drop_index(f"ix_people_{name}", table_name="people")
        op.drop_column("people", name)
