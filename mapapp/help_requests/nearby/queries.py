"""Open requests near a location. Order, distance and area are those of the cell; nothing of the exact location is read.

Distances are metres on the sphere, as the index orders by them: exact within half a per cent, and shown in whole
kilometres. Each urgency has its own partial index, so the nearest of the most urgent ones are found without sorting a
city: one nearest-neighbour search for each urgency, for as many rows as are shown. Many requests share a cell and
therefore a distance. All rows with the last distance are read (WITH TIES), so that pages by (urgency, distance, number)
leave nothing out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from geoalchemy2 import Geography, Geometry
from sqlalchemy import ColumnElement, Float, cast, exists, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from mapapp.areas.queries import scope
from mapapp.core import geo
from mapapp.core.clock import today
from mapapp.help_requests.labels import URGENCIES
from mapapp.help_requests.models import HelpNeed, HelpRequest
from mapapp.help_requests.nearby.schemas import After
from mapapp.help_requests.public_view import COLUMNS, Known, Need
from mapapp.help_requests.states import is_free, now_in

KM: Final = 1000
_DEGREE_KM: Final = 110.5
"""Length of a degree of latitude in Thailand; rather too short than too long."""


@dataclass(frozen=True)
class Wanted:
    """The search parameters.

    Args:
        at: the point that distances are measured from.
        areas: that must contain the cell's tambon (``TH``: everywhere).
        km: maximum distance.
        kinds: of needs; empty: all.
        after: the end of the previous page.
        limit: maximum number.
    """

    at: geo.Point
    areas: tuple[str, ...]
    km: int
    kinds: frozenset[str] = frozenset()
    after: After | None = None
    limit: int = 20


@dataclass(frozen=True)
class Near(Known):
    """A request with what may be known before a claim."""

    urgency: int
    distance_m: float | None
    lat: float
    lon: float
    """Of the centre of the cell."""
    is_free: bool
    needs: list[Need] = field(default_factory=list)

    @property
    def word(self) -> str:
        """Its urgency, as forms name it."""
        return URGENCIES[self.urgency]

    @property
    def free(self) -> list[Need]:
        return [need for need in self.needs if need.state == "open"]

    @property
    def km(self) -> int:
        """The distance in whole kilometres."""
        return round((self.distance_m or 0) / KM)

    @property
    def after(self) -> After:
        return After(self.urgency, self.distance_m or 0.0, self.id)


def is_open() -> list[ColumnElement[bool]]:
    """SQL condition, as in the partial indexes: open, leading its group, and not held back for an officer's check."""
    return [HelpRequest.closed_at.is_(None), HelpRequest.linked_to.is_(None), HelpRequest.held.is_(False)]


def within(areas: Sequence[str]) -> ColumnElement[bool]:
    """SQL condition: “the cell's tambon lies in one of these areas”."""
    return or_(*(scope(HelpRequest.cell_tambon_code, area) for area in areas))


def box(at: geo.Point, km: float) -> Any:
    """A rectangle slightly larger than the circle, for the index; the distance itself decides."""
    north = km * 1.02 / _DEGREE_KM
    east = north / math.cos(math.radians(min(abs(at.lat) + north, 80)))
    return cast(func.ST_MakeEnvelope(at.lon - east, at.lat - north, at.lon + east, at.lat + north, geo.SRID), Geography)


def near(session: Session, wanted: Wanted, now: datetime) -> tuple[list[Near], bool]:
    """Open requests that can be claimed: the most urgent first, then the nearest; and whether there are more."""
    if not wanted.areas:
        return [], False
    first = wanted.after.urgency if wanted.after else min(URGENCIES)
    parts = [_part(wanted, level, now).subquery() for level in URGENCIES if level >= first]
    found = union_all(*(select(part) for part in parts)).subquery()
    rows = session.execute(
        select(found.c.id, found.c.distance_m)
        .where(found.c.distance_m <= wanted.km * KM)
        .order_by(found.c.urgency, found.c.distance_m, found.c.id)
        .limit(wanted.limit + 1)
    ).all()
    shown = rows[: wanted.limit]
    made = facts(session, [row.id for row in shown], now, {row.id: row.distance_m for row in shown})
    return made, len(rows) > wanted.limit


def _part(wanted: Wanted, level: int, now: datetime) -> Any:
    """The nearest requests of one urgency."""
    here = cast(wanted.at.ewkt, Geography)
    distance = HelpRequest.cell.op("<->", return_type=Float())(here)
    statement = select(HelpRequest.id, HelpRequest.urgency, distance.label("distance_m")).where(
        *is_open(), HelpRequest.urgency == level, HelpRequest.free_from <= now, within(wanted.areas),
        HelpRequest.cell.op("&&")(box(wanted.at, wanted.km)),
    )  # fmt: skip
    if wanted.kinds:
        needed = exists().where(
            HelpNeed.request_id == HelpRequest.id, HelpNeed.kind.in_(sorted(wanted.kinds)), is_free(now)
        )
        statement = statement.where(needed)
    if wanted.after is not None and wanted.after.urgency == level:
        statement = statement.where(
            tuple_(distance, HelpRequest.id) > tuple_(literal(wanted.after.distance_m), literal(wanted.after.id))
        )
    return statement.order_by(distance).fetch(wanted.limit + 1, with_ties=True)


def listed(
    session: Session, areas: Sequence[str], now: datetime, *, kinds: Collection[str], after: int, limit: int
) -> tuple[list[Near], bool]:
    """Open requests that can be claimed in these areas, by number, after a given one; and whether there are more."""
    if not areas:
        return [], False
    statement = select(HelpRequest.id).where(
        *is_open(), HelpRequest.free_from <= now, within(areas), HelpRequest.id > after
    )
    if kinds:
        statement = statement.where(
            exists().where(HelpNeed.request_id == HelpRequest.id, HelpNeed.kind.in_(sorted(kinds)), is_free(now))
        )
    ids = list(session.scalars(statement.order_by(HelpRequest.id).limit(limit + 1)))
    return facts(session, ids[:limit], now), len(ids) > limit


def facts(session: Session, ids: Sequence[int], now: datetime, distances: dict[int, float] | None = None) -> list[Near]:
    """What may be known of these requests before a claim, in the order of ``ids``."""
    if not ids:
        return []
    middle = cast(HelpRequest.cell, Geometry)
    posted_on = func.date(func.timezone("Asia/Bangkok", HelpRequest.posted_at))
    rows = session.execute(
        select(
            *COLUMNS, func.ST_Y(middle).label("lat"), func.ST_X(middle).label("lon"),
            (literal(today(now)) - posted_on).label("days"),
            func.coalesce(HelpRequest.free_from <= now, False).label("is_free"),
            HelpRequest.closed_at.is_not(None).label("is_closed"),
        ).where(HelpRequest.id.in_(ids))
    )  # fmt: skip
    known = distances or {}
    made = {row.id: Near(**row._asdict(), distance_m=known.get(row.id)) for row in rows}
    columns = (
        HelpNeed.request_id, HelpNeed.id, HelpNeed.kind, HelpNeed.detail, HelpNeed.quantity, HelpNeed.state,
        HelpNeed.lease_ends_at,
    )  # fmt: skip
    for need in session.execute(select(*columns).where(HelpNeed.request_id.in_(ids)).order_by(HelpNeed.id)):
        state = now_in(need.state, need.lease_ends_at, now)
        made[need.request_id].needs.append(Need(need.id, need.kind, need.detail, need.quantity, state))
    return [made[number] for number in ids if number in made]


def newest(session: Session) -> int:
    """The highest number of a request; 0 if there is none."""
    return session.execute(select(func.coalesce(func.max(HelpRequest.id), 0))).scalar_one()
