"""Vector tiles from PostGIS, one statement each, so that the bare statement can be run and measured by itself.

Coordinates inside a tile are Web Mercator (EPSG:3857). An area's name travels once, on a point of its own in the
layer ``<level>_label``: on the polygons it would be repeated in every tile that the area touches, and drawn as often.
A polygon's id is its code (which never begins with 0); nothing else is on it, for words are half of a national tile.
Other programs style and ask polygons, so for them (``kind``) each polygon carries its names and figures, too.
"""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from mapapp.areas.models import BANDS, LEVELS
from mapapp.core import geo

MAX_ZOOM = BANDS[-1]
"""Tiles end here; browsers stretch them beyond."""

AREA_LAYERS = (*LEVELS, "areas")
LAYERS = (*AREA_LAYERS, "facilities")

DRAWN_FROM = {"province": 0, "amphoe": 6, "tambon": 9}
"""The tile zoom from which a level's lines are on the base map (layer ``areas``)."""

LABELLED_FROM = {"province": 0, "amphoe": 6, "tambon": 9}
"""The tile zoom from which there is room for a level's names; below it a national tile would be mostly names."""

CLUSTERED_BELOW = 13
"""The tile zoom from which every facility is drawn by itself."""

CELLS = 8
"""Clusters are counted in cells of this many to a tile's side."""

EXTENT = 2048
"""Steps along a tile's side: four to a pixel where a tile is shown 512 pixels wide, two on a fine screen."""

COARSE_EXTENT, COARSE_TO = 1024, 5
"""The same up to this zoom. These tiles hold thousands of areas each and are the whole country's first view: half the
steps are a sixth of its bytes, and still two to a pixel."""

BUFFER = 1 / 64
"""The part of a tile's side that shapes reach beyond it, so that no line is drawn along its edge (8 pixels)."""

# Web Mercator by its formula: ST_Transform loads PROJ in every new connection, ten times the cost of a whole tile.
_PLACE = """ST_SetSRID(ST_MakePoint(
        6378137 * radians(ST_X({table}.point::geometry)),
        6378137 * ln(tan(pi() / 4 + radians(ST_Y({table}.point::geometry)) / 2))), 3857)"""

_POLYGONS = """
coalesce((
    SELECT ST_AsMVT(f, '{level}', {extent}, 'geom', 'id')
    FROM (
        SELECT s.code::int AS id,
               ST_AsMVTGeom(s.shape, ST_TileEnvelope(:z, :x, :y), {extent}, {buffer}) AS geom
        FROM area_shapes s
        WHERE s.band = :band AND s.level = '{level}'
          AND s.shape && ST_TileEnvelope(:z, :x, :y, margin => 0.015625)
    ) f WHERE f.geom IS NOT NULL
), ''::bytea)"""

FIGURES = ("nearest_km", "within_share_5", "within_share_10", "within_share_20", "facilities", "per_10000")
"""The figures of coverage that a polygon carries for other programs."""

_TOLD = """
coalesce((
    SELECT ST_AsMVT(f, '{level}', {extent}, 'geom', 'id')
    FROM (
        SELECT s.code::int AS id, s.code, a.name_th, a.name_en, a.population, {figures},
               ST_AsMVTGeom(s.shape, ST_TileEnvelope(:z, :x, :y), {extent}, {buffer}) AS geom
        FROM area_shapes s
        JOIN areas a ON a.code = s.code
        LEFT JOIN coverage c ON c.area_code = s.code AND c.kind = :kind
        WHERE s.band = :band AND s.level = '{level}'
          AND s.shape && ST_TileEnvelope(:z, :x, :y, margin => 0.015625)
    ) f WHERE f.geom IS NOT NULL
), ''::bytea)""".replace("{figures}", ", ".join(f"c.{name}" for name in FIGURES))

# A point on the edge belongs to the tile right of or below it, to one only: half-open intervals.
_NAMES = """
coalesce((
    SELECT ST_AsMVT(f, '{level}_label', {extent}, 'geom', 'id')
    FROM (
        SELECT p.id, p.code, p.name_th, p.name_en, ST_AsMVTGeom(p.place, p.box, {extent}, 0, false) AS geom
        FROM (
            SELECT a.code::int AS id, a.code, a.name_th, a.name_en, t.box, {place} AS place
            FROM (SELECT ST_TileEnvelope(:z, :x, :y) AS box) t
            JOIN area_shapes s ON s.band = :band AND s.level = '{level}' AND s.shape && t.box
            JOIN areas a ON a.code = s.code
        ) p
        WHERE ST_X(p.place) >= ST_XMin(p.box) AND ST_X(p.place) < ST_XMax(p.box)
          AND ST_Y(p.place) > ST_YMin(p.box) AND ST_Y(p.place) <= ST_YMax(p.box)
    ) f WHERE f.geom IS NOT NULL
), ''::bytea)"""


def _areas(layer: str, z: int, polygons: str) -> TextClause:
    levels = [level for level in LEVELS if z >= DRAWN_FROM[level]] if layer == "areas" else [layer]
    extent = COARSE_EXTENT if z <= COARSE_TO else EXTENT
    parts = [polygons.replace("{buffer}", str(int(extent * BUFFER))).replace("{level}", level) for level in levels]
    parts += [
        _NAMES.replace("{level}", level).replace("{place}", _PLACE.replace("{table}", "a"))
        for level in levels
        if z >= LABELLED_FROM[level]
    ]
    return text("SELECT " + " || ".join(parts).replace("{extent}", str(extent)))


AREA_TILES = {(layer, z): _areas(layer, z, _POLYGONS) for layer in AREA_LAYERS for z in range(MAX_ZOOM + 1)}
"""The statement of each layer at each zoom; made of the constants above only."""

TOLD_TILES = {(layer, z): _areas(layer, z, _TOLD) for layer in AREA_LAYERS for z in range(MAX_ZOOM + 1)}
"""The same with names and the figures of one kind on the polygons."""

# The index is asked with degrees (``_degrees``), the tile's half-open box decides.
FACILITY_TILE = text(
    """
WITH tile AS (
    SELECT box, (ST_XMax(box) - ST_XMin(box)) / :cells AS cell
    FROM (SELECT ST_TileEnvelope(:z, :x, :y) AS box) b
),
pins AS (
    SELECT f.id, f.kind, f.name_th, f.name_en, {place} AS place,
           -- A closure that is planned has not begun, one whose end has passed is over.
           CASE WHEN f.status = 'temporarily_closed' AND (f.closed_from > now() OR f.closed_until <= now())
                THEN 'open' ELSE f.status END AS status
    FROM facilities f
    WHERE f.status <> 'closed' AND f.point && ST_MakeEnvelope(:west, :south, :east, :north, 4326)::geography
),
cells AS (
    SELECT count(*) AS count, min(p.id) AS id, min(p.kind) AS kind, min(p.name_th) AS name_th,
           min(p.name_en) AS name_en, min(p.status) AS status,
           ST_SetSRID(ST_MakePoint(avg(ST_X(p.place)), avg(ST_Y(p.place))), 3857) AS place
    FROM tile, pins p
    WHERE ST_X(p.place) >= ST_XMin(box) AND ST_X(p.place) < ST_XMax(box)
      AND ST_Y(p.place) > ST_YMin(box) AND ST_Y(p.place) <= ST_YMax(box)
    GROUP BY CASE WHEN :clustered THEN floor(ST_X(p.place) / cell) ELSE p.id END,
             CASE WHEN :clustered THEN floor(ST_Y(p.place) / cell) ELSE 0 END
)
SELECT coalesce(ST_AsMVT(f, 'facilities', 4096, 'geom', 'id'), ''::bytea)
FROM (
    SELECT CASE WHEN c.count = 1 THEN c.id END AS id, c.count,
           CASE WHEN c.count = 1 THEN c.kind END AS kind, CASE WHEN c.count = 1 THEN c.name_th END AS name_th,
           CASE WHEN c.count = 1 THEN c.name_en END AS name_en, CASE WHEN c.count = 1 THEN c.status END AS status,
           ST_AsMVTGeom(c.place, tile.box, 4096, 0, false) AS geom
    FROM cells c, tile
) f WHERE f.geom IS NOT NULL
""".replace("{place}", _PLACE.replace("{table}", "f"))
)


def _degrees(z: int, x: int, y: int) -> dict[str, float]:
    """The tile's box in degrees, a hair wider, cut to Thailand: the whole world has no edges on a sphere."""

    def lat(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))

    west, south = max(geo.WEST, x / 2**z * 360 - 180), max(geo.SOUTH, lat(y + 1))
    east, north = min(geo.EAST, (x + 1) / 2**z * 360 - 180), min(geo.NORTH, lat(y))
    hair = 1e-7
    return {
        "west": west - hair,
        "south": south - hair,
        "east": max(west, east) + hair,
        "north": max(south, north) + hair,
    }


def statement(layer: str, *, z: int, x: int, y: int, kind: str | None = None) -> tuple[TextClause, dict[str, Any]]:
    """The one statement that makes a tile, and its parameters.

    Args:
        layer: one of ``LAYERS``.
        kind: of a layer of areas, the kind of facility whose figures its polygons carry, with their names; None:
            polygons have their codes alone, as ids.
    """
    if layer == "facilities":
        cells = {"cells": CELLS, "clustered": z < CLUSTERED_BELOW}
        return FACILITY_TILE, {"z": z, "x": x, "y": y, **cells, **_degrees(z, x, y)}
    place = {"z": z, "x": x, "y": y, "band": next(band for band in BANDS if band >= z)}
    return (AREA_TILES[layer, z], place) if kind is None else (TOLD_TILES[layer, z], {**place, "kind": kind})


def tile(session: Session, layer: str, *, z: int, x: int, y: int, kind: str | None = None) -> bytes:
    """A Mapbox vector tile; empty where there is nothing. ``kind`` as for ``statement``."""
    sql, parameters = statement(layer, z=z, x=x, y=y, kind=kind)
    return bytes(session.execute(sql, parameters).scalar_one())
