"""The land around Thailand, as set-up makes it: small, where it belongs, and no sea along the borders."""

from __future__ import annotations

import json

import pytest
import shapely

from mapapp.core.config import ROOT

FILE = ROOT / "static" / "vendor" / "land" / "neighbours.json"


@pytest.fixture(scope="module")
def land() -> shapely.Geometry:
    made = shapely.from_geojson(FILE.read_text(encoding="ascii"))
    shapely.prepare(made)
    return made


def test_it_is_small_and_whole(land: shapely.Geometry) -> None:
    assert FILE.stat().st_size <= 60_000
    assert shapely.is_valid(land)
    assert json.loads(FILE.read_text(encoding="ascii"))["type"] == "MultiPolygon"


@pytest.mark.parametrize(
    ("place", "lon", "lat"),
    [("Vientiane", 102.6, 18.05), ("Yangon", 96.15, 16.85), ("Phnom Penh", 104.9, 11.55), ("Ipoh", 101.08, 4.6),
     ("Hanoi", 105.8, 21.0), ("Kunming", 102.7, 25.0), ("Tanintharyi", 99.0, 13.0)],
)  # fmt: skip
def test_neighbours_are_land(land: shapely.Geometry, place: str, lon: float, lat: float) -> None:
    assert shapely.contains_xy(land, lon, lat), place


@pytest.mark.parametrize(
    ("place", "lon", "lat"),
    [("the Gulf", 101.0, 11.5), ("the Andaman Sea", 97.0, 8.5), ("Bangkok", 100.5, 13.75), ("Phuket", 98.35, 7.9)],
)
def test_the_sea_and_our_own_coast_are_not(land: shapely.Geometry, place: str, lon: float, lat: float) -> None:
    assert not shapely.contains_xy(land, lon, lat), place


@pytest.mark.parametrize(("lon", "lat"), [(98.58, 16.7), (102.72, 17.87), (102.5, 13.66), (100.4, 6.5)])
def test_it_reaches_over_the_border_so_that_no_sea_shows_between(
    land: shapely.Geometry, lon: float, lat: float
) -> None:
    """Mae Sot, Nong Khai, Aranyaprathet, Sadao: all around them is land."""
    assert shapely.contains(land, shapely.Point(lon, lat).buffer(0.03))
