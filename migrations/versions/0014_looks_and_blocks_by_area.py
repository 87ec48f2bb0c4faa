"""Requests an officer should look at, some of them before volunteers see them; blocks of a number by area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

_LIVE = "lifted_at IS NULL"


def upgrade() -> None:
    """Adds them. A block that is there holds from now on in the tambon of the request it was made for."""
    op.add_column("help_requests", sa.Column("look", sa.String(), nullable=True))
    op.add_column("help_requests", sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint(
        op.f("ck_help_requests_look"), "help_requests", "look IN ('blocked','number','network','again')"
    )
    op.create_check_constraint(op.f("ck_help_requests_held"), "help_requests", "NOT held OR look IS NOT NULL")
    op.create_index(
        "ix_help_requests_look", "help_requests", ["tambon_code"], postgresql_ops={"tambon_code": "text_pattern_ops"},
        postgresql_where=sa.text("closed_at IS NULL AND look IS NOT NULL"),
    )  # fmt: skip
    op.drop_index("uq_help_blocks_phone_index", table_name="help_blocks")
    op.create_index(
        "uq_help_blocks_phone_index", "help_blocks", ["phone_index", "area_code"], unique=True,
        postgresql_where=sa.text(_LIVE),
    )  # fmt: skip
    op.create_index(
        "ix_help_blocks_request_id", "help_blocks", ["request_id"], postgresql_where=sa.text(_LIVE)
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away. Of several blocks of one number the one that ends last stays."""
    op.drop_index("ix_help_blocks_request_id", table_name="help_blocks")
    op.drop_index("uq_help_blocks_phone_index", table_name="help_blocks")
    op.execute(
        "UPDATE help_blocks AS b SET lifted_at = now() WHERE lifted_at IS NULL AND EXISTS ("
        "SELECT FROM help_blocks AS o WHERE o.phone_index = b.phone_index AND o.lifted_at IS NULL"
        " AND (o.until, o.id) > (b.until, b.id))"
    )
    op.create_index(
        "uq_help_blocks_phone_index", "help_blocks", ["phone_index"], unique=True, postgresql_where=sa.text(_LIVE)
    )
    op.drop_index("ix_help_requests_look", table_name="help_requests")
    op.drop_constraint(op.f("ck_help_requests_held"), "help_requests")
    op.drop_constraint(op.f("ck_help_requests_look"), "help_requests")
    op.drop_column("help_requests", "held")
    op.drop_column("help_requests", "look")
