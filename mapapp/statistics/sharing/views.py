"""Everyone's pages to pass a Friday on: ten lines to copy, and the card as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from mapapp.accounts.people.view_helpers import area_words
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.core import formats
from mapapp.core.addresses import network
from mapapp.core.errors import N_, NotFound, TooMany
from mapapp.statistics import formatting, measures
from mapapp.statistics.charts import view_helpers as charts
from mapapp.statistics.ending import queries as endings
from mapapp.statistics.fridays import queries
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.queries import Figures, Where
from mapapp.statistics.sharing import card, lines, telling
from mapapp.statistics.sharing.schemas import Friday, Place
from mapapp.statistics.sharing.telling import Teller
from mapapp.statistics.states import NOT_ENTERED, STATE_LABELS, STATE_MEANINGS, Shown
from mapapp.web import limits
from mapapp.web.cache import cached
from mapapp.web.i18n import here
from mapapp.web.request import config, session

pages = Blueprint("statistics_sharing", __name__)

DATA: Final = ("areas", "statistics")
WEEKS: Final = 8
"""Fridays of a trend."""

LIMIT: Final = "60 per minute"
"""Cards drawn for one address; those that are kept cost nothing and are not counted."""


@pages.get("/statistics/<code>/friday")
@cached(*DATA, takes=())
def page(code: str) -> Response:
    """The last Friday of an area on one page that prints on two sheets; ten lines to copy, and a card."""
    told, newest, teller = _told(code)
    below = areas.children(session(), None if code == COUNTRY else code) if len(code) < 6 else []
    return make_response(
        render_template(
            "statistics/share.html", code=code, friday=told, newest=newest, lines=lines.text(told),
            groups=teller.groups(), columns=[telling.LABELS[one] for one in telling.COLUMNS],
            places=_places(code, below[0].level, newest, [one.code for one in below]) if below else [],
            names={one.code: one for one in below}, area_words=area_words, charts=charts,
            image=config().own_address() + url_for("statistics_sharing.picture", code=code),
            ending=endings.of(session(), code), state_labels=STATE_LABELS, state_meanings=STATE_MEANINGS,
            css=formatting.css,
        )
    )  # fmt: skip


def _places(code: str, level: str, newest: StatisticsSnapshot, below: Sequence[str]) -> list[Place]:
    keys = {measure for measure, _figure in telling.COLUMNS}
    known = {key: queries.public(session(), newest, measures.get(key), Where(code, level)) for key in sorted(keys)}

    def look(area: str) -> Callable[[str, str], Shown]:
        return lambda measure, figure: known[measure].get(area, {}).get(figure, NOT_ENTERED)

    return telling.places({area: look(area) for area in below}, here())


@pages.get("/statistics/<code>/friday.png")
@cached(*DATA, max_age=300, takes=())
def picture(code: str) -> Response:
    """The last Friday of an area as a picture of 1200 × 630 pixels."""
    told, _newest, _teller = _told(code)
    wait = limits.wait_s("picture", LIMIT, network(request.remote_addr or "unknown"))
    if wait:
        raise TooMany(wait, N_("Too many pictures were asked for from your network. Try again later."))
    return Response(card.png(told), mimetype="image/png")


def _told(code: str) -> tuple[Friday, StatisticsSnapshot, Teller]:
    """The last Friday of an area in words, as it is kept, and who tells more of it.

    Raises:
        NotFound: there is no such area, or no Friday yet.
    """
    names = {} if code == COUNTRY else {one.code: one for one in areas.path_of(session(), code)}
    fridays = list(reversed(queries.fridays(session())[:WEEKS]))
    if not fridays:
        raise NotFound(N_("No Friday was frozen yet."))
    newest = fridays[-1]
    teller = Teller(look(session(), fridays, code), [one.friday for one in fridays], here())
    told = telling.friday(
        teller, place=area_words(code, names), day=formats.moment(newest.frozen_at, here()),
        # An answer that is kept must not have the address that one request came to.
        address=config().own_address() + url_for("statistics_sharing.page", code=code), owner=config().signature,
    )  # fmt: skip
    return told, newest, teller


def look(session: Session, fridays: Sequence[StatisticsSnapshot], code: str) -> telling.Lookup:
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
