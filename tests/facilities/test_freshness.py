"""Freshness: in Python and in SQL alike, what nearest leaves out and how it says so, and the order of the queue."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.core.config import BadConfig, Config, load
from mapapp.facilities import freshness, nearest
from mapapp.facilities.freshness import DEFAULT
from mapapp.facilities.kinds import KINDS
from mapapp.facilities.models import Facility
from mapapp.facilities.view_counts import Uses
from tests.conftest import NOON
from tests.facilities.build import add

LONG_AGO = NOON - timedelta(days=400)


def test_the_setting_names_days_by_kind() -> None:
    known = freshness.lifetimes(Config(fresh_days="test_site=2"))
    assert known.by_kind["test_site"] == timedelta(days=2)
    assert known.by_kind["hospital"] == DEFAULT.by_kind["hospital"] == timedelta(days=90)


@pytest.mark.parametrize("given", ["clinic=3", "hospital", "hospital=0", "hospital=3651", "hospital=x", "=3"])
def test_a_setting_of_days_that_cannot_be_is_told_by_its_name(given: str) -> None:
    with pytest.raises(BadConfig, match="MAPAPP_FRESH_DAYS"):
        freshness.lifetimes(load({"MAPAPP_FRESH_DAYS": given}))


def test_a_pin_is_current_up_to_the_very_moment() -> None:
    confirmed = NOON - timedelta(days=3)
    assert not DEFAULT.is_stale("waiting_centre", confirmed, NOON)
    assert DEFAULT.is_stale("waiting_centre", confirmed, NOON + timedelta(microseconds=1))
    assert not DEFAULT.is_stale("hospital", confirmed, NOON + timedelta(days=80))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pins=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(-1, 95), st.integers(-1, 1)), min_size=1, max_size=20)
)
def test_sql_and_python_say_the_same(session: Session, pins: list[tuple[str, int, int]]) -> None:
    session.execute(text("DELETE FROM facilities"))
    truth = {}
    for kind, days, micro in pins:
        confirmed = NOON - timedelta(days=days, microseconds=micro)
        made = add(session, lat=15, lon=100, kind=kind, confirmed_at=confirmed)
        truth[made] = DEFAULT.is_stale(kind, confirmed, NOON)
    found = session.execute(select(Facility.id, freshness.is_stale_sql(DEFAULT, NOON)))
    assert {row[0]: row[1] for row in found} == truth


def ask(session: Session, **more: Any) -> nearest.Nearest:
    limit = more.pop("limit", 10)
    return nearest.nearest(session, geo.Point(lat=18.8, lon=99), nearest.Wanted(**more), limit=limit, now=NOON)


def ids(answer: nearest.Nearest) -> list[int]:
    return [one.pin.id for one in answer.found]


def test_stale_ones_are_left_out_and_counted_unless_wanted(session: Session) -> None:
    old = add(session, lat=18.80, lon=99, confirmed_at=LONG_AGO)
    fresh = add(session, lat=18.81, lon=99)
    farther = add(session, lat=18.90, lon=99, confirmed_at=LONG_AGO)
    doubtful = add(session, lat=18.95, lon=99, doubtful_at=NOON)
    assert (ids(ask(session)), ask(session).left_out) == ([fresh, doubtful], 2)
    assert ask(session, limit=1).left_out == 1  # the farther one is not nearer than the last one given
    assert (ids(ask(session, stale=True)), ask(session, stale=True).left_out) == ([old, fresh, farther, doubtful], 0)
    assert ask(session, max_km=5).left_out == 1
    assert ask(session, kinds=("test_site",)).left_out == 0


@pytest.fixture(params=[0, 8])
def few_spare(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no spare rows the database soon has to pass the stale ones over."""
    monkeypatch.setattr(nearest, "SPARE", request.param)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pins=st.lists(
        st.tuples(
            st.integers(0, 60),  # hundredths of a degree to the north
            st.sampled_from(["hospital", "test_site"]),
            st.booleans(),  # stale
            st.sampled_from([None, "24/7", "Sa-Su"]),
        ),
        max_size=60,
    ),
    limit=st.integers(1, 6),
    open_now=st.booleans(),
    kind=st.sampled_from([None, "test_site"]),
    max_km=st.sampled_from([None, 20.0, 200.0]),
)
def test_as_picking_by_hand_says(
    session: Session,
    few_spare: None,
    pins: list[tuple[int, str, bool, str | None]],
    limit: int,
    open_now: bool,
    kind: str | None,
    max_km: float | None,
) -> None:
    session.execute(text("DELETE FROM facilities"))
    stale = set()
    for step, its_kind, is_stale, expression in pins:
        confirmed = LONG_AGO if is_stale else NOON
        made = add(
            session, lat=18.8 + step / 100, lon=99, kind=its_kind, opening_hours=expression, confirmed_at=confirmed
        )
        if is_stale:
            stale.add(made)
    more: dict[str, Any] = {"kinds": (kind,) if kind else (), "open_now": open_now, "max_km": max_km}
    everything = ids(ask(session, stale=True, limit=100, **more))
    fresh = [one for one in everything if one not in stale][:limit]
    answer = ask(session, limit=limit, **more)
    assert ids(answer) == fresh
    where = {one.pin.id: one.distance_m for one in ask(session, stale=True, limit=100, **more).found}
    last = where[fresh[-1]] if len(fresh) == limit else float("inf")
    certain = sum(1 for one in stale & set(everything) if where[one] < last - 0.01)
    possible = sum(1 for one in stale & set(everything) if where[one] <= last + 0.01)
    assert certain <= answer.left_out <= possible


def test_many_stale_ones_cost_no_more_than_three_statements(session: Session, query_count: Callable[[], int]) -> None:
    for index in range(200):
        add(session, lat=18.8 + index / 1000, lon=99, confirmed_at=LONG_AGO, opening_hours="24/7")
    last = add(session, lat=19.5, lon=99, opening_hours="24/7")
    before = query_count()
    answer = ask(session, limit=1, open_now=True)
    assert (ids(answer), answer.left_out) == ([last], 200)
    assert query_count() - before <= 3


def test_the_page_says_what_it_left_out_and_offers_it(client: FlaskClient, session: Session) -> None:
    add(session, lat=18.80, lon=99, name_th="เก่ามาก", confirmed_at=LONG_AGO, verified_at=LONG_AGO)
    add(session, lat=18.81, lon=99, name_th="ใหม่")
    session.commit()
    page = client.get("/nearest?lat=18.8&lon=99&open_now=&lang=en").text
    assert "เก่ามาก" not in page
    assert "1 closer facility is hidden" in page
    offered = re.search(r'<a href="([^"]+)">Show these too', page)
    assert offered
    page = client.get(offered[1].replace("&amp;", "&")).text
    assert "เก่ามาก" in page
    assert "May be out of date" in page
    assert "is-stale" in page
    assert "hidden because" not in page
    assert 'name="stale" value="1" checked' in page
    thai = client.get("/nearest?lat=18.8&lon=99&stale=1").text
    assert "16 ต.ค. 2568" in thai


def test_where_nothing_is_current_the_old_ones_are_shown_as_what_they_are(
    client: FlaskClient, session: Session
) -> None:
    add(session, lat=18.80, lon=99, name_th="เก่ามาก", confirmed_at=LONG_AGO)
    session.commit()
    page = client.get("/nearest?lat=18.8&lon=99&lang=en").text
    assert "เก่ามาก" in page
    assert "None of these facilities was confirmed recently" in page
    assert "May be out of date" in page
    assert "hidden because" not in page


def test_the_api_says_it_too(client: FlaskClient, session: Session) -> None:
    old = add(session, lat=18.80, lon=99, kind="waiting_centre", confirmed_at=NOON - timedelta(days=4))
    session.commit()
    answer = client.get("/api/v1/facilities/nearest?lat=18.8&lon=99").get_json()
    assert (answer["features"], answer["left_out"]) == ([], 1)
    answer = client.get("/api/v1/facilities/nearest?lat=18.8&lon=99&stale=true").get_json()
    facts = answer["features"][0]["properties"]
    assert (answer["features"][0]["id"], facts["is_stale"], answer["left_out"]) == (old, True, 0)
    assert datetime.fromisoformat(facts["stale_at"]) == NOON - timedelta(days=1)
    clusters = client.get("/api/v1/facilities/clusters?zoom=6").get_json()
    assert clusters["features"][0]["properties"]["is_stale"] is True


def test_counts_show_their_own_age(client: FlaskClient, session: Session) -> None:
    made = add(
        session,
        lat=18.8,
        lon=99,
        kind="waiting_centre",
        places=30,
        places_free=4,
        places_free_at=NOON - timedelta(hours=5),
        status_at=NOON - timedelta(hours=2),
        doubtful_at=NOON,
    )
    session.commit()
    page = client.get(f"/facilities/{made}?lang=en").text
    assert '(4 free) <span class="muted">(5 hours ago)</span>' in page
    assert "2 hours ago" in page
    assert "Problem reported: call before you go" in page
    facts = client.get(f"/api/v1/facilities/{made}").get_json()["properties"]
    assert facts["places_free_at"] == (NOON - timedelta(hours=5)).isoformat()


def test_merged_pins_lead_to_the_other_and_are_in_no_list(client: FlaskClient, session: Session) -> None:
    kept = add(session, lat=18.8, lon=99)
    middle = add(session, lat=18.8, lon=99, status="closed", merged_into=kept)
    first = add(session, lat=18.8, lon=99, status="closed", merged_into=middle)
    session.commit()
    answer = client.get(f"/facilities/{first}?lang=en")
    assert (answer.status_code, answer.location) == (301, f"/facilities/{kept}?lang=en")
    listed = client.get("/api/v1/facilities").get_json()["features"]
    assert [one["id"] for one in listed] == [kept]
    assert ids(ask(session, stale=True)) == [kept]


def test_the_queue_is_doubtful_first_then_old_by_its_kind_and_used(session: Session) -> None:
    hospital = add(session, lat=15, lon=100, confirmed_at=NOON - timedelta(days=100))
    centre = add(session, lat=15, lon=100, kind="waiting_centre", confirmed_at=NOON - timedelta(days=13))
    popular = add(session, lat=15, lon=100, kind="waiting_centre", confirmed_at=NOON - timedelta(days=10))
    doubtful = add(session, lat=15, lon=100, doubtful_at=NOON)
    once = add(session, lat=15, lon=100, kind="waiting_centre", confirmed_at=NOON - timedelta(days=9))
    counted = Uses()
    for _ in range(20):
        counted.opened(popular, NOON)
    for _ in range(1000):
        counted.opened(once, NOON - timedelta(days=40))  # long ago: counts no more
    counted.write(session)
    order = freshness.stale_queue_order(DEFAULT, NOON)
    found = session.scalars(select(Facility.id).order_by(*order)).all()
    assert found == [doubtful, popular, centre, once, hospital]


def stored(session: Session) -> dict[int, int]:
    """Openings by pin, over all days."""
    rows = session.execute(text("SELECT facility_id, sum(opened) FROM facility_uses GROUP BY facility_id"))
    return {row[0]: row[1] for row in rows}


def test_openings_of_a_page_are_counted_by_day_in_bangkok(
    app: Flask, client: FlaskClient, clock: dict[str, datetime], session: Session
) -> None:
    made = add(session, lat=18.8, lon=99)
    other = add(session, lat=18.8, lon=99)
    session.commit()
    counted: Uses = app.extensions["mapapp_uses"]
    for _ in range(3):
        client.get(f"/facilities/{made}")
    client.head(f"/facilities/{made}")
    client.get(f"/facilities/{other}")
    clock["now"] = NOON + timedelta(hours=13)  # past midnight in Bangkok
    client.get(f"/facilities/{made}")
    assert counted.write(session) == 3
    assert counted.write(session) == 0
    client.get(f"/facilities/{made}")
    assert counted.write(session) == 1
    rows = session.execute(text("SELECT day, opened FROM facility_uses WHERE facility_id = :id"), {"id": made})
    days = {row.day: row.opened for row in rows}
    assert days == {date(2026, 11, 20): 3, date(2026, 11, 21): 2}
    assert stored(session) == {made: 5, other: 1}


def test_a_pin_that_is_gone_and_a_write_that_fails_lose_no_other(session: Session) -> None:
    counted = Uses()
    made = add(session, lat=18.8, lon=99)
    counted.opened(made, NOON)
    counted.opened(made + 1000, NOON)
    with pytest.raises(Exception, match="closed"):
        counted.write(_Broken())  # type: ignore[arg-type]  # stands for a lost database
    counted.opened(made, NOON)
    counted.write(session)
    assert stored(session) == {made: 2}


class _Broken:
    def execute(self, *_: object) -> None:
        raise OSError("closed")


def test_a_stale_pin_confirmed_is_current_again(client: FlaskClient, session: Session) -> None:
    made = add(session, lat=18.8, lon=99, confirmed_at=LONG_AGO)
    session.commit()
    assert "may be out of date" in client.get(f"/facilities/{made}?lang=en").text
    session.execute(update(Facility).where(Facility.id == made).values(confirmed_at=NOON))
    session.commit()
    assert "out of date" not in client.get(f"/facilities/{made}?lang=en").text
