"""Places of Thailand that this service does not cover, by name: so that their people are not sent to a place here whose
name is somewhat alike, nor left with “no such place”.

The names are DOPA's, as geothai has them, and those in daily use (``nicknames``). Only what is typed as it is written,
in Thai or English, counts: a guess at a place that is not ours helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

import geothai
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapapp.areas.candidates import LEVELS, groups_of
from mapapp.areas.models import Area
from mapapp.areas.names import TOWN, Typed, area_spellings, normalise, parse
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place, cuts_of
from mapapp.core.errors import N_, Message

_MOST_NAMESAKES = 30


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place outside the provinces of this service.

    Attributes:
        path: what it lies in, the province first.
        typed: the words that name it.
    """

    place: AreaName
    path: tuple[AreaName, ...] = ()
    typed: str = ""

    @property
    def said(self) -> Message:
        """What stands beside the field."""
        return Message(N_("“%(typed)s” is outside the area of this service."), {"typed": self.typed})


def told_apart(session: Session, text: str, found: list[Place]) -> tuple[list[Place], Elsewhere | None]:
    """What was found here as far as it may be meant beside a place of that very name elsewhere, and that place.

    What is certain here is meant; but who writes the bare name of a province means hardly a tambon of that name.
    """
    first = found[0] if found else None
    if first is not None and first.certain and (len(first.code) < 6 or first.named != {6}):
        return found, None
    there = elsewhere(session, text)
    if there is None:
        return found, None
    if first is not None and first.certain:
        return found, there if there.place.level == "province" else None
    whole = normalise(text)
    return [one for one in found if any(whole in normalise(name or "") for name in (one.name_th, one.name_en))], there


def elsewhere(session: Session, text: str) -> Elsewhere | None:
    """The place outside this service that a line names; None where it names none, or names it only in part.

    Of several of one name the largest is meant. A tambon alone counts only where nothing else in Thailand is so called.
    """
    typed = parse(text)
    if typed.code is not None or not typed.words:
        return None
    ours = frozenset(session.scalars(select(Area.code).where(Area.level == "province")))
    if not ours:
        return None
    names, known = _names()
    found = sorted({code for code in _codes(typed, known) if code[:2] not in ours}, key=lambda code: (len(code), code))
    if not found or (len(found[0]) == 6 and len(found) > 1):
        return None
    code = found[0]
    above = tuple(names[code[:length]] for length in (2, 4) if length < len(code))
    return Elsewhere(names[code], above, " ".join(text.split())[:80])


def _codes(typed: Typed, known: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Codes that the words name, each word a name of its own or of what lies around; and provinces among the words."""
    groups = {(group.start, group.end): group for group in groups_of(typed.words)}
    meant = {
        span: [code for code in known.get(group.text, ()) if group.level in (None, TOWN, LEVELS[len(code)])]
        for span, group in groups.items()
    }
    for codes in meant.values():
        yield from (code for code in codes if len(code) == 2 and len(typed.words) > 1)
    for cut in cuts_of(len(typed.words)):
        chosen = [meant.get(span, [])[:_MOST_NAMESAKES] for span in cut]
        if len(cut) <= 3 and all(chosen):
            yield from (narrowest for narrowest in map(_narrowest, product(*chosen)) if narrowest)


def _narrowest(codes: Iterable[str]) -> str | None:
    """The code of a chain, “tambon, amphoe, province” in any order; None where one does not lie in the next."""
    ordered = sorted(codes, key=len)
    chain = all(inner.startswith(outer) for outer, inner in pairwise(ordered))
    return ordered[-1] if chain else None


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, AreaName], dict[str, tuple[str, ...]]]:
    """Every area of Thailand by code, and the codes by each spelling of their names, the larger areas first."""
    names: dict[str, AreaName] = {}
    for province in geothai.provinces():
        names[province.code] = AreaName(province.code, "province", province.name_th, province.name_en)
        for amphoe in geothai.districts(province.code):
            plain = amphoe.name_th.removeprefix("เขต") if province.code == "10" else amphoe.name_th
            names[amphoe.code] = AreaName(amphoe.code, "amphoe", plain, amphoe.name_en)
            for tambon in geothai.subdistricts(amphoe.code):
                names[tambon.code] = AreaName(tambon.code, "tambon", tambon.name_th, tambon.name_en)
    known: dict[str, list[str]] = {}
    for code in sorted(names, key=lambda code: (len(code), code)):
        for spelling in area_spellings(code, (names[code].name_th, names[code].name_en)):
            known.setdefault(spelling, []).append(code)
    return names, {spelling: tuple(codes) for spelling, codes in known.items()}
