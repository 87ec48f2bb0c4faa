"""Machines whose clocks go wrong: the database's clock decides, on all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database
from mapapp.app import create_app
from mapapp.core import config
from mapapp.database.server_time import Clock
from mapapp.help_requests.asking.consent import CONSENT_VERSION
from mapapp.operations import check
from tests.conftest import KEYS, trust_keys
from tests.data import small_country

ASKING = {
    "needs": "food", "urgency": "normal", "point": "14.02, 100.02", "phone": "0812340002", "who": "self",
    "consent": CONSENT_VERSION,
}  # fmt: skip
NEARLY = timedelta(seconds=1)
"""Far less than the skews here, far more than two statements take."""


def slow() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=3)


@pytest.fixture
def ahead(owner: Engine) -> Iterator[Connection]:
    """A database whose own clock is as far ahead as the setting ``test.ahead`` says; at first 60 seconds."""
    with owner.connect() as connection:
        outer = connection.begin()
        connection.exec_driver_sql(
            "CREATE SCHEMA skewed; CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            "$$ SELECT pg_catalog.clock_timestamp() + current_setting('test.ahead')::interval $$; "
            "SET LOCAL search_path = skewed, public, pg_catalog; SET LOCAL test.ahead = '60 s'"
        )
        yield connection
        outer.rollback()


def test_the_time_is_the_database_s(ahead: Connection) -> None:
    clock = Clock(sessionmaker(ahead, join_transaction_mode="create_savepoint"))
    assert abs(clock() - datetime.now(UTC) - timedelta(seconds=60)) < NEARLY
    assert abs(clock.skew() + timedelta(seconds=60)) < NEARLY, "this machine is behind"
    ahead.exec_driver_sql("SET LOCAL test.ahead = '-30 s'")
    assert abs(clock() - datetime.now(UTC) - timedelta(seconds=60)) < NEARLY, "it is not asked for every request"
    clock.doubt()  # as after a new connection, or some seconds
    assert abs(clock() - datetime.now(UTC) + timedelta(seconds=30)) < NEARLY


def test_time_goes_on_without_the_database_and_does_not_begin_without_it(engine: Engine) -> None:
    gone = database.sessions(database.engine(engine.url.set(host=None, port=None, query={"host": "/nowhere"})))
    with pytest.raises(OperationalError):
        Clock(gone)()
    clock = Clock(database.sessions(engine))
    first = clock()
    clock._factory = gone
    clock.doubt()
    assert timedelta(0) <= clock() - first < NEARLY


def test_a_new_connection_makes_the_clock_doubt(engine: Engine) -> None:
    pool = database.engine(engine.url, role=config.APP_ROLE)
    clock = Clock(database.sessions(engine))
    clock.follow(pool)
    clock()
    before = clock._read
    clock()
    assert clock._read == before
    with pool.connect():
        clock()
    pool.dispose()
    assert clock._read != before


def _web_server(factory: sessionmaker[Session], machine: Any) -> Flask:
    made = create_app(config.Config(tile_url="none", secret_keys=KEYS), factory)
    made.extensions["mapapp_clock"] = Clock(factory, machine)
    made.extensions["mapapp_cache"].versions_for = 0.0
    trust_keys(made)
    return made


def test_the_code_is_shown_by_a_web_server_whose_clock_is_behind(
    session: Session, factory: sessionmaker[Session]
) -> None:
    small_country(session)
    right, wrong = _web_server(factory, lambda: datetime.now(UTC)), _web_server(factory, slow)
    posted = right.test_client().post("/requests/new", data=ASKING)
    assert posted.status_code == 303, posted.text
    cookies = "; ".join(given.partition(";")[0] for given in posted.headers.getlist("Set-Cookie"))
    page = wrong.test_client(use_cookies=False).get(posted.location, headers={"Cookie": cookies})
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]


def test_readiness_warns_of_a_machine_s_clock_and_goes_on(session: Session, factory: sessionmaker[Session]) -> None:
    small_country(session)
    answer = _web_server(factory, slow).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["warning"] == "this machine's clock is 3 s behind the database's"
    right = _web_server(factory, lambda: datetime.now(UTC)).test_client().get("/readyz")
    assert right.get_json() == {"status": "ok"}


def test_the_check_tells_of_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.level for one in check._clock(session)] == ["ok"]
    monkeypatch.setattr(check, "machine_time", slow)
    (found,) = check._clock(session)
    assert found.level == "limits"
    assert found.what.values["seconds"] == "3"


ASKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
MACHINE_S = {("database/server_time.py", "datetime.now"), ("web/limits.py", "time.time")}
"""The one place that says how wrong this machine is, and a library that counts requests by a clock of its own."""


def test_nothing_asks_this_machine_what_time_it_is() -> None:
    asked = set()
    root = config.ROOT / "mapapp"
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = f"{ast.unparse(node.func.value).split('.')[-1]}.{node.func.attr}"
                if name in ASKS:
                    asked.add((str(path.relative_to(root)), name))
    assert asked == MACHINE_S
