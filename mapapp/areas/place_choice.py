"""The one tambon or village that words mean, or what is left to choose from: for every form that asks for a place.

A request or a home lies in a tambon. A line that says one beyond doubt needs no question; an amphoe or a province
offers its tambons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.names import parse
from mapapp.areas.outside_places import Elsewhere, told_apart
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place, search

MOST: Final = 8
"""Choices between places of a name; more are no help."""

_LOOKED_AT: Final = 60
_NARROW: Final = ("tambon", "village")


@dataclass(frozen=True)
class Chosen:
    """What words may mean.

    Attributes:
        place: the tambon or village, where there is no doubt.
        choices: tambons and villages that may be meant, the likeliest first.
        inside: the tambons of the amphoe or province that was named, amphoe by amphoe; with ``wide``.
        wide: that amphoe or province.
        more: the words say more than the name of ``place``: a house, a street, a shop.
        elsewhere: a place of that name outside the provinces of this service.
    """

    place: Place | None = None
    choices: tuple[Place, ...] = ()
    inside: tuple[tuple[AreaName, tuple[AreaName, ...]], ...] = ()
    wide: Place | None = None
    more: bool = False
    elsewhere: Elsewhere | None = None


def choose(session: Session, text: str) -> Chosen:
    """What a line in words means: ``Chosen()`` where nothing has such a name."""
    found = search(session, text, _LOOKED_AT)
    typed = parse(text)
    if typed.postcode and not typed.words:
        found = [place for place in found if place.level == "tambon"]
        return Chosen(place=found[0]) if len(found) == 1 else Chosen(choices=tuple(found))
    found, there = told_apart(session, text, found)
    if there is not None:
        return Chosen(choices=tuple(place for place in found if place.level in _NARROW)[:MOST], elsewhere=there)
    sure = [place for place in found if place.certain]
    if not sure:
        narrow = tuple(place for place in found if place.level in _NARROW)[:MOST]
        if found and found[0].level not in _NARROW:
            return Chosen(choices=narrow, wide=found[0], inside=_inside(session, found[0]))
        return Chosen(choices=narrow)
    first = sure[0]
    narrow = tuple(place for place in sure if place.level in _NARROW)
    if first.level not in _NARROW:
        narrow = tuple(place for place in narrow if place.level == "tambon")  # villages of any name are everywhere
        return Chosen(choices=narrow[:MOST], wide=first, inside=_inside(session, first))
    rivals = [place for place in narrow[1:] if not _needless(first, place)]
    if rivals:
        return Chosen(choices=(first, *rivals)[:MOST])
    unknown_number = typed.moo is not None and first.village_code is None
    return Chosen(place=first, more=first.rest or typed.more or unknown_number)


def _needless(first: Place, other: Place) -> bool:
    """Whether another place of the name raises no doubt of the first one.

    A village lies in the tambon whose name it bears; and who writes “tambon, amphoe” means no village elsewhere.
    """
    if first.level == "tambon":
        return other.level == "village" and (other.code == first.code or 4 in first.named)
    return other.level == "tambon" and other.code == first.code  # the tambon around the village that was named


def _inside(session: Session, wide: Place) -> tuple[tuple[AreaName, tuple[AreaName, ...]], ...]:
    if wide.level == "amphoe":
        own = AreaName(wide.code, wide.level, wide.name_th, wide.name_en or "")
        return ((own, _names(session, wide.code)),)
    amphoe = _names(session, wide.code)
    tambons = queries.listed(session, level="tambon", within=wide.code, limit=1000)
    return tuple(
        (one, tuple(AreaName(t.code, t.level, t.name_th, t.name_en) for t in tambons if t.code.startswith(one.code)))
        for one in amphoe
    )


def _names(session: Session, code: str) -> tuple[AreaName, ...]:
    return tuple(AreaName(a.code, a.level, a.name_th, a.name_en) for a in queries.children(session, code))
