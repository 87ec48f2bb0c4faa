"""The land of Thailand and its neighbours, from Natural Earth (npm's ``world-atlas``, public domain) to a small GeoJSON
geometry.

Maps draw it grey below everything of ours, so that neither a border with another country nor one with a province that
is not loaded looks like a coast. It is made at set-up, together with the other browser assets (``assets.py``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

THAILAND = "764"
"""Its number in ISO 3166-1."""

SHOWN = shapely.box(78, -6, 125, 32)
"""As far as a map can be moved, in degrees."""

SHORE = 0.03
"""Degrees by which Thailand's own land keeps away from the sea: its coast and ours differ by up to two kilometres, and
nothing grey is to show beyond our areas, which are drawn on top."""

NEAR, NEAR_STEP, FAR_STEP = 0.7, 0.012, 0.06
"""In the box so many degrees around Thailand, outlines keep bends of NEAR_STEP degrees; farther away of FAR_STEP."""

MOST_BYTES = 60_000


def countries(path: Path) -> dict[str, Any]:
    """The countries of a TopoJSON file by their numbers, as shapely geometries in degrees."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale, translate = (np.array(topology["transform"][name]) for name in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> Any:
        # A negative number is the arc ~number backwards; each begins where the one before ended.
        parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(rings: list[list[int]]) -> Any:
        # An island or a lake smaller than the file's grid has become a line.
        outline, *holes = [found for found in map(ring, rings) if len(found) > 3] or [None]
        return shapely.make_valid(shapely.Polygon(outline, holes), method="structure", keep_collapsed=False)

    made: dict[str, Any] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry.get("arcs") and geometry.get("id"):
            parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
            made[geometry["id"]] = shapely.union_all([polygon(part) for part in parts])
    return made


def neighbours(path: Path) -> Any:
    """The land of all countries as far as maps show it, Thailand's a little short of its own coast."""
    known = countries(path)
    thailand = known.pop(THAILAND)
    others = shapely.union_all([shapely.clip_by_rect(one, *SHOWN.bounds) for one in known.values()])
    sea = shapely.difference(SHOWN, shapely.union(others, thailand))
    land = shapely.union(shapely.simplify(others, NEAR_STEP / 4), shapely.difference(thailand, sea.buffer(SHORE)))
    near = shapely.box(*thailand.buffer(NEAR).bounds)
    parts = [
        shapely.simplify(shapely.clip_by_rect(land, *near.bounds), NEAR_STEP),
        shapely.simplify(shapely.difference(shapely.simplify(land, FAR_STEP), near), FAR_STEP),
    ]
    joined = shapely.set_precision(shapely.union_all(parts), 0.001)
    polygons = shapely.get_parts(joined)
    size, is_near = shapely.area(polygons), shapely.intersects(polygons, near)
    seen = (size > FAR_STEP**2) | (is_near & (size > NEAR_STEP**2))
    return shapely.multipolygons([_without_ponds(part) for part in polygons[seen]])


def _without_ponds(part: Any) -> Any:
    return shapely.Polygon(part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > FAR_STEP**2])


def write(source: Path, target: Path) -> None:
    """Writes the land as one GeoJSON geometry with coordinates of three decimals.

    Raises:
        RuntimeError: it is larger than maps can afford: another edition draws more.
    """
    rings = [
        [[[round(x, 3), round(y, 3)] for x, y in ring.coords] for ring in (part.exterior, *part.interiors)]
        for part in neighbours(source).geoms
    ]
    made = json.dumps({"type": "MultiPolygon", "coordinates": rings}, separators=(",", ":"))
    if len(made) > MOST_BYTES:
        raise RuntimeError(f"the land of the maps takes {len(made)} bytes; {MOST_BYTES} are allowed")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(made, encoding="ascii")
