"""Reads of the areas room: by point and by code; and the one predicate for “inside this area”."""

from __future__ import annotations

import json
from typing import Any, Literal

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, Row, Select, cast, func, select, text, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from mapapp.areas.models import COUNTRY, Area, AreaShape, Village
from mapapp.areas.names import normalise
from mapapp.areas.results import AreaName, AreaPath, AreaRow
from mapapp.core import geo
from mapapp.core.errors import N_, FieldProblem, Invalid, Message, NotFound
from mapapp.core.problem_types import OUTSIDE_AREA

__all__ = [
    "AreaName",
    "AreaPath",
    "AreaRow",
    "area_at",
    "bounds",
    "children",
    "frame",
    "geojson",
    "get",
    "listed",
    "names",
    "normalise",
    "outside",
    "outside_problem",
    "outside_said",
    "path_of",
    "reach_m",
    "scope",
    "with_parents",
]

REACH_METRES = 5_000
"""A point this near to a tambon counts as in it where none holds it (piers, fishing grounds, seams of generalised
borders), unless the setting ``tambon_reach_m`` says otherwise. Farther away it is outside the service."""

OUTSIDE = N_(
    "This location is outside the area of this service: more than %(km)s km from every known tambon. Check "
    "the point or the numbers, or enter the tambon and the village. In an emergency, call 1669."
)

VILLAGE_DIGITS = 8

SIMPLE_BAND = 10
"""The band of ``area_shapes`` (about 40 m) that ``geometry=simple`` shows."""

AT_SQL = text("""
WITH here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point),
inside AS (
    SELECT a.code, true AS exact FROM areas a, here
    WHERE a.level = 'tambon' AND ST_Covers(a.boundary, here.point) ORDER BY a.code LIMIT 1
),
near AS (
    -- A degree has at least 103 km here, so this box holds every boundary within reach.
    SELECT a.code, false AS exact FROM areas a, here
    WHERE NOT EXISTS (SELECT FROM inside) AND a.level = 'tambon'
      AND a.boundary && ST_Expand(here.point, CAST(:reach AS float8) / 103000)
      AND ST_DWithin(a.boundary::geography, here.point::geography, :reach)
    ORDER BY ST_Distance(a.boundary::geography, here.point::geography), a.code LIMIT 1
),
found AS (SELECT * FROM inside UNION ALL SELECT * FROM near)
SELECT a.code, a.level, a.name_th, a.name_en, found.exact
FROM found JOIN areas a ON a.code IN (found.code, left(found.code, 4), left(found.code, 2))
ORDER BY a.code
""")


def scope(column: InstrumentedAttribute[Any] | ColumnElement[Any], code: str | None) -> ColumnElement[bool]:
    """“Inside this area”: the column holds a code that starts with ``code``; ``TH`` or None is the whole country.

    The one place that builds this predicate. ``code`` is a parsed area code (digits), so nothing needs escaping.
    """
    return true() if code in (None, COUNTRY) else column.like(f"{code}%")


def get(session: Session, code: str) -> AreaRow:
    """One area.

    Raises:
        NotFound: no area has this code.
    """
    row = session.execute(_rows().where(Area.code == code)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no area with the code %(code)s."), code=code)
    return _area(row)


def listed(
    session: Session, *, level: str | None, within: str | None, limit: int, after: str | None = None
) -> list[AreaRow]:
    """Areas of a level inside an area, by code, from after a code on."""
    statement = _rows().where(scope(Area.code, within)).order_by(Area.code).limit(limit)
    if level is not None:
        statement = statement.where(Area.level == level)
    if after is not None:
        statement = statement.where(Area.code > after)
    return [_area(row) for row in session.execute(statement)]


def children(session: Session, code: str | None) -> list[AreaRow]:
    """The areas right below an area, or the provinces (``TH`` or None), by code."""
    above = Area.parent_code.is_(None) if code in (None, COUNTRY) else Area.parent_code == code
    return [_area(row) for row in session.execute(_rows().where(above).order_by(Area.code))]


def path_of(session: Session, code: str) -> list[AreaName]:
    """The area and those it lies in, the province first.

    Raises:
        NotFound: no area has this code.
    """
    codes = [code[:length] for length in (2, 4, 6) if length <= len(code)]
    statement = select(Area.code, Area.level, Area.name_th, Area.name_en).where(Area.code.in_(codes))
    found = [AreaName(*row) for row in session.execute(statement.order_by(Area.code))]
    if not found or found[-1].code != code:
        raise NotFound(N_("There is no area with the code %(code)s."), code=code)
    return found


def names(session: Session, codes: set[str]) -> dict[str, AreaName]:
    """The names of these areas and (by their 8 digits) villages, by code; an unknown one is absent."""
    statement = select(Area.code, Area.level, Area.name_th, Area.name_en).where(Area.code.in_(codes))
    found = {row.code: AreaName(*row) for row in session.execute(statement)} if codes else {}
    villages = [code for code in codes if len(code) == VILLAGE_DIGITS]
    if villages:
        named = select(Village.code, Village.name_th, Village.name_en).where(Village.code.in_(villages))
        found |= {row[0]: AreaName(row[0], "village", row[1], row[2] or "") for row in session.execute(named)}
    return found


def with_parents(session: Session, codes: set[str]) -> dict[str, AreaName]:
    """The names of these areas and of those above them, by code."""
    return names(session, {code[:length] for code in codes for length in (2, 4, 6)})


def area_at(session: Session, point: geo.Point) -> AreaPath | None:
    """The tambon, amphoe and province of a point; a point on a border belongs to the lower code.

    Where no boundary holds it, the nearest tambon within ``reach_m`` is taken and ``exact`` is False; None where there
    is none: the point is outside the area of this service, or no areas are loaded.
    """
    rows = session.execute(AT_SQL, {"lat": point.lat, "lon": point.lon, "reach": reach_m(session)}).all()
    if len(rows) != 3:
        return None
    province, amphoe, tambon = (AreaName(row.code, row.level, row.name_th, row.name_en) for row in rows)
    return AreaPath(tambon=tambon, amphoe=amphoe, province=province, exact=rows[0].exact)


def outside(session: Session, point: geo.Point) -> bool:
    """Whether a point is outside the area of this service. Without any areas this is unknown: False."""
    if area_at(session, point) is not None:
        return False
    return session.execute(select(Area.code).where(Area.level == "tambon").limit(1)).first() is not None


def reach_m(session: Session) -> int:
    """How many metres outside every tambon a point may lie and still count for the nearest one; sessions carry it."""
    metres: int = session.info.get("tambon_reach_m", REACH_METRES)
    return metres


def outside_said(session: Session) -> Message:
    """The message for a person whose point is ``outside``."""
    return Message(OUTSIDE, {"km": f"{reach_m(session) / 1000:g}"})


def outside_problem(session: Session, field_name: str) -> Invalid:
    """The refusal of a point that is ``outside``, beside this field."""
    return Invalid([FieldProblem(field_name, outside_said(session))], kind=OUTSIDE_AREA)


def bounds(session: Session, code: str | None = None) -> geo.Bbox:
    """The rectangle around an area, or (``TH`` or None) around everything that is loaded (Thailand, where nothing is).

    Raises:
        NotFound: no area has this code.
    """
    box = func.ST_Extent(Area.boundary)
    corners = [edge(cast(box, Geometry)) for edge in (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)]
    whole = code in (None, COUNTRY)
    chosen = Area.level == "province" if whole else Area.code == code
    found = session.execute(select(*corners).where(chosen)).one()
    if found[0] is not None:
        return geo.Bbox(*found)
    if code is None:
        return geo.Bbox(geo.WEST, geo.SOUTH, geo.EAST, geo.NORTH)
    raise NotFound(N_("There is no area with the code %(code)s."), code=code)


def frame(session: Session, code: str | None = None) -> geo.Bbox:
    """What fills a map's frame at first: an area; or (``TH`` or None) Thailand, and where only a part of it is loaded
    that is less than half as wide and as high, that part.

    Raises:
        NotFound: no area has this code.
    """
    found, whole = bounds(session, code), geo.THAILAND
    if code not in (None, COUNTRY):
        return found
    is_wide = found.east - found.west >= (whole.east - whole.west) / 2
    return whole if is_wide or found.north - found.south >= (whole.north - whole.south) / 2 else found


def geojson(session: Session, code: str, detail: Literal["simple", "full"]) -> dict[str, Any] | None:
    """A boundary as a GeoJSON geometry: simplified to about 40 m, or as it was loaded."""
    if detail == "full":
        statement = select(func.ST_AsGeoJSON(Area.boundary, 6)).where(Area.code == code)
    else:
        shape = func.ST_AsGeoJSON(func.ST_Transform(AreaShape.shape, geo.SRID), 5)
        statement = select(shape).where(AreaShape.code == code, AreaShape.band == SIMPLE_BAND)
    found = session.execute(statement).scalar_one_or_none()
    return json.loads(found) if found else None


def _rows() -> Select[Any]:
    point = cast(Area.point, Geometry)
    return select(
        Area.code,
        Area.level,
        Area.parent_code,
        Area.name_th,
        Area.name_en,
        func.ST_Y(point).label("lat"),
        func.ST_X(point).label("lon"),
        Area.area_km2,
        Area.approximate,
        Area.source,
        Area.source_as_of,
        Area.population,
        Area.households,
        Area.population_source,
        Area.population_as_of,
    )


def _area(row: Row[Any]) -> AreaRow:
    values = row._asdict()
    point = geo.Point(lat=values.pop("lat"), lon=values.pop("lon"))
    return AreaRow(point=point, **values)
