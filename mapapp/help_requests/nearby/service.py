"""What “near me” stores about a volunteer: the filters, and the newest request at their last view.

Never the location from which they searched.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from geoalchemy2 import Geometry
from pydantic import ValidationError
from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from mapapp.areas.models import Area
from mapapp.areas.results import AreaName
from mapapp.core import geo
from mapapp.help_requests.nearby import queries
from mapapp.help_requests.nearby.schemas import FITS, FiltersIn
from mapapp.volunteers.models import Volunteer

LOOK_LASTS: Final = timedelta(minutes=30)
"""Pages opened within this time are one view: what was new at its beginning stays marked until its end."""

DEFAULT_KM: Final = 20
"""The default distance."""


@dataclass(frozen=True)
class Looking:
    """The person who searches, with their start location and what they have seen."""

    home: str | None
    """The tambon they live in, or the area they are responsible for."""
    km: int
    filters: FiltersIn
    offers: frozenset[str]
    """Skills and equipment."""
    seen: int | None
    """Requests above this number are new since the last view; None: this is the first one, or nothing is stored."""
    is_paused: bool = False
    has_profile: bool = False
    place: AreaName | None = None
    """The name of the home."""
    point: geo.Point | None = None
    """Its reference point."""


def looking(session: Session, person_id: uuid.UUID | None, area: str | None, now: datetime) -> Looking:
    """What is stored about this person; ``area`` is the start location if there is no profile."""
    where = cast(Area.point, Geometry)
    home = (Area.code, Area.level, Area.name_th, Area.name_en, func.ST_Y(where).label("lat"), func.ST_X(where))
    row = session.execute(
        select(
            Volunteer.home_tambon, Volunteer.reach_km, Volunteer.skills, Volunteer.means, Volunteer.paused_at,
            Volunteer.nearby, *home,
        )
        .outerjoin(Area, Area.code == Volunteer.home_tambon)
        .where(Volunteer.person_id == person_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        found = session.execute(select(*home).where(Area.code == area)).one_or_none()
        place, point = _home(tuple(found)) if found else (None, None)
        return Looking(area, DEFAULT_KM, FiltersIn(), frozenset(), None, place=place, point=point)
    try:
        filters = FiltersIn.model_validate(row.nearby.get("filters", {}))
    except ValidationError:  # stored by an older version of this page
        filters = FiltersIn()
    place, point = _home(tuple(row[-6:]))
    return Looking(
        row.home_tambon, row.reach_km, filters, frozenset((*row.skills, *row.means)), _seen(row.nearby, now),
        row.paused_at is not None, has_profile=True, place=place, point=point,
    )  # fmt: skip


def _home(row: tuple[Any, ...]) -> tuple[AreaName | None, geo.Point | None]:
    """Name and point of an area; None if it does not exist."""
    code, level, name_th, name_en, lat, lon = row
    if code is None:
        return None, None
    return AreaName(code, level, name_th, name_en), geo.Point(lat=lat, lon=lon)


def _seen(kept: dict[str, object], now: datetime) -> int | None:
    """The highest number that was seen before this view."""
    name = "before" if _is_same_look(kept, now) else "last"
    number = kept.get(name)
    return number if isinstance(number, int) else None


def _is_same_look(kept: dict[str, object], now: datetime) -> bool:
    began = kept.get("began")
    return isinstance(began, str) and now - datetime.fromisoformat(began) < LOOK_LASTS


def remember(session: Session, person_id: uuid.UUID, filters: FiltersIn) -> None:
    """Stores the filters for the next visit."""
    _merge(session, person_id, {"filters": filters.model_dump(exclude_defaults=True)})


def looked(session: Session, person_id: uuid.UUID, now: datetime) -> None:
    """Stores the highest number now, for “new since the last visit”."""
    kept = session.execute(select(Volunteer.nearby).where(Volunteer.person_id == person_id)).scalar_one_or_none()
    if kept is None:
        return
    newest = queries.newest(session)
    if _is_same_look(kept, now):
        if newest != kept.get("last"):
            _merge(session, person_id, {"last": newest})
        return
    _merge(session, person_id, {"before": kept.get("last"), "last": newest, "began": now.isoformat()})


def _merge(session: Session, person_id: uuid.UUID, new: dict[str, object]) -> None:
    session.execute(
        update(Volunteer)
        .where(Volunteer.person_id == person_id)
        .values(nearby=Volunteer.nearby.op("||")(cast(new, JSONB)))
        .execution_options(synchronize_session=False)
    )


def kinds_for(filters: FiltersIn, offers: Iterable[str]) -> frozenset[str] | None:
    """The needs to search for: empty means all, None means that none fits."""
    chosen: frozenset[str] = frozenset(filters.kind)
    if not filters.fits:
        return chosen
    fitting = frozenset[str]().union(*(FITS.get(one, frozenset[str]()) for one in offers))
    return (fitting & chosen if chosen else fitting) or None
