"""Alembic's environment: every room's tables, PostGIS's helpers, a lock timeout."""

from __future__ import annotations

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, inspect, text

from mapapp.database import Base, migrate, roles


def _ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    if kind == "table" and reflected and compare_to is None and name == "spatial_ref_sys":
        return False
    found: bool = alembic_helpers.include_object(thing, name, kind, reflected, compare_to)  # type: ignore[no-untyped-call]
    return found


def run(connection: Connection) -> None:
    """Runs the asked-for migrations on a connection that the caller opened and closes."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=_ours,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        # A migration that cannot have its lock soon gives up instead of queueing every reader behind it.
        connection.execute(text(migrate.LOCK_TIMEOUT))
        context.run_migrations()
        migrate.note_oldest(connection)
        if "audit_log" in inspect(connection).get_table_names():
            roles.settle(connection)


run(context.config.attributes["connection"])
