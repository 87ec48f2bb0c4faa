"""Areas by their exact names, all of some areas at once: for lists of many rows, and where no guess is allowed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, or_, select
from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.candidates import LEVELS, covering
from mapapp.areas.models import COUNTRY, Area
from mapapp.areas.names import Typed, Word, area_spellings, normalise, parse
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place, taken_apart
from mapapp.core import geo

_COUNTRY: Final = frozenset({"th", "ประเทศไทย", "ทั่วประเทศ", "ทั้งประเทศ", "thailand"})
MOST_SIGNS: Final = 300
"""Signs of a line that may name an area: a cell can hold any text, and every part of each word is looked up."""

_MIDDLE: Final = geo.Point(lat=(geo.SOUTH + geo.NORTH) / 2, lon=(geo.WEST + geo.EAST) / 2)


@dataclass(frozen=True)
class Register:
    """The areas inside some areas, by every spelling of their names; those above them help to tell them apart.

    Attributes:
        areas: names by code, of those above too.
        inside: the codes that may be meant.
        country: whether the whole country may.
    """

    areas: dict[str, AreaName]
    inside: frozenset[str]
    country: bool
    _points: dict[str, tuple[float, float]]
    _spellings: dict[str, set[str]]
    _by_spelling: dict[str, set[str]]

    @cached_property
    def _known(self) -> frozenset[str]:
        """All spellings: only a line without blanks needs them."""
        return frozenset(spelling for spellings in self._spellings.values() for spelling in spellings)

    def called(self, text: str) -> list[Place]:
        """Everything this text can name, letter for letter, by code: the larger areas first."""
        if len(text) > MOST_SIGNS:
            return []
        if normalise(text) in _COUNTRY:
            whole = Place(COUNTRY, "country", "ประเทศไทย", "Thailand", (), _MIDDLE, True, 1.0, certain=True)
            return [whole] if self.country else []
        typed = parse(text)
        if typed.code is not None:
            code = typed.code
            return [self._place(code, frozenset({len(code)}))] if code in self.inside else []
        return self._named(typed) or self._named(self._without_blanks(typed))

    def _without_blanks(self, typed: Typed) -> Typed:
        """The line with its long Thai words taken apart into names of ours; no words where there are none."""
        return taken_apart(typed, lambda word: covering(word, self._names_in(word))) or replace(typed, words=())

    def _names_in(self, word: str) -> set[str]:
        ends = ((start, end) for start in range(len(word)) for end in range(start + 3, len(word) + 1))
        return {word[start:end] for start, end in ends} & self._known

    def _named(self, typed: Typed) -> list[Place]:
        words = typed.words
        candidates = {
            code
            for start in range(len(words))
            for end in range(start + 1, len(words) + 1)
            for code in self._by_spelling.get("".join(word.text for word in words[start:end]), ())
        }
        found = {code: self._lengths(code, words) for code in candidates}
        order = sorted(found, key=lambda code: (len(code), code))
        return [self._place(code, named) for code in order if (named := found[code]) is not None]

    def _lengths(self, code: str, words: Sequence[Word]) -> frozenset[int] | None:
        """The lengths of the codes that the words name, where they are this area's name and names of areas above it,
        each at most once, and nothing else; else None."""
        chain = frozenset(code[:length] for length in LEVELS if length <= len(code)) & self._spellings.keys()

        def rest(start: int, left: frozenset[str]) -> frozenset[str] | None:
            """The areas that are not named, once all the words are used up."""
            if start == len(words):
                return None if code in left else left
            for end in range(start + 1, len(words) + 1):
                name = "".join(word.text for word in words[start:end])
                level = words[start].level or words[end - 1].ends
                for one in sorted(left):
                    if name in self._spellings[one] and level in (None, LEVELS[len(one)]):
                        unnamed = rest(end, left - {one})
                        if unnamed is not None:
                            return unnamed
            return None

        unnamed = rest(0, chain)
        return None if unnamed is None else frozenset(len(one) for one in chain - unnamed)

    def _place(self, code: str, named: frozenset[int]) -> Place:
        area, (lat, lon) = self.areas[code], self._points[code]
        path = tuple(
            self.areas[code[:length]] for length in (2, 4) if length < len(code) and code[:length] in self.areas
        )
        return Place(
            code, area.level, area.name_th, area.name_en, path, geo.Point(lat=lat, lon=lon), True, 1.0,
            certain=True, named=named,
        )  # fmt: skip


def load(session: Session, within: Iterable[str]) -> Register:
    """The areas inside these (``TH``: all of them)."""
    codes = set(within)
    country = COUNTRY in codes
    scopes = [queries.scope(Area.code, code) for code in codes]
    above = {code[:length] for code in codes if code != COUNTRY for length in (2, 4) if length < len(code)}
    point = cast(Area.point, Geometry)
    rows = session.execute(
        select(Area.code, Area.level, Area.name_th, Area.name_en, func.ST_Y(point), func.ST_X(point)).where(
            or_(*scopes, Area.code.in_(above))
        )
    ).all()
    areas = {row[0]: AreaName(*row[:4]) for row in rows}
    points = {row[0]: (row[4], row[5]) for row in rows}
    spellings = {code: area_spellings(code, (area.name_th, area.name_en)) for code, area in areas.items()}
    inside = frozenset(code for code in areas if country or any(code.startswith(one) for one in codes))
    by_spelling: dict[str, set[str]] = defaultdict(set)
    for code in inside:
        for spelling in spellings[code]:
            by_spelling[spelling].add(code)
    return Register(areas, inside, country, points, spellings, dict(by_spelling))
