"""The cell of a place: fixed, as wide as few households make it, the same for every place in its square."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.core import geo
from mapapp.help_requests import cells
from tests.data import small_country


@given(st.integers(550, 2059), st.integers(9720, 10579), st.integers(0, 9_999), st.integers(0, 9_999))
def test_every_place_of_a_square_is_in_it(row: int, column: int, up: int, right: int) -> None:
    point = geo.Point(lat=(row * 10_000 + up) / 1_000_000, lon=(column * 10_000 + right) / 1_000_000)
    assert cells.square(point) == (row, column)


@pytest.mark.parametrize(
    ("households", "size"), [(4_000, 1), (600, 2), (150, 4), (30, 0), (None, 0)], ids=str
)  # about 1.2 km² to a square, 119.5 km² to a tambon
def test_an_empty_country_has_wider_cells(session: Session, households: int | None, size: int) -> None:
    small_country(session)
    session.execute(text("UPDATE areas SET households = :number"), {"number": households})
    cell = cells.cell_of(session, geo.Point(lat=14.0573, lon=100.0312))
    assert cell is not None
    assert cell.size == size
    key = {1: "1:1405:10003", 2: "2:1404:10002", 4: "4:1404:10000", 0: "t:900101"}[size]
    assert cell.key == key
    edges = cells.box(key)
    if edges is None:
        assert cell.middle == geo.Point(lat=14.05, lon=100.05)
        return
    west, south, east, north = edges
    assert west <= 100.0312 < east
    assert south <= 14.0573 < north
    assert (cell.middle.lon, cell.middle.lat) == pytest.approx(((west + east) / 2, (south + north) / 2))


def test_a_cell_on_a_border_names_one_tambon_for_both_sides(session: Session) -> None:
    """The true tambon of a place would cut the cell in two, so the one that is told is that of the middle."""
    small_country(session)
    session.execute(text("UPDATE areas SET households = 600"))
    session.execute(
        text("UPDATE areas SET boundary = ST_Multi(ST_MakeEnvelope(100, 14, 100.09, 14.1, 4326)) WHERE code = '900101'")
    )
    session.execute(
        text("UPDATE areas SET boundary = ST_Multi(ST_MakeEnvelope(100.09, 14, 100.2, 14.1, 4326)) WHERE code='900201'")
    )
    west = cells.cell_of(session, geo.Point(lat=14.05, lon=100.0899))
    east = cells.cell_of(session, geo.Point(lat=14.05, lon=100.0901))
    assert west == east
    assert cells.tambon_near(session, geo.Point(lat=14.05, lon=100.0899)) == "900101"
    assert cells.tambon_near(session, geo.Point(lat=14.05, lon=100.0901)) == "900201"


def test_a_place_in_no_tambon_has_the_nearest(session: Session) -> None:
    small_country(session)
    assert cells.tambon_near(session, geo.Point(lat=10.0, lon=100.15)) == "900201"


def test_without_areas_there_are_no_cells(session: Session) -> None:
    assert cells.cell_of(session, geo.Point(lat=14.05, lon=100.05)) is None
