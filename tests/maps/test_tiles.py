"""Vector tiles: what is in them, where it lies, what cannot be asked, and that they follow the data."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mapapp.areas.models import BANDS
from mapapp.maps import queries
from tests.maps import grid, mvt


def tile_of(lat: float, lon: float, z: int) -> tuple[int, int]:
    """Column and row of the tile that a place lies in."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**z), int(y * 2**z)


def place_in(lat: float, lon: float, z: int, extent: int) -> tuple[float, float]:
    """Where in its tile a place lies, in steps."""
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return (x % 1) * extent, (y % 1) * extent


def get(client: FlaskClient, layer: str, z: int, x: int, y: int) -> dict[str, mvt.Layer]:
    answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
    assert answer.status_code == 200
    return mvt.read(answer.data)


def codes(layer: mvt.Layer) -> set[str]:
    return {str(feature.id) for feature in layer.features}


def test_a_level_has_its_own_areas_with_the_code_as_id(client: FlaskClient, session: Session) -> None:
    grid.draw_areas(session)
    for level, digits in (("province", 2), ("amphoe", 4), ("tambon", 6)):
        layers = get(client, level, 5, *tile_of(18.7, 99.0, 5))
        assert codes(layers[level]) == {code for code in grid.BOXES if len(code) == digits}
        assert not any(feature.properties for feature in layers[level].features), "our own maps do not pay for them"


def test_names_come_once_for_each_area_over_all_tiles_it_touches(client: FlaskClient, session: Session) -> None:
    grid.draw_areas(session)
    z = 12
    west, north = tile_of(18.9, 98.8, z)
    east, south = tile_of(18.5, 99.2, z)
    seen: list[str] = []
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            labels = get(client, "tambon", z, x, y).get("tambon_label", mvt.Layer())
            seen += [feature.properties["name_th"] for feature in labels.features]
    assert sorted(seen) == [f"เขต {code}" for code in sorted(grid.BOXES) if len(code) == 6]


def test_both_languages_are_on_the_label(client: FlaskClient, session: Session) -> None:
    grid.draw_areas(session)
    labels = get(client, "province", 6, *tile_of(18.7, 99.0, 6))["province_label"]
    assert labels.features[0].properties == {"code": "99", "name_th": "เขต 99", "name_en": "Area 99"}


@pytest.mark.parametrize(
    ("z", "layers"),
    [
        (4, {"province", "province_label"}),
        (6, {"province", "province_label", "amphoe", "amphoe_label"}),
        (9, {"province", "province_label", "amphoe", "amphoe_label", "tambon", "tambon_label"}),
    ],
)
def test_the_base_map_has_what_there_is_room_for(
    client: FlaskClient, session: Session, z: int, layers: set[str]
) -> None:
    grid.draw_areas(session)
    found: set[str] = set()
    for lat, lon in ((18.7, 99.0), (18.6, 98.9), (18.8, 99.1), (18.7, 98.9), (18.7, 99.1)):
        found |= set(get(client, "areas", z, *tile_of(lat, lon, z)))
    assert found == layers


def test_a_corner_lies_where_the_map_puts_it(client: FlaskClient, session: Session) -> None:
    grid.draw_areas(session)
    z = 9
    layer = get(client, "province", z, *tile_of(18.9, 98.8, z))["province"]
    x, y = place_in(18.9, 98.8, z, layer.extent)
    nearest = min(math.hypot(vx - x, vy - y) for vx, vy in layer.features[0].vertices)
    assert nearest <= 1


def test_nothing_there_is_an_empty_tile(client: FlaskClient, session: Session) -> None:
    grid.draw_areas(session)
    answer = client.get("/tiles/areas/8/0/0.mvt")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"


def test_facilities_are_counted_together_and_then_one_by_one(client: FlaskClient, session: Session) -> None:
    first = grid.add_facility(session, lat=18.7, lon=99.0, ref="a", name_th="ก", kind="hospital")
    grid.add_facility(session, lat=18.7005, lon=99.0005, ref="b", name_th="ข", kind="test_site")
    grid.add_facility(session, lat=18.7, lon=99.0, ref="c", status="closed")
    (together,) = get(client, "facilities", 5, *tile_of(18.7, 99.0, 5))["facilities"].features
    assert (together.properties, together.id) == ({"count": 2}, None)
    one_by_one = {
        f.id: f.properties for f in get(client, "facilities", 14, *tile_of(18.7, 99.0, 14))["facilities"].features
    }
    assert one_by_one[first] == {
        "count": 1,
        "kind": "hospital",
        "name_th": "ก",
        "name_en": "Test hospital",
        "status": "open",
    }
    assert len(one_by_one) == 2


@pytest.mark.parametrize("z", [0, 3, 7, 11, 14])
def test_every_facility_is_in_exactly_one_tile(client: FlaskClient, session: Session, z: int) -> None:
    places = [(18.7, 99.0), (13.75, 100.5), (20.4, 99.9), (5.7, 101.1), (15.2, 105.6), (7.0, 100.0)]
    for i, (lat, lon) in enumerate(places):
        grid.add_facility(session, lat=lat, lon=lon, ref=str(i))
    tiles = {tile_of(lat, lon, z) for lat, lon in places}
    around = {(x + dx, y + dy) for x, y in tiles for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    total = 0
    for x, y in around:
        if 0 <= x < 2**z and 0 <= y < 2**z:
            layer = get(client, "facilities", z, x, y).get("facilities", mvt.Layer())
            total += sum(feature.properties["count"] for feature in layer.features)
    assert total == len(places)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/tiles/roads/5/1/1.mvt", "province"),
        ("/tiles/tambon/15/1/1.mvt", "14"),
        ("/tiles/tambon/5/32/1.mvt", "31"),
        ("/tiles/tambon/5/1/32.mvt", "31"),
        ("/tiles/tambon/5/-1/1.mvt", "whole numbers"),
        ("/tiles/tambon/x/1/1.mvt", "whole numbers"),
        ("/tiles/tambon/5/1.5/1.mvt", "whole numbers"),
        ("/tiles/tambon/5/%E0%B9%91/1.mvt", "whole numbers"),
        ("/tiles/tambon/5/99999999999999999999/1.mvt", "whole numbers"),
    ],
)
def test_out_of_range_says_what_there_is(client: FlaskClient, address: str, says: str) -> None:
    answer = client.get(f"{address}?lang=en")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert says in answer.get_json()["detail"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    layer=st.sampled_from([*queries.LAYERS, "", "x", "province_label"]),
    numbers=st.tuples(*[st.one_of(st.integers(-2, 2**15), st.text(max_size=6)) for _ in range(3)]),
)
def test_no_address_breaks_it(client: FlaskClient, layer: str, numbers: tuple[object, object, object]) -> None:
    z, x, y = numbers
    path = "/".join(
        str(part).encode("utf-8", "replace").hex() if isinstance(part, str) else str(part) for part in (z, x, y)
    )
    assert client.get(f"/tiles/{layer}/{path}.mvt").status_code in {200, 308, 404}


def test_a_tile_is_kept_until_the_boundaries_change(client: FlaskClient, session: Session) -> None:
    x, y = tile_of(18.7, 99.0, 5)
    first = client.get(f"/tiles/tambon/5/{x}/{y}.mvt")
    assert first.data == b""
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    same = client.get(f"/tiles/tambon/5/{x}/{y}.mvt", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    grid.draw_areas(session)
    session.commit()
    changed = client.get(f"/tiles/tambon/5/{x}/{y}.mvt", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert len(mvt.read(changed.data)["tambon"].features) == 4


def test_any_origin_may_read_tiles(client: FlaskClient) -> None:
    assert client.get("/tiles/areas/0/0/0.mvt").headers["Access-Control-Allow-Origin"] == "*"


def test_one_statement_makes_a_tile(session: Session, query_count: Callable[[], int]) -> None:
    sql, parameters = queries.statement("areas", z=9, x=396, y=228)
    assert isinstance(session.execute(sql, parameters).scalar_one(), (bytes, memoryview))
    assert query_count() == 1


@pytest.mark.parametrize("z", range(queries.MAX_ZOOM + 1))
def test_shapes_are_never_coarser_than_the_zoom_needs(z: int) -> None:
    _, parameters = queries.statement("tambon", z=z, x=0, y=0)
    assert parameters["band"] >= z
    assert not any(z <= band < parameters["band"] for band in BANDS)
