"""A place in words: tambon or village by name, for a phone that does not know where it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select
from sqlalchemy.orm import Session

from mapapp.areas import queries as areas
from mapapp.areas.models import Area, Village
from mapapp.areas.names import parse
from mapapp.areas.outside_places import Elsewhere
from mapapp.areas.place_choice import choose
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place
from mapapp.core import geo
from mapapp.core.errors import N_, invalid
from mapapp.lists import coordinates

_NUMBERS: Final = re.compile(r"https?:|\d[.,]\d{3,}|°|\d{6}\s*,?\s*\d{6}")
"""Coordinates, or a map link that a person received."""


@dataclass(frozen=True, slots=True)
class VillageAt:
    """A village, with its own point where we have it."""

    code: str
    point: geo.Point | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that may be meant."""

    code: str
    """6 digits of a tambon, 8 of a village; of an amphoe or province that is too wide 4 or 2."""
    name: AreaName
    """Of the place itself."""
    path: tuple[AreaName, ...]
    """What it lies in, the province first."""


@dataclass(frozen=True)
class Found:
    """What words may mean: one place, several to choose from, or none."""

    point: geo.Point | None = None
    code: str | None = None
    choices: tuple[Choice, ...] = field(default=())
    """Those to choose from; where there is no doubt, the one."""
    inside: tuple[tuple[AreaName, tuple[AreaName, ...]], ...] = field(default=())
    """Tambons to choose from, amphoe by amphoe, where the words name ``wide``."""
    wide: Choice | None = None
    """An amphoe or a province: too large to find a person."""
    more: bool = False
    """The words say more than the place's name: a house number, a street, a shop."""
    elsewhere: Elsewhere | None = None
    """A place of that name outside the provinces of this service."""

    @property
    def tambons(self) -> set[str]:
        """All tambons that may be meant."""
        return {one.code[:6] for one in self.choices} | {one.code for _, inside in self.inside for one in inside}


def known(session: Session, tambon: str | None, village: str | None) -> tuple[str, VillageAt | None]:
    """The tambon's code and the village, as they are stored.

    Raises:
        Invalid: there is no such tambon or village, or the village lies in another tambon.
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


def find(session: Session, text: str) -> Found:
    """What a text means: coordinates or a map link, or a tambon or village by name.

    Raises:
        ValueError: coordinates that are none, or outside Thailand (``errors.message_of``).
    """
    if _NUMBERS.search(text):
        return Found(point=coordinates.read(text))
    chosen = choose(session, text)
    if chosen.place is not None:
        one = _choice(chosen.place)
        return Found(code=one.code, choices=(one,), more=chosen.more)
    return Found(
        choices=tuple(_choice(place) for place in chosen.choices),
        inside=chosen.inside,
        wide=_choice(chosen.wide) if chosen.wide else None,
        elsewhere=chosen.elsewhere,
    )


def says_more(text: str) -> bool:
    """Whether words for a place that was chosen say more than its name, as far as one can tell from them alone."""
    typed = parse(text)
    return typed.more or typed.moo is not None


def _choice(place: Place) -> Choice:
    code = place.village_code or place.code
    return Choice(code, AreaName(place.code, place.level, place.name_th, place.name_en or ""), tuple(place.path))


def named(session: Session, code: str) -> Choice | None:
    """A tambon or village that was chosen, with its names; None where there is none."""
    if len(code) == 8:
        row = session.execute(
            select(Village.name_th, Village.name_en, Village.tambon_code).where(Village.code == code)
        ).one_or_none()
        if row is None:
            return None
        name = AreaName(code, "village", row.name_th, row.name_en or "")
        return Choice(code, name, tuple(areas.path_of(session, row.tambon_code)))
    path = areas.path_of(session, code) if len(code) == 6 and code in areas.names(session, {code}) else []
    return Choice(code, path[-1], tuple(path[:-1])) if path else None


def said_back(session: Session, point: geo.Point | None, code: str | None) -> Choice | None:
    """The tambon or village that a form's place lies in or is, to say it back."""
    if point is not None:
        at = areas.area_at(session, point)
        return None if at is None else Choice(at.tambon.code, at.tambon, (at.province, at.amphoe))
    return named(session, code) if code else None
