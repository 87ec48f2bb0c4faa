"""Pages and API of coverage: right answers in both languages, and 4xx with advice for everything else."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from flask.testing import FlaskClient
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mapapp.coverage import service
from mapapp.coverage.metrics import METRICS
from mapapp.facilities.kinds import KINDS
from mapapp.lists.sheets import neutral
from tests.conftest import NOON
from tests.coverage.drawing import cells, draw, pin
from tests.payloads import EVALUATED

NAMES = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "{{98765*54321}}", "{%", '"><script>']
"""What must reach a spreadsheet or a page as text."""


def get(client: FlaskClient, path: str, **query: Any) -> TestResponse:
    return client.get(path, query_string=query)


def test_json(client: FlaskClient, drawn: Session) -> None:
    answer = get(client, "/api/v1/coverage", level="amphoe", metric="nearest_km", kind="hospital", radius_km=5)
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["unit"], answer.json["direction"], len(answer.json["breaks"])) == ("km", "high", 5)
    assert answer.json["rows"][0]["code"] == "5002"
    assert answer.headers["ETag"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_values(client: FlaskClient, drawn: Session) -> None:
    answer = get(client, "/api/v1/coverage/values", level="tambon", metric="beyond_people", within="45")
    assert answer.json is not None
    assert list(answer.json["values"]) == ["450101", "450102", "450103"]
    assert "rows" not in answer.json


def test_geojson(client: FlaskClient, drawn: Session) -> None:
    answer = get(client, "/api/v1/coverage", level="tambon", format="geojson")
    assert answer.mimetype == "application/geo+json"
    features = json.loads(answer.data)["features"]
    assert len(features) == 9
    assert features[0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert features[0]["properties"]["kind"] == "hospital"


def test_csv_is_for_spreadsheets_and_no_program(client: FlaskClient, drawn: Session) -> None:
    for code, name in zip(cells(), NAMES, strict=False):
        drawn.execute(
            text("UPDATE areas SET name_th = :name, name_en = :name WHERE code = :code"), {"name": name, "code": code}
        )
    drawn.commit()
    answer = get(client, "/api/v1/coverage", level="tambon", format="csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 9
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    names = {row["code"]: row["name_th"] for row in rows}
    assert [names[code] for code, _ in zip(cells(), NAMES, strict=False)] == [str(neutral(name)) for name in NAMES]


def test_geopackage_is_what_gis_programs_open(client: FlaskClient, drawn: Session, tmp_path: Path) -> None:
    drawn.execute(text("UPDATE areas SET name_th = '=1+{{98765*54321}}<b>' WHERE code = '450101'"))
    drawn.commit()
    answer = get(client, "/api/v1/coverage", level="tambon", format="gpkg")
    assert answer.mimetype == "application/geopackage+sqlite3"
    assert "attachment" in answer.headers["Content-Disposition"]
    path = tmp_path / "coverage.gpkg"
    path.write_bytes(answer.data)
    assert [name for name, _kind in pyogrio.list_layers(path)] == ["areas"]
    meta, _, geometries, fields = pyogrio.raw.read(path, layer="areas")
    assert (meta["crs"], meta["geometry_type"], len(geometries)) == ("EPSG:4326", "MultiPolygon", 9)
    facts = dict(zip(meta["fields"], fields, strict=True))
    table = get(client, "/api/v1/coverage", level="tambon").json
    assert table is not None
    assert list(facts["code"]) == [row["code"] for row in table["rows"]]
    assert list(facts["nearest_km"]) == [row["nearest_km"] for row in table["rows"]]
    assert "=1+{{98765*54321}}<b>" in set(facts["name_th"]), "no spreadsheet, so names stay as they are"


@pytest.fixture
def with_stale(drawn: Session) -> Session:
    """Beside the confirmed hospital in 450101 one in 500101 that nobody has confirmed for long."""
    lon, lat = cells()["500101"]
    pin(drawn, lat=lat, lon=lon, beds=7, confirmed_at=NOON - timedelta(days=100), name="โรงพยาบาลเก่า")
    service.update(drawn, now=NOON)
    drawn.commit()
    return drawn


@pytest.mark.parametrize(("more", "hospitals", "flag"), [({}, 1, "no"), ({"stale": "true"}, 2, "yes")])
def test_stale_ones_count_where_they_are_asked_for(
    client: FlaskClient, with_stale: Session, more: dict[str, str], hospitals: int, flag: str
) -> None:
    answer = get(client, "/api/v1/coverage", metric="per_10000", **more).json
    assert answer is not None
    assert (sum(row["facilities"] for row in answer["rows"]), answer["stale"]) == (hospitals, flag == "yes")
    values = get(client, "/api/v1/coverage/values", level="tambon", metric="nearest_km", **more).json
    assert values is not None
    assert (values["values"]["500101"] == 0) == (flag == "yes")
    table = get(client, "/api/v1/coverage", format="csv", **more)
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"), newline="")))
    assert {row["stale_counted"] for row in rows} == {flag}
    assert ("with_stale" in table.headers["Content-Disposition"]) == (flag == "yes")
    features = json.loads(get(client, "/api/v1/coverage", format="geojson", **more).data)["features"]
    assert {feature["properties"]["stale"] for feature in features} == {flag == "yes"}


def test_best_site_leans_on_confirmed_places_alone(client: FlaskClient, with_stale: Session) -> None:
    best = get(client, "/api/v1/coverage/best-site", radius_km=5, within="50").json
    counting = get(client, "/api/v1/coverage/best-site", radius_km=5, within="50", stale="true").json
    assert best is not None
    assert counting is not None
    assert "500101" in {place["code"] for place in best["places"]}
    assert "500101" not in {place["code"] for place in counting["places"]}


def test_the_page_says_what_is_not_counted_and_offers_it(client: FlaskClient, with_stale: Session) -> None:
    page = get(client, "/coverage", lang="en", level="tambon", within="50").text
    assert "1 facility is not counted: it was not confirmed recently." in page
    offered = re.search('<a href="([^"]+)">Count these too', page)
    assert offered
    page = client.get(unescape(offered[1])).text
    assert "1 facility that was not confirmed recently is counted here." in page
    assert 'name="stale" value="1" checked' in page
    assert "stale=1" in page.split("Download CSV")[0].rsplit("<a ", 1)[1]
    assert "&amp;stale=1" in page.split("data-state=")[1][:600] or "stale=1" in unescape(page.split("data-state=")[1])
    back = re.search(r'<a href="([^"]+)">Count only confirmed', page)
    assert back
    assert "stale" not in back[1]
    assert get(client, "/coverage", lang="en", stale="perhaps").status_code == 400


def test_an_area_shows_stale_places_as_such(client: FlaskClient, with_stale: Session) -> None:
    page = get(client, "/areas/500101", lang="en").text
    assert "โรงพยาบาลเก่า" in page
    assert "May be out of date" in page
    assert "Facilities not confirmed recently are not counted." in page
    assert "May be out of date" not in get(client, "/areas/450101", lang="en").text


def test_best_site(client: FlaskClient, drawn: Session) -> None:
    answer = get(client, "/api/v1/coverage/best-site", kind="hospital", radius_km=5, within="50", limit=2)
    assert answer.json is not None
    assert [place["code"] for place in answer.json["places"]] == ["500104", "500102"]
    page = get(client, "/coverage/best-site", kind="hospital", radius_km=5, within="50", lang="en")
    assert page.status_code == 200
    assert "T500104" in page.text


WRONG = [
    {"kind": "pub"},
    {"level": "village"},
    {"metric": "fun"},
    {"radius_km": "7"},
    {"radius_km": "10.5"},
    {"radius_km": "9" * 5000},
    {"radius_km": "๑๐"},
    {"within": "5"},
    {"within": "abc"},
    {"within": "\x00"},
    {"within": "50' OR 1=1"},
    {"within": "500101", "level": "tambon"},
    {"metric": "beds_per_10000", "kind": "test_site"},
]


@pytest.mark.parametrize("query", WRONG)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_wrong_parameters_are_refused_with_advice(client: FlaskClient, drawn: Session, query: Any, lang: str) -> None:
    for path in ("/api/v1/coverage", "/api/v1/coverage/values"):
        answer = get(client, path, lang=lang, **query)
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
        assert {problem["field"] for problem in json.loads(answer.data)["errors"]} <= set(query)
        assert all(problem["detail"] for problem in json.loads(answer.data)["errors"])
    page = get(client, "/coverage", lang=lang, **query)
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    assert 'class="error"' in page.text


@pytest.mark.parametrize(("within", "level", "below"), [("50", "province", "amphoe"), ("TH5001", "amphoe", "tambon")])
def test_a_level_too_large_is_refused_to_programs_and_lowered_for_people(
    client: FlaskClient, drawn: Session, within: str, level: str, below: str
) -> None:
    assert get(client, "/api/v1/coverage", within=within, level=level).status_code == 400
    page = get(client, "/coverage", within=within, level=level)
    assert page.status_code == 200
    assert f'<option value="{below}" selected>' in page.text
    assert f'<option value="{level}"' not in page.text


@pytest.mark.parametrize("limit", ["0", "-1", "21", "1000000000", "x", "1e3"])
def test_wrong_limits(client: FlaskClient, drawn: Session, limit: str) -> None:
    assert get(client, "/api/v1/coverage/best-site", limit=limit).status_code == 400
    assert get(client, "/coverage/best-site", limit=limit).status_code == 400


def test_parameters_nobody_knows(client: FlaskClient, drawn: Session) -> None:
    assert get(client, "/api/v1/coverage", radius="5").status_code == 400
    assert client.get("/api/v1/coverage?kind=hospital&kind=test_site").status_code == 400
    assert get(client, "/coverage", utm_source="poster").status_code == 200


def test_codes_nobody_has(client: FlaskClient, drawn: Session) -> None:
    for path in ("/api/v1/coverage", "/api/v1/coverage/values", "/coverage"):
        assert get(client, path, level="tambon", within="9999").status_code == 404
    assert get(client, "/api/v1/coverage/best-site", within="999999").status_code == 404
    assert get(client, "/areas/99").status_code == 404
    for code in ("5", "abc", "50010101", "TH", "%00", "5001'"):
        assert get(client, f"/areas/{code}").status_code == 400


words = st.text(max_size=30) | st.sampled_from(
    ["", *KINDS, *METRICS, "province", "tambon", "5", "10", "50", "TH5001", "csv"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(["level", "metric", "kind", "radius_km", "within", "format", "limit", "lang", "show"]), words
    ),
    path=st.sampled_from(["/coverage", "/api/v1/coverage", "/api/v1/coverage/values", "/api/v1/coverage/best-site"]),
)
def test_nothing_sent_makes_a_5xx(client: FlaskClient, query: dict[str, str], path: str) -> None:
    safe = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    assert client.get(path, query_string=safe).status_code < 500


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', page)]


@pytest.mark.parametrize("lang", ["th", "en"])
def test_drill_down_from_province_to_area_page(client: FlaskClient, drawn: Session, lang: str) -> None:
    page = get(client, "/coverage", kind="hospital", lang=lang)
    assert page.status_code == 200
    assert f'<html lang="{lang}" ' in page.text
    down = next(link for link in links(page.text) if "level=amphoe" in link and "within=50" in link)
    page = client.get(down)
    assert ("A5001" if lang == "en" else "ข5001") in page.text
    down = next(link for link in links(page.text) if "level=tambon" in link and "within=5001" in link)
    page = client.get(down)
    assert page.status_code == 200
    area = next(link for link in links(page.text) if link.startswith("/areas/500101"))
    page = client.get(area)
    assert page.status_code == 200
    assert f'<html lang="{lang}" ' in page.text


def test_page_says_what_to_know(client: FlaskClient, drawn: Session) -> None:
    drawn.execute(text("UPDATE facilities SET is_example = true"))
    drawn.commit()
    page = get(client, "/coverage", level="tambon", metric="within_share", radius_km=5, lang="en").text
    assert "Approximate" in page
    assert "example facilities that are not real" in page
    assert "2 areas here have no population figure" in page
    assert "Calculated 20 Nov 2026 12:00" in page
    assert "below 10 %" in page
    assert "90 % and more" in page
    assert "may be out of date" not in page


def test_page_says_when_figures_lag(client: FlaskClient, drawn: Session) -> None:
    pin(drawn, lat=14.9, lon=100.1)
    drawn.commit()
    assert "may be out of date" in get(client, "/coverage", lang="en").text


def test_pages_and_programs_are_told_that_new_figures_are_on_their_way(client: FlaskClient, drawn: Session) -> None:
    before = get(client, "/api/v1/coverage", level="tambon", kind="hospital").get_json()
    assert before["pending"] == 0
    pin(drawn, lat=14.9, lon=100.1)
    service.begin(drawn, now=NOON)
    drawn.commit()
    meanwhile = get(client, "/api/v1/coverage", level="tambon", kind="hospital").get_json()
    assert meanwhile["pending"] > 0
    assert meanwhile["rows"] == before["rows"], "the last figures stay"
    assert get(client, "/api/v1/coverage/values", level="tambon", kind="hospital").get_json()["pending"] > 0
    for address in ("/coverage", "/areas/50"):
        assert "New figures are being calculated" in get(client, address, lang="en").text
        assert "กำลังคำนวณตัวเลขใหม่" in get(client, address).text
    service.update(drawn, now=NOON)
    drawn.commit()
    after = get(client, "/api/v1/coverage", level="tambon", kind="hospital").get_json()
    assert after["pending"] == 0
    assert after["rows"] != before["rows"]


def test_page_without_any_data(client: FlaskClient) -> None:
    assert "There is no area data yet" in get(client, "/coverage", lang="en").text
    assert get(client, "/coverage/best-site").status_code == 200


def test_map_state_in_the_swapped_part(client: FlaskClient, drawn: Session) -> None:
    page = get(client, "/coverage", level="tambon", within="5001", metric="nearest_km").text
    found = re.search(r'<div id="map-state" data-state="([^"]+)" hidden>', page)
    assert found is not None
    state = json.loads(unescape(found[1]))
    assert (state["level"], state["within"]) == ("tambon", "5001")
    assert client.get(state["values_url"]).status_code == 200
    west, south, east, north = state["bounds"]
    assert (west, south, east, north) == (100.0, 14.8, 100.2, 15.0)


def test_long_tables_are_cut_with_a_way_to_all(client: FlaskClient, session: Session) -> None:
    grid = "\n" + "\n".join(" ".join(f"5{row}01{c + 1:02d}" for c in range(11)) for row in range(10)) + "\n"
    draw(session, grid, {})
    service.refresh_all(session, ["hospital"], now=NOON)
    session.commit()
    page = get(client, "/coverage", level="tambon", lang="en").text
    assert page.count('<th scope="row">') == 100
    assert "100 of 110 areas" in page
    everything = next(link for link in links(page) if "show=all" in link)
    assert client.get(everything).text.count('<th scope="row">') == 110


@pytest.mark.parametrize("code", ["5001", "TH5001", "th5001"])
def test_area_page(client: FlaskClient, drawn: Session, code: str) -> None:
    page = get(client, f"/areas/{code}", lang="en")
    assert page.status_code == 200
    assert "A5001" in page.text
    assert "ข5001" in page.text
    assert "7,000" in page.text
    assert page.text.count('<th scope="row">') == len(KINDS)
    assert any(link.startswith("/areas/500101") for link in links(page.text))


def test_area_page_lists_facilities(client: FlaskClient, drawn: Session) -> None:
    for number in range(60):
        pin(drawn, lat=14.95, lon=100.05, name=f"หมอ {number}")
    drawn.commit()
    page = get(client, "/areas/500101", lang="en").text
    assert page.count(">หมอ ") == 50
    assert "50 of 60 shown" in page
    address = re.search(r'href="(/api/v1/facilities/file\?area=500101&amp;format=csv[^"]*)"', page)
    assert address
    assert client.get(unescape(address[1])).text.count("หมอ ") == 60, "the file has those that the page leaves out"


def test_area_page_has_every_number_to_call(client: FlaskClient, drawn: Session) -> None:
    made = pin(drawn, lat=14.95, lon=100.05)
    drawn.execute(
        text("UPDATE facilities SET phone = '+6653140774', phone_more = 'ต่อ 12, 081-234-5678' WHERE id = :id"),
        {"id": made},
    )
    drawn.commit()
    page = get(client, "/areas/500101").text
    assert re.search(r'href="tel:\+6653140774">053 140 774<', page)
    assert 'href="tel:+66812345678"' in page


def test_names_are_text_and_no_program(client: FlaskClient, drawn: Session) -> None:
    drawn.execute(
        text("UPDATE areas SET name_th = :n, name_en = :n"), {"n": "{{98765*54321}}{%<script>alert(1)</script>"}
    )
    drawn.execute(text("UPDATE facilities SET name_th = :n"), {"n": '{{98765*54321}}"><img src=x onerror=alert(1)>'})
    drawn.commit()
    for path in (
        "/coverage?level=tambon",
        "/coverage?level=tambon&within=4501",
        "/areas/450101",
        "/coverage/best-site",
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert "{{98765*54321}}" in unescape(page.text)
        assert EVALUATED not in page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/coverage?level=tambon", 9),
        ("/coverage?level=tambon&within=50", 11),
        ("/areas/5001", 8),
        ("/api/v1/coverage/values?level=tambon", 2),
        ("/api/v1/coverage?level=tambon", 2),
    ],
)
def test_few_queries(client: FlaskClient, drawn: Session, query_count: Any, path: str, most: int) -> None:
    before = query_count()
    assert client.get(path).status_code == 200
    assert query_count() - before <= most


def test_no_inline_script_or_style(client: FlaskClient, drawn: Session) -> None:
    for path in ("/coverage", "/areas/50", "/coverage/best-site"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page)


def test_the_nearest_facility_named_is_the_one_the_distance_leads_to(client: FlaskClient, drawn: Session) -> None:
    middles = cells()
    places = {
        pin(drawn, lat=lat + 0.021, lon=lon - 0.013, name=f"โรงพยาบาล {code}"): (lat + 0.021, lon - 0.013)
        for code, (lon, lat) in middles.items()
        if code in ("500102", "500202")
    }
    (first,) = drawn.scalars(text("SELECT facility_id FROM coverage_sites")).all()
    lon, lat = middles["450101"]
    places[first] = (lat, lon)
    service.update(drawn, now=NOON)
    drawn.commit()

    csv_rows = get(client, "/api/v1/coverage", level="tambon", format="csv").data.decode("utf-8-sig")
    listed = {row["code"]: row for row in csv.DictReader(io.StringIO(csv_rows))}
    features = json.loads(get(client, "/api/v1/coverage", level="tambon", format="geojson").data)["features"]
    for feature in features:
        code, told = feature["id"], feature["properties"]
        near = min(places, key=lambda one: geodesic(places[one], middles[code][::-1]).km)
        assert told["nearest_facility_id"] == near
        assert told["nearest_facility_th"].startswith("โรงพยาบาล")
        assert (listed[code]["nearest_facility_id"], listed[code]["nearest_facility_th"]) == (
            str(near),
            told["nearest_facility_th"],
        )
        one = get(client, f"/api/v1/coverage/areas/{code}").json
        assert one is not None
        end = one["nearest_facility"]
        assert (end["id"], end["name_th"]) == (near, told["nearest_facility_th"])
        line = geodesic((one["lat"], one["lon"]), (end["lat"], end["lon"])).km
        assert line == pytest.approx(one["nearest_km"], abs=1e-5)
        assert one["nearest_km"] == told["nearest_km"]
    page = get(client, "/coverage", level="tambon").text
    assert page.count(f'href="/facilities/{first}"') == sum(
        one["properties"]["nearest_facility_id"] == first for one in features
    )


def test_an_average_names_no_facility_and_says_so(client: FlaskClient, drawn: Session) -> None:
    for row in (get(client, "/api/v1/coverage", level="amphoe", metric="nearest_km").json or {})["rows"]:
        assert row["nearest_facility_id"] is None
        answer = get(client, f"/api/v1/coverage/areas/{row['code']}").json or {}
        assert answer["nearest_facility"] is None
        assert answer["nearest_km"] == row["nearest_km"]
    said = "It does not come from one facility."
    for level, metric, is_said in (
        ("amphoe", "nearest_km", True),
        ("tambon", "per_10000", True),
        ("tambon", "nearest_km", False),
    ):
        page = get(client, "/coverage", level=level, metric=metric, lang="en").text
        assert (said in page.split("data-state", 1)[1]) is is_said
        assert page.count(said) == (
            3 if is_said else 0
        )  # under the classes; for the map, and for the map after a change
    assert get(client, "/api/v1/coverage/areas/9").status_code == 400
    assert get(client, "/api/v1/coverage/areas/99").status_code == 404
    assert get(client, "/api/v1/coverage/areas/45", kind="bakery").status_code == 400
