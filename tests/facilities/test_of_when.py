"""Of when a pin is: as old as the list that brought it, verified only by a person, and said in one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import null, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from mapapp.core.clock import BANGKOK
from mapapp.core.errors import Invalid
from mapapp.core.geo import Point
from mapapp.database import migrate
from mapapp.facilities import changes, service
from mapapp.facilities import nearest as near
from mapapp.facilities.cli import import_
from mapapp.facilities.freshness import DEFAULT, confirmed_by
from mapapp.facilities.models import Facility
from mapapp.facilities.schemas import FacilityIn
from tests.conftest import NOON, make_database
from tests.facilities.build import add
from tests.facilities.imports.build import officer

APRIL = date(2020, 4, 1)
APRIL_NOON = datetime(2020, 4, 1, 12, tzinfo=BANGKOK)


def row(**values: Any) -> FacilityIn:
    facts = {"kind": "hospital", "name_th": "รพ.ทดสอบ", "lat": 18.8, "lon": 99, "source": "list", "source_ref": "1"}
    return FacilityIn.model_validate(facts | values)


def load(session: Session, given: FacilityIn, **how: Any) -> Facility:
    done = service.import_facilities(session, [given], now=how.pop("now", NOON), **how)
    kept = session.get(Facility, next(iter(done.by_ref.values())))
    assert kept is not None
    session.refresh(kept)
    return kept


@pytest.mark.parametrize("who", [None, officer()])
def test_what_a_list_brings_is_of_the_lists_day_and_nobody_has_verified_it(session: Session, who: Any) -> None:
    kept = load(session, row(source_as_of=APRIL, beds_free=3, beds=5), actor=who)
    assert (kept.confirmed_at, kept.verified_at, kept.verified_by) == (APRIL_NOON, None, None)
    assert (kept.beds_free_at, kept.status_at) == (APRIL_NOON, APRIL_NOON)
    assert DEFAULT.is_stale("hospital", kept.confirmed_at, NOON)


@pytest.mark.parametrize("who", [None, officer()])
def test_a_list_without_a_day_is_of_nobody_knows_when(session: Session, who: Any) -> None:
    kept = load(session, row(beds_free=3, beds=5), actor=who)
    assert (kept.confirmed_at, kept.verified_at, kept.beds_free_at, kept.status_at) == (None, None, None, None)
    assert DEFAULT.is_stale("hospital", kept.confirmed_at, NOON)


def test_a_list_of_today_is_not_of_later_than_now(session: Session) -> None:
    early = NOON.replace(hour=1)
    assert load(session, row(source_as_of=early.astimezone(BANGKOK).date()), now=early).confirmed_at == early


def test_a_list_that_says_the_same_later_confirms_and_an_older_one_does_not(session: Session) -> None:
    kept = load(session, row(source_as_of=date(2026, 11, 1)))
    first = kept.confirmed_at
    assert load(session, row(source_as_of=APRIL)).confirmed_at == first
    assert load(session, row()).confirmed_at == first
    kept = load(session, row(source_as_of=date(2026, 11, 15)))
    assert (kept.confirmed_at, kept.source_as_of, kept.version) == (
        datetime(2026, 11, 15, 12, tzinfo=BANGKOK), date(2026, 11, 15), 1,
    )  # fmt: skip


def test_what_a_list_changes_is_as_old_as_the_list(session: Session) -> None:
    kept = load(session, row())
    changes.change(session, officer(), kept.id, {}, action="confirm", now=NOON - timedelta(days=1))
    session.refresh(kept)
    assert confirmed_by(kept.confirmed_at, kept.verified_at) == "person"
    kept = load(session, row(source_as_of=APRIL, phone="053920300"))
    assert (kept.confirmed_at, kept.verified_at, kept.verified_by) == (APRIL_NOON, None, None)


def test_a_person_who_stood_for_it_before_the_lists_day_is_still_named(client: FlaskClient, session: Session) -> None:
    kept = load(session, row())
    changes.change(session, officer(), kept.id, {}, action="confirm", now=NOON - timedelta(days=30))
    load(session, row(source_as_of=date(2026, 11, 19), phone="053920300"))
    session.commit()
    page = client.get(f"/facilities/{kept.id}?lang=en").text
    assert "From a list dated 19 Nov 2026; last confirmed by a person 21 Oct 2026" in page


@pytest.mark.parametrize(
    ("facts", "english", "thai", "by"),
    [
        ({"confirmed_at": NOON, "verified_at": NOON}, "Confirmed just now", "ยืนยันแล้ว เมื่อสักครู่", "person"),
        (
            {"confirmed_at": APRIL_NOON}, "From a list dated 1 Apr 2020; not confirmed since then",
            "มาจากรายการ ณ วันที่ 1 เม.ย. 2563 และยังไม่มีใครยืนยันหลังจากนั้น", "list",
        ),
        (
            {"confirmed_at": null()}, "From a list without a date; not confirmed by anyone",
            "มาจากรายการที่ไม่บอกวันที่ และยังไม่มีใครยืนยัน", None,
        ),
    ],
)  # fmt: skip
def test_every_page_says_the_same_one_sentence(
    client: FlaskClient, session: Session, facts: dict[str, Any], english: str, thai: str, by: str | None
) -> None:
    made = add(session, lat=18.8, lon=99, **facts)
    session.commit()
    for address in (f"/facilities/{made}", "/nearest?lat=18.8&lon=99&stale=1"):
        sign = "&" if "?" in address else "?"
        page = client.get(f"{address}{sign}lang=en").text
        assert page.count(english) == 1
        assert ("just now" in page) == (by == "person")
        assert thai in client.get(address).text
    told = client.get(f"/api/v1/facilities/{made}").get_json()["properties"]
    assert (told["confirmed_by"], told["is_stale"]) == (by, by != "person")
    assert (told["confirmed_at"] is None) == (told["stale_at"] is None) == (by is None)


def test_undated_pins_are_left_out_of_the_nearest_and_counted(session: Session) -> None:
    add(session, lat=18.80, lon=99, confirmed_at=null())
    fresh = add(session, lat=18.81, lon=99)
    found = near.nearest(session, Point(lat=18.8, lon=99), now=NOON)
    assert ([one.pin.id for one in found.found], found.left_out) == ([fresh], 1)


def test_the_nearest_page_is_not_empty_where_only_old_lists_speak(client: FlaskClient, session: Session) -> None:
    add(session, lat=18.80, lon=99, name_en="Old Hospital", confirmed_at=APRIL_NOON)
    session.commit()
    page = client.get("/nearest?lat=18.8&lon=99&kind=hospital&lang=en").text
    assert "Old Hospital" in page
    assert "None of these facilities was confirmed recently" in page
    assert "From a list dated 1 Apr 2020" in page


def test_a_day_that_has_not_come_is_refused_by_the_command(
    owner: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPAPP_DATABASE_URL", owner.url.render_as_string(hide_password=False))
    listed = tmp_path / "list.csv"
    listed.write_text("name,lat,lon\nรพ.ก,18.8,99\n", "utf-8")
    found = CliRunner().invoke(import_, [str(listed), "--kind", "hospital", "--as-of", "2999-01-01"])
    assert isinstance(found.exception, Invalid)


# What was stored before -------------------------------------------------------------------------------------------

LOADED = datetime(2026, 11, 20, 5, tzinfo=UTC)
STORED = """
INSERT INTO facilities (kind, name_th, point, source, source_ref, source_as_of, confirmed_at, verified_at, verified_by)
VALUES ('hospital', 'x', 'SRID=4326;POINT(99 18)', 's', :ref, :as_of, :confirmed, :verified, :by) RETURNING id
"""
STEP = """
INSERT INTO facility_changes (facility_id, version, at, action, actor_kind, changes)
VALUES (:id, 1, :at, :action, 'person', '{}')
"""


def test_what_lists_said_of_themselves_is_put_right(worker: str) -> None:
    engine: Engine = make_database(f"mapapp_of_when_{worker}")
    day_before = LOADED - timedelta(days=1)
    try:
        migrate.upgrade(engine, "0015")
        with engine.begin() as connection:

            def stored(ref: str, as_of: Any, verified: Any, by: str | None, *steps: tuple[str, datetime]) -> None:
                values = {"ref": ref, "as_of": as_of, "confirmed": LOADED, "verified": verified, "by": by}
                made = connection.execute(text(STORED), values).scalar_one()
                for action, at in steps:
                    connection.execute(text(STEP), {"id": made, "action": action, "at": at})

            stored("listed", APRIL, LOADED, "สสอ.", ("import", LOADED))
            stored("undated", None, LOADED, "สสอ.", ("import", LOADED))
            stored("dated row", None, day_before, "อสม.", ("import", LOADED))
            stored("confirmed since", APRIL, LOADED, "สสอ.", ("import", day_before), ("confirm", LOADED))
            stored("by hand", None, LOADED, "สสอ.", ("add", LOADED))
        migrate.upgrade(engine)
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT source_ref, confirmed_at, verified_at, verified_by FROM facilities"))
            found = {ref: tuple(facts) for ref, *facts in rows}
        assert found == {
            "listed": (APRIL_NOON, None, None),
            "undated": (None, None, None),
            "dated row": (day_before, day_before, "อสม."),
            "confirmed since": (LOADED, LOADED, "สสอ."),
            "by hand": (LOADED, LOADED, "สสอ."),
        }
    finally:
        engine.dispose()
