"""A home tambon, as people write it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.outside_places import Elsewhere
from mapapp.areas.place_choice import choose
from mapapp.areas.results import AreaName


@dataclass(frozen=True)
class Home:
    """What a name can mean. ``code`` is the one tambon, where there is no doubt; else ``choices`` (perhaps none), and
    ``elsewhere``, a place of that name outside the provinces of this service."""

    code: str | None
    choices: tuple[str, ...] = ()
    elsewhere: Elsewhere | None = None


def find(session: Session, text: str, chosen: str | None = None) -> Home:
    """The tambon of this name, or those it may be: of a village's name its tambon, of a wider area all of its tambons.

    Args:
        chosen: the one that was picked. It counts while it fits the name: who writes another name means that.
    """
    found = choose(session, text)
    if found.place is not None:
        return Home(found.place.code)
    inside = (tambon.code for _, tambons in found.inside for tambon in tambons)
    tambons = tuple(dict.fromkeys([*(place.code for place in found.choices), *inside]))
    return Home(chosen) if chosen in tambons else Home(None, tambons, found.elsewhere)


def with_parents(session: Session, codes: set[str]) -> dict[str, AreaName]:
    """The names of these areas and of those above them, by code."""
    return queries.names(session, {code[:length] for code in codes for length in (2, 4, 6)})
