"""The service's connections: what a restart of the database, a slow statement or two writers do to them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from mapapp import db


@pytest.fixture
def pooled(engine: Engine) -> Iterator[Engine]:
    """An engine as the service has it, with a connection that has been used and waits in the pool."""
    made = db.engine(engine.url, statement_timeout_s=1)
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
    with db.sessions(pooled)() as session:
        outside = db.driver_rows(session, sql, {"n": 7})
        assert outside[0][1] == 7
        assert not session.in_transaction(), "it lends the pool only"
        inside = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        assert db.driver_rows(session, sql, {"n": 8}) == [(inside, 8)]
    assert pooled.pool.checkedout() == 0  # type: ignore[attr-defined]  # QueuePool's own


def test_a_connection_lost_under_a_driver_statement_is_told_and_replaced(pooled: Engine) -> None:
    with db.sessions(pooled)() as session:
        with pytest.raises(OperationalError):
            db.driver_rows(session, "SELECT pg_terminate_backend(pg_backend_pid())", {})
        assert db.driver_rows(session, "SELECT 1", {}) == [(1,)]
