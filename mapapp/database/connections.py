"""Connections: the engine with its bounds, sessions, and statements that go to the driver as they are."""

from __future__ import annotations

import select as select_module
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session, sessionmaker


def engine(
    address: str | URL,
    *,
    pool_size: int = 4,
    statement_timeout_s: int = 0,
    lock_timeout_s: int = 0,
    autocommit: bool = False,
    role: str | None = None,
) -> Engine:
    """An engine for the service or a command. ``jit=off``: compilation costs more than these queries take.

    Args:
        address: of the database.
        pool_size: connections kept; as many again when needed.
        statement_timeout_s: after so many seconds the database gives a statement up; 0 never.
        lock_timeout_s: after so many it gives up waiting for a lock; 0 never.
        autocommit: for reads of one statement each: no transaction around them, two round trips fewer. A pool of its
            own, because switching a connection to and fro costs as much as a small query.
        role: the database role to take on, where it is another than the address's.
    """
    url = make_url(address)
    reads: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if autocommit else {}
    made = create_engine(
        url,
        **reads,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        hide_parameters=True,  # an error's text goes into the log, and what it was about may be somebody's name
        connect_args={
            "connect_timeout": 5,
            "application_name": "mapapp",
            "connection_factory": Line,
            "cursor_factory": Settled,
        },
    )
    limits = {"statement_timeout": str(statement_timeout_s * 1000), "lock_timeout": str(lock_timeout_s * 1000)}
    settings = {"jit": "off", **limits} | ({"role": role} if role else {})
    event.listen(made, "connect", lambda line, _record: line.settle(settings))
    event.listen(made, "checkout", _still_there)
    return made


class Line(psycopg2.extensions.connection):
    """A connection with our settings, whether it leads to PostgreSQL itself or to a pooler before it.

    Start-up options are not used: PgBouncer refuses them. What is set for a session is set once where the session is
    ours. A pooler that lends another one to each transaction would hand it on to strangers, so there it is said at the
    beginning of each transaction, in the same message as the first statement: no round trip more.
    """

    before = ""
    """What goes before the first statement of each transaction."""

    def settle(self, settings: dict[str, str]) -> None:
        """Once, when it is new."""
        was, self.autocommit = self.autocommit, True
        with self.cursor() as cursor:
            # The time zone is one of those a pooler keeps for each client.
            cursor.execute("SET timezone = 'UTC'; SELECT pg_backend_pid()")
            is_ours = cursor.fetchone() == (self.info.backend_pid,)  # a pooler makes up its own
            if is_ours:
                cursor.execute("; ".join(f"SET {name} = '{value}'" for name, value in settings.items()))
        self.autocommit = was
        self.before = "" if is_ours else "".join(f"SET LOCAL {name} = '{value}'; " for name, value in settings.items())


class Settled(psycopg2.extensions.cursor):
    """A cursor of a ``Line``."""

    def execute(self, query: Any, vars: Any = None) -> None:
        """As the driver's own."""
        line: Any = self.connection
        if line.before and line.status == psycopg2.extensions.STATUS_READY and isinstance(query, str):
            query = line.before + query
        super().execute(query, vars)


def _still_there(connection: Any, record: Any, _proxy: object) -> None:
    """Throws away an idle connection that the server has left, so that a restart of the database costs no request.

    A server that goes says so, or closes the line: either can be read from the socket. Looking takes microseconds,
    where asking (``pool_pre_ping``) would take a round trip before each answer. A connection that was made this moment
    is not looked at: one that is left again at once is told by the statement, as what it is.
    """
    if not record.info.get("was_idle"):
        record.info["was_idle"] = True
        return
    if not connection.closed:
        waiting = select_module.poll()
        waiting.register(connection.fileno(), select_module.POLLIN)
        if not waiting.poll(0):
            return
    raise DisconnectionError


def sessions(bind: Engine, info: dict[str, Any] | None = None) -> sessionmaker[Session]:
    """Sessions that load nothing behind one's back; ``info`` is what each carries with it."""
    return sessionmaker(bind, expire_on_commit=False, info=info)


@contextmanager
def cursor(session: Session, about: str) -> Iterator[Any]:
    """The driver's own cursor, for what SQLAlchemy is no help with: the one way past it to a connection.

    A session that has begun nothing lends only its pool; one that has is asked inside its transaction. Whatever goes
    wrong on the way – no connection to be had, none any more, the statement – is an error as SQLAlchemy tells it, and a
    connection that is gone is not used again.

    Args:
        session: whose connection.
        about: the statement, for the error.

    Raises:
        DBAPIError: as ``Session.execute``.
    """
    bind: Any = session.get_bind()
    lent: Any = None
    owner: Any = None  # whoever is to throw the line away: the pool's loan, or the session's connection
    line: Any = None
    try:
        if isinstance(bind, Engine) and not session.in_transaction():
            line = owner = lent = bind.raw_connection()
        else:
            owner = session.connection()
            line = owner.connection
        with line.cursor() as made:
            yield made
    except psycopg2.Error as error:
        is_gone = bool(bind.dialect.is_disconnect(error, getattr(line, "dbapi_connection", None), None))
        if is_gone and owner is not None:
            owner.invalidate(error)
        raise _told(about, error, is_gone) from error
    finally:
        if lent is not None:
            lent.close()  # back to the pool, which throws away what is broken


def _told(about: str, error: psycopg2.Error, is_gone: bool) -> DBAPIError:
    told = DBAPIError.instance(about, None, error, psycopg2.Error, hide_parameters=True, connection_invalidated=is_gone)
    assert isinstance(told, DBAPIError)
    return told


def driver_rows(session: Session, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement in the driver's own words (``%(name)s``), for the few that are asked all the time.

    SQLAlchemy's bookkeeping of a session, a transaction and a wide result costs half of what a small query does.
    """
    with cursor(session, sql) as asked:
        asked.execute(sql, values)
        found: list[tuple[Any, ...]] = asked.fetchall()
        return found


_ONLY_READS = text("""
    SELECT current_setting('transaction_read_only')::boolean
        OR coalesce((
            SELECT split_part(one, '=', 2)::boolean
            FROM pg_db_role_setting, unnest(setconfig) AS one
            WHERE split_part(one, '=', 1) = 'default_transaction_read_only'
                AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
            ORDER BY setrole = 0, setdatabase = 0
            LIMIT 1
        ), false)
""")
"""The second half is what the next connection will find, where the setting came after this one was opened."""


def only_reads(session: Session) -> bool:
    """Whether nothing can be written: a standby, or a database whose operator or full disk has made it read-only.

    Args:
        session: one that would write.
    """
    found: bool = session.execute(_ONLY_READS).scalar_one()
    return found
