"""What the pages of a Friday are made from: its figures in words, as a sheet to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from flask import url_for
from sqlalchemy.orm import Session

from mapapp.accounts.people.view_helpers import area_words
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.areas.results import AreaRow
from mapapp.core import formats
from mapapp.core.errors import N_, NotFound
from mapapp.statistics import formatting, measures
from mapapp.statistics.charts import view_helpers as chart_helpers
from mapapp.statistics.ending import queries as endings
from mapapp.statistics.ending.schemas import Ending
from mapapp.statistics.fridays import queries
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.queries import Figures, Where
from mapapp.statistics.sharing import telling
from mapapp.statistics.sharing.schemas import Friday, Group, Place
from mapapp.statistics.sharing.telling import Teller
from mapapp.statistics.states import NOT_ENTERED, STATE_LABELS, STATE_MEANINGS, Shown, State
from mapapp.web.i18n import gettext, here
from mapapp.web.request import config, session

EXAMPLE: Final = N_("Example")

WEEKS: Final = 8
"""Fridays of a trend."""


@dataclass(frozen=True)
class Sheet:
    """A Friday of an area as it is printed, with what the template needs to write it."""

    friday: Friday
    newest: StatisticsSnapshot
    groups: Sequence[Group]
    places: Sequence[Place]
    names: Mapping[str, AreaRow]
    ending: Ending | None
    """The announcement by which reporting has ended there."""
    columns: Sequence[str]

    charts: ClassVar[Any] = chart_helpers
    state_labels: ClassVar[Mapping[State, str]] = STATE_LABELS
    state_meanings: ClassVar[Mapping[State, str]] = STATE_MEANINGS

    @staticmethod
    def css(shown: Shown) -> str:
        """The class of a figure."""
        return formatting.css(shown)


def sheet(code: str, friday: date | None = None) -> Sheet:
    """A Friday of an area; None: the newest.

    Raises:
        NotFound: there is no such area, or no Friday yet.
    """
    told, newest, teller = friday_of(code, friday)
    below = areas.children(session(), None if code == COUNTRY else code) if len(code) < 6 else []
    places = _places(code, below[0].level, newest, [one.code for one in below]) if below else []
    return Sheet(
        told, newest, teller.groups(), places,
        {one.code: one for one in below}, endings.of(session(), code),
        [telling.LABELS[one] for one in telling.COLUMNS],
    )  # fmt: skip


def friday_of(code: str, friday: date | None = None) -> tuple[Friday, StatisticsSnapshot, Teller]:
    """A Friday of an area in words, as it is kept, and who tells more of it.

    Raises:
        NotFound: there is no such area, or no Friday yet.
    """
    names = {} if code == COUNTRY else {one.code: one for one in areas.path_of(session(), code)}
    every = [one for one in queries.fridays(session()) if friday is None or one.friday <= friday]
    fridays = list(reversed(every[:WEEKS]))
    if not fridays:
        raise NotFound(N_("No Friday was saved yet."))
    teller = Teller(_look(session(), fridays, code), [one.friday for one in fridays], here())
    day = formats.moment(fridays[-1].frozen_at, here())
    if fridays[-1].is_example:  # said wherever it goes: a text and a picture leave the page that says so
        day = f"{day} · {gettext(EXAMPLE)}"
    told = telling.friday(
        teller, place=area_words(code, names), day=day,
        # An answer that is kept must not have the address that one request came to.
        address=config().own_address() + url_for("statistics_sharing.page", code=code), owner=config().signature,
    )  # fmt: skip
    return told, fridays[-1], teller


def _places(code: str, level: str, newest: StatisticsSnapshot, below: Sequence[str]) -> list[Place]:
    keys = sorted({measure for measure, _figure in telling.COLUMNS})
    known = {key: queries.public(session(), newest, measures.get(key), Where(code, level)) for key in keys}

    def look(area: str) -> Callable[[str, str], Shown]:
        return lambda measure, figure: known[measure].get(area, {}).get(figure, NOT_ENTERED)

    return telling.places({area: look(area) for area in below}, here())


def _look(session: Session, fridays: Sequence[StatisticsSnapshot], code: str) -> telling.Lookup:
    """What everyone may know of an area on these Fridays."""
    needed = {measure for measure, _figure in (telling.HEADLINE, *telling.ROWS)}
    known: dict[tuple[date, str], Figures] = {
        (one.friday, key): queries.public(session, one, measures.get(key), Where(code)).get(code, {})
        for one in fridays
        for key in needed
    }

    def found(day: date, measure: str, figure: str) -> Shown:
        return known[day, measure].get(figure, NOT_ENTERED)

    return found
