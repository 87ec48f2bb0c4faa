"""Reads of the facilities room: one, a page of many, and clusters for the map. The nearest are in ``nearest.py``."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from geoalchemy2 import Geography, Geometry
from sqlalchemy import Select, and_, case, cast, func, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from mapapp.areas.queries import scope
from mapapp.core import geo
from mapapp.facilities import fields
from mapapp.facilities.by_province import Counted, by_province
from mapapp.facilities.models import Facility

_GEOMETRY: Any = cast(Facility.point, Geometry("POINT", 4326))
_LON: Any = func.ST_X(_GEOMETRY)
_LAT: Any = func.ST_Y(_GEOMETRY)


Facts = TypeVar("Facts", bound=NamedTuple)


def _with_stored(facts: type[Facts]) -> type[Facts]:
    """The same tuple with the columns of the table of fields at its end."""
    more: Any = namedtuple  # its fields by name, which types cannot say
    made: type[Facts] = more(facts.__name__, (*facts._fields, *fields.STORED), module=facts.__module__)
    made.__doc__ = facts.__doc__
    return made


@_with_stored
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
    phone_more: str | None
    opening_hours: str | None
    status: str
    status_at: datetime | None
    closed_from: datetime | None
    closed_until: datetime | None
    closed_reason: str | None
    confirmed_at: datetime | None
    doubtful_at: datetime | None
    verified_at: datetime | None
    is_example: bool
    source: str
    source_as_of: date | None
    version: int


PUBLIC: tuple[Any, ...] = tuple(
    {"lat": _LAT.label("lat"), "lon": _LON.label("lon")}.get(name, getattr(Facility, name, None))
    for name in Pin._fields
)
"""The columns of ``Pin``, in its order."""


# One, and many --------------------------------------------------------------------------------------------------


def get(session: Session, facility_id: int) -> Pin | None:
    """One facility, closed ones too; None where there is none."""
    if not 0 < facility_id < 2**63:
        return None
    row = session.execute(select(*PUBLIC).where(Facility.id == facility_id)).one_or_none()
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
    """A page of facilities by id, all statuses, and the cursor of the next page (None on the last).

    Duplicates that were merged into another pin are no facilities any more.
    """
    wanted = [*_narrowed(bbox, kind), Facility.merged_into.is_(None)]
    if area is not None:
        wanted.append(scope(Facility.tambon_code, area))
    if cursor is not None:
        wanted.append(Facility.id > cursor)
    rows = session.execute(select(*PUBLIC).where(*wanted).order_by(Facility.id).limit(limit + 1)).all()
    pins = [Pin._make(row) for row in rows[:limit]]
    return pins, pins[-1].id if len(rows) > limit else None


def inside(session: Session, area: str | None, *, kind: str | None = None, most: int) -> tuple[list[Pin], int]:
    """The facilities of an area that are not closed, by id, and how many there are beyond ``most``.

    Args:
        area: None for the whole country.
        kind: None for every kind.
        most: so many are read at most.
    """
    area_too = scope(Facility.tambon_code, area)
    wanted = [*_narrowed(None, kind), area_too, Facility.merged_into.is_(None), Facility.status != "closed"]
    total = session.scalar(select(func.count()).select_from(Facility).where(*wanted)) or 0
    rows = session.execute(select(*PUBLIC).where(*wanted).order_by(Facility.id).limit(most))
    pins = [Pin._make(row) for row in rows]
    return pins, max(0, total - len(pins))


# For the map ----------------------------------------------------------------------------------------------------

PROVINCES_BELOW_ZOOM = 7
"""Below this zoom pins are counts by province: Thailand fills a frame at zoom 4.5 (a phone's) to 6.3 (a desktop's)."""

SINGLE_FROM_ZOOM = 13
"""From this zoom on every pin is drawn by itself."""

MOST_SINGLES = 500
CELL_PX = 60

_EQUATOR_M = 2 * math.pi * geo.EARTH_M


class Cluster(NamedTuple):
    """Pins in one cell of the map, or in a province: how many, where, and the pin itself where a cell has only one."""

    pins: int
    lat: float
    lon: float
    kind: str | None
    """The kind they share, if they do."""
    pin: Pin | None
    province: Counted | None = None


def clusters(
    session: Session, *, zoom: int, bbox: geo.Bbox | None = None, kind: str | None = None
) -> tuple[list[Cluster], bool]:
    """What the map shows at a zoom: below 7 counts by province, below 13 pins in cells of 60 px, from 13 on each by
    itself.

    A province whose point is in the ``bbox`` counts as a whole. The second value says that there are more pins than the
    ``MOST_SINGLES`` given. Closed places are left out.
    """
    open_ones = Facility.status != literal_column("'closed'")
    wanted = [*_narrowed(bbox, kind), open_ones]
    if zoom < PROVINCES_BELOW_ZOOM:
        counted = by_province(session, [*_narrowed(None, kind), open_ones], bbox=bbox)
        nowhere = _cells(session, [*wanted, Facility.tambon_code.is_(None)], zoom)
        return [*(Cluster(one.pins, one.lat, one.lon, one.kind, None, one) for one in counted), *nowhere], False
    if zoom >= SINGLE_FROM_ZOOM:
        rows = session.execute(select(*PUBLIC).where(*wanted).order_by(Facility.id).limit(MOST_SINGLES + 1)).all()
        pins = [Pin._make(row) for row in rows[:MOST_SINGLES]]
        return [Cluster(1, pin.lat, pin.lon, pin.kind, pin) for pin in pins], len(rows) > MOST_SINGLES
    return _cells(session, wanted, zoom), False


def _cells(session: Session, wanted: Iterable[ColumnElement[bool]], zoom: int) -> list[Cluster]:
    rows = session.execute(_grid(wanted, zoom)).all()
    alone = [row.first_id for row in rows if row.pins == 1]
    found = {pin.id: pin for pin in _pins(session, alone)}
    return [
        Cluster(row.pins, row.lat, row.lon, row.kind, found.get(row.first_id) if row.pins == 1 else None)
        for row in rows
    ]


def _grid(wanted: Iterable[ColumnElement[bool]], zoom: int) -> Select[Any]:
    """Pins counted by cell. Mercator's two formulas are written out: ST_Transform costs ten times as much."""
    cell = _EQUATOR_M / (256 * 2**zoom) * CELL_PX / geo.EARTH_M  # radians
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
    rows = session.execute(select(*PUBLIC).where(Facility.id == func.any(ids)))
    return [Pin._make(row) for row in rows]
