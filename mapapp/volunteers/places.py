"""A home tambon, as people write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from mapapp.areas import queries
from mapapp.areas.rows import AreaName

MOST: Final = 30
"""Tambons to choose from."""

_EXACT: Final = 0.99
_NEAR: Final = 0.95
_AHEAD: Final = 0.2
"""Scores of a name: as it was typed; a letter off; so far ahead of the next that there is no doubt."""


@dataclass(frozen=True)
class Home:
    """What a name can mean. ``code`` is the one tambon, where there is no doubt; else ``choices`` (perhaps none)."""

    code: str | None
    choices: tuple[str, ...] = ()


def find(session: Session, text: str, chosen: str | None = None) -> Home:
    """The tambon of this name, or those it may be: of a village's name its tambon, of an amphoe's all of its tambons.

    Args:
        chosen: the one that was picked. It counts while it fits the name: who writes another name means that.
    """
    found = queries.search(session, text, 2 * MOST)
    best = max((place.score for place in found), default=0.0)
    # A name as it was typed, or one that nothing else comes near.
    sure = [place for place in found if place.score > (_EXACT if best > _EXACT else _NEAR)]
    others = [place for place in found if place not in sure]
    if best <= _EXACT and any(place.score > best - _AHEAD for place in others):
        sure = []
    tambons = dict.fromkeys(place.code for place in sure or found if place.level in ("tambon", "village"))
    if chosen in tambons or (len(tambons) == 1 and sure):
        return Home(chosen if chosen in tambons else next(iter(tambons)))
    if not tambons:
        amphoe = [place.code for place in sure or found if place.level == "amphoe"][:1]
        tambons = dict.fromkeys(area.code for code in amphoe for area in queries.children(session, code))
    return Home(chosen) if chosen in tambons else Home(None, tuple(tambons)[:MOST])


def with_parents(session: Session, codes: set[str]) -> dict[str, AreaName]:
    """The names of these areas and of those above them, by code."""
    return queries.names(session, {code[:length] for code in codes for length in (2, 4, 6)})
