"""Pages of officers about rounds: the list, a new one, and one of them with its steps and announcements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, url_for
from pydantic import BaseModel

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.clock import today
from mapapp.core.errors import N_, Conflict, Invalid, NotFound
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.survey import view_helpers
from mapapp.survey.rounds import queries, service
from mapapp.survey.rounds.schemas import EndIn, LiftIn, Round, RoundIn, StepIn
from mapapp.survey.view_helpers import page
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("survey_rounds", __name__)

VIEW: Final = "survey.view"
MANAGE: Final = "survey.manage"

PERIOD: Final = timedelta(days=30)
"""What the form of a new round proposes."""

forms.NOTICES.update(
    {
        "survey_made": N_("The survey is created. Open it when recording can start."),
        "survey_open": N_("The survey is open."),
        "survey_close": N_("The survey is closed. What is sent from now on waits for an officer."),
        "survey_reopen": N_("The survey is open again."),
        "survey_end": N_("The survey has ended in this area. Everyone who records there sees your reason."),
        "survey_lift": N_("The survey goes on in this area."),
    }
)


@pages.get("/officer/survey/rounds")
@edge.officer_page(MANAGE)
def index() -> Response:
    """The surveys of the officer's areas, and the form of a new one."""
    return _index(Asked(None, {}))


def _index(form: Asked[Any], status: int = 200) -> Response:
    found = view_helpers.rounds_of(MANAGE)
    if not form.problems:
        same = page_freshness.unchanged(found)
        if same is not None:
            return same
    area = edge.my_area(MANAGE)
    choices, _names = areas_shown(area, MANAGE, set())
    return page(
        "rounds",
        status,
        rounds=found, form=form, choices=choices, area=area,
        names=areas.with_parents(session(), {one.area_code for one in found}),
        first=today(now()), last=today(now() + PERIOD),
    )  # fmt: skip


@pages.post("/officer/survey/rounds")
@edge.officer_page(MANAGE)
def make() -> Response:
    """Creates a survey, not open yet."""
    form = forms.posted(RoundIn)
    if form.value is None:
        return _index(form, 400)
    forms.once()
    try:
        made = service.make(session(), edge.actor(), form.value, now())
    except Invalid as error:
        session().rollback()
        forms.problem(form, error)
        return _index(form, 400)
    return forms.done(url_for("survey_rounds.one", round_id=made), "survey_made")


def _found(round_id: int) -> Round:
    found = next((one for one in view_helpers.rounds_of(MANAGE) if one.id == round_id), None)
    if found is None:
        raise NotFound(N_("This survey was not found."))
    return found


@pages.get("/officer/survey/rounds/<int:round_id>")
@edge.officer_page(MANAGE)
def one(round_id: int) -> Response:
    """One survey: its state, where it has ended, and what can be done about it."""
    return _page(_found(round_id), Asked(None, {}))


def _page(found: Round, form: Asked[Any], status: int = 200) -> Response:
    endings = queries.endings(session(), found.id)
    if not form.problems:
        same = page_freshness.unchanged(found, endings, edge.actor().standings)
        if same is not None:
            return same
    manages = edge.may(MANAGE, found.area_code)
    choices, _names = areas_shown(found.area_code if manages else edge.my_area(MANAGE), MANAGE, set())
    return page(
        "round",
        status,
        round=found, endings=endings, form=form, choices=[one for one in choices if found.covers(one.code)],
        manages=manages, may_lift=lambda ending: edge.may(MANAGE, ending.area_code),
        names=areas.with_parents(session(), {found.area_code, *(ending.area_code for ending in endings)}),
    )  # fmt: skip


_STEPS: Final[dict[str, type[BaseModel]]] = {
    "open": StepIn, "close": StepIn, "reopen": StepIn, "end": EndIn, "lift": LiftIn,
}  # fmt: skip


@pages.post("/officer/survey/rounds/<int:round_id>")
@edge.officer_page(MANAGE)
def act(round_id: int) -> Response:
    """Opens, closes or reopens a survey, ends it for an area, or takes that back; ``do`` says which."""
    found = _found(round_id)
    form = view_helpers.step_asked(_STEPS)
    if form.value is None:
        return _page(found, form, 400)
    forms.once()
    try:
        _do(round_id, form.value)
    except (Invalid, Conflict) as error:
        session().rollback()
        if isinstance(error, Invalid):
            forms.problem(form, error)
            return _page(found, form, 400)
        form.problems.setdefault("", []).append(tell(error.message))
        return _page(_found(round_id), form, 409)
    return forms.done(url_for("survey_rounds.one", round_id=round_id), f"survey_{form.value.do}")


def _do(round_id: int, data: BaseModel) -> None:
    if isinstance(data, EndIn):
        service.end(session(), edge.actor(), round_id, data, now())
    elif isinstance(data, LiftIn):
        service.lift(session(), edge.actor(), round_id, data.ending, now())
    elif isinstance(data, StepIn):
        service.step(session(), edge.actor(), round_id, data.do, now())
