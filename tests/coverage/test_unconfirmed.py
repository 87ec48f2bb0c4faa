"""A kind of which nearly all places are unconfirmed: pages count them and say so, the API does as it is asked."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.coverage import service
from tests.conftest import NOON
from tests.coverage.drawing import cells, pin
from tests.coverage.test_web import get, links


@pytest.fixture
def nearly_all_stale(drawn: Session) -> Session:
    """Hospitals from one old list: nobody has confirmed any. And test sites, of which half are."""
    drawn.execute(text("UPDATE facilities SET confirmed_at = :then"), {"then": NOON - timedelta(days=2000)})
    lon, lat = cells()["500101"]
    pin(drawn, lat=lat, lon=lon, kind="test_site")
    lon, lat = cells()["450101"]
    pin(drawn, lat=lat, lon=lon, kind="test_site", confirmed_at=NOON - timedelta(days=2000))
    service.update(drawn, now=NOON)
    drawn.commit()
    return drawn


COUNTED = "1 of 1 facilities of this type were not confirmed recently, so they are counted here too."


def share_of(page: str, code: str) -> str:
    """The column “within” of an area's row in the table of /coverage."""
    row = next(row for row in page.split("<tr>") if f"/areas/{code}" in row)
    share: str = re.findall(r'<td class="number">([^<]+)</td>', row)[1]
    return share


def asked_of(link: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(unescape(link)).query)


def link_of(page: str, words: str) -> str:
    found = re.search(rf'<a (?:class="[^"]*" )?href="([^"]+)">{words}', page)
    assert found, words
    return unescape(found[1])


def map_state(page: str) -> dict[str, Any]:
    found = re.search(r'data-state="([^"]+)"', page)
    assert found
    state: dict[str, Any] = json.loads(unescape(found[1]))
    return state


def test_a_kind_that_nobody_has_confirmed_is_not_told_as_out_of_everybodys_reach(
    client: FlaskClient, nearly_all_stale: Session
) -> None:
    unasked = get(client, "/coverage", lang="en", level="tambon", kind="hospital").text
    assert COUNTED in unasked
    assert share_of(unasked, "450101") == "100 %"
    asked = get(client, "/coverage", lang="en", level="tambon", kind="hospital", stale="1").text
    assert share_of(asked, "450101") == "100 %"
    confirmed = client.get(link_of(unasked, "Count only confirmed facilities"))
    assert share_of(confirmed.text, "450101") == "0 %"
    assert "1 facility is not counted: it was not confirmed recently." in confirmed.text
    assert COUNTED not in confirmed.text
    back = link_of(confirmed.text, "Count these too")
    assert share_of(client.get(back).text, "450101") == "100 %"


def test_another_kind_is_counted_as_before(client: FlaskClient, nearly_all_stale: Session) -> None:
    page = get(client, "/coverage", lang="en", level="tambon", kind="test_site").text
    assert share_of(page, "450101") == "0 %"
    assert "1 facility is not counted" in page
    assert "so they are counted here too" not in page


@pytest.mark.parametrize(
    ("said", "counted"), [({}, True), ({"stale": ""}, True), ({"stale": "1"}, True), ({"stale": "0"}, False)]
)
def test_map_downloads_and_best_places_stand_on_what_the_table_counts(
    client: FlaskClient, nearly_all_stale: Session, said: dict[str, str], counted: bool
) -> None:
    page = get(client, "/coverage", lang="en", level="tambon", kind="hospital", **said).text
    share = "100 %" if counted else "0 %"
    assert share_of(page, "450101") == share
    values = client.get(map_state(page)["values_url"]).json
    assert values is not None
    assert values["values"]["450101"] == float(counted)
    table = client.get(link_of(page, "Download CSV"))
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"), newline="")))
    assert {row["stale_counted"] for row in rows} == {"yes" if counted else "no"}
    assert {float(row["value"]) for row in rows if row["code"] == "450101"} == {float(counted)}
    sentence = COUNTED if counted else "1 facility is not counted: it was not confirmed recently."
    assert sentence in page
    assert {row["note"] for row in rows} == {sentence}
    features = json.loads(client.get(link_of(page, "Download GeoJSON")).data)["features"]
    assert {feature["properties"]["stale"] for feature in features} == {counted}
    best = client.get(link_of(page, "Find the best places")).text
    assert ("T450101" not in best) == counted, "where one stands already, another helps nobody"
    assert sentence in best
    for link in links(page):
        assert len(asked_of(link).get("stale", [])) <= 1


def test_best_places_count_as_their_page_does(client: FlaskClient, nearly_all_stale: Session) -> None:
    page = get(client, "/coverage/best-site", lang="en", kind="hospital", radius_km=5).text
    assert COUNTED in page
    assert "T450101" not in page
    other = client.get(link_of(page, "Count only confirmed facilities")).text
    assert "T450101" in other
    assert COUNTED in client.get(link_of(other, "Count these too")).text
    assert get(client, "/coverage/best-site", stale="perhaps").status_code == 400


def test_what_the_address_says_goes_along_from_area_to_area(client: FlaskClient, nearly_all_stale: Session) -> None:
    for said in ("0", "1"):
        page = get(client, "/coverage", lang="en", kind="hospital", stale=said)
        down = next(link for link in links(page.text) if "level=amphoe" in link and "within=45" in link)
        area = next(link for link in links(page.text) if link.startswith("/areas/45"))
        inside = client.get(area).text
        below = next(link for link in links(inside) if link.startswith("/areas/4501"))
        compare = link_of(inside, "Compare their coverage")
        everywhere = link_of(inside, "All of Thailand")
        for link in (down, area, below, compare, everywhere):
            assert asked_of(link)["stale"] == [said]
        assert map_state(inside)["stale"] == map_state(page.text)["stale"] == int(said)
    assert map_state(get(client, "/coverage").text)["stale"] is None


def test_the_box_of_the_form_asks_for_the_other_way(client: FlaskClient, nearly_all_stale: Session) -> None:
    def box(**query: Any) -> tuple[str, bool]:
        page = get(client, "/coverage", lang="en", **query).text
        found = re.search(r'name="stale" value="(\d)"( checked)?', page)
        assert found
        return found[1], bool(found[2])

    assert box(kind="hospital") == ("0", False)
    assert box(kind="hospital", stale="1") == ("0", False)
    assert box(kind="hospital", stale="0") == ("0", True)
    assert box(kind="test_site") == ("1", False)
    assert box(kind="test_site", stale="0") == ("1", False)
    assert box(kind="test_site", stale="1") == ("1", True)
    assert box(kind="test_site", stale="1", radius_km="7") == ("1", True), "kept beside what has to be mended"


def reach_in(page: str, kind: str) -> tuple[str, bool]:
    """Of a kind's row on an area's page: the share within 5 km, and whether the row is marked."""
    row = next(row for row in page.split("<tr>") if f'<th scope="row">{kind}' in row)
    return re.findall(r'<td class="number">([^<]+)</td>', row)[1], "May be out of date" in row


def test_an_areas_page_counts_a_kind_that_nobody_has_confirmed_and_marks_it(
    client: FlaskClient, nearly_all_stale: Session
) -> None:
    for code in ("45", "4501", "450101"):
        page = get(client, f"/areas/{code}", lang="en").text
        share, marked = reach_in(page, "Hospital")
        assert (share != "0 %", marked) == (True, True)
        assert reach_in(page, "COVID test site") == ("0 %", False)
        assert "Almost all facilities of the types with this mark" in page
        confirmed = client.get(link_of(page, "Count only confirmed facilities")).text
        assert reach_in(confirmed, "Hospital") == ("0 %", False)
        assert "2 facilities are not counted" in confirmed
        everything = client.get(link_of(confirmed, "Count these too")).text
        assert reach_in(everything, "Hospital") == (share, True)
        assert reach_in(everything, "COVID test site")[0] != "0 %"
    page = get(client, "/areas/45", lang="en").text
    state = map_state(page)
    assert state["metric_label"] == "Share of people within the distance (within 10 km): Hospital"
    values = client.get(state["values_url"]).json
    assert values is not None
    assert values["stale"] is True
    assert "stale=1" in link_of(page, "Download CSV")
    assert get(client, "/areas/45", stale="perhaps").status_code == 400


@pytest.mark.parametrize(("confirmed", "counted"), [(0, True), (1, True), (2, False)])
def test_the_bound_of_nearly_all(client: FlaskClient, drawn: Session, confirmed: int, counted: bool) -> None:
    drawn.execute(text("DELETE FROM facilities"))
    lon, lat = cells()["450101"]
    for number in range(12):
        then = NOON if number < confirmed else NOON - timedelta(days=2000)
        pin(drawn, lat=lat, lon=lon, confirmed_at=then)
    service.update(drawn, now=NOON)
    drawn.commit()
    page = get(client, "/coverage", lang="en", kind="hospital").text
    assert ("so they are counted here too" in page) == counted
    assert ("are not counted" in page) == (not counted)


def test_the_api_counts_what_it_is_asked_for_alone(client: FlaskClient, nearly_all_stale: Session) -> None:
    for address in ("/api/v1/coverage", "/api/v1/coverage/values", "/api/v1/coverage/best-site"):
        answer = get(client, address, kind="hospital").json
        assert answer is not None
        assert answer["stale"] is False
