"""Whether a service is ready for a database that is older or newer than its code: an upgrade must not empty the
balancer, and code must not work on tables it does not have."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from mapapp import database as db
from mapapp.app import create_app
from mapapp.core import config
from mapapp.core.config import Config
from mapapp.database import migrate
from mapapp.operations import check
from tests.conftest import KEYS, migrated_database, test_database_url

NAME = "mapapp_ready_{}"


@pytest.fixture(scope="module")
def database(worker: str) -> Iterator[Engine]:
    made = migrated_database(NAME.format(worker))
    yield made
    made.dispose()


@pytest.fixture
def client(database: Engine) -> FlaskClient:
    settings = Config(secret_keys=KEYS, tile_url="none")
    return create_app(settings, db.sessions(database)).test_client()


def upgrade_with(
    database: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str, breaking: str = ""
) -> None:
    """Upgrades the database as a later version would, whose migrations are ours and these."""
    shutil.copytree(config.ROOT / "migrations", folder / "migrations")
    before = migrate.head()
    for name in names:
        more = "STOPS_OLDER_CODE = True\n" if name == breaking else ""
        (folder / "migrations" / "versions" / f"{name}_later.py").write_text(
            f"from alembic import op\nrevision = {name!r}\ndown_revision = {before!r}\n{more}"
            "def upgrade() -> None:\n    pass\n\ndef downgrade() -> None:\n    pass\n"
        )
        before = name
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "ROOT", folder)
        migrate.upgrade(database)


def go_back(database: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        later = migrate.head()
        patched.setattr(migrate, "ROOT", folder)
        migrate.downgrade(database, later)


def test_a_database_as_new_as_the_code_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_database_that_lacks_what_this_code_needs_is_not(client: FlaskClient, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json == {"status": "not ready", "detail": f"database revision 0005, code {migrate.head()}"}
    finally:
        with database.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrate.head()})


@pytest.mark.parametrize(("revision", "status"), [("0005", 503), (migrate.head(), 500)], ids=["another's", "ours"])
def test_a_table_that_another_version_does_not_have_is_worth_another_try(
    client: FlaskClient, database: Engine, revision: str, status: int
) -> None:
    """An upgrade that stops older code meets services that still run; where the tables are ours, it is a bug."""
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        connection.execute(text("ALTER TABLE limit_counts RENAME TO elsewhere"))
    try:
        answer = client.post("/sign-in", data={"name": "nobody", "password": "wrong"})
        assert answer.status_code == status
        assert ("Retry-After" in answer.headers) == (status == 503)
    finally:
        with database.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO limit_counts"))
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrate.head()})


def test_services_stay_ready_while_a_newer_version_upgrades_the_database(
    client: FlaskClient, database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_with(database, tmp_path, monkeypatch, "9001", "9002")
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json == {"status": "ok", "detail": f"database revision 9002, code {migrate.head()}"}
        migrate.upgrade(database)  # a service that starts again meanwhile
        with database.connect() as connection:
            assert migrate.current(connection) == "9002"
            (told,) = [found for found in check._versions(connection) if found.level == "limits"]
            assert "newer than the code" in str(told.what)
    finally:
        go_back(database, tmp_path, monkeypatch)
    assert client.get("/readyz").json == {"status": "ok"}


def test_a_version_that_says_older_code_cannot_go_on_takes_it_out_of_the_balancer(
    client: FlaskClient, database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_with(database, tmp_path, monkeypatch, "9001", "9002", breaking="9001")
    try:
        assert client.get("/readyz").status_code == 503
        with database.connect() as connection:
            assert [found.level for found in check._versions(connection)][-1] == "stops"
    finally:
        go_back(database, tmp_path, monkeypatch)
    assert client.get("/readyz").status_code == 200


def test_a_revision_that_nobody_vouches_for_is_not_ready(client: FlaskClient, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'elsewhere'"))
        connection.execute(text("COMMENT ON TABLE alembic_version IS NULL"))
    try:
        assert client.get("/readyz").status_code == 503
    finally:
        with database.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrate.head()})
            migrate.note_oldest(connection)


@pytest.mark.parametrize("when", ["after it was connected", "before"])
def test_a_database_that_only_reads_is_not_ready_and_the_check_stops(
    database: Engine, worker: str, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    name = NAME.format(worker)
    served = db.engine(database.url)
    client = create_app(Config(secret_keys=KEYS, tile_url="none"), db.sessions(served)).test_client()
    assert client.get("/readyz").status_code == 200
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    try:
        if when == "before":
            served.dispose()
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json) == (
            503, {"status": "not ready", "detail": "the database only reads"},
        )  # fmt: skip
        assert client.get("/healthz").status_code == 200
        monkeypatch.setenv("MAPAPP_DATABASE_URL", test_database_url(name))
        assert "The database is read-only" in " ".join(str(one.what) for one in check.run() if one.level == "stops")
    finally:
        with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    served.dispose()
    database.dispose()
    assert client.get("/readyz").status_code == 200
    served.dispose()
