"""The service's database role can do what the service does, and nothing that would undo the record."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.audit import verification
from mapapp.core import config
from mapapp.core.declarations import Finding
from mapapp.database import Base, migrate, roles
from mapapp.operations import check
from tests.audit.build import write
from tests.conftest import make_database, test_database_url
from tests.data import small_country

DENIED = "42501"
TABLES = sorted(Base.metadata.tables)


def refused(connection: Connection, statement: str) -> str | None:
    """The SQLSTATE with which the database refuses this, None where it does it; nothing of it stays."""
    inner = connection.begin_nested()
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return str(getattr(error.orig, "pgcode", ""))
    finally:
        inner.rollback()
    return None


@pytest.fixture
def service(owner: Engine) -> Iterator[Connection]:
    """A connection that has signed in as the service's role, with no way back to the tests' own."""
    with owner.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            write(session, 2)
        connection.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {config.APP_ROLE}")
        yield connection
        outer.rollback()


@pytest.mark.parametrize("table", roles.APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {0} SET seq = seq",
        "UPDATE {0} SET hash = hash WHERE false",
        "DELETE FROM {0}",
        "TRUNCATE {0}",
        "DROP TABLE {0}",
        "ALTER TABLE {0} ADD x integer",
        "ALTER TABLE {0} DISABLE TRIGGER ALL",
        "ALTER TABLE {0} OWNER TO CURRENT_USER",
        "ALTER TABLE {0} RENAME TO gone",
        "CREATE TRIGGER t BEFORE INSERT ON {0} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE r AS ON INSERT TO {0} DO INSTEAD NOTHING",
        "CREATE INDEX i ON {0} (seq)",
        "GRANT ALL ON {0} TO CURRENT_USER",
        "SELECT * FROM {0} FOR UPDATE",
        "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
        "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT ({1}) DO UPDATE SET hash = ''",
    ],
)
def test_the_record_cannot_be_changed(service: Connection, table: str, statement: str) -> None:
    seq, text_column, key = {
        "audit_log": ("seq", "hash", "seq"),
        "audit_heads": ("seq", "hash", "day"),
        "help_events": ("id", "action", "id"),
        "statistics_snapshots": ("friday", "digest", "friday"),
        "statistics_frozen": ("friday", "measure", "friday, measure, area_code"),
        "statistics_published": ("friday", "states", "friday, measure, area_code"),
    }[table]
    statement = statement.replace("seq", seq).replace("hash", text_column)
    # Giving away what is not one's own is told by a warning, not an error.
    if statement.startswith("GRANT"):
        assert refused(service, statement.format(table, key)) in {DENIED, None}
        assert refused(service, f"DELETE FROM {table}") == DENIED
    else:
        assert refused(service, statement.format(table, key)) == DENIED


@pytest.mark.parametrize(
    "statement",
    [
        f"SET ROLE {roles.OWNER_ROLE}",
        "SET ROLE mapapp",
        f"GRANT {roles.OWNER_ROLE} TO CURRENT_USER",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "CREATE ROLE another",
        "CREATE TABLE x (y integer)",
        "CREATE SCHEMA x",
        "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION hstore",
        "ALTER TABLE facilities ADD x integer",
        "DROP TABLE facilities",
        "TRUNCATE people",
        "UPDATE alembic_version SET version_num = '0001'",
        "SET session_replication_role = replica",
        "COPY audit_log FROM PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "ALTER SYSTEM SET fsync = off",
    ],
)
def test_the_service_cannot_become_more_than_it_is(service: Connection, statement: str) -> None:
    assert refused(service, statement) in {DENIED, "22023", "25001"}  # 22023: there is no such role on this cluster


def test_it_can_do_what_the_service_does(service: Connection) -> None:
    for table in TABLES:
        assert refused(service, f"SELECT * FROM {table} LIMIT 1") is None
        columns = [one for one in Base.metadata.tables[table].columns if one.identity is None and one.computed is None]
        names = ", ".join(column.name for column in columns)
        assert refused(service, f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE false") is None
        if table not in roles.APPEND_ONLY:
            assert refused(service, f"DELETE FROM {table} WHERE false") is None
            changed = refused(service, f"UPDATE {table} SET ({names}) = ROW ({names}) WHERE false")
            assert changed == (DENIED if table in roles.ERASABLE else None)
    for (sequence,) in service.execute(text("SELECT relname FROM pg_class WHERE relkind = 'S'")).all():
        assert refused(service, f"SELECT nextval('{sequence}')") is None
    assert refused(service, "SELECT ST_Transform(ST_SetSRID(ST_MakePoint(100, 14), 4326), 32647)") is None
    with Session(service, join_transaction_mode="create_savepoint") as session:
        assert verification.verify(session, []).entries == 2
        write(session, 1)
        assert verification.verify(session, []).entries == 3


def test_what_the_check_says_of_the_right_role(service: Connection) -> None:
    assert roles.seen(service) == roles.Seen(config.APP_ROLE, too_much=False, missing=())


def test_a_later_table_gets_its_owner_and_rights(owner: Engine) -> None:
    with owner.connect() as connection:
        outer = connection.begin()
        connection.exec_driver_sql(
            'CREATE TABLE "Later" (id serial PRIMARY KEY, other bigint GENERATED ALWAYS AS IDENTITY)'
        )
        connection.exec_driver_sql("CREATE SEQUENCE later_alone")
        connection.exec_driver_sql("CREATE VIEW later_view AS SELECT 1 AS one")
        connection.exec_driver_sql("CREATE MATERIALIZED VIEW later_kept AS SELECT 1 AS one")
        assert roles.settle(connection)
        connection.exec_driver_sql(f"SET LOCAL ROLE {config.APP_ROLE}")
        assert roles.seen(connection).missing == ()
        assert refused(connection, 'INSERT INTO "Later" DEFAULT VALUES') is None
        assert refused(connection, "SELECT nextval('later_alone')") is None
        assert refused(connection, "SELECT one FROM later_view, later_kept USING (one)") is not None
        assert refused(connection, "SELECT * FROM later_view JOIN later_kept USING (one)") is None
        assert refused(connection, 'ALTER TABLE "Later" ADD x integer') == DENIED
        outer.rollback()


def test_every_table_is_the_owners(owner: Engine) -> None:
    with owner.connect() as connection:
        owners: dict[str, str] = dict(connection.execute(text(
            "SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relname = ANY (:names)"
        ), {"names": TABLES}).all())  # fmt: skip
    assert owners == dict.fromkeys(TABLES, roles.OWNER_ROLE)


def test_down_and_up_again(worker: str) -> None:
    made = make_database(f"mapapp_roles_{worker}")
    try:
        migrate.upgrade(made)
        migrate.downgrade(made, "0004")
        assert "audit_log" not in inspect(made).get_table_names()
        migrate.upgrade(made)
        migrate.upgrade(made)
        with made.connect() as connection:
            connection.exec_driver_sql(f"SET ROLE {config.APP_ROLE}")
            assert roles.seen(connection) == roles.Seen(config.APP_ROLE, too_much=False, missing=())
    finally:
        made.dispose()


def test_two_databases_of_one_cluster_at_once(worker: str) -> None:
    """Roles belong to the cluster: two migrations that find none both make them, and neither fails."""
    engines = [make_database(f"mapapp_roles_{worker}_{number}") for number in range(3)]
    for made in engines:
        with made.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE audit_log (seq bigint); CREATE TABLE audit_heads (seq bigint)")
    try:
        for turn in range(4):
            names = roles.Names(f"race_owner_{worker}_{turn}", f"race_app_{worker}_{turn}")
            together = threading.Barrier(len(engines))

            def work(made: Engine, names: roles.Names = names, together: threading.Barrier = together) -> bool:
                with made.begin() as connection:
                    together.wait()
                    return roles.settle(connection, names)

            with ThreadPoolExecutor(len(engines)) as pool:
                assert list(pool.map(work, engines)) == [True] * len(engines)
            for made in engines:
                with made.connect() as connection:
                    connection.exec_driver_sql(f"SET ROLE {names.app}")
                    assert not roles.seen(connection).too_much
    finally:
        for made in engines:
            with made.begin() as connection:
                for turn in range(4):
                    for role in (f"race_owner_{worker}_{turn}", f"race_app_{worker}_{turn}"):
                        connection.exec_driver_sql(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}")
            made.dispose()
        with database.engine(test_database_url("postgres")).begin() as connection:
            for turn in range(4):
                connection.exec_driver_sql(f"DROP ROLE race_owner_{worker}_{turn}, race_app_{worker}_{turn}")


# A database whose user may not make roles --------------------------------------------------------------------------


@pytest.fixture
def plain(worker: str) -> Iterator[tuple[str, str]]:
    """A database and its owner, who may make no roles; an administrator has put the extensions in."""
    name, user = f"mapapp_plain_{worker}", f"mapapp_plain_{worker}_{secrets.token_hex(3)}"
    made = make_database(name)
    with made.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {user}")
        connection.exec_driver_sql(f"ALTER DATABASE {name} OWNER TO {user}")
        connection.exec_driver_sql("CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm")
    yield name, user
    with made.begin() as connection:
        connection.exec_driver_sql(f"REASSIGN OWNED BY {user} TO CURRENT_USER; DROP OWNED BY {user}; DROP ROLE {user}")
    made.dispose()


def _found(session: Session) -> list[Finding]:
    return [one for one in check.database_roles(session.connection()) if one.level != "ok"]


def test_a_user_who_may_make_no_roles_still_has_a_service(plain: tuple[str, str]) -> None:
    name, user = plain
    made = database.engine(test_database_url(name), role=user)
    try:
        migrate.upgrade(made)
        migrate.upgrade(made)
        with database.sessions(made)() as session:
            small_country(session)
            write(session, 2)
            assert verification.verify(session, []).is_whole
            found = _found(session)
        assert [one.level for one in found] == ["limits"]
        assert user in str(found[0].what)
        assert f"GRANT {roles.OWNER_ROLE} TO {user};" in str(found[0].mend)
        migrate.downgrade(made, "base")
    finally:
        made.dispose()


def test_what_the_check_says_to_paste_mends_it(plain: tuple[str, str]) -> None:
    name, user = plain
    made, admin = database.engine(test_database_url(name), role=user), database.engine(test_database_url(name))
    try:
        migrate.upgrade(made)
        with admin.begin() as connection:  # the roles are there on a test cluster, so what is left is:
            connection.exec_driver_sql(f"GRANT {roles.OWNER_ROLE} TO {user}")
        migrate.upgrade(made)
        with admin.connect() as connection:
            connection.exec_driver_sql(f"SET ROLE {config.APP_ROLE}")
            assert next(check.database_roles(connection)).level == "ok"
        migrate.downgrade(made, "0004")
        migrate.upgrade(made)
    finally:
        made.dispose()
        admin.dispose()


def test_a_role_without_its_rights_is_told(owner: Engine) -> None:
    with owner.connect() as connection:
        outer = connection.begin()
        connection.exec_driver_sql(f"REVOKE INSERT ON facilities FROM {config.APP_ROLE}")
        connection.exec_driver_sql(f"SET LOCAL ROLE {config.APP_ROLE}")
        (found,) = check.database_roles(connection)
        assert found.level == "stops"
        assert "facilities" in str(found.what)
        assert "mapapp db upgrade" in str(found.mend)
        outer.rollback()
