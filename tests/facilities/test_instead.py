"""Where nothing is known to be open, or verified, “nearest” offers what there is and says when the first one opens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.core.clock import BANGKOK
from mapapp.core.geo import Point
from mapapp.facilities import nearest as near
from mapapp.facilities.alternatives import OFFERED, instead
from tests.conftest import NOON
from tests.facilities.build import add

HERE = Point(lat=18.8, lon=99)
OLD = NOON - timedelta(days=2000)


@pytest.fixture
def hospitals(session: Session) -> None:
    """Thirty of an old list without hours, one of them far away; two that open, the farther one first."""
    for number in range(30):
        add(session, lat=18.8 + number / 1000, lon=99, confirmed_at=OLD, phone="+6653920300")
    add(session, lat=20, lon=100, confirmed_at=OLD)
    add(session, lat=18.81, lon=99, opening_hours="Mo-Fr 21:00-22:00", name_en="Late")
    add(session, lat=18.82, lon=99, opening_hours="Mo-Fr 20:00-21:00", name_en="Earlier", status="full")
    session.commit()


def test_what_is_not_known_is_counted_to_its_end(session: Session, hospitals: None) -> None:
    found = instead(session, HERE, near.Wanted(kinds=("hospital",), open_now=True, max_km=50), NOON)
    assert found is not None
    assert (found.hours_unknown, found.not_verified, len(found.offered)) == (30, 0, OFFERED)
    assert found.opens_first is not None
    assert found.opens_first.pin.name_en == "Earlier"
    assert found.opens_first.state.opens_at == datetime(2026, 11, 20, 20, tzinfo=BANGKOK)
    everywhere = instead(session, HERE, near.Wanted(open_now=True, verified=True), NOON)
    assert everywhere is not None
    assert (everywhere.hours_unknown, everywhere.not_verified) == (31, 33)


def test_what_is_near_and_closed_is_shown_with_when_it_opens(session: Session, client: FlaskClient) -> None:
    """The one next door opens later than one far away: both are worth knowing."""
    add(session, lat=18.801, lon=99, opening_hours="Mo-Fr 21:00-22:00", name_th="ข้างบ้าน", phone="+6653920300")
    add(session, lat=19.3, lon=99, opening_hours="Mo-Fr 20:00-21:00", name_th="ไกล")
    session.commit()
    found = instead(session, HERE, near.Wanted(open_now=True), NOON)
    assert found is not None
    assert [one.pin.name_th for one in found.opens_later] == ["ข้างบ้าน", "ไกล"]
    page = client.get("/nearest?lat=18.8&lon=99&open_now=1").text
    shown = page[page.index("อยู่ใกล้ แต่ตอนนี้ปิด") :]
    assert shown.index("ข้างบ้าน") < shown.index("21:00")
    assert 'href="tel:+6653920300"' in shown
    assert "ข้างบ้าน" in page


def test_nothing_is_offered_where_no_filter_hid_it(session: Session, hospitals: None) -> None:
    assert instead(session, HERE, near.Wanted(kinds=("hospital",)), NOON) is None
    assert instead(session, HERE, near.Wanted(kinds=("test_site",), open_now=True), NOON) is None


def test_the_page_offers_them_and_names_who_opens_first(client: FlaskClient, hospitals: None) -> None:
    page = client.get("/nearest?lat=18.8&lon=99&kind=hospital&open_now=1&max_km=50&lang=en").text
    assert "Try a greater distance" not in page
    assert "For 30 facilities, it is not known whether they are open now." in page
    assert page.index("First to open:") < page.index("Earlier") < page.index("Closed, opens 20:00")
    assert page.count('href="tel:+6653920300"') == OFFERED
    page = client.get("/nearest?lat=18.8&lon=99&kind=hospital&verified=1&lang=en").text
    assert "33 facilities have not been checked by anyone." in page


def test_a_full_list_says_that_it_is_only_the_nearest(client: FlaskClient, hospitals: None) -> None:
    page = client.get("/nearest?lat=18.8&lon=99&kind=hospital&stale=1&lang=en").text
    assert "The 20 nearest facilities" in page
