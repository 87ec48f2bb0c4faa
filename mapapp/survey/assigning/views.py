"""The officers' page of assignments: which village is whose, and three ways to give one."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.errors import N_, Invalid, NotFound
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.survey import view_helpers
from mapapp.survey.assigning import queries, service
from mapapp.survey.assigning.rules import MANAGE
from mapapp.survey.assigning.schemas import Assigned, AssignIn, EvenlyIn, ListIn, WithdrawIn
from mapapp.survey.rounds.schemas import Round
from mapapp.survey.view_helpers import page, village_words
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import gettext, tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("survey_assigning", __name__)

SHOWN: Final = 500
"""Villages on one page; an amphoe has about 90, the largest 250."""

forms.NOTICES.update(
    {
        "survey_assigned": N_("Assigned. They see the villages the next time they open their list."),
        "survey_withdrawn": N_("Taken back. What they still send for this village waits for an officer."),
    }
)


def _round(round_id: int) -> Round:
    found = next((one for one in view_helpers.rounds_of(MANAGE) if one.id == round_id), None)
    if found is None:
        raise NotFound(N_("This survey was not found."))
    return found


@pages.get("/officer/survey/rounds/<int:round_id>/villages")
@edge.officer_page(MANAGE)
def index(round_id: int) -> Response:
    """The villages of the officer's area, whose they are, and who can have them."""
    return _page(_round(round_id), Asked(None, {}))


def _page(found: Round, form: Asked[Any], status: int = 200) -> Response:
    area = edge.my_area(MANAGE)
    villages = queries.villages(session(), found.id, area)
    held: dict[str, list[Assigned]] = {}
    for one in queries.assigned(session(), found.id, area):
        held.setdefault(one.village_code, []).append(one)
    people = queries.recorders(session(), area, now())
    if not form.problems:
        same = page_freshness.unchanged(villages, held, people)
        if same is not None:
            return same
    choices, _names = areas_shown(area, MANAGE, set())
    inside = areas.listed(session(), level="tambon", within=area, limit=400)
    shown = [one for one in villages if found.covers(one.code)][:SHOWN]
    return page(
        "assignments",
        status,
        round=found, area=area, choices=choices, villages=shown, held=held, people=people, form=form,
        more=len(villages) > SHOWN, tambons=[one for one in inside if found.covers(one.code)],
        names=areas.with_parents(session(), {area, *(one.tambon_code for one in shown)}), village_words=village_words,
    )  # fmt: skip


_FORMS: Final[dict[str, type[BaseModel]]] = {
    "assign": AssignIn, "evenly": EvenlyIn, "list": ListIn, "withdraw": WithdrawIn,
}  # fmt: skip


@pages.post("/officer/survey/rounds/<int:round_id>/villages")
@edge.officer_page(MANAGE)
def act(round_id: int) -> Response:
    """Gives villages by hand, evenly or by a list, or takes one back; ``do`` says which."""
    found = _round(round_id)
    form = view_helpers.step_asked(_FORMS)
    if form.value is None:
        return _page(found, form, 400)
    forms.once()
    try:
        _do(round_id, form.value)
    except Invalid as error:
        session().rollback()
        for one in error.problems:
            said = tell(one.message)
            line = gettext("Line %(line)s: %(problem)s", line=one.row, problem=said) if one.row else said
            form.problems.setdefault(one.field, []).append(line)
        return _page(found, form, 400)
    here = url_for("survey_assigning.index", round_id=round_id, area=request.args.get("area"))
    return forms.done(here, "survey_withdrawn" if isinstance(form.value, WithdrawIn) else "survey_assigned")


def _do(round_id: int, data: BaseModel) -> None:
    if isinstance(data, AssignIn):
        service.assign(session(), edge.actor(), round_id, data, now())
    elif isinstance(data, EvenlyIn):
        service.evenly(session(), edge.actor(), round_id, data.area, now())
    elif isinstance(data, ListIn):
        service.by_list(session(), edge.actor(), round_id, data, edge.my_area(MANAGE), now())
    elif isinstance(data, WithdrawIn):
        service.withdraw(session(), edge.actor(), round_id, data.assignment, now())
