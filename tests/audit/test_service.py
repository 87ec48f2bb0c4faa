"""Entries are written with what they are about, or not at all, in one unbroken row, whoever writes at the same time."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.audit import service, verification
from mapapp.audit.models import AuditEntry
from mapapp.core import config
from mapapp.core.actors import Actor
from mapapp.web import request
from tests.at_once import together
from tests.audit.build import SOMEBODY, START, write
from tests.conftest import migrated_database, test_database_url


def record(session: Session, subject: object, **more: Any) -> None:
    service.record(session, SOMEBODY, "facility.edit", "facility", subject, area_code="900101", now=START, **more)


def subjects(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.subject_id).order_by(AuditEntry.seq)))


def problems(session: Session) -> list[str]:
    return [str(problem) for problem in verification.verify(session, []).problems]


def _fail_inside(session: Session, statement: str) -> None:
    with contextlib.suppress(DBAPIError), session.begin_nested():
        record(session, "inside")
        session.execute(text(statement))


def test_entries_follow_one_another(session: Session) -> None:
    record(session, 1)
    record(session, 2)
    session.commit()
    record(session, 3)
    session.commit()
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [row.seq for row in rows] == [1, 2, 3]
    assert rows[0].previous == bytes(32)
    assert [row.previous for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert (rows[0].actor_id, rows[0].appointment_id, rows[0].address) == (uuid.UUID(int=7), 11, "2001:db8::7")
    assert problems(session) == []


def test_what_is_undone_is_not_recorded(session: Session) -> None:
    record(session, "undone")
    session.rollback()
    record(session, "closed")
    session.close()
    record(session, "done")
    session.commit()
    assert subjects(session) == ["done"]


def test_a_savepoint_takes_its_entries_with_it(session: Session) -> None:
    record(session, "before")
    kept = session.begin_nested()
    record(session, "kept")
    kept.commit()
    outer = session.begin_nested()
    record(session, "outer")
    inner = session.begin_nested()
    record(session, "inner, released")
    inner.commit()
    outer.rollback()
    _fail_inside(session, "SELECT no_such_column")
    record(session, "after")
    session.commit()
    assert subjects(session) == ["before", "kept", "after"]
    assert problems(session) == []


def test_a_savepoint_that_fails_in_the_database(session: Session) -> None:
    record(session, "before")
    _fail_inside(session, "SELECT 1 / 0")
    session.commit()
    assert subjects(session) == ["before"]


def test_a_read_cannot_record_what_nobody_would_commit(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="session of its own"):
        record(request.session(), "looked at")
    with app.test_request_context("/", method="POST"):
        record(request.session(), "changed")


def test_a_session_without_transactions_writes_nothing_by_halves(worker: str) -> None:
    made = database.engine(test_database_url(f"mapapp_test_{worker}"), autocommit=True)
    with database.sessions(made)() as session:
        record(session, "lost")
        with pytest.raises(RuntimeError, match="session of its own"):
            session.commit()
    made.dispose()


class Kind(str, Enum):  # noqa: UP042 - such classes are about, and str() says “Kind.A” of them
    A = "a"


class Number(IntEnum):
    ONE = 1


STRANGE: dict[str, Any] = {
    "nul": "a\0b", "surrogate": "a\ud800b", "pair": "\U0001f3e5", "big": 2**80, "huge": 10**5000, "edge": 2**63 - 1,
    "low": -(2**63), "minus": -0.0, "nan": float("nan"), "inf": float("-inf"), "tiny": 5e-324, "kind": Kind.A,
    "number": Number.ONE, "money": Decimal("1.10"), "bytes": b"\xff", "set": {"b", "a"}, "day": date(2026, 1, 2),
    "ก\0": {1: [()]}, "id": uuid.UUID(int=1), "line": "\u2028\n\t\"\\", "nothing": None, "yes": True, "é": "",
}  # fmt: skip


def test_any_value_survives_the_database(session: Session) -> None:
    record(session, "ก\0\ud800", details=STRANGE)
    service.record(
        session, Actor("public", address="\0"), "a\0", "k\0", 1, area_code="TH\0", now=START, details={"x": 10**5000}
    )
    session.commit()
    assert problems(session) == []
    session.expire_all()
    details = session.scalars(select(AuditEntry.details).order_by(AuditEntry.seq)).first()
    assert details is not None
    assert (details["nul"], details["surrogate"], details["pair"]) == ("a\ufffdb", "a\ufffdb", "\U0001f3e5")
    assert (details["kind"], details["number"], details["set"]) == ("a", 1, ["a", "b"])
    assert details["edge"] == 2**63 - 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(details=st.dictionaries(st.text(st.characters(codec=None)), anything, max_size=4))
def test_any_details_survive_the_database(session: Session, details: dict[str, Any]) -> None:
    record(session, 1, details=details)
    session.commit()
    assert problems(session) == []


@pytest.fixture(scope="module")
def own_database(worker: str) -> Iterator[Engine]:
    name = f"mapapp_audit_{worker}"
    made = migrated_database(name)
    yield made
    made.dispose()


def test_many_write_at_once(own_database: Engine, worker: str) -> None:
    """Each with a pool of its own, as processes have; and each with rows that others are changing, too."""
    with database.sessions(own_database)() as session:
        for name in "ab":
            session.add(database.DataVersion(name=name, version=0, changed_at=START))
        session.commit()

    def work(number: int) -> None:
        made = database.engine(test_database_url(f"mapapp_audit_{worker}"), pool_size=1, role=config.APP_ROLE)
        with database.sessions(made)() as session:
            for turn in range(15):
                row = session.get(database.DataVersion, "ab"[(number + turn) % 2])
                assert row is not None
                row.changed_at = START  # flushed only by the commit
                row.version = number * 100 + turn
                record(session, f"{number}.{turn}")
                record(session, f"{number}.{turn} again")
                session.commit()
        made.dispose()

    together([partial(work, number) for number in range(6)])
    with database.sessions(own_database)() as session:
        assert problems(session) == []
        seen = subjects(session)
        assert len(seen) == 6 * 15 * 2
        assert all(second == f"{first} again" for first, second in zip(seen[::2], seen[1::2], strict=True))


def test_nobody_waits_for_the_chain_while_holding_what_its_holder_needs(own_database: Engine) -> None:
    """One has changed a row and is about to record; the other records and has the same row still to change."""
    with database.sessions(own_database)() as setting_up:
        setting_up.merge(database.DataVersion(name="z", version=0, changed_at=START))
        setting_up.commit()
    first, second = database.sessions(own_database)(), database.sessions(own_database)()
    try:
        first.execute(text("UPDATE data_versions SET version = 1 WHERE name = 'z'"))
        row = second.get(database.DataVersion, "z")
        assert row is not None
        row.version = 2
        record(second, "second")
        record(first, "first")
        with ThreadPoolExecutor(1) as pool:
            later = pool.submit(second.commit)
            for _ in range(100):  # until the second waits for the row
                if later.done() or _waits(own_database):
                    break
            first.commit()
            later.result(timeout=20)
    finally:
        first.close()
        second.close()


def _waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(0.02)"))
        found = connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
    return bool(found)


def test_a_savepoint_keeps_what_was_changed_before_it(session: Session) -> None:
    database.mark_changed(session, "areas")
    session.begin_nested().rollback()
    session.commit()
    assert "areas" in database.data_versions(session)


def test_the_actor_of_a_written_entry_is_the_one_who_acted(session: Session) -> None:
    write(session, 3)
    assert set(session.scalars(select(AuditEntry.actor_kind))) == {"person"}
