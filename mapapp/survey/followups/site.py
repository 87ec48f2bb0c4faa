"""The vaccination site to go to: the nearest one to the village that is not closed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.models import Village
from mapapp.core import geo
from mapapp.facilities.freshness import Lifetimes
from mapapp.facilities.nearest import Found, Wanted, nearest

KIND: Final = "vaccination_site"


def of_village(session: Session, village_code: str, lifetimes: Lifetimes, now: datetime) -> Found | None:
    """The nearest vaccination site to the village's point, or to the point that stands for its tambon; one that nobody
    confirmed lately only where there is no other. None: there is none at all."""
    point = _point(session, village_code)
    for stale in (False, True):
        wanted = Wanted(kinds=(KIND,), stale=stale)
        found = nearest(session, point, wanted, limit=1, lifetimes=lifetimes, now=now).found
        if found:
            return found[0]
    return None


def _point(session: Session, village_code: str) -> geo.Point:
    where = cast(Village.point, Geometry)
    row = session.execute(
        select(func.ST_Y(where), func.ST_X(where)).where(Village.code == village_code, Village.point.is_not(None))
    ).one_or_none()
    return areas.get(session, village_code[:6]).point if row is None else geo.Point(lat=row[0], lon=row[1])
