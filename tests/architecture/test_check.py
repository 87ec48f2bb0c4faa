"""``mapapp check`` finds what is wrong and says how to mend it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from mapapp.accounts.checks import administrators
from mapapp.areas.models import Village
from mapapp.core import config
from mapapp.coverage import service as coverage
from mapapp.database import migrate
from mapapp.operations import check
from mapapp.web import assets
from tests.conftest import KEYS, make_database, test_database_url
from tests.data import add_facility, small_country
from tests.people import appoint
from tests.people import person as make_person

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def empty(worker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    name = f"mapapp_check_{worker}"
    made = make_database(name)
    monkeypatch.setenv("MAPAPP_DATABASE_URL", test_database_url(name))
    monkeypatch.setenv("MAPAPP_PUBLIC_URL", "https://map.example.go.th")
    monkeypatch.setenv("MAPAPP_SERVICE_OWNER", "Province of Test")
    yield made
    made.dispose()


def _found() -> dict[str, str]:
    """What is wrong → how to mend it. That the tests' own role may do more than the service's is no news here."""
    wrong = {str(f.what): str(f.mend) for f in check.run() if f.level != "ok"}
    return {what: mend for what, mend in wrong.items() if "can alter tables" not in what}


def _mend(problem: str) -> str:
    matching = [mend for what, mend in _found().items() if problem in what]
    assert len(matching) == 1, f"{problem!r} in {_found()}"
    return matching[0]


def test_from_nothing_to_everything_well(empty: Engine) -> None:
    assert "db upgrade" in _mend("The database extension postgis is missing")
    migrate.upgrade(empty)
    assert "mapapp seed" in _mend("There is no area data")

    with Session(empty) as session:
        small_country(session)
        coverage.refresh_all(session)
        session.commit()
    assert "invite-admin" in _mend("No administrator can sign in")
    with Session(empty) as session:
        appoint(session, "province_admin", "90", to=make_person(session, password_hash="-"), starts_at=LONG_AGO)
        session.commit()
    assert _found() == {}

    with Session(empty) as session:
        add_facility(session, "hospital", lat=14.15, lon=100.15, tambon_code="900202")
        add_facility(session, "test_site", lat=19.0, lon=99.0, tambon_code=None)
        session.execute(text("UPDATE areas SET population = NULL WHERE code = '900101'"))
        session.execute(text("UPDATE areas SET approximate = true WHERE code = '900102'"))
        session.execute(text("DELETE FROM area_shapes WHERE code = '900202'"))
        session.commit()
    assert "coverage refresh" in _mend("older than the data")
    assert "coordinates" in _mend("1 facilities lie in no tambon")
    assert "population" in _mend("1 tambons have no population")
    assert "areas import" in _mend("1 tambon boundaries are approximate")
    assert "Import" in _mend("1 areas have no shape")


def test_a_compressed_asset_older_than_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPAPP_DATABASE_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    for name, written in (
        ("fresh.css", 1),
        ("fresh.css.gz", 1),
        ("fresh.css.br", 1),
        ("old.js", 2),
        ("old.js.gz", 1),
        ("gone.css.br", 3),
    ):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (written, written))
    assert "script/setup" in _mend("2 compressed browser assets are older")
    assert any("gone.css.br, old.js.gz" in problem for problem in _found())
    (tmp_path / "old.js.gz").unlink()
    (tmp_path / "gone.css.br").unlink()
    assert not any("compressed" in problem for problem in _found())


def test_village_names_are_told(empty: Engine) -> None:
    migrate.upgrade(empty)
    with Session(empty) as session:
        small_country(session)
    assert any("There are no village names" in str(found.what) for found in check.run() if found.level == "ok")
    with Session(empty) as session:
        session.add(Village(code="90010101", tambon_code="900101", name_th="บ้านหนึ่ง", source="test"))
        session.commit()
    assert any("1 village names" in str(found.what) for found in check.run() if found.level == "ok")


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPAPP_DATABASE_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    assert "MAPAPP_DATABASE_URL" in _mend("The database does not answer")


def test_an_older_revision(empty: Engine) -> None:
    migrate.upgrade(empty, "0001")
    assert "db upgrade" in _mend("at revision 0001")


@pytest.mark.parametrize(
    ("person", "appointment", "mode", "is_able"),
    [
        ({}, {}, "production", True),
        ({"password_hash": None}, {}, "production", False),
        ({"suspended_at": LONG_AGO}, {}, "production", False),
        ({}, {"ends_at": LONG_AGO + timedelta(days=1)}, "production", False),
        ({}, {"role": "amphoe_coordinator", "area": "9001"}, "production", False),
        ({"is_demo": True}, {}, "production", False),
        ({"is_demo": True}, {}, "development", True),
    ],
)
def test_somebody_who_can_appoint(
    session: Session, person: dict[str, Any], appointment: dict[str, Any], mode: str, is_able: bool,
) -> None:  # fmt: skip
    who = make_person(session, **{"password_hash": "-", **person})
    values = {"role": "ministry", "area": "TH", "starts_at": LONG_AGO, **appointment}
    appoint(session, to=who, **values)
    (found,) = administrators(session, config.Config(mode=mode))
    assert (found.level == "ok") == is_able


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"mode": "development", "host": "0.0.0.0"}, True),
        ({"mode": "development", "public_url": "https://map.example.go.th"}, True),
        ({"mode": "development"}, False),
        ({"host": "0.0.0.0"}, False),
    ],
)
def test_demo_accounts_in_public(settings: dict[str, str], told: bool, tmp_path: Path) -> None:
    found = check._service(config.Config(**{"secret_keys": KEYS, "audit_heads": str(tmp_path), **settings}))
    assert any("Development mode" in str(one.what) for one in found) == told


@pytest.mark.parametrize(
    ("settings", "told"), [({}, True), ({"service_owner": "Province"}, False), ({"mode": "development"}, False)]
)
def test_production_whose_maps_have_no_owner(settings: dict[str, str], told: bool, tmp_path: Path) -> None:
    found = check._service(config.Config(**{"secret_keys": KEYS, "audit_heads": str(tmp_path), **settings}))
    assert any("MAPAPP_SERVICE_OWNER is not set" in str(one.what) for one in found) == told


@pytest.mark.parametrize(
    ("settings", "told"),
    [({}, True), ({"public_url": "https://map.example.go.th"}, False), ({"mode": "development"}, False)],
)
def test_production_without_its_own_address(settings: dict[str, str], told: bool, tmp_path: Path) -> None:
    found = check._service(config.Config(**{"secret_keys": KEYS, "audit_heads": str(tmp_path), **settings}))
    assert any("MAPAPP_PUBLIC_URL is not set" in str(one.what) for one in found) == told


def test_keys_that_others_can_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = tmp_path / "secret-keys"
    monkeypatch.setattr(config, "KEY_FILE", keys)

    def told(**settings: str) -> bool:
        found = check._service(config.Config(audit_heads=str(tmp_path), **settings))
        return any("Other users" in str(one.what) for one in found)

    assert not told(), "made at the first start"
    keys.write_text("x")
    keys.chmod(0o640)
    assert told()
    assert not told(secret_keys=KEYS), "the file is not used"
    keys.chmod(0o600)
    assert not told()


def test_a_folder_that_takes_no_heads(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    def level(folder: Path) -> str:
        *_others, found = check._service(config.Config(secret_keys=KEYS, audit_heads=str(folder)))
        return found.level

    assert level(tmp_path / "new" / "heads") == "ok"
    assert level(tmp_path / "file") == level(tmp_path / "file" / "heads") == "limits"


def test_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPAPP_PORT", "none")
    assert "docs/configuration.md" in _mend("MAPAPP_PORT")


def test_a_setting_that_only_a_room_understands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPAPP_FRESH_DAYS", "clinic=3")
    assert "docs/configuration.md" in _mend("MAPAPP_FRESH_DAYS")
