"""Facilities counted by province, for maps on which whole provinces are small."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from geoalchemy2 import Geometry
from sqlalchemy import and_, case, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from mapapp.areas.models import BANDS, Area, AreaShape
from mapapp.core import geo
from mapapp.facilities.models import Facility

LEVEL = "province"

_POINT: Any = cast(Area.point, Geometry("POINT", geo.SRID))


class Counted(NamedTuple):
    """How many facilities there are in a province, and where the province is."""

    code: str
    name_th: str
    name_en: str
    lat: float
    lon: float
    """A point inside it."""
    box: tuple[float, float, float, float]
    """West, south, east, north of it in degrees."""
    pins: int
    kind: str | None
    """The kind they share, if they do."""


def by_province(
    session: Session, wanted: Iterable[ColumnElement[bool]], *, bbox: geo.Bbox | None = None
) -> list[Counted]:
    """The facilities that ``wanted`` holds for, by province; those that lie in no tambon are not among them.

    Args:
        bbox: only provinces whose point lies in it; all their facilities count.
    """
    code = func.left(Facility.tambon_code, 2)
    kind: Any = func.min(Facility.kind)
    counts = (
        select(
            code.label("code"),
            func.count().label("pins"),
            case((kind == func.max(Facility.kind), kind)).label("kind"),
        )
        .where(*wanted, Facility.tambon_code.is_not(None))
        .group_by(code)
        .cte("counts")
    )
    lat, lon = func.ST_Y(_POINT), func.ST_X(_POINT)
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    # The box of the coarsest shape: those of the boundaries themselves would be read with megabytes.
    statement = (
        select(Area.code, Area.name_th, Area.name_en, lat, lon, *(edge(AreaShape.shape) for edge in edges))
        .add_columns(counts.c.pins, counts.c.kind)
        .join(counts, counts.c.code == Area.code)
        .outerjoin(AreaShape, and_(AreaShape.code == Area.code, AreaShape.band == BANDS[0], AreaShape.level == LEVEL))
        .where(Area.level == LEVEL)  # 77 rows, where the planner expects as many counts as there are areas
        .order_by(Area.code)
    )
    if bbox is not None:
        statement = statement.where(lat.between(bbox.south, bbox.north), lon.between(bbox.west, bbox.east))
    return [_counted(*row) for row in session.execute(statement)]


def _counted(
    code: str, name_th: str, name_en: str, lat: float, lon: float, west: float | None, south: float, east: float,
    north: float, pins: int, kind: str | None,
) -> Counted:  # fmt: skip
    box = (lon, lat, lon, lat) if west is None else (*_degrees(west, south), *_degrees(east, north))
    return Counted(code, name_th, name_en, lat, lon, box, pins, kind)


def _degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place in Web Mercator."""
    return math.degrees(x / geo.EARTH_M), math.degrees(math.atan(math.sinh(y / geo.EARTH_M)))
