"""Below zoom 7 the map shows counts by province: each facility once, at a point inside, with the province's box."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.core import geo
from mapapp.facilities import features, queries
from mapapp.facilities.by_province import by_province
from mapapp.facilities.console import queries as console
from mapapp.facilities.console.query_params import Filters
from mapapp.facilities.freshness import DEFAULT
from tests import data
from tests.conftest import NOON
from tests.facilities.build import add

CLUSTERS = "/api/v1/facilities/clusters"


@pytest.fixture
def two_provinces(session: Session) -> Session:
    """90, with four tambons, and 91 far away with one; a facility at sea."""
    data.small_country(session)  # with a hospital in 900101
    for code in ("91", "9101", "910101"):
        data.add_area(session, code, (102.0, 16.0, 103.0, 17.0), name_th=f"เขต {code}", name_en=f"Area {code}")
    for code in ("900201", "900202", "910101"):
        add(session, lat=16.5, lon=102.5, tambon_code=code)
    add(session, lat=16.5, lon=102.5, tambon_code="910101", kind="test_site")
    add(session, lat=16.5, lon=102.5, tambon_code="910101", status="closed")
    add(session, lat=8.0, lon=99.0, name_th="บนเรือ")
    return session


def test_each_facility_counts_in_its_province_wherever_the_view_ends(
    client: FlaskClient, two_provinces: Session
) -> None:
    answer = client.get(f"{CLUSTERS}?zoom=6")
    found = answer.get_json(force=True)
    features.ClusterCollection.model_validate(found)
    counted = {one["properties"].get("area_code"): one for one in found["features"]}
    assert {code: one["properties"]["count"] for code, one in counted.items()} == {"90": 3, "91": 2, None: 1}
    assert counted[None]["properties"]["name_th"] == "บนเรือ", "what lies in no tambon is not left out"
    assert counted["90"]["properties"]["name_en"] == "Test Province"
    assert counted["90"]["properties"]["kind"] == "hospital"
    assert counted["91"]["properties"]["kind"] is None
    assert counted["90"]["bbox"] == pytest.approx([100.0, 14.0, 100.2, 14.2], abs=0.01)
    west, south, east, north = counted["90"]["bbox"]
    lon, lat = counted["90"]["geometry"]["coordinates"]
    assert west < lon < east
    assert south < lat < north
    west_alone = client.get(f"{CLUSTERS}?zoom=6&bbox=99,13,100.15,15").get_json(force=True)["features"]
    assert [one["properties"]["count"] for one in west_alone] == [3]
    sites = client.get(f"{CLUSTERS}?zoom=3&kind=test_site").get_json(force=True)["features"]
    assert [(one["properties"]["area_code"], one["properties"]["count"]) for one in sites] == [("91", 1)]
    assert client.get(f"{CLUSTERS}?zoom=6", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    below = client.get(f"{CLUSTERS}?zoom=7").get_json(force=True)["features"]
    assert not any("area_code" in one["properties"] for one in below)
    assert sum(one["properties"]["count"] for one in below) == 6


def test_a_province_without_shapes_has_its_point_for_a_box(two_provinces: Session) -> None:
    (found,) = (one for one in by_province(two_provinces, []) if one.code == "91")
    assert found.box == (102.5, 16.5, 102.5, 16.5)
    assert queries.clusters(two_provinces, zoom=0)[0]


def test_the_consoles_filters_are_counted_by_province(two_provinces: Session) -> None:
    def counted(area: str, **filters: str) -> dict[str, int]:
        conditions = console.matching(Filters(**filters), area, DEFAULT, NOON)
        return {one.code: one.pins for one in by_province(two_provinces, conditions)}

    assert counted("TH") == {"90": 3, "91": 2}
    assert counted("TH", kind="test_site") == {"91": 1}
    assert counted("TH", status="closed") == {"91": 1}
    assert counted("9002") == {"90": 2}


def test_a_map_begins_with_thailand_unless_a_small_part_is_loaded(session: Session) -> None:
    data.small_country(session)
    assert areas.frame(session) == areas.bounds(session, "90")
    assert areas.frame(session, "9001") == areas.bounds(session, "9001")
    data.add_area(session, "91", (102.0, 18.0, 105.0, 19.0), name_th="เลย", name_en="Loei")
    assert areas.frame(session) == geo.THAILAND
    assert areas.frame(session, "91") == areas.bounds(session, "91")
