"""Pictures of maps: the colours of the page at the same places, words that are only words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core import svg
from mapapp.core.languages import ENGLISH, THAI
from mapapp.coverage import service
from mapapp.coverage.schemas import FigureQuery
from mapapp.maps import coverage_pictures, picture_views, pictures
from tests.data import small_country
from tests.maps import png
from tests.maps.test_documents import PAYLOADS
from tests.payloads import EVALUATED

ASKED = "/maps/coverage.png?level=tambon&metric=nearest_km&within=9001"


def page_colour(page: str, figures: dict[str, Any], code: str) -> str:
    """The colour that the page's script gives an area, computed here once more from the colours in its document."""
    classes = re.findall(r"#[0-9a-f]{6}", re.search(r'"colours": \[([^]]*)\]', page)[1])  # type: ignore[index]
    breaks = figures["breaks"]
    place = next((i for i, bound in enumerate(breaks) if figures["values"][code] < bound), len(breaks))
    return str(classes[len(breaks) - place if figures["direction"] == "low" else place])


@pytest.mark.parametrize("metric", ["nearest_km", "within_share"])
def test_each_area_has_the_colour_of_the_pages_map(client: FlaskClient, session: Session, metric: str) -> None:
    small_country(session)
    session.execute(text("UPDATE facilities SET point = 'SRID=4326;POINT(100.01 14.01)'"))
    service.refresh_all(session)
    session.commit()
    asked = f"level=tambon&metric={metric}&radius_km=10"
    page = client.get("/maps/coverage").text
    figures = client.get(f"/api/v1/coverage/values?{asked}").get_json()
    image = png.read(client.get(f"/maps/coverage.png?{asked}").data)
    picture = coverage_pictures.coverage(
        session, FigureQuery(level="tambon", metric=metric, radius_km=10), ENGLISH
    )  # fmt: skip
    seen = set()
    for code, (column, row) in {"900101": (0, 0), "900102": (0, 1), "900201": (1, 0), "900202": (1, 1)}.items():
        for dx, dy in ((0.03, 0.03), (0.05, 0.07), (0.08, 0.02)):
            x, y = picture.frame.at(100 + column / 10 + dx, 14 + row / 10 + dy)
            expected = page_colour(page, figures, code)
            assert image.at(x, y) == expected, (code, dx, dy)
            seen.add(expected)
    assert len(seen) >= 2


def test_around_are_sea_and_the_neighbours_land(client: FlaskClient, session: Session) -> None:
    small_country(session)
    session.execute(
        text("UPDATE areas SET boundary = ST_Multi(ST_MakeEnvelope(98, 6, 105, 20, 4326)) WHERE code = '90'")
    )
    session.commit()
    service.refresh_all(session)
    image = png.read(client.get("/maps/coverage.png?level=province").data)
    frame = coverage_pictures.coverage(session, FigureQuery(), ENGLISH).frame
    assert image.at(*frame.at(101.0, 9.5)) == pictures.SEA
    assert image.at(*frame.at(104.9, 12.5)) == pictures.LAND


def test_it_is_the_size_that_link_previews_want_and_kept(client: FlaskClient, session: Session) -> None:
    small_country(session)
    answer = client.get(ASKED)
    image = png.read(answer.data)
    assert (answer.mimetype, image.width, image.height) == ("image/png", 1200, 630)
    assert client.get(ASKED, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/maps/coverage.png?level=village").status_code == 400
    assert client.get("/maps/coverage.png?level=tambon&within=77").status_code == 404


def test_whoever_asks_for_too_many_waits(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_country(session)
    monkeypatch.setattr(picture_views, "LIMIT", "2 per minute")
    wanted = [f"/maps/coverage.png?metric=nearest_km&level={level}" for level in ("province", "amphoe", "tambon")]
    assert [client.get(address).status_code for address in wanted] == [200, 200, 429]
    assert client.get(wanted[0]).status_code == 200, "what is kept is not counted"


def test_names_are_drawn_as_they_were_typed_and_never_read(session: Session) -> None:
    small_country(session)
    for payload in PAYLOADS:
        session.execute(text("UPDATE areas SET name_th = :name, source = :name"), {"name": payload})
        session.expire_all()
        made = pictures.drawn(coverage_pictures.coverage(session, FigureQuery(level="tambon", within="90"), THAI))
        assert EVALUATED not in re.sub(r'd="[^"]*"', "", made)
        assert not re.search(r"<(?!/?(svg|defs|pattern|rect|path|clipPath|g|text)\b)", made)
        assert pictures.png(coverage_pictures.coverage(session, FigureQuery(level="tambon", within="90"), THAI))


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert svg.escape("a\0b\x0b<\ud800\ufffe&") == "ab&lt;&amp;"


def test_thai_is_broken_between_letters_and_never_before_a_mark() -> None:
    found = svg.lines("ที่ว่าการอำเภอสันป่าตองจังหวัดเชียงใหม่" * 2, 30, 700, 300, 10)
    assert len(found) > 2
    assert all(svg.width(line, 30, 700) <= 300 for line in found)
    assert not any(line[0] in "ัิีึืุูะาำ่้๊๋์" for line in found)


def test_the_page_names_its_picture_only_where_its_address_is_known(client: FlaskClient, session: Session) -> None:
    small_country(session)
    assert 'property="og:image"' not in client.get("/coverage").text
    client.application.extensions["mapapp_config"] = client.application.extensions["mapapp_config"].model_copy(
        update={"public_url": "https://map.example.org"}
    )
    client.application.extensions["mapapp_cache"].forget()
    for page in ("/coverage?lang=en", "/areas/90?lang=en"):
        found = re.search(r'property="og:image" content="([^"]+)"', client.get(page).text)
        assert found
        assert found[1].startswith("https://map.example.org/maps/coverage.png?")
        path = found[1].removeprefix("https://map.example.org").replace("&amp;", "&")
        assert client.get(path).mimetype == "image/png"
