"""The service's connections: what a restart of the database, a slow statement or two writers do to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.database.connection_errors import is_away


@pytest.fixture
def pooled(engine: Engine) -> Iterator[Engine]:
    """An engine as the service has it, with a connection that has been used and waits in the pool."""
    made = database.engine(engine.url, statement_timeout_s=1)
    with made.connect() as connection:
        connection.execute(text("SELECT 1"))
    yield made
    made.dispose()


def test_a_connection_that_the_server_left_is_replaced_unseen(pooled: Engine, owner: Engine) -> None:
    with pooled.connect() as connection:
        before = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with owner.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before})
        for _ in range(100):
            left = other.execute(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": before})
            if not left.scalar_one():
                break
            time.sleep(0.02)
    with pooled.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != before


def test_a_living_connection_is_used_again(pooled: Engine) -> None:
    seen = set()
    for _ in range(5):
        with pooled.connect() as connection:
            seen.add(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    assert len(seen) == 1


def test_an_endless_statement_is_given_up(pooled: Engine) -> None:
    with pooled.connect() as connection, pytest.raises(OperationalError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(30)"))


def test_rows_from_the_driver_inside_and_outside_a_transaction(pooled: Engine) -> None:
    sql = "SELECT pg_backend_pid(), %(n)s::int"
    with database.sessions(pooled)() as session:
        outside = database.driver_rows(session, sql, {"n": 7})
        assert outside[0][1] == 7
        assert not session.in_transaction(), "it lends the pool only"
        inside = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        assert database.driver_rows(session, sql, {"n": 8}) == [(inside, 8)]
    assert pooled.pool.checkedout() == 0  # type: ignore[attr-defined]  # QueuePool's own


def test_a_connection_lost_under_a_driver_statement_is_told_and_replaced(pooled: Engine) -> None:
    with database.sessions(pooled)() as session:
        with pytest.raises(OperationalError):
            database.driver_rows(session, "SELECT pg_terminate_backend(pg_backend_pid())", {})
        assert database.driver_rows(session, "SELECT 1", {}) == [(1,)]


def _end(owner: Engine, pid: int) -> None:
    """The server ends this connection, and has said so when this returns."""
    with owner.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_a_connection_lost_in_the_moment_it_was_made_is_told_as_lost(pooled: Engine, owner: Engine) -> None:
    pooled.dispose()
    event.listen(pooled, "connect", lambda line, _record: _end(owner, line.info.backend_pid))
    with pytest.raises(OperationalError) as error, pooled.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert is_away(error.value)


def test_a_database_that_takes_no_connection_is_told_to_the_driver_s_statements_too(pooled: Engine) -> None:
    away = database.engine(pooled.url.set(host=None, port=None, query={"host": "/nowhere"}))
    with database.sessions(away)() as session, pytest.raises(OperationalError) as error:
        database.driver_rows(session, "SELECT 1", {})
    assert is_away(error.value)


WAYS: dict[str, Callable[[Session], object]] = {
    "a driver's statement": lambda session: database.driver_rows(session, "SELECT 1", {}),
    "a statement": lambda session: session.execute(text("SELECT 1")),
    "the commit": lambda session: session.execute(text("COMMIT")),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_connection_lost_inside_a_transaction_is_told_whatever_comes_next(
    pooled: Engine, owner: Engine, way: str
) -> None:
    with database.sessions(pooled)() as session:
        _end(owner, session.execute(text("SELECT pg_backend_pid()")).scalar_one())
        for _ in range(2):  # once more: who goes on after an error must not make a 500 of it
            with pytest.raises((DBAPIError, PendingRollbackError)) as error:
                WAYS[way](session)
            assert is_away(error.value)
        session.rollback()
        assert session.execute(text("SELECT 1")).scalar_one() == 1


@pytest.mark.parametrize(
    ("code", "away"),
    [
        ("25006", True),  # a standby that took over and is still read-only
        ("25P03", True),  # a transaction that stood still too long
        ("40001", True), ("40P01", True),  # two that got into each other's way
        ("53100", True), ("53200", True), ("53300", True),  # no room, no memory, too many connections
        ("55P03", True),  # a lock was not to be had in time
        ("57014", True), ("57P01", True), ("57P02", True), ("57P03", True),  # given up, going, crashed, starting
        ("58030", True), ("08006", True),
        ("22012", False), ("23505", False), ("42601", False), ("42P01", False), ("25P02", False), ("XX000", False),
    ],
)  # fmt: skip
def test_what_the_database_says_about_itself_is_told_from_what_we_did_wrong(
    pooled: Engine, code: str, away: bool
) -> None:
    sql = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"
    with database.sessions(pooled)() as session:
        with pytest.raises(DBAPIError) as error:
            session.execute(text(sql))
        assert is_away(error.value) is away
        session.rollback()
        with pytest.raises(DBAPIError) as error:
            database.driver_rows(session, sql, {})
        assert is_away(error.value) is away


def test_waiting_in_vain_for_a_connection_of_the_pool_is_the_database_s_doing(pooled: Engine) -> None:
    pooled.pool._timeout = 0.05  # type: ignore[attr-defined]  # QueuePool's own
    held = [pooled.connect() for _ in range(8)]
    with pytest.raises(PoolTimeout) as error:
        pooled.connect()
    assert is_away(error.value)
    with database.sessions(pooled)() as session, pytest.raises(PoolTimeout):
        database.driver_rows(session, "SELECT 1", {})
    for connection in held:
        connection.close()
