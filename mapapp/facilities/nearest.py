"""The nearest facilities to a point; stale ones are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import ClauseElement, Float, Integer, and_, bindparam, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from mapapp import database
from mapapp.areas import queries as areas
from mapapp.core import geo
from mapapp.facilities import freshness, hours
from mapapp.facilities.models import Facility
from mapapp.facilities.queries import PUBLIC, Pin
from mapapp.facilities.query_params import NearestForm, NearestQuery


@dataclass(frozen=True, slots=True)
class Found:
    """A facility, how far it is and whether it is open. ``measure`` leaves room for distance by road."""

    pin: Pin
    distance_m: float
    state: hours.OpenState
    measure: str = "straight_line"


SPHERE_TO_ELLIPSOID = 0.994
"""A distance on WGS 84 is never less than this part of PostGIS's distance on its sphere, within Thailand.

``<->`` on geography orders by the sphere of radius (2a + b)/3 = 6,371,009 m; along the meridian at 5.5° N the
ellipsoid is shorter by 0.55 %, which is the most it can be between 5° and 21° N."""

NEARBY_KM = 100
"""Up to this radius the statement itself keeps to it. Beyond, the planner would rather sort half the country than
walk the index, and the walk ends at the limit anyway."""

SPARE = 8
"""Rows fetched beyond the limit: enough, as a rule, to know that no later one is nearer on the ellipsoid."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The answer: the nearest first, and how many stale ones that lie nearer than its last were left out.

    Where fewer than asked for were found, every stale one within the radius counts as left out.
    """

    found: list[Found]
    left_out: int = 0


@dataclass(frozen=True)
class Wanted:
    """What a person searches for. ``stale``: also facilities that were not confirmed recently."""

    kinds: tuple[str, ...] = ()
    open_now: bool = False
    verified: bool = False
    stale: bool = False
    max_km: float | None = None

    @classmethod
    def of(cls, query: NearestQuery | NearestForm) -> Wanted:
        """What a query string asks for, of the API or of the page."""
        return cls(
            kinds=() if query.kind is None else (query.kind,),
            open_now=bool(query.open_now),
            verified=bool(query.verified),
            stale=bool(query.stale),
            max_km=query.max_km,
        )

    @property
    def reach(self) -> float:
        """Metres; infinite where there is no bound."""
        return math.inf if self.max_km is None else self.max_km * 1000


def suits(
    *, kinds: int, open_now: bool, verified: bool, within: bool, stale: bool | None
) -> Sequence[ColumnElement[bool]]:
    """The conditions of ``nearest_sql``, by the same places. ``stale``: only such, only others, or (None) either."""
    wanted: list[ColumnElement[bool]] = [
        # Said as the partial indexes say it, one for each kind: so a rare kind is not searched for among the others.
        Facility.status != literal_column("'closed'"),
        or_(
            Facility.status.in_(
                [literal_column("'open'")] if open_now else [literal_column("'open'"), literal_column("'full'")]
            ),
            and_(
                Facility.status == literal_column("'temporarily_closed'"),
                or_(Facility.closed_until <= bindparam("now"), Facility.closed_from > bindparam("now")),
            ),
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
        wanted.append(func.ST_DWithin(Facility.point, _ORIGIN, bindparam("reach")))
    if stale is not None:
        bound = freshness.fresh_from_sql()
        undated = Facility.confirmed_at.is_(None)
        wanted.append(or_(undated, Facility.confirmed_at < bound) if stale else Facility.confirmed_at >= bound)
    return wanted


_ORIGIN: Any = cast(
    func.ST_SetSRID(func.ST_MakePoint(bindparam("lon"), bindparam("lat")), literal_column(str(geo.SRID))),
    Geography("POINT", geo.SRID),
)


def compiled(statement: ClauseElement) -> str:
    dialect = PGDialect_psycopg2()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return str(statement.compile(dialect=dialect))


@lru_cache(maxsize=64)
def nearest_sql(
    *, kinds: int = 0, open_now: bool = False, verified: bool = False, within: bool = False, fresh: bool = False
) -> str:
    """The one statement behind ``nearest``, as psycopg2 takes it.

    Its places: ``%(lon)s``, ``%(lat)s``, ``%(count)s``, ``%(now)s``; ``%(kind)s`` with ``kinds=1``, ``%(kinds)s``
    (an array) with more; with ``open_now`` ``%(shut)s``, an array of opening hours that are closed now; with
    ``within`` ``%(reach)s``, metres; with ``fresh`` those of ``freshness.places``.
    Its columns: those of ``Pin``, then metres on the ellipsoid and on the sphere.
    """
    sphere: Any = Facility.point.op("<->", return_type=Float())(_ORIGIN)
    conditions = suits(kinds=kinds, open_now=open_now, verified=verified, within=within, stale=False if fresh else None)
    return compiled(
        select(*PUBLIC, func.ST_Distance(Facility.point, _ORIGIN).label("metres"), sphere.label("on_sphere"))
        .where(*conditions)
        .order_by(sphere)
        .limit(bindparam("count", type_=Integer))
    )


@lru_cache(maxsize=64)
def _left_out_sql(*, kinds: int, open_now: bool, verified: bool, within: bool) -> str:
    """How many stale ones suit, by their opening hours; the places are those of ``nearest_sql``."""
    conditions = suits(kinds=kinds, open_now=open_now, verified=verified, within=within, stale=True)
    return compiled(select(Facility.opening_hours, func.count()).where(*conditions).group_by(Facility.opening_hours))


def nearest(
    session: Session,
    point: geo.Point,
    wanted: Wanted = Wanted(),
    *,
    limit: int = 10,
    lifetimes: freshness.Lifetimes = freshness.DEFAULT,
    now: datetime,
) -> Nearest:
    """The nearest facilities, by the geodesic on WGS 84, then by id.

    Closed places are never answered, temporarily closed ones only before the closure begins and from the time they
    open again; full ones are, marked as full. With ``open_now`` only places that are known to be open at ``now`` and
    are not full. Stale ones are left out and counted, unless they are wanted.

    The index gives candidates in the order of the sphere. They are sorted by their true distance here, and where
    that leaves a doubt about the last of them (or places were passed over) more are fetched. Stale ones are passed
    over here as long as they are few; where they are many, the database passes them over.
    """
    current = lifetimes.fresh_from(now)
    values = places(point, wanted, now, lifetimes) | {"count": limit + SPARE}
    shut: set[str] = set()
    passing = not wanted.stale  # stale ones are fetched and passed over
    in_sql = False
    while True:
        rows = _rows(session, wanted, values, shut, fresh=in_sql)
        # Whatever was not fetched is further away than this.
        horizon = rows[-1][-1] * SPHERE_TO_ELLIPSOID if len(rows) == values["count"] else math.inf
        near = sorted((row for row in rows if row[-2] <= wanted.reach), key=_distance_and_id)
        if wanted.open_now:
            near = [row for row in near if _takes_people(row, now, shut)]
        kept = near if in_sql or not passing else [row for row in near if _is_current(row, current)]
        settled = len(kept) >= limit and kept[limit - 1][-2] < horizon
        if settled or horizon > wanted.reach or horizon == math.inf:
            break
        if passing and not in_sql and len(kept) < len(near):
            in_sql = True
        else:
            values["count"] *= 4
    given = kept[:limit]
    last = (given[-1][-2], given[-1][0]) if len(given) == limit else (math.inf, 0)
    left_out = 0
    if in_sql:
        left_out = _left_out(session, wanted, values, shut, last[0], now)
    elif passing:
        before = {row[0] for row in kept}
        left_out = sum(1 for row in near if row[0] not in before and _distance_and_id(row) < last)
    pins = ((Pin._make(row[:-2]), row[-2]) for row in given)
    return Nearest([Found(pin, metres, hours.state(pin, now)) for pin, metres in pins], left_out)


def nearest_or_old(
    session: Session, point: geo.Point, wanted: Wanted, *, limit: int, lifetimes: freshness.Lifetimes, now: datetime
) -> tuple[Nearest, bool]:
    """``nearest``, and where all were left out as stale, those: an old list, said to be old, is better than none.

    Returns the answer, and whether it is of stale facilities that were not asked for.
    """
    found = nearest(session, point, wanted, limit=limit, lifetimes=lifetimes, now=now)
    if found.found or not found.left_out:
        return found, False
    return nearest(session, point, replace(wanted, stale=True), limit=limit, lifetimes=lifetimes, now=now), True


def refuse_outside(session: Session, point: geo.Point, answer: Nearest, field_name: str = "lat") -> None:
    """Refuses a point outside the area of this service, whose nearest facility would be another country's.

    Asked only where nothing was found close by: the usual answer costs nothing more.

    Raises:
        Invalid: beside ``field_name``.
    """
    close_by = bool(answer.found) and answer.found[0].distance_m <= areas.reach_m(session)
    if not close_by and areas.outside(session, point):
        raise areas.outside_problem(session, field_name)


_CONFIRMED = Pin._fields.index("confirmed_at")
_KIND = Pin._fields.index("kind")


def _is_current(row: tuple[Any, ...], current: dict[str, datetime]) -> bool:
    confirmed_at = row[_CONFIRMED]
    return confirmed_at is not None and confirmed_at >= current[row[_KIND]]


def places(
    point: geo.Point, wanted: Wanted, now: datetime, lifetimes: freshness.Lifetimes = freshness.DEFAULT
) -> dict[str, Any]:
    """The values of the places in these statements."""
    values: dict[str, Any] = {"lon": point.lon, "lat": point.lat, "now": now, "reach": wanted.reach}
    if wanted.kinds:
        values["kind"], values["kinds"] = wanted.kinds[0], list(wanted.kinds)
    return values | freshness.places(lifetimes, now)


def _rows(
    session: Session, wanted: Wanted, values: dict[str, Any], shut: set[str], *, fresh: bool
) -> list[tuple[Any, ...]]:
    sql = nearest_sql(
        kinds=min(len(wanted.kinds), 2),
        open_now=wanted.open_now,
        verified=wanted.verified,
        within=wanted.max_km is not None and wanted.max_km <= NEARBY_KM,
        fresh=fresh,
    )
    # An empty array has no type of its own; this is no opening hours.
    return database.driver_rows(session, sql, values | {"shut": sorted(shut) or [""]})


def _left_out(
    session: Session, wanted: Wanted, values: dict[str, Any], shut: set[str], metres: float, now: datetime
) -> int:
    """How many stale ones lie nearer than so many metres, and would be answered if they were not stale."""
    reach = min(metres, wanted.reach)
    sql = _left_out_sql(
        kinds=min(len(wanted.kinds), 2),
        open_now=wanted.open_now,
        verified=wanted.verified,
        within=reach < math.inf,
    )
    rows = database.driver_rows(session, sql, values | {"reach": reach, "shut": sorted(shut) or [""]})
    if wanted.open_now:
        rows = [row for row in rows if hours.state_of("open", row[0], None, now).takes_people]
    return sum(row[1] for row in rows)


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
