"""Reads of the facilities room: the nearest, one, a page of many, and clusters for the map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from geoalchemy2 import Geography, Geometry
from sqlalchemy import Float, Integer, Select, and_, bindparam, case, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from mapapp import db, geo
from mapapp.areas.queries import scope
from mapapp.facilities import hours
from mapapp.facilities.models import Facility

_GEOMETRY: Any = cast(Facility.point, Geometry("POINT", 4326))
_LON: Any = func.ST_X(_GEOMETRY)
_LAT: Any = func.ST_Y(_GEOMETRY)


class Pin(NamedTuple):
    """A facility's public facts, as they are stored; latitude and longitude in degrees."""

    id: int
    kind: str
    name_th: str
    name_en: str | None
    lat: float
    lon: float
    tambon_code: str | None
    address: str | None
    phone: str | None
    opening_hours: str | None
    serves: str | None
    beds: int | None
    beds_free: int | None
    doses_per_day: int | None
    tests_per_day: int | None
    status: str
    closed_until: datetime | None
    verified_at: datetime | None
    is_example: bool
    source: str
    source_as_of: date | None
    version: int


_PUBLIC: tuple[Any, ...] = tuple(
    {"lat": _LAT.label("lat"), "lon": _LON.label("lon")}.get(name, getattr(Facility, name, None))
    for name in Pin._fields
)


@dataclass(frozen=True, slots=True)
class Found:
    """A facility, how far it is and whether it is open. ``measure`` leaves room for distance by road."""

    pin: Pin
    distance_m: float
    state: hours.OpenState
    measure: str = "straight_line"


# Nearest --------------------------------------------------------------------------------------------------------

SPHERE_TO_ELLIPSOID = 0.994
"""A distance on WGS 84 is never less than this part of PostGIS's distance on its sphere, within Thailand.

``<->`` on geography orders by the sphere of radius (2a + b)/3 = 6,371,009 m; along the meridian at 5.5° N the
ellipsoid is shorter by 0.55 %, which is the most it can be between 5° and 21° N."""

NEARBY_KM = 100
"""Up to this radius the statement itself keeps to it. Beyond, the planner would rather sort half the country than
walk the index, and the walk ends at the limit anyway."""

SPARE = 8
"""Rows fetched beyond the limit: enough, as a rule, to know that no later one is nearer on the ellipsoid."""


@lru_cache(maxsize=64)
def nearest_sql(*, kinds: int = 0, open_now: bool = False, verified: bool = False, within: bool = False) -> str:
    """The one statement behind ``nearest``, as psycopg2 takes it.

    Its places: ``%(lon)s``, ``%(lat)s``, ``%(count)s``, ``%(now)s``; ``%(kind)s`` with ``kinds=1``, ``%(kinds)s``
    (an array) with more; with ``open_now`` ``%(shut)s``, an array of opening hours that are closed now; with
    ``within`` ``%(reach)s``, metres.
    Its columns: those of ``Pin``, then metres on the ellipsoid and on the sphere.
    """
    origin = cast(
        func.ST_SetSRID(func.ST_MakePoint(bindparam("lon"), bindparam("lat")), literal_column(str(geo.SRID))),
        Geography("POINT", geo.SRID),
    )
    sphere: Any = Facility.point.op("<->", return_type=Float())(origin)
    wanted = [
        # Said as the partial indexes say it, one for each kind: so a rare kind is not searched for among the others.
        Facility.status != literal_column("'closed'"),
        or_(
            Facility.status.in_(
                [literal_column("'open'")] if open_now else [literal_column("'open'"), literal_column("'full'")]
            ),
            and_(Facility.status == literal_column("'temporarily_closed'"), Facility.closed_until <= bindparam("now")),
        ),
    ]
    if kinds == 1:
        wanted.append(Facility.kind == bindparam("kind"))
    elif kinds > 1:
        wanted.append(Facility.kind == func.any(bindparam("kinds")))
    if verified:
        wanted.append(Facility.verified_at.is_not(None))
    if open_now:
        wanted.append(Facility.opening_hours.is_not(None))
        wanted.append(Facility.opening_hours != func.all(bindparam("shut")))
    if within:
        wanted.append(func.ST_DWithin(Facility.point, origin, bindparam("reach")))
    statement = (
        select(*_PUBLIC, func.ST_Distance(Facility.point, origin).label("metres"), sphere.label("on_sphere"))
        .where(*wanted)
        .order_by(sphere)
        .limit(bindparam("count", type_=Integer))
    )
    dialect = PGDialect_psycopg2()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return str(statement.compile(dialect=dialect))


def nearest(
    session: Session,
    point: geo.Point,
    *,
    kinds: Sequence[str] = (),
    limit: int = 10,
    open_now: bool = False,
    verified: bool = False,
    max_km: float | None = None,
    now: datetime,
) -> list[Found]:
    """The nearest facilities, by the geodesic on WGS 84, then by id.

    Closed places are never answered, temporarily closed ones not before the time they open again; full ones are,
    marked as full. With ``open_now`` only places that are known to be open at ``now`` and are not full.

    The index gives candidates in the order of the sphere. They are sorted by their true distance here, and where
    that leaves a doubt about the last of them (or closed places were passed over) more are fetched.
    """
    within = max_km is not None and max_km <= NEARBY_KM
    sql = nearest_sql(kinds=len(kinds), open_now=open_now, verified=verified, within=within)
    values: dict[str, Any] = {"lon": point.lon, "lat": point.lat, "now": now, "count": limit + SPARE}
    if kinds:
        values["kind"], values["kinds"] = kinds[0], list(kinds)
    reach = values["reach"] = math.inf if max_km is None else max_km * 1000
    shut: set[str] = set()
    while True:
        # An empty array has no type of its own; this is no opening hours.
        values["shut"] = sorted(shut) or [""]
        rows = db.driver_rows(session, sql, values)
        # Whatever was not fetched is further away than this.
        horizon = rows[-1][-1] * SPHERE_TO_ELLIPSOID if len(rows) == values["count"] else math.inf
        near = sorted((row for row in rows if row[-2] <= reach), key=_distance_and_id)
        if open_now:
            near = [row for row in near if _takes_people(row, now, shut)]
        settled = len(near) >= limit and near[limit - 1][-2] < horizon
        if settled or horizon > reach or horizon == math.inf:
            break
        values["count"] *= 4
    pins = ((Pin._make(row[:-2]), row[-2]) for row in near[:limit])
    return [Found(pin, metres, hours.state(pin, now)) for pin, metres in pins]


def _distance_and_id(row: tuple[Any, ...]) -> tuple[float, int]:
    return row[-2], row[0]


def _takes_people(row: tuple[Any, ...], now: datetime, shut: set[str]) -> bool:
    """Whether this row's place is open now; where its hours say no, they are noted for the next statement."""
    pin = Pin._make(row[:-2])
    if hours.state(pin, now).takes_people:
        return True
    if pin.opening_hours:
        shut.add(pin.opening_hours)
    return False


# One, and many --------------------------------------------------------------------------------------------------


def get(session: Session, facility_id: int) -> Pin | None:
    """One facility, closed ones too; None where there is none."""
    if not 0 < facility_id < 2**63:
        return None
    row = session.execute(select(*_PUBLIC).where(Facility.id == facility_id)).one_or_none()
    return None if row is None else Pin._make(row)


def _in_bbox(bbox: geo.Bbox) -> ColumnElement[bool]:
    """Inside the rectangle of degrees, by the index of the points.

    Geography's ``&&`` compares boxes around the globe's centre. In Thailand (97–106° E) their sides are reached at
    the rectangle's corners, so none of its points is missed; the comparison of degrees then takes out the rest.
    """
    box = func.ST_MakeEnvelope(bbox.west, bbox.south, bbox.east, bbox.north, geo.SRID)
    indexed: Any = Facility.point.op("&&")(cast(box, Geography("POLYGON", geo.SRID)))
    return and_(indexed, _LON.between(bbox.west, bbox.east), _LAT.between(bbox.south, bbox.north))


def _narrowed(bbox: geo.Bbox | None, kind: str | None) -> list[ColumnElement[bool]]:
    wanted = [] if bbox is None else [_in_bbox(bbox)]
    if kind is not None:
        wanted.append(Facility.kind == kind)
    return wanted


def in_bbox(
    session: Session,
    *,
    bbox: geo.Bbox | None = None,
    kind: str | None = None,
    area: str | None = None,
    limit: int = 100,
    cursor: int | None = None,
) -> tuple[list[Pin], int | None]:
    """A page of facilities by id, all statuses, and the cursor of the next page (None on the last)."""
    wanted = _narrowed(bbox, kind)
    if area is not None:
        wanted.append(scope(Facility.tambon_code, area))
    if cursor is not None:
        wanted.append(Facility.id > cursor)
    rows = session.execute(select(*_PUBLIC).where(*wanted).order_by(Facility.id).limit(limit + 1)).all()
    pins = [Pin._make(row) for row in rows[:limit]]
    return pins, pins[-1].id if len(rows) > limit else None


# For the map ----------------------------------------------------------------------------------------------------

SINGLE_FROM_ZOOM = 13
"""From this zoom on every pin is drawn by itself."""

MOST_SINGLES = 500
CELL_PX = 60

_EQUATOR_M = 2 * math.pi * 6_378_137


class Cluster(NamedTuple):
    """Pins in one cell of the map: how many, the middle of them, and the pin itself where there is one."""

    pins: int
    lat: float
    lon: float
    kind: str | None
    """The kind they share, if they do."""
    pin: Pin | None


def clusters(
    session: Session, *, zoom: int, bbox: geo.Bbox | None = None, kind: str | None = None
) -> tuple[list[Cluster], bool]:
    """What the map shows at a zoom: below 13 pins in cells of 60 px, from 13 on each by itself.

    The second value says that there are more pins than the ``MOST_SINGLES`` given. Closed places are left out.
    """
    wanted = [*_narrowed(bbox, kind), Facility.status != literal_column("'closed'")]
    if zoom >= SINGLE_FROM_ZOOM:
        rows = session.execute(select(*_PUBLIC).where(*wanted).order_by(Facility.id).limit(MOST_SINGLES + 1)).all()
        pins = [Pin._make(row) for row in rows[:MOST_SINGLES]]
        return [Cluster(1, pin.lat, pin.lon, pin.kind, pin) for pin in pins], len(rows) > MOST_SINGLES
    rows = session.execute(_grid(wanted, zoom)).all()
    alone = [row.first_id for row in rows if row.pins == 1]
    found = {pin.id: pin for pin in _pins(session, alone)}
    return [
        Cluster(row.pins, row.lat, row.lon, row.kind, found.get(row.first_id) if row.pins == 1 else None)
        for row in rows
    ], False


def _grid(wanted: Iterable[ColumnElement[bool]], zoom: int) -> Select[Any]:
    """Pins counted by cell. Mercator's two formulas are written out: ST_Transform costs ten times as much."""
    cell = _EQUATOR_M / (256 * 2**zoom) * CELL_PX / 6_378_137  # radians
    points = select(Facility.id, Facility.kind, _LON.label("lon"), _LAT.label("lat")).where(*wanted).subquery()
    x = func.floor(func.radians(points.c.lon) / cell)
    y = func.floor(func.ln(func.tan(math.pi / 4 + func.radians(points.c.lat) / 2)) / cell)
    one_kind: Any = func.min(points.c.kind)
    return (
        select(
            func.count().label("pins"),
            func.min(points.c.id).label("first_id"),
            func.avg(points.c.lat).label("lat"),
            func.avg(points.c.lon).label("lon"),
            case((one_kind == func.max(points.c.kind), one_kind)).label("kind"),
        )
        .group_by(x, y)
        .order_by(x, y)
    )


def _pins(session: Session, ids: list[int]) -> list[Pin]:
    if not ids:
        return []
    rows = session.execute(select(*_PUBLIC).where(Facility.id == func.any(ids)))
    return [Pin._make(row) for row in rows]
