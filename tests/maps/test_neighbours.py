"""The land below our areas, as set-up makes it: small, where it belongs, no sea at borders, nothing off our coast."""

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
    [("Bangkok", 100.5, 13.75), ("Khon Kaen", 102.83, 16.43), ("Surat Thani", 99.0, 9.0), ("Narathiwat", 101.6, 6.2)],
)
def test_a_province_that_is_not_loaded_is_land_and_not_sea(
    land: shapely.Geometry, place: str, lon: float, lat: float
) -> None:
    assert shapely.contains_xy(land, lon, lat), place


@pytest.mark.parametrize(
    ("place", "lon", "lat"),
    [("the Gulf", 101.0, 11.5), ("the Andaman Sea", 97.0, 8.5), ("Pattaya's beach", 100.88, 12.93),
     ("Hua Hin's beach", 99.96, 12.57), ("Songkhla's beach", 100.6, 7.21)],
)  # fmt: skip
def test_the_sea_is_not_and_nothing_grey_shows_off_our_own_coast(
    land: shapely.Geometry, place: str, lon: float, lat: float
) -> None:
    assert not shapely.contains_xy(land, lon, lat), place


@pytest.mark.parametrize(("lon", "lat"), [(98.58, 16.7), (102.72, 17.87), (102.5, 13.66), (100.4, 6.5)])
def test_no_sea_shows_along_a_border(land: shapely.Geometry, lon: float, lat: float) -> None:
    """Mae Sot, Nong Khai, Aranyaprathet, Sadao: all around them is land."""
    assert shapely.contains(land, shapely.Point(lon, lat).buffer(0.03))
