"""The nearest: order and distances against brute force over the geodesic, filters, and the plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.facilities import nearest
from mapapp.facilities.freshness import DEFAULT, places
from mapapp.facilities.kinds import KINDS
from tests.conftest import NOON
from tests.facilities.build import add

LAT = st.floats(geo.SOUTH, geo.NORTH)
LON = st.floats(geo.WEST, geo.EAST)


def ask(session: Session, lat: float, lon: float, **more: Any) -> list[nearest.Found]:
    limit = more.pop("limit", 10)
    wanted = nearest.Wanted(**more)
    return nearest.nearest(session, geo.Point(lat=lat, lon=lon), wanted, limit=limit, now=NOON).found


def ids(found: list[nearest.Found]) -> list[int]:
    return [one.pin.id for one in found]


@pytest.fixture
def cheap(session: Session) -> Session:
    """Many examples in one transaction; each clears the table itself."""
    return session


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pins=st.lists(st.tuples(LAT, LON), min_size=1, max_size=40),
    near=st.tuples(LAT, LON),
    limit=st.integers(1, 12),
    ring=st.booleans(),
)
def test_as_brute_force_says(
    cheap: Session, pins: list[tuple[float, float]], near: tuple[float, float], limit: int, ring: bool
) -> None:
    session = cheap
    session.execute(text("DELETE FROM facilities"))
    if ring:  # all about as far as each other: where the sphere and the ellipsoid disagree about the order
        pins = [
            (destination.latitude, destination.longitude)
            for index in range(len(pins))
            for destination in [geodesic(kilometers=40 + 0.02 * (index % 7)).destination(near, bearing=index * 9)]
            if geo.in_thailand(lat=destination.latitude, lon=destination.longitude)
        ]
    truth = {add(session, lat=lat, lon=lon): geodesic(near, (lat, lon)).m for lat, lon in pins}
    found = ask(session, *near, limit=limit)
    assert len(found) == min(limit, len(truth))
    for one in found:
        assert one.distance_m == pytest.approx(truth[one.pin.id], rel=1e-6, abs=0.01)
        assert one.measure == "straight_line"
    # Nothing left out is nearer, and the order is right, to a centimetre.
    given_ids = set(ids(found))
    farthest = max((truth[number] for number in given_ids), default=0.0)
    assert all(metres >= farthest - 0.01 for number, metres in truth.items() if number not in given_ids)
    assert [one.distance_m for one in found] == sorted(one.distance_m for one in found)


def test_the_sphere_alone_would_be_wrong(session: Session) -> None:
    """North by 100.0 km, east by 100.3 km: on the sphere the eastern one is nearer."""
    here = (10.0, 100.0)
    north = geodesic(kilometers=100.3).destination(here, bearing=0)
    east = geodesic(kilometers=100.5).destination(here, bearing=90)
    first = add(session, lat=north.latitude, lon=north.longitude)
    second = add(session, lat=east.latitude, lon=east.longitude)
    on_sphere = session.execute(
        text("SELECT id FROM facilities ORDER BY point <-> ST_SetSRID(ST_MakePoint(100, 10), 4326)::geography")
    ).scalars()
    assert list(on_sphere) == [second, first]
    assert ids(ask(session, *here, limit=1)) == [first]


def test_many_in_one_place_come_by_id(session: Session) -> None:
    made = [add(session, lat=18.8, lon=98.9) for _ in range(30)]
    assert ids(ask(session, 18.8, 98.9, limit=5)) == made[:5]


def test_statuses(session: Session) -> None:
    full = add(session, lat=18.80, lon=99, status="full", opening_hours="24/7")
    add(session, lat=18.81, lon=99, status="closed", opening_hours="24/7")
    add(session, lat=18.82, lon=99, status="temporarily_closed", opening_hours="24/7")
    add(session, lat=18.83, lon=99, status="temporarily_closed", closed_until=NOON + timedelta(hours=1))
    again = add(
        session,
        lat=18.84,
        lon=99,
        status="temporarily_closed",
        closed_until=NOON - timedelta(hours=1),
        opening_hours="24/7",
    )
    unknown = add(session, lat=18.85, lon=99)
    shut = add(session, lat=18.86, lon=99, opening_hours="Sa-Su")
    assert ids(ask(session, 18.8, 99)) == [full, again, unknown, shut]
    assert ids(ask(session, 18.8, 99, open_now=True)) == [again]


def test_filters(session: Session) -> None:
    one = add(session, lat=18.80, lon=99, kind="test_site")
    two = add(session, lat=18.81, lon=99, kind="waiting_centre", verified_at=NOON)
    three = add(session, lat=18.90, lon=99, kind="test_site", verified_at=NOON)
    assert ids(ask(session, 18.8, 99, kinds=("test_site",))) == [one, three]
    assert ids(ask(session, 18.8, 99, kinds=("test_site", "waiting_centre"))) == [one, two, three]
    assert ids(ask(session, 18.8, 99, kinds=("hospital",))) == []
    assert ids(ask(session, 18.8, 99, verified=True)) == [two, three]
    assert ids(ask(session, 18.8, 99, max_km=5)) == [one, two]
    assert ids(ask(session, 18.8, 99, max_km=5, limit=1)) == [one]


def test_open_now_goes_on_past_closed_ones(session: Session, query_count: Callable[[], int]) -> None:
    for index in range(150):
        add(session, lat=18.8 + index / 1000, lon=99, opening_hours=f"Sa-Su 0{index % 9}:00-18:00")
    open_one = add(session, lat=19.5, lon=99, opening_hours="24/7")
    session.flush()
    before = query_count()
    assert ids(ask(session, 18.8, 99, open_now=True)) == [open_one]
    assert query_count() - before <= 3
    assert ids(ask(session, 18.8, 99, open_now=True, max_km=10)) == []


def test_one_statement_in_the_common_case(session: Session, query_count: Callable[[], int]) -> None:
    for index in range(40):
        add(session, lat=18.8 + index / 100, lon=99, opening_hours="24/7")
    before = query_count()
    assert len(ask(session, 18.8, 99, open_now=True)) == 10
    assert query_count() - before == 1


@pytest.mark.parametrize(
    ("more", "index"),
    [
        ({}, "ix_facilities_point"),
        ({"open_now": True, "verified": True}, "ix_facilities_point"),
        ({"kinds": 2}, "ix_facilities_point"),
        ({"fresh": True}, "ix_facilities_point"),
        ({"fresh": True, "kinds": 1, "kind": "hospital"}, "ix_facilities_point_hospital"),
        *(({"kinds": 1, "kind": kind}, f"ix_facilities_point_{kind}") for kind in KINDS),
    ],
)
def test_an_index_serves_it(session: Session, more: dict[str, Any], index: str) -> None:
    session.execute(
        text("""
            INSERT INTO facilities (kind, name_th, point, opening_hours, status, verified_at, source, source_ref)
            SELECT (:kinds)[1 + i % 5], 'x', ST_SetSRID(ST_MakePoint(97.5 + i % 97 / 13.0, 6 + i % 101 / 8.0), 4326),
                   '24/7', CASE WHEN i % 10 = 0 THEN 'closed' ELSE 'open' END,
                   CASE WHEN i % 3 > 0 THEN now() END, 'plan', i::text
            FROM generate_series(1, 5000) AS i
        """),
        {"kinds": list(KINDS)},
    )
    session.execute(text("SET LOCAL ROLE NONE"))  # only the owner may
    session.execute(text("ANALYZE facilities"))
    values: dict[str, Any] = {"lon": 100.5, "lat": 13.75, "now": NOON, "count": 18, "shut": [""]}
    values |= {"kind": more.get("kind"), "kinds": ["hospital", "test_site"], **places(DEFAULT, NOON)}
    sql = nearest.nearest_sql(**{name: value for name, value in more.items() if name != "kind"})
    plan = session.connection().exec_driver_sql("EXPLAIN " + sql, values).scalars().all()
    told = "\n".join(plan)
    assert f"Index Scan using {index} on facilities" in told
    assert "Order By: (point <->" in told
    assert "Sort" not in told
