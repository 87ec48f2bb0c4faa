"""Two database roles: one owns the tables and migrates them, the other is the running service's.

The service's role reads and writes rows. It cannot alter a table, and of the audit log it can only add to and read.
Both are made where the migrating role may make roles; elsewhere ``mapapp check`` says what is missing.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mapapp.config import APP_ROLE

log = logging.getLogger(__name__)

OWNER_ROLE = "mapapp_owner"

APPEND_ONLY = ("audit_log", "audit_heads")
READ_ONLY = ("alembic_version", "spatial_ref_sys", "geometry_columns", "geography_columns")

_MAKE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER_ROLE}') THEN
        BEGIN CREATE ROLE {OWNER_ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        BEGIN CREATE ROLE {APP_ROLE} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    END IF;
    IF NOT pg_has_role(current_user, '{OWNER_ROLE}', 'MEMBER') THEN
        EXECUTE format('GRANT {OWNER_ROLE} TO %I', current_user);
    END IF;
END $$
"""  # noqa: S608 - only our own two constants are put in

# Everything in our schema that is no extension's, with what ALTER calls it.
_OURS = text("""
SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS what,
    quote_ident(c.relname) AS name, pg_get_userbyid(c.relowner) AS owner
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'S', 'v')
  AND NOT EXISTS (SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i', 'a'))
ORDER BY c.relname
""")


def settle(connection: Connection) -> bool:
    """Makes the roles, gives the owner what a migration has just made, and the service its rights. Safe to repeat.

    Returns:
        whether it could; without the right to make roles everything stays the migrating role's own.
    """
    try:
        with connection.begin_nested():
            connection.execute(text(_MAKE))
            _give(connection)
    except DBAPIError as error:
        log.warning("the database roles could not be made: %s", str(error.orig).strip().splitlines()[0])
        return False
    return True


def _give(connection: Connection) -> None:
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    # Serials follow their table; only what stands alone is named.
    for what, name, owner in connection.execute(_OURS).all():
        if owner != OWNER_ROLE:
            connection.exec_driver_sql(f"ALTER {what} {name} OWNER TO {OWNER_ROLE}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}, {OWNER_ROLE}")
    connection.exec_driver_sql(f"GRANT CREATE ON SCHEMA {schema} TO {OWNER_ROLE}")
    connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC")
    for what, name, _owner in connection.execute(_OURS).all():
        if name in READ_ONLY or what == "VIEW":
            rights = "SELECT"
        elif name in APPEND_ONLY:
            rights = "SELECT, INSERT"
        elif what == "SEQUENCE":
            rights = "USAGE, SELECT"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        connection.exec_driver_sql(f"REVOKE ALL ON {name} FROM {APP_ROLE}, PUBLIC")
        connection.exec_driver_sql(f"GRANT {rights} ON {name} TO {APP_ROLE}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {APP_ROLE}")
