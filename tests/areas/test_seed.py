"""The first data: true facts, names from geothai, cells that are a valid coverage."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapapp.areas import queries, service
from mapapp.areas.models import BANDS, Area, AreaShape
from mapapp.areas.seed import SEED
from mapapp.areas.voronoi import cells
from tests.areas.drawing import drawn, write


def facts() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_first_data(session: Session) -> None:
    report = service.seed(session)
    assert (report.tambons, report.skipped) == (397, [])
    counts = session.execute(select(Area.level, func.count()).group_by(Area.level).order_by(Area.level)).all()
    assert counts == [("amphoe", 45), ("province", 2), ("tambon", 397)]
    assert session.scalar(select(func.count()).select_from(Area).where(~Area.approximate)) == 0
    assert session.scalar(select(func.count()).select_from(AreaShape)) == 444 * len(BANDS)
    chiang_mai = queries.get(session, "50")
    assert (chiang_mai.name_th, chiang_mai.name_en) == ("เชียงใหม่", "Chiang Mai")
    rows = facts()
    assert chiang_mai.population == sum(int(r["population"]) for r in rows if r["code"].startswith("50"))
    # Real sizes: 22,135 and 7,873 km². The cells must be of that order, or figures per area would mislead.
    assert 19_000 < chiang_mai.area_km2 < 26_000
    assert 6_800 < queries.get(session, "45").area_km2 < 9_000


def test_every_point_lies_in_its_own_cell(session: Session) -> None:
    service.seed(session)
    outside = text("SELECT code FROM areas WHERE level = 'tambon' AND NOT ST_Covers(boundary, point::geometry)")
    assert session.execute(outside).all() == []
    for row in facts()[::40]:
        found = queries.get(session, row["code"])
        assert (round(found.point.lat, 3), round(found.point.lon, 3)) == (
            float(row["lat"]),
            float(row["lon"]),
        )


def test_seeding_again_changes_nothing(session: Session) -> None:
    look = text("SELECT a.*, ST_AsText(boundary) FROM areas a ORDER BY code")
    service.seed(session)
    first = session.execute(look).all()
    service.seed(session)
    assert session.execute(look).all() == first


def test_official_boundaries_are_not_overwritten(session: Session, tmp_path: Path) -> None:
    service.import_boundaries(session, [write(tmp_path / "a.geojson", drawn())], service.ImportOptions())
    report = service.seed(session)
    assert report.skipped == ["50"]
    assert not queries.get(session, "500101").approximate
    assert queries.get(session, "45").approximate


def test_official_boundaries_replace_the_cells_and_keep_the_people(session: Session, tmp_path: Path) -> None:
    service.seed(session)
    before = queries.get(session, "500101").population
    options = service.ImportOptions(drop_vanished=True)
    service.import_boundaries(session, [write(tmp_path / "a.geojson", drawn())], options)
    found = queries.get(session, "500101")
    assert (found.approximate, found.population) == (False, before)


spots = st.tuples(st.integers(0, 400), st.integers(0, 400))


@settings(max_examples=40, deadline=None)
@given(st.lists(spots, min_size=4, max_size=30, unique=True))
def test_cells_are_a_coverage_and_each_holds_its_point(grid: list[tuple[int, int]]) -> None:
    """On a grid of 0.003° (about 300 m), so that points are as far apart as reference points can be near."""
    points = np.asarray(shapely.points(np.array(grid) * 0.003 + (98.0, 18.0)), dtype=object)
    made = cells(points)
    assert shapely.coverage_is_valid(made)
    assert shapely.is_valid(made).all()
    assert shapely.intersects(made, points).all()


@pytest.mark.parametrize("column", ["code", "lat", "lon", "population", "households"])
def test_the_table_is_complete(column: str) -> None:
    assert all(row[column] for row in facts())
