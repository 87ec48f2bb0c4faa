"""A real PostGIS database for each test worker, made by the real migrations; each test rolls back by savepoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from mapapp import database, rooms
from mapapp.accounts.signing_in import passwords, shared_names
from mapapp.app import create_app
from mapapp.core import config
from mapapp.core.vault import new_key
from mapapp.database import migrate
from tests import problems
from tests.remembered import remember
from tests.slowest import pytest_addoption as pytest_addoption
from tests.slowest import pytest_terminal_summary as pytest_terminal_summary

hypothesis.settings.register_profile("checks", deadline=None)  # how long an example takes is the machine's matter
hypothesis.settings.load_profile("checks")
remember()
AS_SERVED = passwords._hasher, shared_names._COST
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
shared_names._COST = (1, 8, 1)  # type: ignore[misc]  # final for the service
"""What makes guessing slow would make tests slow too. Processes that tests start have the service's."""
rooms.connect()  # as in the service: rooms hear of each other's changes whichever test runs first

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
"""Friday, noon in Bangkok: the time every test runs at unless it moves the clock."""

KEYS = new_key("test")
"""The master key of this run."""

SHARED_DATA = config.ROOT.parent / "shared" / "data"


@contextmanager
def cost_as_served() -> Iterator[None]:
    """Passwords as the service keeps them, for what one of its processes has to find."""
    cheap = passwords._hasher, shared_names._COST
    passwords._hasher, shared_names._COST = AS_SERVED  # type: ignore[misc]  # final for the service
    yield
    passwords._hasher, shared_names._COST = cheap  # type: ignore[misc]  # as above


LONG = (
    "tests/browser/", "tests/areas/test_national.py", "tests/web/serving/", "tests/attack/",
    "tests/help_requests/endurance/", "tests/architecture/test_access.py", "tests/architecture/one_term_changed/",
)  # fmt: skip
"""What takes tens of seconds, or waits: it begins first, and what takes milliseconds fills the end."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups next
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The same order in each process, as pytest-xdist wants it; a file in one process, so that what it sets up once
    is set up once."""
    if "engines" not in (config.option.markexpr or ""):  # a second browser is installed and driven only on request
        left_out = [item for item in items if item.get_closest_marker("engines")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("engines")]
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    for item in items:
        if config.pluginmanager.hasplugin("xdist") and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def test_database_url(name: str) -> str:
    """The address of a test database, in the cluster of ``MAPAPP_TEST_DATABASE_URL`` or the private test cluster."""
    given = os.environ.get("MAPAPP_TEST_DATABASE_URL") or config.private_database_url("pg-test")
    return make_url(given).set(database=name).render_as_string(hide_password=False)


test_database_url.__test__ = False  # type: ignore[attr-defined]


def make_database(name: str, template: str = "template1") -> Engine:
    """Drops and makes a database, empty or as the template is, and returns an engine on it."""
    maintenance = database.engine(make_url(test_database_url("postgres")))
    with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    maintenance.dispose()
    return database.engine(test_database_url(name))


def migrated_database(name: str) -> Engine:
    """Makes a database as the migrations leave it, as its owner sees it."""
    return make_database(name, template("mapapp_template", migrate.upgrade))


RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
"""This run of the tests, in each of its processes."""


@cache
def template(name: str, fill: Callable[[Engine], object], base: str = "template1") -> str:
    """A database that one process of this run makes, from ``base``, and that each copies; its name. A copy of the
    service (``copies.py``) has its own."""
    name += os.environ.get("PYTEST_COPY", "")
    maintenance = database.engine(make_url(test_database_url("postgres")))
    with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
        of = text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name")
        if connection.execute(of, {"name": name}).scalar() != RUN:
            made = make_database(name, base)
            fill(made)
            made.dispose()  # a template must not be in use
            connection.execute(text(f"COMMENT ON DATABASE \"{name}\" IS '{RUN}'"))
    maintenance.dispose()
    return name


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this test worker, ``main`` where there is one process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def owner(worker: str) -> Iterator[Engine]:
    """This worker's database, migrated, as the role that owns it: for what the service itself may not do."""
    made = migrated_database(f"mapapp_test_{worker}")
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def engine(owner: Engine, worker: str) -> Iterator[Engine]:
    """The same database as the service's own role sees it."""
    made = database.engine(test_database_url(f"mapapp_test_{worker}"), role=config.APP_ROLE)
    yield made
    made.dispose()


@pytest.fixture
def apart(worker: str) -> Iterator[Engine]:
    """A database of its own, as the service's role sees it, for what many do at once: their commits stay."""
    name = f"mapapp_apart_{worker}"
    migrated_database(name).dispose()
    made = database.engine(test_database_url(name), role=config.APP_ROLE)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose outer transaction is rolled back after the test, whatever the application commits."""
    with engine.connect() as made:
        outer = made.begin()
        yield made
        outer.rollback()


@pytest.fixture
def factory(connection: Connection) -> sessionmaker[Session]:
    """Sessions inside the test's transaction; their commits release savepoints."""
    return sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def session(factory: sessionmaker[Session]) -> Iterator[Session]:
    """One such session."""
    with factory() as made:
        yield made


@pytest.fixture
def clock() -> dict[str, datetime]:
    """``clock["now"]`` is the application's time; a test may move it."""
    return {"now": NOON}


class Reading(Session):
    """The session of a GET. The service's is in autocommit: what another one commits meanwhile does not end with it,
    as it would inside a savepoint that is rolled back."""

    def close(self) -> None:
        if self.in_transaction():
            try:
                self.commit()
            except DBAPIError:  # a statement of the request had failed
                self.rollback()
        super().close()


def trust_keys(app: Flask) -> None:
    """Its keys fit, without asking: a test counts its own statements."""
    watch = app.extensions["mapapp_keys"]
    watch._fits, watch.until = True, float("inf")


@pytest.fixture
def app(connection: Connection, factory: sessionmaker[Session], clock: dict[str, datetime]) -> Iterator[Flask]:
    """The application over the test's transaction. Its cache believes nothing for longer than a request.

    Whatever a test asks of it, a refusal that the OpenAPI document does not tell of fails the test.
    """
    made = create_app(config.Config(tile_url="none", secret_keys=KEYS), factory)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False  # tests see what a person would see
    made.extensions["mapapp_reading"] = sessionmaker(
        connection, class_=Reading, expire_on_commit=False, join_transaction_mode="create_savepoint"
    )
    made.extensions["mapapp_clock"] = lambda: clock["now"]
    made.extensions["mapapp_cache"].versions_for = 0.0
    trust_keys(made)
    undeclared = problems.watch(made)
    yield made
    assert not undeclared


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a browser."""
    return app.test_client()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The national data set beside the project; tests that need it skip without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the national data set (../shared/data) is not here")
    return SHARED_DATA


@pytest.fixture
def query_count(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Counts the statements sent since the test began, those past SQLAlchemy too."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    direct = database.driver_rows

    def noted(session: Session, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        seen.append(sql)
        return direct(session, sql, values)

    monkeypatch.setattr(database, "driver_rows", noted)
    event.listen(connection.engine, "before_cursor_execute", note)
    yield lambda: len(seen)
    event.remove(connection.engine, "before_cursor_execute", note)
