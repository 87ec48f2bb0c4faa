"""Pages of follow-ups: the form at the door, one follow-up, the lists of the writer and of officers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, request, url_for

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.actors import Actor
from mapapp.core.errors import N_, Conflict, NotAllowed, NotFound, TooMany, invalid
from mapapp.facilities import formatting, hours
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.facilities.freshness import lifetimes
from mapapp.help_requests.contacts import Contact
from mapapp.help_requests.resident import links
from mapapp.survey.entering import queries as entries
from mapapp.survey.entering.schemas import Recorded
from mapapp.survey.followups import asking, queries, rights, service, site
from mapapp.survey.followups.schemas import FollowUpForm, FollowUpsQuery, FollowUpStepIn, Listed, ViewIn
from mapapp.survey.followups.view_helpers import me, page
from mapapp.survey.followups.view_helpers import waiting as waiting
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import tell
from mapapp.web.params import Asked, asked
from mapapp.web.request import config, now, session

pages = Blueprint("survey_followups", __name__)

ON_PAGE: Final = 50
ANOTHER: Final = N_("Someone was saved from this form already; see below. If this is someone else, save again.")

forms.NOTICES.update(
    {
        "follow_up_saved": N_("Saved. Only you and the officers of this area can see it."),
        "follow_up_requested": N_("Help was requested already."),
        "follow_up_done": N_("Done. Name and phone number were deleted."),
        "follow_up_unwanted": N_("Ended. Name and phone number were deleted."),
    }
)


# At the door ----------------------------------------------------------------------------------------------------


def _entry(entry_id: int) -> Recorded:
    """A household's record in which a follow-up may be written down.

    Raises:
        NotFound: there is none in the areas of the one who asks.
    """
    found = entries.one(session(), entry_id)
    if not edge.may(rights.OWN, found.village_code[:6]):
        raise NotFound(N_("This record was not found."))
    return found


@pages.get("/volunteer/survey/records/<int:entry_id>/follow-up")
@edge.officer_page(rights.OWN)
def form(entry_id: int) -> Response:
    """The form of a follow-up for someone of a household: consent, reason, name, phone number."""
    return _form(_entry(entry_id), Asked(None, {}))


def _form(entry: Recorded, form: Asked[Any], status: int = 200) -> Response:
    which = [queries.of_entry(entry.id)]
    if not edge.may(rights.ALL, entry.village_code[:6]):
        which.append(queries.of_person(me()))
    there = queries.listed(session(), *which)
    return page("form", status, codes=[entry.village_code], entry=entry, form=form, there=there)


@pages.post("/volunteer/survey/records/<int:entry_id>/follow-up")
@edge.officer_page(rights.OWN)
def add(entry_id: int) -> Response:
    """Writes a follow-up down. Sent twice, it is one."""
    entry = _entry(entry_id)
    form = forms.posted(FollowUpForm)
    if form.value is None:
        return _form(entry, form, 400)
    acting = edge.demand(rights.OWN, entry.village_code[:6])
    days = config().survey_follow_up_days
    try:
        made, _new = service.add(session(), edge.vault(), acting, _key(), entry, form.value, now(), kept_days=days)
    except service.Reused:  # the form was opened again from the browser's memory, for someone else
        session().rollback()
        forms.spent()
        forms.problem(form, invalid("name", ANOTHER))
        return _form(_entry(entry_id), form, 409)
    except TooMany as error:
        session().rollback()
        form.problems.setdefault("", []).append(tell(error.message))
        answer = _form(_entry(entry_id), form, 429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return forms.done(url_for("survey_followups.one", follow_up_id=made.id), "follow_up_saved")


def _key() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("once", ""))
    except ValueError:
        return uuid.uuid4()


# One follow-up --------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """What the page shows besides the follow-up."""

    form: Asked[Any] = field_of(default_factory=lambda: Asked(None, {}))
    problem: str = ""
    contact: Contact | None = None
    code: str = ""
    """Of the new request's page, for the person."""


@pages.get("/volunteer/survey/follow-ups/<int:follow_up_id>")
@edge.officer_page(rights.OWN)
def one(follow_up_id: int) -> Response:
    """One follow-up without its name: reason, place, the nearest vaccination site, its help request, who looked."""
    row, acting = _mine(follow_up_id)
    found = site.of_village(session(), row.village_code, lifetimes(config()), now())
    state = None if found is None else (found.pin.id, found.pin.version, found.state.reason)
    same = page_freshness.unchanged(row, state, queries.views(session(), row.id), acting.standings)
    return _page(row, Told()) if same is None else same


def _mine(follow_up_id: int) -> tuple[Listed, Actor]:
    row = queries.one(session(), follow_up_id)
    return row, rights.demand(edge.actor(), row, now())


def _page(row: Listed, told: Told, status: int = 200) -> Response:
    known = lifetimes(config())
    found = site.of_village(session(), row.village_code, known, now())
    return page(
        "one",
        status,
        codes=[row.village_code],
        row=row, told=told, form=told.form, views=queries.views(session(), row.id), said=formatting, lifetimes=known,
        site=found, week=None if found is None else hours.week_of(found.pin, now()),
        is_officer=rights.is_officer(edge.actor(), row), sees_request=edge.may("requests.view", row.village_code[:6]),
        find=edge.whole_address("/requests/find"),
        deleted_on=row.made_at + timedelta(days=min(row.kept_days, config().survey_follow_up_days)),
    )  # fmt: skip


@pages.post("/volunteer/survey/follow-ups/<int:follow_up_id>")
@edge.officer_page(rights.OWN)
def act(follow_up_id: int) -> Response:
    """Shows name and phone number for a reason, requests help, or ends the follow-up; `do` says which."""
    row, acting = _mine(follow_up_id)
    views = request.form.get("do", "view") == "view"
    form: Asked[Any] = forms.posted(ViewIn if views else FollowUpStepIn)
    if form.value is None:
        return _page(row, Told(form), 400)
    try:
        if isinstance(form.value, ViewIn):
            return _reveal(row, acting, form.value)
        return _step(row, acting, form.value.do)
    except (Conflict, NotAllowed, TooMany) as error:
        session().rollback()
        status = 409 if isinstance(error, Conflict) else 429 if isinstance(error, TooMany) else 403
        made = _page(queries.one(session(), row.id), Told(form, problem=tell(error.message)), status)
        if isinstance(error, TooMany):
            made.headers["Retry-After"] = str(error.seconds)
        return made


def _reveal(row: Listed, acting: Actor, data: ViewIn) -> Response:
    """Name and phone number in this answer only: no page that can be opened again has them."""
    found = service.reveal(session(), edge.vault(), acting, row, data.reason, now())
    made = _page(row, Told(contact=found))
    session().commit()  # recorded before it is shown
    return made


def _step(row: Listed, acting: Actor, do: str) -> Response:
    here = url_for("survey_followups.one", follow_up_id=row.id)
    forms.once()
    if do != "request":
        service.end(session(), acting, row.id, do, now())
        return forms.done(here, f"follow_up_{do}")
    made = asking.ask(
        session(), edge.vault(), acting, row.id, address=edge.address(), now=now(), kept_days=config().erase_after_days
    )
    if made.code is None:
        return forms.done(here, "follow_up_requested")
    forms.remember(here)  # a second tap leads there; the code is shown once
    return _page(made.row, Told(code=links.spoken(made.code)))


# Lists ----------------------------------------------------------------------------------------------------------


@pages.get("/volunteer/survey/follow-ups")
@edge.officer_page(rights.OWN)
def mine() -> Response:
    """The follow-ups that one wrote down, the longest open first; finished ones by their state."""
    form = asked(FollowUpsQuery)
    wanted = form.value or FollowUpsQuery()
    inside = queries.inside(edge.my_areas(rights.OWN))
    rows = _rows(wanted, inside, queries.of_person(me()))
    same = page_freshness.unchanged(rows)
    return same or _list("mine", form, wanted, rows)


@pages.get("/officer/survey/follow-ups")
@edge.officer_page(rights.ALL)
def index() -> Response:
    """The follow-ups of an area, the longest open first, by reason and state."""
    form = asked(FollowUpsQuery)
    wanted = form.value or FollowUpsQuery()
    area = edge.my_area(rights.ALL)
    rows = _rows(wanted, queries.inside([area]))
    same = page_freshness.unchanged(rows)
    if same is not None:
        return same
    choices, _names = areas_shown(area, rights.ALL, set())
    around = areas.with_parents(session(), {area})
    return _list("list", form, wanted, rows, area=area, choices=choices, around=around)


def _rows(wanted: FollowUpsQuery, *which: Any) -> list[Listed]:
    return queries.listed(
        session(), *which, reason=wanted.reason, state=wanted.state, after=wanted.after, limit=ON_PAGE + 1
    )


def _list(name: str, form: Asked[FollowUpsQuery], wanted: FollowUpsQuery, rows: list[Listed], **more: Any) -> Response:
    shown = rows[:ON_PAGE]
    following = shown[-1].id if len(rows) > ON_PAGE else None
    codes = {row.village_code for row in shown}
    return page(name, form.status, codes=codes, form=form, wanted=wanted, rows=shown, next=following, **more)
