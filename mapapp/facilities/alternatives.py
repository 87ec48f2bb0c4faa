"""What there is to offer where nothing was found that is open now, or verified: counted and named."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapapp import database
from mapapp.core import geo
from mapapp.facilities import hours
from mapapp.facilities import nearest as near
from mapapp.facilities.models import Facility

LOOKED_AT = 100
"""So many of the nearest are asked when they open."""

OFFERED = 5
OPENS_LATER = 3


@dataclass(frozen=True, slots=True)
class Instead:
    """Places of the kinds and within the radius that were asked for, which the other filters passed over."""

    hours_unknown: int = 0
    """Nobody has told whether they are open now."""
    not_verified: int = 0
    opens_first: near.Found | None = None
    """Of the nearest ``LOOKED_AT`` the one that is known to open first."""
    opens_later: list[near.Found] = field(default_factory=list)
    """The nearest that are closed now and known to open again: one next door is better than one that is never found."""
    offered: list[near.Found] = field(default_factory=list)
    """The nearest of which it is not known that they are closed."""


def instead(session: Session, point: geo.Point, wanted: near.Wanted, now: datetime) -> Instead | None:
    """What to offer; None where no filter but kind and radius was asked for, or there is nothing at all."""
    if not (wanted.open_now or wanted.verified):
        return None
    any_of_them = replace(wanted, open_now=False, verified=False, stale=True)
    found = near.nearest(session, point, any_of_them, limit=LOOKED_AT, now=now).found
    if not found:
        return None
    unknown = unverified = 0
    for expression, status, many, verified in _counted(session, point, any_of_them, now):
        # A planned closure that has not begun, or one that has ended, leaves the hours as they are.
        state = hours.state_of("full" if status == "full" else "open", expression, None, now)
        unknown += many if state.is_open is None else 0
        unverified += many - verified
    closed = [one for one in found if one.state.opens_at is not None]
    return Instead(
        hours_unknown=unknown if wanted.open_now else 0,
        not_verified=unverified if wanted.verified else 0,
        opens_first=min(closed, key=_opening, default=None) if wanted.open_now else None,
        opens_later=sorted(closed, key=lambda one: one.distance_m)[:OPENS_LATER] if wanted.open_now else [],
        offered=[one for one in found if one.state.is_open is not False or not wanted.open_now][:OFFERED],
    )


def _opening(one: near.Found) -> tuple[datetime, float]:
    assert one.state.opens_at is not None
    return one.state.opens_at, one.distance_m


def _counted(
    session: Session, point: geo.Point, wanted: near.Wanted, now: datetime
) -> list[tuple[str | None, str, int, int]]:
    sql = _counted_sql(kinds=min(len(wanted.kinds), 2), within=wanted.reach < math.inf)
    return database.driver_rows(session, sql, near.places(point, wanted, now))


@lru_cache(maxsize=16)
def _counted_sql(*, kinds: int, within: bool) -> str:
    """Opening hours and status with how many there are, and how many of them are verified."""
    suits = near.suits(kinds=kinds, open_now=False, verified=False, within=within, stale=None)
    by = (Facility.opening_hours, Facility.status)
    return near.compiled(select(*by, func.count(), func.count(Facility.verified_at)).where(*suits).group_by(*by))
