"""The page of officers about the end of reporting."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel

from mapapp.accounts import edge
from mapapp.areas import queries as areas
from mapapp.core.errors import N_, Conflict, Invalid, invalid
from mapapp.facilities.console.view_helpers import areas_shown
from mapapp.statistics.ending import queries, service
from mapapp.statistics.ending.schemas import EndIn, LiftIn
from mapapp.statistics.ending.view_helpers import page
from mapapp.web import forms, page_freshness
from mapapp.web.i18n import tell
from mapapp.web.params import Asked
from mapapp.web.request import now, session

pages = Blueprint("statistics_ending", __name__)

forms.NOTICES.update(
    {
        "statistics_end": N_("Reporting has ended in this area. The pages of the area say so, with your reason."),
        "statistics_lift": N_("This area reports again."),
    }
)

_STEPS: Final[dict[str, type[BaseModel]]] = {"end": EndIn, "lift": LiftIn}


@pages.get("/officer/statistics/endings")
@edge.officer_page(service.END)
def index() -> Response:
    """Where reporting has ended by announcement, and the form of a new one."""
    return _index(Asked(None, {}))


def _index(form: Asked[Any], status: int = 200) -> Response:
    area = edge.my_area(service.END)
    found = queries.touching(session(), edge.my_areas(service.END))
    if not form.problems:
        same = page_freshness.unchanged(found, area)
        if same is not None:
            return same
    choices, _names = areas_shown(area, service.END, set())
    return page(
        "endings",
        status,
        endings=found, form=form, choices=choices, area=area, action=service.END,
        names=areas.with_parents(session(), {area, *(one.area_code for one in found)}),
    )  # fmt: skip


@pages.post("/officer/statistics/endings")
@edge.officer_page(service.END)
def act() -> Response:
    """Ends reporting in an area, or takes an announcement back; ``do`` says which."""
    model = _STEPS.get(request.form.get("do", ""))
    if model is None:
        raise invalid("do", N_("Choose one from the list."))
    form = forms.posted(model)
    if form.value is None:
        return _index(form, 400)
    forms.once()
    try:
        if isinstance(form.value, EndIn):
            service.end(session(), edge.actor(), form.value, now())
        elif isinstance(form.value, LiftIn):
            service.lift(session(), edge.actor(), form.value.ending, now())
    except Invalid as error:
        session().rollback()
        forms.problem(form, error)
        return _index(form, 400)
    except Conflict as error:
        session().rollback()
        form.problems.setdefault("", []).append(tell(error.message))
        return _index(form, 409)
    return forms.done(url_for("statistics_ending.index"), f"statistics_{form.typed['do']}")
