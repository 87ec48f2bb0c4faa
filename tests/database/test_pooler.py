"""PgBouncer in transaction mode before the database: nothing of ours hangs on a session that may be another's next."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.accounts.signing_in import sessions
from mapapp.core import actors, config
from mapapp.database.scheduler import Chore, Scheduler
from mapapp.help_requests.models import HelpNeed
from mapapp.help_requests.working import service as working
from mapapp.help_requests.working.lease_terms import Terms
from tests.conftest import KEYS, NOON, migrated_database, test_database_url
from tests.data import small_country
from tests.help_requests.build import add_request
from tests.people import appoint

SERVER_SESSIONS = 3
"""Fewer than the clients here: they are handed round."""


@pytest.fixture(scope="module")
def behind(worker: str) -> Iterator[Engine]:
    """The database behind the pooler, as its owner sees it, without one."""
    made = migrated_database(f"mapapp_test_{worker}_pooled")
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def pooled(behind: Engine) -> Iterator[URL]:
    """The database's address through PgBouncer, as the service's role."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.environ.get("MAPAPP_TEST_DATABASE_URL"):
        pytest.skip("pgbouncer is not installed, or the tests run on somebody's own cluster")
    url = make_url(test_database_url("postgres"))
    with tempfile.TemporaryDirectory(prefix="pooler") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        place = Path(folder)
        place.chmod(0o755)
        (place / "users").write_text(f'"{config.APP_ROLE}" ""\n"{url.username}" ""\n')
        (place / "ini").write_text(
            f"[databases]\n* = host={url.query['host']} port={url.query['port']}\n"
            f"[pgbouncer]\npool_mode = transaction\ndefault_pool_size = {SERVER_SESSIONS}\nquery_wait_timeout = 20\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {place}/users\n"
        )
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        process = subprocess.Popen([*user, program, "-q", f"{place}/ini"], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield URL.create(
                "postgresql+psycopg2", config.APP_ROLE, host="127.0.0.1", port=port, database=behind.url.database
            )
        finally:
            process.terminate()
            process.wait(10)


SETTINGS = "SELECT current_setting('jit'), current_setting('statement_timeout'), current_setting('TimeZone')"


@pytest.mark.parametrize("autocommit", [False, True])
def test_every_statement_has_our_settings_and_nobody_else_gets_them(pooled: URL, autocommit: bool) -> None:
    ours = database.engine(pooled, statement_timeout_s=7, autocommit=autocommit)

    def ask(_number: int) -> set[tuple[str, ...]]:
        with database.sessions(ours)() as session:
            found = {tuple(session.execute(text(SETTINGS)).one()) for _ in range(5)}
            session.rollback()
            return found | set(database.driver_rows(session, SETTINGS, {}))

    with ThreadPoolExecutor(8) as threads:
        assert set().union(*threads.map(ask, range(40))) == {("off", "7s", "UTC")}
    ours.dispose()
    for _ in range(2 * SERVER_SESSIONS):
        stranger = psycopg2.connect(host=pooled.host, port=pooled.port, user=pooled.username, dbname=pooled.database)
        with stranger.cursor() as cursor:
            cursor.execute(SETTINGS)
            assert cursor.fetchone()[:2] == ("on", "0")  # type: ignore[index]  # one row
        stranger.close()


@pytest.mark.parametrize("autocommit", [False, True])
def test_an_endless_statement_is_given_up_behind_a_pooler_too(pooled: URL, autocommit: bool) -> None:
    ours = database.engine(pooled, statement_timeout_s=1, autocommit=autocommit)
    with ours.connect() as connection, pytest.raises(OperationalError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(30)"))
    ours.dispose()


def test_a_transaction_s_own_timeout_is_left_alone(pooled: URL) -> None:
    ours = database.engine(pooled, statement_timeout_s=7)
    with ours.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '300s'"))
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "5min"
    ours.dispose()


def test_claims_at_once_through_a_pooler_all_have_an_answer(pooled: URL, behind: Engine) -> None:
    with database.sessions(behind)() as session:
        small_country(session)
        volunteers = [appoint(session, "volunteer", "90").id for _ in range(4)]
        wanted = [add_request(session, at=NOON - timedelta(days=1)).id for _ in range(30)]
        session.commit()
        them = [(who, sessions.standings(session, who, NOON)[0]) for who in volunteers]
    ours = database.engine(pooled)
    terms = Terms.of(config.Config(secret_keys=KEYS, leases_per_volunteer=50))

    def claim(number: int) -> int:
        who, standing = them[number % 4]
        actor = actors.Actor("person", person_id=who, standings=(standing,), by=standing)
        with database.sessions(ours)() as session:
            held = working.claim(session, actor, wanted[number], terms=terms, now=NOON)
            session.commit()
            return len(held.needs)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(claim, range(30))) == [1] * 30
    ours.dispose()
    with database.sessions(behind)() as session:
        states = session.execute(select(HelpNeed.state).where(HelpNeed.request_id.in_(wanted))).scalars()
        assert set(states) == {"claimed"}


def test_one_scheduler_at_a_time_keeps_house_and_leaves_no_lock(pooled: URL, behind: Engine) -> None:
    at_work, most, done, guard = 0, 0, 0, threading.Lock()

    def work(session: Session, _now: object) -> None:
        nonlocal at_work, most, done
        with guard:
            at_work += 1
            most, done = max(most, at_work), done + 1
        session.execute(text("SELECT pg_sleep(0.05)"))
        with guard:
            at_work -= 1

    def keep(_number: int) -> None:
        ours = database.engine(pooled, pool_size=1)
        scheduler = Scheduler(lambda: ours, [Chore("pooled", timedelta(hours=1), work, poked=True)], clock=lambda: NOON)
        for _ in range(10):
            scheduler.round(ours, poked=True)
        ours.dispose()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(keep, range(4)))
    assert done > 0
    assert most == 1
    with behind.connect() as connection:
        here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # others test beside this
        locks = text(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {here}")
        left = connection.execute(locks).scalar_one()
    assert left == 0
