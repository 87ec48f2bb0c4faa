"""Geometry of areas: repair, dissolving, the point that stands for an area, its size, and shapes for each zoom band.

Pure functions over arrays of shapely geometries; no database. Coordinates are degrees on WGS 84 (EPSG:4326) unless
a name says Mercator (EPSG:3857).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from mapapp.areas.models import BANDS

Geometries = npt.NDArray[np.object_]

_EARTH = 6_378_137.0
_WORLD = 2 * np.pi * _EARTH  # metres around the equator in Web Mercator
_TILE = 512  # pixels
_GEOD = pyproj.Geod(ellps="WGS84")
_POLYGONS = (3, 6)  # shapely's type numbers of Polygon and MultiPolygon


def are_polygons(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Which of them are polygons that are not empty."""
    return np.isin(shapely.get_type_id(geometries), _POLYGONS) & ~shapely.is_empty(geometries)


def repaired(geometry: Any) -> Any | None:
    """A valid (multi)polygon that covers the same ground, or None if it is unclear which ground is meant.

    A spike or a touching ring can be repaired without changing the area. A bow-tie cannot: its two halves have opposite
    directions, and the data do not say which half (or both) was meant.
    """
    mended = only_polygons(shapely.make_valid(geometry, method="structure", keep_collapsed=False))
    before, after = shapely.area(geometry), shapely.area(mended)
    if shapely.is_empty(mended) or abs(after - before) > 0.01 * max(before, after):
        return None
    return mended


def only_polygons(geometry: Any) -> Any:
    """The polygons of a collection as one multipolygon; lines and points that a repair left behind are dropped."""
    parts = shapely.get_parts(geometry)
    return shapely.multipolygons(shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), _POLYGONS)]))


def as_multi(geometries: Geometries) -> Geometries:
    """Every polygon as a multipolygon, as the table wants it."""
    single = shapely.get_type_id(geometries) == 3
    made = geometries.copy()
    made[single] = shapely.multipolygons(geometries[single], indices=np.arange(single.sum()))
    return made


def dissolved(codes: Sequence[str], geometries: Geometries, length: int) -> dict[str, Any]:
    """The union of the areas whose codes share the first ``length`` digits, by those digits.

    Neighbours that meet edge to edge are joined by their edges, which is exact and fast; where real data overlap
    or leave slivers, the general union takes over.
    """
    groups: dict[str, list[int]] = {}
    for number, code in enumerate(codes):
        groups.setdefault(code[:length], []).append(number)
    exact = bool(shapely.coverage_is_valid(geometries))
    made: dict[str, Any] = {}
    for code, numbers in groups.items():
        members = geometries[numbers]
        joined = shapely.coverage_union_all(members) if exact else shapely.union_all(members)
        made[code] = only_polygons(joined if shapely.is_valid(joined) else shapely.union_all(members))
    return made


def inner_points(geometries: Geometries) -> Geometries:
    """A point inside the largest part of each: its centroid where that lies inside, else a point on its surface."""
    parts, owners = shapely.get_parts(geometries, return_index=True)
    order = np.lexsort((-shapely.area(parts), owners))
    _, firsts = np.unique(owners[order], return_index=True)
    largest = parts[order][firsts]
    centres = shapely.centroid(largest)
    outside = ~shapely.contains_properly(largest, centres)
    centres[outside] = shapely.point_on_surface(largest[outside])
    return centres


def square_kilometres(geometries: Geometries) -> npt.NDArray[np.float64]:
    """The size of each on the ellipsoid, in km²."""
    sizes = [abs(_GEOD.geometry_area_perimeter(geometry)[0]) / 1e6 for geometry in shapely.normalize(geometries)]
    return np.array(sizes, dtype=np.float64)


def mercator(geometries: Geometries) -> Geometries:
    """From degrees to Web Mercator metres. The same vertex becomes the same vertex, so neighbours stay edge to edge."""

    def project(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        x = np.radians(xy[:, 0]) * _EARTH
        y = np.log(np.tan(np.pi / 4 + np.radians(xy[:, 1]) / 2)) * _EARTH
        return np.column_stack((x, y))

    made: Geometries = shapely.transform(geometries, project)
    return made


def half_pixel(band: int) -> float:
    """Half a pixel of a 512-pixel tile at this zoom, in Web Mercator metres."""
    return float(_WORLD / (_TILE * 2**band) / 2)


def for_bands(geometries: Geometries) -> Iterator[tuple[int, Geometries]]:
    """Each zoom band with all areas of one level simplified for it, in Web Mercator, the most detailed first.

    The areas are simplified together (Visvalingam–Whyatt over shared edges), so neighbours stay edge to edge and
    even the smallest keeps a triangle. Each band starts from the one before it: half a pixel there is an eighth of
    a pixel here, and it saves most of the work.
    """
    shapes = mercator(geometries)
    whole = shapes
    yield BANDS[-1], whole
    for band in reversed(BANDS[:-1]):
        simpler = shapely.coverage_simplify(shapes, half_pixel(band))
        # Real data with overlaps is no coverage, and what comes out may then cross itself.
        bad = np.flatnonzero(~shapely.is_valid(simpler) | shapely.is_empty(simpler))
        for number in bad:
            mended = only_polygons(shapely.make_valid(simpler[number], method="structure", keep_collapsed=False))
            simpler[number] = whole[number] if shapely.is_empty(mended) else mended
        shapes = simpler
        yield band, shapes
