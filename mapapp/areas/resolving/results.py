"""What a caller can use of a typed place, and what comes back: the same two for every door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mapapp.areas.resolving.outside_places import Elsewhere
from mapapp.areas.resolving.register import Register
from mapapp.areas.results import AreaName
from mapapp.areas.search import Place
from mapapp.core import geo

Level = Literal["country", "province", "amphoe", "tambon", "village", "coordinates"]

ADDRESS: Final[frozenset[Level]] = frozenset({"tambon", "village", "coordinates"})
"""Where a person or a home is: narrow enough to be found."""

ANYWHERE: Final[frozenset[Level]] = ADDRESS | {"amphoe", "province"}
"""Where a look around may begin."""

NARROW: Final = ("tambon", "village")


@dataclass(frozen=True)
class Wanted:
    """What a caller accepts.

    Attributes:
        levels: of the answer. A village stands for its tambon as well (``Place.code``).
        register: only the exact names of these areas, no guesses; without it every area and village, by names that
            are similar or sound alike too.
        most: choices between places of a name; more are no help to somebody who has to choose.
    """

    levels: frozenset[Level]
    register: Register | None = None
    most: int = 8


@dataclass(frozen=True)
class Resolved:
    """What words may mean.

    Attributes:
        place: the one place, where there is no doubt; of coordinates the tambon they lie in or near.
        choices: places that may be meant, the likeliest first, where there is doubt.
        wide: an area that the words name, of a level that the caller cannot use: mostly too wide.
        inside: its tambons, amphoe by amphoe.
        point: coordinates, typed or in a map link. Without ``place`` they lie outside the area of this service.
        more: the words say more than the name of ``place``: a house, a street, a shop.
        elsewhere: a place of that name outside the provinces of this service.
        found: everything that answers, the likeliest first and ``place`` before all: for a list of what was found.
    """

    place: Place | None = None
    choices: tuple[Place, ...] = ()
    wide: Place | None = None
    inside: tuple[tuple[AreaName, tuple[AreaName, ...]], ...] = ()
    point: geo.Point | None = None
    more: bool = False
    elsewhere: Elsewhere | None = None
    found: tuple[Place, ...] = ()

    @property
    def tambons(self) -> tuple[str, ...]:
        """The codes of all tambons that may be meant, the likeliest first."""
        named = [one.code for one in (self.place, *self.choices) if one is not None and one.level in NARROW]
        return tuple(dict.fromkeys([*named, *(one.code for _, tambons in self.inside for one in tambons)]))

    @property
    def answered(self) -> bool:
        """Whether our own names account for everything that was typed: nobody else needs to be asked."""
        return self.point is not None or any(one.certain and not one.rest for one in self.found)
