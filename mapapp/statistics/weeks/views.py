"""Pages of officers about Fridays: the list, and one of them beside the week before and beside today."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from flask import Blueprint, Response, url_for
from pydantic import BeforeValidator

from mapapp.accounts import edge
from mapapp.accounts.contacts import place as sealed_place
from mapapp.areas import queries as areas
from mapapp.areas.models import COUNTRY
from mapapp.core import phones
from mapapp.core.dates import Day
from mapapp.core.errors import N_, Conflict, NotFound
from mapapp.core.fields import BlankIsNone, QueryModel
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.statistics import formatting, measures
from mapapp.statistics.confirming import queries as confirmations
from mapapp.statistics.confirming import service as confirming
from mapapp.statistics.confirming.schemas import ConfirmIn
from mapapp.statistics.ending import queries as endings
from mapapp.statistics.ending.view_helpers import page
from mapapp.statistics.fridays import queries
from mapapp.statistics.fridays.models import StatisticsSnapshot
from mapapp.statistics.fridays.service import check_code
from mapapp.statistics.measures import Measure
from mapapp.statistics.queries import contacts
from mapapp.statistics.schemas import Contact
from mapapp.statistics.weeks import comparing
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import now, session

pages = Blueprint("statistics_weeks", __name__)

VIEW: Final = "statistics.view"
CONTACT: Final = "statistics.contact"

forms.NOTICES["statistics_confirmed"] = N_("Confirmed. Thank you.")


class WeekQuery(QueryModel):
    """Which other Friday, and which figure of the areas inside."""

    beside: Annotated[Day | None, BlankIsNone] = None
    figure: Annotated[str, BeforeValidator(lambda value: value or "")] = ""


@pages.get("/officer/statistics/fridays")
@edge.officer_page(VIEW)
def index() -> Response:
    """All Fridays that were frozen, and how many provinces have confirmed each."""
    area = edge.my_area(VIEW)
    found = queries.fridays(session())
    done = confirmations.counts(session(), [one.friday for one in found], area)
    same = page_freshness.unchanged([one.friday for one in found], done, area)
    if same is not None:
        return same
    ended = endings.touching(session(), [area])
    provinces = _provinces(area)
    return page(
        "fridays", fridays=found, done=done, area=area, due=_due(provinces, ended),
        names=areas.with_parents(session(), {area}),
    )  # fmt: skip


def _due(provinces: list[str], ended: list[Any]) -> list[str]:
    """The provinces that are asked to confirm."""
    return [code for code in provinces if not any(one.covers(code) for one in ended)]


@pages.get("/officer/statistics/fridays/<friday>")
@edge.officer_page(VIEW)
def one(friday: str) -> Response:
    """A Friday of an area, beside another one and beside today; who has confirmed it."""
    return _page(_friday(friday), Asked(None, {}))


def _friday(text: str) -> StatisticsSnapshot:
    try:
        found = queries.find(session(), date.fromisoformat(text))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(N_("This Friday was not found."))
    return found


def _page(found: StatisticsSnapshot, form: Asked[Any], status: int = 200) -> Response:
    area = edge.my_area(VIEW)
    query = asked(WeekQuery).value or WeekQuery()
    every = queries.fridays(session())
    beside = _beside(found, query, every)
    measure, figure = _figure(query.figure)
    told = comparing.lines(session(), area, found, beside)
    places = comparing.places(session(), area, measure, figure, found, beside) if len(area) < 6 else []
    province = area[:2] if area != COUNTRY else ""
    confirmed = confirmations.of_friday(session(), found.friday)
    ended = endings.touching(session(), [area])
    if not form.problems:
        same = page_freshness.unchanged(found.digest, [line.compared for line in told], places, confirmed, ended)
        if same is not None:
            return same
    provinces = (
        [one.code for one in areas.listed(session(), level="province", within=None, limit=1000)] if area == "TH" else []
    )
    due = _due(provinces, ended)
    choices, _names = areas_shown(area, VIEW, set())
    codes = {area, *(one.code for one in places), *provinces, *(one.area_code for one in ended)}
    return page(
        "friday",
        status,
        friday=found, check_code=check_code(edge.vault(), found.digest),
        beside=beside, others=[one for one in every if one.friday != found.friday], form=form,
        area=area, province=province, choices=choices, lines=told, places=places, measure=measure,
        figure=measure.figures[figure], chosen=f"{measure.key}:{figure}", measures=measures.all_measures(),
        confirmed=confirmed, waiting=[code for code in due if code not in confirmed], due=due,
        ending=next((one for one in ended if province and one.covers(province)), None),
        may_confirm=bool(province) and area == province and edge.may(confirming.CONFIRM, province),
        formatting=formatting, may_call=edge.may(CONTACT, area), names=areas.with_parents(session(), codes),
    )  # fmt: skip


def _beside(found: StatisticsSnapshot, query: WeekQuery, every: list[StatisticsSnapshot]) -> StatisticsSnapshot | None:
    """The other Friday: the one that was asked for, else the one before."""
    if query.beside is not None:
        return next((one for one in every if one.friday == query.beside and one.friday != found.friday), None)
    return next((one for one in every if one.friday < found.friday), None)


def _figure(text: str) -> tuple[Measure, str]:
    """A measure and a figure of it; the first one's main figure where there is no such."""
    key, _, figure = text.partition(":")
    for measure in measures.all_measures():
        if measure.key == key and figure in measure.figures:
            return measure, figure
    first = measures.all_measures()[0]
    return first, first.main


@pages.post("/officer/statistics/fridays/<friday>")
@edge.officer_page(confirming.CONFIRM)
def confirm(friday: str) -> Response:
    """A province confirms its figures of this Friday."""
    found = _friday(friday)
    form = forms.posted(ConfirmIn)
    if form.value is None:
        return _page(found, form, 400)
    forms.once()
    try:
        confirming.confirm(session(), edge.actor(), found.friday, form.value, now())
    except Conflict as error:
        session().rollback()
        form.problems.setdefault("", []).append(tell(error.message))
        return _page(found, form, 409)
    back = url_for("statistics_weeks.one", friday=friday, area=form.value.province)
    return forms.done(back, "statistics_confirmed")


@pages.get("/officer/statistics/fridays/<friday>/to-call")
@edge.officer_page(CONTACT)
def to_call(friday: str) -> Response:
    """The provinces that have not confirmed a Friday, with their administrators and their numbers. The view is recorded
    in the audit log before it is shown."""
    found, area = _friday(friday), edge.my_area(CONTACT)
    acting = edge.demand(CONTACT, area)
    provinces = _due(_provinces(area), endings.touching(session(), [area]))
    waiting = [code for code in provinces if code not in confirmations.of_friday(session(), found.friday)]
    people = contacts(session(), waiting, now())
    same = page_freshness.unchanged(found.friday, waiting, people)
    if same is not None:
        return same
    edge.on_record("statistics.contact", "area", area, by=acting, area_code=area)
    return page(
        "friday_to_call", friday=found, area=area, waiting=waiting, spoken=phones.spoken,
        people={code: [(one, _phone(one)) for one in people if one.area_code == code] for code in waiting},
        names=areas.with_parents(session(), {area, *waiting}),
    )  # fmt: skip


def _phone(one: Contact) -> str | None:
    if one.phone_sealed is None:
        return None
    return edge.vault().open(one.phone_sealed, **sealed_place("phone_sealed", one.person_id))


def _provinces(area: str) -> list[str]:
    """The provinces of an area: all of the country's, or the one it lies in."""
    if area != COUNTRY:
        return [area[:2]]
    return [one.code for one in areas.listed(session(), level="province", within=None, limit=1000)]
