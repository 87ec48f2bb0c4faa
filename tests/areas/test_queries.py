"""Lookup by point, code and name on drawn areas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.models import Area
from mapapp.areas.search import search
from mapapp.core import geo
from mapapp.core.errors import NotFound
from mapapp.facilities.models import Facility
from tests.areas.drawing import NORTH, WEST, centre


@pytest.mark.parametrize(("square", "code"), [((0, 0), "500101"), ((2, 1), "500102"), ((1, 2), "500203")])
def test_a_point_lies_in_its_tambon_amphoe_and_province(loaded: Session, square: tuple[int, int], code: str) -> None:
    lat, lon = centre(*square)
    found = queries.area_at(loaded, geo.Point(lat=lat, lon=lon))
    assert found is not None
    assert found.exact
    assert (found.tambon.code, found.amphoe.code, found.province.code) == (code, code[:4], code[:2])


def test_a_border_belongs_to_the_lower_code(loaded: Session) -> None:
    found = queries.area_at(loaded, geo.Point(lat=18.95, lon=98.2))
    assert found is not None
    assert (found.tambon.code, found.exact) == ("500101", True)


@pytest.mark.parametrize(("metres", "code"), [(300, "500101"), (4_900, "500101"), (5_200, None), (50_000, None)])
def test_a_pier_belongs_to_the_nearest_tambon(loaded: Session, metres: float, code: str | None) -> None:
    """West of the drawn areas; a degree of longitude at 18.95° N is 105.3 km."""
    found = queries.area_at(loaded, geo.Point(lat=18.95, lon=WEST - metres / 105_320))
    assert (found.tambon.code if found else None) == code
    assert found is None or not found.exact


def test_reads_by_code(loaded: Session) -> None:
    assert [area.code for area in queries.children(loaded, None)] == ["50"]
    assert [area.code for area in queries.children(loaded, "50")] == ["5001", "5002"]
    assert queries.children(loaded, "500101") == []
    assert [area.level for area in queries.path_of(loaded, "500203")] == ["province", "amphoe", "tambon"]
    box = queries.bounds(loaded, "500203")
    assert (box.west, box.north, box.south) == pytest.approx((WEST, NORTH - 0.2, NORTH - 0.3))
    assert queries.bounds(loaded) == queries.bounds(loaded, "50")
    for read in (queries.get, queries.path_of, queries.bounds):
        with pytest.raises(NotFound):
            read(loaded, "999999")


def test_bounds_of_nothing_are_thailand(session: Session) -> None:
    assert queries.bounds(session) == geo.Bbox(geo.WEST, geo.SOUTH, geo.EAST, geo.NORTH)


def test_scope_is_a_prefix_of_the_code(loaded: Session) -> None:
    inside = select(Area.code).where(queries.scope(Area.code, "5001")).order_by(Area.code)
    assert list(loaded.scalars(inside)) == ["5001", "500101", "500102"]
    everything = loaded.scalars(select(Area.code).where(queries.scope(Area.code, None))).all()
    assert len(everything) == 6


def test_scope_uses_the_index(loaded: Session) -> None:
    loaded.execute(text("SET LOCAL enable_seqscan = off"))
    statement = select(Facility.id).where(queries.scope(Facility.tambon_code, "5001"))
    sql = str(statement.compile(loaded.get_bind(), compile_kwargs={"literal_binds": True}))
    plan = "\n".join(loaded.execute(text("EXPLAIN " + sql.replace("%%", "%"))).scalars())
    assert "ix_facilities_tambon_code" in plan


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ศรีภูมิ", "500101"),
        ("ต.ศรีภูมิ", "500101"),
        ("ตำบลศรีภูมิ", "500101"),
        ("ตำบล ศรีภูมิ อำเภอเมืองเชียงใหม่ จังหวัดเชียงใหม่", "500101"),
        ("เชียงใหม่, เมือง, ศรีภูมิ", "500101"),
        ("ศรีพูมิ", "500101"),
        ("ศรภูมิ", "500101"),
        ("si phum", "500101"),
        ("Siphum", "500101"),
        ("Sri Phum", "500101"),
        ("SI PHUM chiang mai", "500101"),
        ("500101", "500101"),
        ("TH5001", "5001"),
        ("๕๐", "50"),
        ("อ.เมือง", "5001"),
        ("mueang chiang mai", "5001"),
        ("เชียงใหม่", "50"),
        ("chiang mai province", "50"),
        ("ชียงใหม่", "50"),
        ("บ้านหลวง", "500203"),
        ("จอมทองง", "5002"),
    ],
)
def test_names_as_people_type_them(loaded: Session, typed: str, code: str) -> None:
    found = search(loaded, typed)
    assert [place.code for place in found][:1] == [code]


def test_an_exact_name_comes_before_its_beginning_and_similar_ones(loaded: Session) -> None:
    found = search(loaded, "เชียงใหม่")
    assert [place.code for place in found] == ["50", "5001"]
    assert found[0].score == 1.0 > found[1].score
    assert [area.code for area in found[1].path] == ["50"]
    tambon = queries.get(loaded, "50")
    assert found[0].point == tambon.point


def test_what_is_nothing_finds_nothing(loaded: Session) -> None:
    for typed in ("", "   ", "...", "zzzzqqqq", "999999", "๙๙", "%", "_", "\\", "'; DROP TABLE areas; --", "ต."):
        assert search(loaded, typed) == []


def test_a_search_takes_at_most_five_statements(loaded: Session, query_count: Callable[[], int]) -> None:
    before = query_count()
    assert search(loaded, "ต.ศรีภูมิ อ.เมือง จ.เชียงใหม่")
    assert query_count() - before <= 5


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=250))
def test_any_text_can_be_searched_for(loaded: Session, typed: str) -> None:
    found = search(loaded, typed, 3)
    assert len(found) <= 3
    assert all(0 < place.score <= 1 for place in found)
