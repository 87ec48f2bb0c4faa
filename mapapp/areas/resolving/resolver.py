"""What a typed text means to who asked for a place: the one rule behind every form, list and address.

A line that says one place beyond doubt needs no question; an amphoe or a province, where a tambon is needed, offers
its tambons; whatever else may be meant is there to choose from. Who may not guess gives a ``Register``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.names import Typed, parse
from mapapp.areas.resolving.columns import line_of
from mapapp.areas.resolving.outside_places import elsewhere, told_apart
from mapapp.areas.resolving.register import Register
from mapapp.areas.resolving.results import NARROW, Resolved, Wanted
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place, search
from mapapp.lists import coordinates

_LOOKED_AT: Final = 60
_NUMBERS: Final = re.compile(r"https?:|\d[.,]\d{3,}|°|\d{6}\s*,?\s*\d{6}")
"""Coordinates, or a map link that somebody was sent."""


def resolve(session: Session, typed: str | Mapping[str, str], wanted: Wanted) -> Resolved:
    """What a text, or the cells of the columns tambon, amphoe and province, mean: ``Resolved()`` where nothing has
    such a name.

    Raises:
        ValueError: coordinates that are none, or outside Thailand (``errors.message_of``).
    """
    text = typed if isinstance(typed, str) else line_of(typed)
    if "coordinates" in wanted.levels and _NUMBERS.search(text):
        return _at(session, text)
    if wanted.register is not None:
        return _exactly(session, text, wanted, wanted.register)
    return _likely(session, text, wanted)


def by_code(session: Session, code: str) -> Place | None:
    """The area or (8 digits) village of this code; None where there is none."""
    known = parse(code).code == code and search(session, code, 1)
    return known[0] if known else None


def says_more(text: str) -> bool:
    """Whether words for a place that was chosen say more than its name, as far as one can tell from them alone."""
    typed = parse(text)
    return typed.more or typed.moo is not None


def _at(session: Session, text: str) -> Resolved:
    point = coordinates.read(text)
    around = queries.area_at(session, point)
    place = None if around is None else by_code(session, around.tambon.code)
    return Resolved(point=point, place=place, found=() if place is None else (place,))


def _exactly(session: Session, text: str, wanted: Wanted, register: Register) -> Resolved:
    """By exact names. One that is a wider area's name as well leaves a doubt, whichever of them the caller can use."""
    called = register.called(text)
    fitting = tuple(place for place in called if place.level in wanted.levels)
    wider = [place for place in called if place.level not in wanted.levels]
    if not called:
        return Resolved(elsewhere=elsewhere(session, text))
    if not fitting:
        return Resolved(wide=wider[0])
    _, there = told_apart(session, text, [fitting[0]])
    if there is not None or len(fitting) > 1 or any(len(place.code) < len(fitting[0].code) for place in wider):
        return Resolved(choices=fitting, wide=wider[0] if wider else None, elsewhere=there, found=fitting)
    return Resolved(place=fitting[0], more=says_more(text), found=fitting)


def _likely(session: Session, text: str, wanted: Wanted) -> Resolved:
    """By names that are the same, similar or sound alike."""
    found = search(session, text, _LOOKED_AT)
    typed = parse(text)
    if typed.postcode and not typed.words:
        fitting = tuple(place for place in found if place.level in wanted.levels)
        one = fitting[0] if len(fitting) == 1 else None
        return Resolved(place=one, choices=() if one else fitting, found=tuple(found))
    found, there = told_apart(session, text, found)
    fitting = tuple(place for place in found if place.level in wanted.levels)
    if there is not None:
        return Resolved(choices=fitting[: wanted.most], elsewhere=there, found=tuple(found))
    sure = [place for place in found if place.certain]
    first = next(iter(sure or found), None)
    if first is not None and first.level not in wanted.levels:
        if sure:  # villages of any name are everywhere
            fitting = tuple(place for place in sure if place.level == "tambon" and place.level in wanted.levels)
        inside = _inside(session, first)
        return Resolved(choices=fitting[: wanted.most], wide=first, inside=inside, found=tuple(found))
    if not sure:
        return Resolved(choices=fitting[: wanted.most], found=tuple(found))
    return _sure(sure, found, typed, wanted)


def _sure(sure: list[Place], found: list[Place], typed: Typed, wanted: Wanted) -> Resolved:
    """Where something of a level that can be used accounts for all the words: the first of it, unless it has rivals."""
    first = sure[0]
    if first.level not in NARROW:
        rivals = [place for place in found if place is not first]  # the bare name of a province may mean its capital
    else:
        rivals = [place for place in sure[1:] if place.level in NARROW and not _needless(first, place)]
    if rivals:
        return Resolved(choices=(first, *rivals)[: wanted.most], found=tuple(found))
    unknown_number = typed.moo is not None and first.village_code is None
    order = (first, *(place for place in found if place is not first))
    return Resolved(place=first, more=first.rest or typed.more or unknown_number, found=order)


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
