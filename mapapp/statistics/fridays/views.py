"""The public pages of the statistics: what is published of each Friday, from the country down to the tambon."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, make_response, render_template

from mapapp.accounts import edge
from mapapp.accounts.people.view_helpers import area_words
from mapapp.areas.models import COUNTRY
from mapapp.core.errors import N_, NotFound
from mapapp.statistics import measures
from mapapp.statistics.disclosure.rounding import BASE, THRESHOLD
from mapapp.statistics.fridays import queries
from mapapp.statistics.fridays import view_helpers as public
from mapapp.statistics.fridays.queries import DIGITS, Where
from mapapp.statistics.fridays.schemas import PublicPageQuery
from mapapp.statistics.fridays.service import check_code
from mapapp.statistics.fridays.view_helpers import DATA
from mapapp.statistics.sharing.view_helpers import sheet
from mapapp.statistics.states import STATE_LABELS, STATE_MEANINGS
from mapapp.statistics.view_helpers import BELOW, digits
from mapapp.web.cache import cached
from mapapp.web.params import asked
from mapapp.web.request import session

pages = Blueprint("statistics_published", __name__)

ROWS: Final = 100
"""Rows that a page lists; the files have all."""


@pages.get("/statistics")
@cached(*DATA, every=300, takes=PublicPageQuery.model_fields)
def index() -> Response:
    """What is published of the country."""
    return _area(COUNTRY)


@pages.get("/statistics/<code>")
@cached(*DATA, every=300, takes=PublicPageQuery.model_fields)
def area(code: str) -> Response:
    """What is published of an area, and of the areas in it."""
    return _area(public.known(code))


def _area(code: str) -> Response:
    form = asked(PublicPageQuery)
    wanted = form.value or PublicPageQuery(measure=public.FIRST)
    if "measure" not in wanted.model_fields_set:
        wanted = wanted.model_copy(update={"measure": public.FIRST})
    one = public.snapshot(wanted.friday)
    if one is None:
        return make_response(render_template("statistics/public.html", one=None, area=code, area_words=area_words))
    measure, level = wanted.chosen, public.level_of(code, wanted.level)
    before = queries.before(session(), one.friday)
    summary = public.summary(one, before, code)
    found = {} if level is None else queries.public(session(), one, measure, Where(code, level))
    names = public.names({code, *found})
    if code != COUNTRY and code not in names and not any(told.cell.css for told in summary[0]["figures"]):
        raise NotFound(N_("There is no area with this code."))
    rows = public.rows(found, wanted)
    made = render_template(
        "statistics/public.html", one=one, before=before, area=code, area_words=area_words, form=form, wanted=wanted,
        measure=measure, measures=measures.all_measures(), figures=public.shown(measure, wanted.part),
        rows=rows[:ROWS], left=len(rows) - len(rows[:ROWS]), summary=summary, names=names, level=level,
        levels=[name for name, length in DIGITS.items() if length >= BELOW[digits(code)]],
        crumbs=[] if code == COUNTRY else [COUNTRY, *(code[:length] for length in (2, 4) if length < digits(code))],
        fridays=queries.fridays(session()), state=level and public.map_state(one, code, level, wanted),
        printed=sheet(code, one.friday) if code == COUNTRY or code in names else None,
        state_labels=STATE_LABELS, state_meanings=STATE_MEANINGS, base=BASE, threshold=THRESHOLD,
        check_code=check_code(edge.vault(), one.digest),
    )  # fmt: skip
    return make_response(made, form.status)
