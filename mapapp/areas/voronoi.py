"""Approximate boundaries from reference points alone: Voronoi cells within a sensible reach, one valid coverage.

For the first data, so that the service shows something true enough to try before the official boundaries are
loaded. Everything made here is marked approximate and pages say so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapapp.areas.shapes import Geometries, only_polygons

GRID = 1e-5
"""Degrees (about 1 m) that corners are rounded to, so that neighbours share exactly the same ones."""

_DEGREE_KM = 111.2
NEIGHBOURS = 2
REACH = 0.65
LEAST_KM, MOST_KM = 2.0, 14.0


def cells(points: Geometries) -> Geometries:
    """One multipolygon for each point: the places nearer to it than to another, where people are likely to live.

    A point reaches ``REACH`` times as far as its second-nearest neighbour (2 to 14 km): far in the mountains, where
    tambons are large, near in town. Places that no point reaches belong to nobody, so a province does not swallow
    empty country. Computed on a plane scaled to the points' latitude: distances there are true to about 1 %.
    """
    xy = shapely.get_coordinates(points)
    scale = float(np.cos(np.radians(xy[:, 1].mean())))
    plane = xy * (scale, 1.0)
    reach = _reach(plane)
    sites: Geometries = np.asarray(shapely.points(plane), dtype=object)
    land = shapely.union_all(shapely.buffer(sites, reach, quad_segs=6))
    # A belt around the reach alone would fray the province's edge; closing smooths it and fills small holes.
    smooth = float(np.median(reach))
    land = shapely.buffer(shapely.buffer(land, smooth), -smooth)
    edges = shapely.voronoi_polygons(shapely.multipoints(sites.tolist()), extend_to=land, only_edges=True)
    lines: Geometries = np.array([shapely.intersection(edges, land), shapely.boundary(land)], dtype=object)
    back = shapely.transform(lines, lambda corner: corner / (scale, 1.0))
    # Cut at every crossing first and only then made into faces: two neighbours get the very same edge.
    noded = shapely.union_all(back, grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.transform(shapely.point_on_surface(faces), lambda corner: corner * (scale, 1.0))
    kept = shapely.contains_xy(land, shapely.get_coordinates(inside))
    faces, inside = faces[kept], inside[kept]
    owner = shapely.STRtree(sites.tolist()).nearest(inside)
    return np.array([_joined(faces[owner == number]) for number in range(len(points))], dtype=object)


def _reach(plane: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each point reaches, in degrees of latitude."""
    across = plane[:, None, :] - plane[None, :, :]
    distances = np.sort(np.hypot(across[..., 0], across[..., 1]), axis=1)
    neighbour = distances[:, min(NEIGHBOURS, len(plane) - 1)]
    return np.clip(REACH * neighbour, LEAST_KM / _DEGREE_KM, MOST_KM / _DEGREE_KM)


def _joined(faces: Geometries) -> Any:
    return only_polygons(shapely.coverage_union_all(faces))
