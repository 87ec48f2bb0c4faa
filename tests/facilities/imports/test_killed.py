"""A process that is killed half-way: nothing of its list is loaded, and the list can be run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.database import locks
from mapapp.facilities.imports import jobs, queries
from mapapp.facilities.models import Facility, FacilityChange
from tests.conftest import migrated_database, test_database_url
from tests.data import small_country
from tests.facilities.imports.build import ALSO_WEST, HEAD, IN_WEST, officer, uploaded, xlsx

RUN = """
import sys, uuid
from datetime import UTC, datetime
from mapapp import database
from mapapp.facilities.imports import jobs
from tests.facilities.imports.build import officer
address, import_id, name = sys.argv[1:]
sessions = database.sessions(database.engine(address))
jobs.run(sessions, uuid.UUID(import_id), name, officer(), lambda: datetime.now(UTC), beat_s=0.05)
"""

PATIENCE_S = 60


@pytest.fixture
def committed(worker: str) -> Iterator[Engine]:
    """A database of its own, in which what is committed stays."""
    made = migrated_database(f"mapapp_killed_{worker}")
    yield made
    made.dispose()


def until(engine: Engine, question: str, **values: object) -> None:
    """Waits for the database to say yes."""
    ends = time.monotonic() + PATIENCE_S
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(text(question), values).scalar():
            assert time.monotonic() < ends, question
            time.sleep(0.05)


def test_killed_half_way_nothing_is_loaded_and_it_runs_again(committed: Engine, worker: str) -> None:
    address = test_database_url(f"mapapp_killed_{worker}")
    with Session(committed) as session:
        small_country(session)
        one = uploaded(session, xlsx(HEAD, IN_WEST, ALSO_WEST))
        name = jobs.claim(session, one, only_good=False, now=datetime.now(UTC))
        session.commit()
    holder = committed.connect()
    # All rows are written; on the way to its commit the run waits for the record, which is held here.
    holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": locks.AUDIT_CHAIN.number})
    child = subprocess.Popen([sys.executable, "-c", RUN, address, str(one), name])
    try:
        until(
            committed,
            "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            key=locks.AUDIT_CHAIN.number,
        )
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        holder.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": locks.AUDIT_CHAIN.number})
        holder.close()
    factory = database.sessions(committed)
    with factory() as session:
        assert loaded(session) == (0, 0)
        found = queries.get(session, one)
        later = datetime.now(UTC) + jobs.DEAD_AFTER + timedelta(seconds=5)
        assert (found.state, found.has_file) == ("running", True)
        assert found.ended_half_way(later, jobs.DEAD_AFTER)
        again = jobs.claim(session, one, only_good=False, now=later)
        session.commit()
    jobs.run(factory, one, again, officer(), lambda: later, beat_s=None)
    with factory() as session:
        assert queries.get(session, one).state == "done"
        assert loaded(session) == (2, 2)


def loaded(session: Session) -> tuple[int, int]:
    """Pins of the list, and steps of their histories."""
    pins = session.scalar(select(func.count()).select_from(Facility).where(Facility.source == "list [9001]"))
    steps = session.scalar(select(func.count()).select_from(FacilityChange))
    return pins or 0, steps or 0


def test_a_run_that_cannot_reach_the_database_raises_nothing() -> None:
    broken = database.sessions(database.engine(test_database_url("mapapp_there_is_no_such_database")))
    jobs.run(broken, uuid.uuid4(), "x", officer(), lambda: datetime.now(UTC), beat_s=None)
