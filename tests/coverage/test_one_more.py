"""One more facility at a place: what is promised before it is built comes true to the person once it stands."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core.errors import Invalid
from mapapp.coverage import service, view_helpers
from mapapp.coverage.one_more import one_more
from mapapp.coverage.one_more_schemas import OneMoreQuery
from tests.conftest import NOON
from tests.coverage.drawing import PEOPLE, cells, draw, pin, stored

PLACES = {
    "beside the hospital": (14.85, 100.06),
    "at a border of provinces": (14.803, 100.151),
    "in an amphoe without population": (14.953, 100.247),
    "in a corner": (14.995, 100.005),
}


def built(session: Session, lat: float, lon: float) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    """The figures once a hospital really stands there; then it is gone again."""
    savepoint = session.begin_nested()
    new = pin(session, lat=lat, lon=lon)
    service.update(session, now=NOON)
    after = stored(session)
    savepoint.rollback()
    return new, after


@pytest.mark.parametrize("radius", [5, 10, 20])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_promised_comes_true_to_the_person(drawn: Session, place: str, radius: Any) -> None:
    lat, lon = PLACES[place]
    promised = one_more(drawn, OneMoreQuery(lat=lat, lon=lon, radius_km=radius))
    before = stored(drawn)
    new, after = built(drawn, lat, lon)
    told = {one.code: one for one in promised.tambons}
    share, beyond = f"within_share_{radius}", f"beyond_people_{radius}"
    gained, nearest = 0.0, 0
    for code in cells():
        was, now = before[code, "hospital"], after[code, "hospital"]
        if code not in told:
            assert (now[share], now["nearest_km"]) == (was[share], was["nearest_km"])
            continue
        assert told[code].share_after == pytest.approx(now[share], abs=1e-9)
        assert told[code].nearest_after == pytest.approx(now["nearest_km"], abs=1e-9)
        assert told[code].is_nearest is (now["nearest_facility_id"] == new)
        if was[beyond] is None:
            assert told[code].people_within is None
        else:
            assert told[code].people_within == pytest.approx(was[beyond] - now[beyond], abs=1e-6)
            gained += was[beyond] - now[beyond]
            nearest += (now["population"] or 0) * (now["nearest_facility_id"] == new)
    assert promised.people_within == pytest.approx(gained, abs=1e-6)
    assert promised.people_nearest == nearest
    assert [area.level for area in promised.areas] == ["amphoe", "province"]
    for area in promised.areas:
        now = after[area.code, "hospital"]
        assert area.share_after == pytest.approx(now[share], abs=1e-9)
        assert area.nearest_after == pytest.approx(now["nearest_km"], abs=1e-9)
        assert area.facilities_after == now["facilities"]
        assert area.beyond_before == before[area.code, "hospital"][beyond]
        if now[beyond] is None:
            assert area.beyond_after is None
        else:
            assert area.beyond_after == pytest.approx(now[beyond], abs=1e-6)


def test_the_first_of_its_kind_is_everybodys_nearest(session: Session) -> None:
    draw(session)
    service.refresh_all(session, now=NOON)
    promised = one_more(session, OneMoreQuery(lat=14.85, lon=100.06))
    before = stored(session)
    _new, after = built(session, 14.85, 100.06)
    assert promised.people_nearest == sum(PEOPLE.values())
    assert promised.unpeopled == 2
    assert all(one.nearest_before is None for one in promised.tambons)
    for area in promised.areas:
        assert area.nearest_before is before[area.code, "hospital"]["nearest_km"] is None
        assert area.nearest_after == pytest.approx(after[area.code, "hospital"]["nearest_km"], abs=1e-9)


def test_stale_facilities_count_where_they_are_to(drawn: Session) -> None:
    drawn.execute(text("UPDATE facilities SET confirmed_at = '2020-01-01'"))
    service.update(drawn, now=NOON)
    lon, lat = cells()["450101"]
    alone = one_more(drawn, OneMoreQuery(lat=lat, lon=lon))
    beside = one_more(drawn, OneMoreQuery(lat=lat, lon=lon, stale=True))
    assert alone.people_within > 8000
    assert beside.people_within == 0
    assert beside.people_nearest == 0


def test_outside_thailand_is_refused_beside_the_field(client: FlaskClient, drawn: Session) -> None:
    with pytest.raises(Invalid):
        one_more(drawn, OneMoreQuery(lat=9.0, lon=98.5))
    answer = client.get("/api/v1/coverage/one-more?lat=9.0&lon=98.5")
    assert answer.status_code == 400
    assert (answer.json or {})["errors"][0]["field"] == "lat"
    for query in ("lat=91&lon=100", "lat=14.8", "lat=14.8&lon=100.1&kind=bakery", "lat=14.8&lon=100.1&radius_km=7"):
        assert client.get(f"/api/v1/coverage/one-more?{query}").status_code == 400
    page = client.get("/coverage/one-more?lat=9.0&lon=98.5&lang=en")
    assert page.status_code == 400
    assert 'id="place-error"' in page.text


def test_the_page_answers_without_scripts_by_point_and_by_name(client: FlaskClient, drawn: Session) -> None:
    empty = client.get("/coverage/one-more?lang=en")
    assert empty.status_code == 200
    assert "No place chosen yet." in empty.text
    told = client.get("/api/v1/coverage/one-more?lat=14.95&lon=100.15&radius_km=5").json or {}
    assert told["people_within"] > 0
    page = client.get("/coverage/one-more?lat=14.95&lon=100.15&radius_km=5&lang=en")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert f"<strong>{told['people_within']:,.0f}</strong> people would newly have one within 5 km" in page.text
    assert f"<strong>{told['people_nearest']:,}</strong> people would have it as the nearest" in page.text
    by_name = client.get("/coverage/one-more?place=500102&radius_km=5&lang=en")
    assert f"<strong>{told['people_within']:,.0f}</strong>" in by_name.text
    unknown = client.get("/coverage/one-more?place=qqzzqq&lang=en")
    assert 'value="qqzzqq"' in unknown.text
    assert "No place of this name was found" in unknown.text
    missing = client.get("/coverage/one-more?lat=14.95&lon=100.25&lang=en")
    assert "2 tambons here have no population figure" in missing.text
    fragment = client.get("/coverage/one-more?lat=14.95&lon=100.15", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert 'id="map-state"' in fragment.text


def test_one_address_may_not_try_places_without_end(
    client: FlaskClient, drawn: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_helpers, "LIMIT", "2 per minute")
    path = "/api/v1/coverage/one-more?lat=14.95&lon=100.15"
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(path.removeprefix("/api/v1")).status_code == 429
