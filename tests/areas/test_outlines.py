"""Boundaries within a number of bytes: neighbours stay edge to edge whatever is left out."""

from __future__ import annotations

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from mapapp.areas.models import BANDS
from mapapp.areas.outlines import outlines
from tests.data import small_country


def test_all_areas_of_a_level_inside_an_area(session: Session) -> None:
    small_country(session)
    assert list(outlines(session, level="tambon", within="9001", most_bytes=100_000)) == ["900101", "900102"]
    assert list(outlines(session, level="amphoe", most_bytes=100_000)) == ["9001", "9002"]
    assert outlines(session, level="tambon", within="91", most_bytes=100_000) == {}


def test_neighbours_stay_edge_to_edge(session: Session) -> None:
    small_country(session)
    shapes = shapely.from_geojson(list(outlines(session, level="tambon", most_bytes=100_000).values()))
    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).geom_type == "Polygon"


def test_the_finest_band_that_fits_is_taken(session: Session) -> None:
    """Each band has twice the vertices of the coarser one, so that their sizes differ."""
    small_country(session)
    for step, band in enumerate(BANDS):
        session.execute(
            text("UPDATE area_shapes SET shape = ST_Segmentize(shape, :step) WHERE band = :band"),
            {"step": 12_000 / 2**step, "band": band},
        )
    sizes = [
        sum(map(len, outlines(session, level="tambon", most_bytes=most).values()))
        for most in (0, 1_000, 1_700, 1_000_000)
    ]
    assert sizes == sorted(set(sizes))
    for most, size in zip((1_000, 1_700), sizes[1:3], strict=True):
        assert size <= most
