"""The location of a request: its codes, and the place that is shown to the sender."""

from __future__ import annotations

from dataclasses import dataclass

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.models import Area, Village
from mapapp.areas.resolving.resolver import by_code
from mapapp.areas.search import Place
from mapapp.core import geo
from mapapp.core.errors import N_, invalid


@dataclass(frozen=True, slots=True)
class VillageAt:
    """A village, with its own point if it is known."""

    code: str
    point: geo.Point | None


def known(session: Session, tambon: str | None, village: str | None) -> tuple[str, VillageAt | None]:
    """The code of the tambon, and the village, as they are stored.

    Raises:
        Invalid: there is no such tambon or village, or the village is in another tambon.
    """
    if village is None:
        there = select(Area.code).where(Area.code == tambon, Area.level == "tambon")
        found = session.execute(there).scalar_one_or_none()
        if found is None:
            raise invalid("tambon", N_("No tambon has this code."))
        return found, None
    where = cast(Village.point, Geometry)
    row = session.execute(
        select(Village.tambon_code, func.ST_Y(where), func.ST_X(where)).where(Village.code == village)
    ).one_or_none()
    if row is None or tambon not in (None, row[0]):
        raise invalid("village", N_("No village in this tambon has this code."))
    return row[0], VillageAt(village, None if row[1] is None else geo.Point(lat=row[1], lon=row[2]))


def named(session: Session, code: str) -> Place | None:
    """A chosen tambon or village; None if there is none."""
    return by_code(session, code) if len(code) in (6, 8) else None


def said_back(session: Session, point: geo.Point | None, code: str | None) -> Place | None:
    """The tambon or village of a form's location, to show it to the sender."""
    if point is not None:
        at = areas.area_at(session, point)
        return None if at is None else by_code(session, at.tambon.code)
    return named(session, code) if code else None
