"""Two database roles: one owns the tables and migrates them, the other is the running service's.

The service's role reads and writes rows. It cannot alter a table, of the audit log it can only add to and read, and
what people wrote (``database.free_texts``) it can add, read and take out.
Both are made where the migrating role may make roles; where it may not, an administrator makes them, or the service
runs as the migrating role, and ``mapapp check`` says so (docs/configuration.md, “Database roles”).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mapapp.core.config import APP_ROLE

log = logging.getLogger(__name__)

OWNER_ROLE = "mapapp_owner"

APPEND_ONLY = (
    "audit_log", "audit_heads", "help_events", "statistics_snapshots", "statistics_frozen", "statistics_published",
)  # fmt: skip
ERASABLE = ("written_texts",)
"""Rows that are written once, and taken out whole: what people wrote is never put into other words."""
READ_ONLY = ("alembic_version",)
WRITTEN_VIEWS = ("sign_in_attempts", "help_counts")
"""Views in the place of tables that code up to revision 0023 writes to, in a database of revision 0024."""


@dataclass(frozen=True)
class Names:
    """What the two roles are called; plain words, they need no quoting."""

    owner: str = OWNER_ROLE
    app: str = APP_ROLE


_TRIES = 8
_AGAIN = {"XX000", "55P03", "40P01", "40001"}
"""SQLSTATEs of “tuple concurrently updated”, a lock that was not to be had, deadlock: roles belong to the whole
cluster, and another database's migration may be at them at the same moment."""

# Each step separately: a user who cannot create roles may still have been given them.
_MAKE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} {options};
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$
"""
_JOIN = """
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{owner}', 'USAGE') THEN
        EXECUTE format('GRANT {owner} TO %I', current_user);
    END IF;
EXCEPTION WHEN insufficient_privilege OR undefined_object OR invalid_grant_operation THEN NULL;
END $$
"""

# Everything in our schema that is no extension's and follows no table, with what ALTER calls it.
_OURS = text("""
SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
    ELSE 'TABLE' END AS what, quote_ident(c.relname) AS name, pg_get_userbyid(c.relowner) AS owner
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'S', 'v', 'm')
  AND NOT EXISTS (SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i', 'a'))
ORDER BY c.relname
""")

_SEEN = text("""
SELECT current_user AS role,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR bool_or(
        pg_has_role(current_user, c.relowner, 'MEMBER')
        OR c.relname = ANY (:append_only) AND (has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
            OR has_any_column_privilege(c.oid, 'UPDATE'))
        OR c.relname = ANY (:erasable) AND (has_table_privilege(c.oid, 'UPDATE, TRUNCATE, TRIGGER')
            OR has_any_column_privilege(c.oid, 'UPDATE'))) AS too_much,
    array_remove(array_agg(CASE WHEN NOT has_table_privilege(c.oid, 'SELECT')
        OR c.relname <> ALL (:read_only) AND NOT has_table_privilege(c.oid, 'INSERT')
        OR c.relname <> ALL (:read_only || :append_only) AND NOT (
            (c.relname = ANY (:erasable) OR has_table_privilege(c.oid, 'UPDATE'))
            AND has_table_privilege(c.oid, 'DELETE'))
        THEN c.relname::text END ORDER BY c.relname), NULL) AS missing
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
""")


@dataclass(frozen=True)
class Seen:
    """What the asking role is: whether it can do more than the service should (alter tables, change the audit log),
    and on which tables it lacks what the service needs."""

    role: str
    too_much: bool
    missing: tuple[str, ...]


def settle(connection: Connection, names: Names | None = None) -> bool:
    """Makes the roles, gives the owner what a migration has just made, and the service its rights. Safe to repeat.

    Returns:
        whether the service's role has its rights and the owner the tables; ``mapapp check`` tells what is missing.
    """
    names = names or Names()
    made = _step(connection, "made", lambda: _make(connection, names))
    owned = made and _step(connection, "given the tables", lambda: _own(connection, names))
    # Without the owner role, the migrating role keeps the tables, and the service gets only its own rights.
    granted = made and _step(connection, "given their rights", lambda: _grant(connection, names))
    return owned and granted


def seen(connection: Connection) -> Seen:
    """What the role of this connection can do with the tables."""
    tables = {"append_only": APPEND_ONLY, "erasable": ERASABLE, "read_only": READ_ONLY}
    row = connection.execute(_SEEN, {name: list(known) for name, known in tables.items()}).one()
    return Seen(row.role, bool(row.too_much), tuple(row.missing or ()))


def _step(connection: Connection, what: str, work: Callable[[], None]) -> bool:
    """One step, in a savepoint; again where another database's migration came between."""
    for attempt in range(_TRIES):
        try:
            with connection.begin_nested():
                work()
        except DBAPIError as error:
            if getattr(error.orig, "pgcode", None) in _AGAIN and attempt + 1 < _TRIES:
                time.sleep(0.05 * 2**attempt)
                continue
            log.warning("the database roles could not be %s: %s", what, str(error.orig).strip().splitlines()[0])
            return False
        return True
    return False


def _make(connection: Connection, names: Names) -> None:
    for role, options in ((names.owner, "NOLOGIN"), (names.app, "LOGIN")):
        connection.exec_driver_sql(_MAKE.format(role=role, options=options))
    connection.exec_driver_sql(_JOIN.format(owner=names.owner).replace("%", "%%"))


def _own(connection: Connection, names: Names) -> None:
    schema = _schema(connection)
    if _is_schemas_owner(connection):
        # A table's new owner must be allowed to make tables there.
        connection.exec_driver_sql(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {names.owner}")
    # Serials follow their table; only what stands alone is named.
    for what, name, owner in connection.execute(_OURS).all():
        if owner != names.owner:
            connection.exec_driver_sql(f"ALTER {what} {name} OWNER TO {names.owner}")


def _grant(connection: Connection, names: Names) -> None:
    schema = _schema(connection)
    if _is_schemas_owner(connection):
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {names.app}")
        connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {names.app}")
    for what, name, _owner in connection.execute(_OURS).all():
        if name in READ_ONLY or (what.endswith("VIEW") and name not in WRITTEN_VIEWS):
            rights = "SELECT"
        elif name in APPEND_ONLY:
            rights = "SELECT, INSERT"
        elif name in ERASABLE:
            rights = "SELECT, INSERT, DELETE"
        elif what == "SEQUENCE":
            rights = "USAGE, SELECT"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        kind = "SEQUENCE " if what == "SEQUENCE" else ""
        connection.exec_driver_sql(f"REVOKE ALL ON {kind}{name} FROM {names.app}, PUBLIC")
        connection.exec_driver_sql(f"GRANT {rights} ON {kind}{name} TO {names.app}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {names.app}")


def _schema(connection: Connection) -> str:
    name: str = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    return name


def _is_schemas_owner(connection: Connection) -> bool:
    found: bool = connection.execute(
        text("SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = current_schema()")
    ).scalar_one()
    return found
