"""``/api/v1/areas`` and ``/places`` over the drawn areas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyogrio
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from mapapp.areas.geocoder import Geocoded
from mapapp.areas.models import Area
from mapapp.core import geo
from tests.areas.drawing import drawn
from tests.payloads import EVALUATED

PAYLOADS = (
    "{{98765*54321}}",
    "{%",
    "{#",
    "${window.PWN=1}",
    "`)[0];window.PWN=1;//",
    "<img src=x onerror=window.PWN=1>",
    '"><script>window.PWN=1</script>',
)


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.get_data(as_text=True)
    kind = "application/geo+json" if status == 200 else "application/problem+json"
    assert response.mimetype == kind
    return response.get_json() if status != 200 else json.loads(response.get_data())


def test_the_tambon_of_a_point(loaded: Session, client: FlaskClient) -> None:
    made = get(client, "/api/v1/areas?lat=18.95&lon=98.05")
    (feature,) = made["features"]
    assert feature["id"] == "500101"
    assert feature["properties"]["pcode"] == "TH500101"
    assert feature["properties"]["exact"] is True
    assert [area["code"] for area in feature["properties"]["path"]] == ["50", "5001"]
    assert get(client, "/api/v1/areas?lat=7.5&lon=99.5")["features"] == []


def test_a_search(loaded: Session, client: FlaskClient) -> None:
    made = get(client, f"/api/v1/areas?q={quote('ต.ศรีภูมิ เชียงใหม่')}&limit=1")
    assert [feature["id"] for feature in made["features"]] == ["500101"]
    assert made["features"][0]["properties"]["score"] == 1.0


def test_a_list_by_level_and_area_in_pages(loaded: Session, client: FlaskClient) -> None:
    assert [f["id"] for f in get(client, "/api/v1/areas?level=tambon&within=5001")["features"]] == ["500101", "500102"]
    seen: list[str] = []
    address = "/api/v1/areas?limit=4"
    while True:
        made = get(client, address)
        seen += [feature["id"] for feature in made["features"]]
        if made["next_cursor"] is None:
            break
        address = f"/api/v1/areas?limit=4&cursor={made['next_cursor']}"
    assert seen == ["50", "5001", "500101", "500102", "5002", "500203"]
    get(client, "/api/v1/areas?within=99", 404)


@pytest.mark.parametrize("code", ["500101", "TH500101", "th500101"])
def test_one_area(loaded: Session, client: FlaskClient, code: str) -> None:
    made = get(client, f"/api/v1/areas/{code}?geometry=full")
    assert shapely.equals(shapely.geometry.shape(made["geometry"]), drawn()["500101"])
    assert made["bbox"] == pytest.approx([98.0, 18.8, 98.2, 19.0])
    assert made["properties"]["parent_code"] == "5001"
    simple = shapely.geometry.shape(get(client, f"/api/v1/areas/{code}")["geometry"])
    assert shapely.hausdorff_distance(simple, drawn()["500101"]) < 0.001
    assert get(client, f"/api/v1/areas/{code}?geometry=none")["geometry"] is None
    assert get(client, f"/api/v1/areas/{code}?geometry=point")["geometry"]["type"] == "Point"


def test_gdal_reads_the_answers(loaded: Session, client: FlaskClient, tmp_path: Path) -> None:
    for address, count in (("/api/v1/areas?level=tambon", 3), ("/api/v1/areas/50?geometry=full", 1)):
        path = tmp_path / "answer.geojson"
        path.write_bytes(client.get(address).get_data())
        info = pyogrio.read_info(path)
        assert (info["driver"], info["features"], info["crs"]) == ("GeoJSON", count, "EPSG:4326")
        path.unlink()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("lat=18.9", 400),
        ("lon=98.1", 400),
        ("lat=98.1&lon=18.9", 400),
        ("lat=NaN&lon=98", 400),
        ("lat=inf&lon=98", 400),
        ("lat=13,7&lon=100", 400),
        ("lat=51&lon=0", 400),
        ("lat=&lon=", 400),
        ("lat=18.9&lon=98.1&q=x", 400),
        ("lat=18.9&lon=98.1&level=tambon", 400),
        ("q=x&within=50", 400),
        ("q=", 400),
        ("q=%20", 400),
        ("q=a%00b", 400),
        ("q=" + "x" * 201, 400),
        ("q=" + "x" * 9000, 414),
        ("level=country", 400),
        ("within=5", 400),
        ("within=50'--", 400),
        ("limit=0", 400),
        ("limit=1000000000", 400),
        ("limit=1e3", 400),
        ("cursor=x", 400),
        ("nothing=1", 400),
        ("q=a&q=b", 400),
    ],
)
def test_bad_questions_are_told_what_to_do(loaded: Session, client: FlaskClient, query: str, status: int) -> None:
    made = get(client, f"/api/v1/areas?{query}", status)
    assert made["status"] == status
    assert made["title"]


@pytest.mark.parametrize(
    ("code", "status"), [("5", 400), ("abcdef", 400), ("5001011", 400), ("999999", 404), ("๕๐", 400), ("50%00", 400)]
)
def test_bad_codes(loaded: Session, client: FlaskClient, code: str, status: int) -> None:
    get(client, f"/api/v1/areas/{code}", status)
    get(client, "/api/v1/areas/50?geometry=all", 400)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["lat", "lon", "q", "level", "within", "limit", "cursor", "lang", "x"]),
        st.one_of(st.text(max_size=30), st.floats().map(str), st.integers().map(str)),
        max_size=4,
    )
)
def test_no_question_breaks_it(loaded: Session, client: FlaskClient, query: dict[str, str]) -> None:
    sendable = {name: value.encode("utf-8", "surrogatepass") for name, value in query.items()}
    address = "&".join(f"{name}={quote(value)}" for name, value in sendable.items())
    for path in ("/api/v1/areas", "/places"):
        assert client.get(f"{path}?{address}").status_code < 500


def test_answers_are_kept_until_areas_change(loaded: Session, client: FlaskClient) -> None:
    first = client.get("/api/v1/areas/50")
    assert client.get("/api/v1/areas/50", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "max-age" in first.headers["Cache-Control"]


def page(client: FlaskClient, query: str, status: int = 200, **headers: str) -> str:
    response = client.get(f"/places?{query}", headers={name.replace("_", "-"): text for name, text in headers.items()})
    assert response.status_code == status
    return response.get_data(as_text=True)


def test_the_page_lists_places_with_both_links(loaded: Session, client: FlaskClient) -> None:
    text = page(client, f"q={quote('ศรีภูมิ')}")
    assert 'href="/areas/500101"' in text
    assert "/nearest?lat=" in text
    assert f"at={quote('ศรีภูมิ')}" in text  # so that the point is taken as it is, not searched for again
    assert f'value="{"ศรีภูมิ"}"' in text
    assert "<html" in text
    english = page(client, f"q={quote('ศรีภูมิ')}&lang=en")
    assert "Si Phum" in english
    assert "lang=en" in english


def test_the_fragment_is_the_list_alone(loaded: Session, client: FlaskClient) -> None:
    text = page(client, "q=chiang+mai", HX_Request="true")
    assert "<html" not in text
    assert 'href="/areas/50"' in text


def test_pages_without_an_answer_say_what_to_do(loaded: Session, client: FlaskClient) -> None:
    assert "empty" in page(client, "q=zzzzqqqq")
    assert "empty" not in page(client, "")
    assert 'aria-invalid="true"' in page(client, "q=" + "x" * 201, 400)
    assert page(client, "q=a%00b", 400)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_from_anywhere_stays_text(app: Flask, loaded: Session, client: FlaskClient, payload: str) -> None:
    loaded.execute(update(Area).where(Area.code == "500101").values(name_th=payload, name_en=payload))
    app.extensions["mapapp_config"] = app.extensions["mapapp_config"].model_copy(
        update={"geocoder_url": "http://127.0.0.1:9"}
    )
    app.extensions["mapapp_geocoder"] = _Fake((Geocoded(payload, geo.Point(lat=18.0, lon=98.0)),))
    for query in ("q=500101", f"q={quote(payload)}", f"q=500101&next={quote(payload)}"):
        for lang in ("th", "en"):
            text = client.get(f"/places?{query}&lang={lang}").get_data(as_text=True)
            assert EVALUATED not in text
            assert "<img src=x" not in text
            assert "<script>window" not in text


class _Fake:
    def __init__(self, places: tuple[Geocoded, ...] | None) -> None:
        self.places = places
        self.asked: list[str] = []

    def find(self, text: str, _language: str) -> tuple[Geocoded, ...] | None:
        self.asked.append(text)
        return self.places


def test_places_beyond_our_names(app: Flask, loaded: Session, client: FlaskClient) -> None:
    temple = Geocoded("วัดเจดีย์หลวง", geo.Point(lat=18.787, lon=98.9866))
    fake = app.extensions["mapapp_geocoder"] = _Fake((temple,))
    assert "วัดเจดีย์หลวง</strong>" not in page(client, f"q={quote('วัดเจดีย์หลวง')}")
    assert fake.asked == []  # off by default
    app.extensions["mapapp_config"] = app.extensions["mapapp_config"].model_copy(
        update={"geocoder_url": "http://127.0.0.1:9"}
    )
    text = page(client, f"q={quote('วัดเจดีย์หลวง')}")
    assert "วัดเจดีย์หลวง</strong>" in text
    assert "lat=18.787000" in text
    page(client, f"q={quote('เชียงใหม่')}")
    assert fake.asked == ["วัดเจดีย์หลวง"]  # not asked for a name that is ours
    app.extensions["mapapp_geocoder"] = _Fake(None)
    assert "empty" in page(client, "q=zzzzqqqq")
