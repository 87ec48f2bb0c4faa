"""The facilities' API: shapes, paging, clusters, caching, and whatever is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mapapp.facilities import features, queries
from mapapp.facilities.kinds import KINDS
from mapapp.facilities.list_words import kind_words, status_words
from mapapp.facilities.models import STATUSES
from mapapp.facilities.query_params import NearestQuery
from mapapp.web.openapi import GEOJSON
from tests.conftest import NOON
from tests.facilities.build import PAYLOADS, add

API = "/api/v1/facilities"


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    response = client.get(path, query_string=query)
    assert response.status_code == 200, response.text
    assert response.mimetype == GEOJSON
    return response.get_json(force=True)


def test_the_words_are_for_the_codes() -> None:
    assert set(kind_words()) == set(KINDS)
    assert set(status_words()) == set(STATUSES)


def test_nearest(client: FlaskClient, session: Session) -> None:
    far = add(session, lat=18.9, lon=99.0, opening_hours="Mo-Fr 08:30-16:30; PH off", verified_at=NOON, beds=5)
    near = add(session, lat=18.81, lon=99.0, name_en="Near")
    found = get(client, f"{API}/nearest", lat=18.8, lon=99)
    features.NearestCollection.model_validate(found)
    assert [one["id"] for one in found["features"]] == [near, far]
    facts = found["features"][1]["properties"]
    assert facts["distance_m"] == pytest.approx(geodesic((18.8, 99), (18.9, 99)).m, abs=0.1)
    assert facts["open"] == {
        "is_open": True, "until": "2026-11-20T16:30:00+07:00", "opens_at": None, "reason": "hours",
    }  # fmt: skip
    assert found["features"][0]["properties"]["open"]["is_open"] is None
    assert [one["id"] for one in get(client, f"{API}/nearest", lat=18.8, lon=99, open_now="true")["features"]] == [far]
    assert [one["id"] for one in get(client, f"{API}/nearest", lat=18.8, lon=99, verified="1")["features"]] == [far]
    assert len(get(client, f"{API}/nearest", lat=18.8, lon=99, max_km="5")["features"]) == 1
    assert get(client, f"{API}/nearest", lat=18.8, lon=99, kind="test_site")["features"] == []


def test_nearest_is_kept_by_browsers_not_by_us(client: FlaskClient, session: Session) -> None:
    response = client.get(f"{API}/nearest?lat=18.8&lon=99")
    assert response.headers["Cache-Control"] == "public, max-age=60"
    add(session, lat=18.9, lon=99.0)
    assert len(get(client, f"{API}/nearest", lat=18.8, lon=99)["features"]) == 1


def test_nearest_takes_one_statement(client: FlaskClient, session: Session, query_count: Callable[[], int]) -> None:
    for index in range(30):
        add(session, lat=18.8 + index / 100, lon=99)
    session.commit()
    before = query_count()
    get(client, f"{API}/nearest", lat=18.8, lon=99)
    assert query_count() - before == 1


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("lon=99", "lat", "Fill in"),
        ("lat=99&lon=18", "lon", "swapped"),
        ("lat=13,7&lon=100", "lat", "13.7"),
        ("lat=nan&lon=100", "lat", "number"),
        ("lat=inf&lon=100", "lat", "number"),
        ("lat=48&lon=2", "lon", "outside Thailand"),
        ("lat=18.8&lon=99&limit=1000000000", "limit", "100 or less"),
        ("lat=18.8&lon=99&limit=0", "limit", "1 or more"),
        ("lat=18.8&lon=99&limit=1e9", "limit", "whole number"),
        ("lat=18.8&lon=99&limit=" + "9" * 400, "limit", "too large"),
        ("lat=18.8&lon=99&kind=shop", "kind", "Choose one of"),
        ("lat=18.8&lon=99&open_now=maybe", "open_now", "true or false"),
        ("lat=18.8&lon=99&max_km=-1", "max_km", "greater than 0"),
        ("lat=18.8&lon=99&max_km=nan", "max_km", "number"),
        ("lat=18.8&lon=99&max_km=1e999", "max_km", "number"),
        ("lat=18.8&lat=18.9&lon=99", "lat", "more than once"),
        ("lat=18.8&lon=99&radius=5", "radius", "Unknown parameter"),
    ],
)
def test_nearest_says_what_to_do(client: FlaskClient, query: str, field: str, says: str) -> None:
    response = client.get(f"{API}/nearest?{query}&lang=en")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    errors = {error["field"]: error["detail"] for error in response.get_json(force=True)["errors"]}
    assert says in errors[field]


@pytest.mark.parametrize(
    "query",
    ["bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=105,20,98,6", "bbox=1,2,3,4", "bbox=a,b,c,d", "bbox=nan,6,105,20",
     "bbox=-999,6,105,20", "area=123", "area=ก", "cursor=x", "cursor=-1", "cursor=99999999999999999999", "limit=1001",
     "kind=' OR 1=1", "zoom=3"],
)  # fmt: skip
def test_the_list_says_what_to_do(client: FlaskClient, query: str) -> None:
    response = client.get(f"{API}?{query}")
    assert response.status_code == 400
    assert all(error["detail"] for error in response.get_json(force=True)["errors"])


def test_pages_go_through_everything_once(client: FlaskClient, session: Session) -> None:
    made = [add(session, lat=18 + index / 10, lon=99, kind=KINDS[index % 5]) for index in range(12)]
    seen, cursor = [], None
    for _ in range(4):
        found = get(client, API, limit=5, **({"cursor": cursor} if cursor else {}))
        features.FacilityCollection.model_validate(found)
        seen += [one["id"] for one in found["features"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert seen == made
    assert [one["id"] for one in get(client, API, limit=12)["features"]] == made


def test_list_filters(client: FlaskClient, session: Session) -> None:
    a = add(session, lat=18.5, lon=99.5)
    b = add(session, lat=18.5, lon=99.6, kind="test_site", status="closed")
    add(session, lat=19.5, lon=99.5)

    def ids(**query: Any) -> list[int]:
        return [one["id"] for one in get(client, API, **query)["features"]]

    assert ids(bbox="99,18,100,19") == [a, b]
    assert ids(bbox="99,18,100,19", kind="test_site") == [b]
    assert ids(bbox="99.55,18,100,19") == [b]
    assert client.get(API, query_string={"area": "50"}).status_code == 404, "a code that is not there is told"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    points=st.lists(st.tuples(st.floats(5.6, 20.5), st.floats(97.3, 105.7)), min_size=1, max_size=20),
    corner=st.tuples(st.floats(5.5, 20), st.floats(97.2, 105)),
    size=st.tuples(st.floats(0.01, 15), st.floats(0.01, 9)),
)
def test_a_bbox_is_a_rectangle_of_degrees(
    session: Session, points: list[tuple[float, float]], corner: tuple[float, float], size: tuple[float, float]
) -> None:
    """Great circles bulge; the answer must not."""
    from mapapp.core import geo

    with session.begin_nested() as saved:
        made = {add(session, lat=lat, lon=lon): (lat, lon) for lat, lon in points}
        box = geo.Bbox(west=corner[1], south=corner[0], east=corner[1] + size[1], north=corner[0] + size[0])
        found, _ = queries.in_bbox(session, bbox=box, limit=1000)
        inside = {
            number for number, (lat, lon) in made.items()
            if box.south <= lat <= box.north and box.west <= lon <= box.east
        }  # fmt: skip
        assert {pin.id for pin in found} & set(made) == inside
        saved.rollback()


def test_one(client: FlaskClient, session: Session) -> None:
    number = add(session, lat=18.5, lon=99.5, status="closed", verified_by="อสม. สมชาย", tambon_code=None)
    found = get(client, f"{API}/{number}")
    features.FacilityFeature.model_validate(found)
    assert found["geometry"] == {"type": "Point", "coordinates": [99.5, 18.5]}
    assert "สมชาย" not in client.get(f"{API}/{number}").text
    for unknown in ("0", str(number + 1), "9" * 30):
        assert client.get(f"{API}/{unknown}").status_code == 404


def test_the_list_is_cached_until_it_changes(client: FlaskClient, session: Session) -> None:
    first = client.get(API)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(API, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_clusters(client: FlaskClient, session: Session) -> None:
    for index in range(3):
        add(session, lat=18.80 + index / 1000, lon=99.0)
    alone = add(session, lat=10.0, lon=99.0, kind="test_site", name_th="ลำพัง")
    add(session, lat=10.0, lon=99.0, status="closed")
    found = get(client, f"{API}/clusters", zoom=6)
    features.ClusterCollection.model_validate(found)
    single, three = sorted(found["features"], key=lambda one: one["properties"]["count"])
    assert (single["id"], single["properties"]["name_th"]) == (alone, "ลำพัง")
    assert three["properties"] == {"count": 3, "kind": "hospital"}
    assert three["geometry"]["coordinates"] == [99.0, 18.801]
    near = get(client, f"{API}/clusters", zoom=13, bbox="98.9,18.7,99.1,18.9")
    assert [one["properties"]["count"] for one in near["features"]] == [1, 1, 1]
    assert near["truncated"] is False
    assert len(get(client, f"{API}/clusters", zoom=6, kind="test_site")["features"]) == 1
    assert client.get(f"{API}/clusters?zoom=9").status_code == 400
    assert client.get(f"{API}/clusters").status_code == 400


def test_clusters_count_every_pin_once(session: Session) -> None:
    for index in range(200):
        add(session, lat=6 + index % 17 * 0.7, lon=98 + index % 23 * 0.3)
    for zoom in range(0, 13, 3):
        found, _ = queries.clusters(session, zoom=zoom)
        assert sum(one.pins for one in found) == 200
    singles, truncated = queries.clusters(session, zoom=13)
    assert (len(singles), truncated) == (200, False)


def test_too_many_for_one_map(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_SINGLES", 3)
    for _ in range(4):
        add(session, lat=18.8, lon=99)
    singles, truncated = queries.clusters(session, zoom=14)
    assert (len(singles), truncated) == (3, True)


def test_text_comes_as_it_was_typed(client: FlaskClient, session: Session) -> None:
    for payload in PAYLOADS:
        number = add(session, lat=18.8, lon=99, name_th=payload, name_en=payload, address=payload, serves=payload)
        facts = get(client, f"{API}/{number}")["properties"]
        assert {facts[name] for name in ("name_th", "name_en", "address", "serves")} == {payload}


NAMES = st.sampled_from([*NearestQuery.model_fields, "bbox", "cursor", "area", "zoom", "lang", "x"])
VALUES = st.text(max_size=20) | st.sampled_from(
    ["18.8", "99", "13,7", "nan", "-inf", "1e999", "١٣", "\0", "97,5,106,21", "hospital", "50", "true", "9" * 50, "0x1"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from([API, f"{API}/nearest", f"{API}/clusters", "/nearest"]),
    query=st.lists(st.tuples(NAMES, VALUES), max_size=6),
)
def test_whatever_is_asked_is_answered(client: FlaskClient, path: str, query: list[tuple[str, str]]) -> None:
    response = client.get(f"{path}?{urlencode(query, errors='surrogatepass')}")
    assert response.status_code in (200, 400), response.text
